//! Reading a recording: through the model, to a report or a verdict.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

use anyhow::{Context, Result};

use super::reading::Reading;
use crate::cli::args::ShowOptions;
use crate::cli::span::Span;
use crate::model::Model;
use crate::model::summary::{Only, Report, Summary};
use crate::model::window::Windowed;
use crate::source::quality::Quality;
use crate::source::recording::{Follow, Reader};
use crate::source::replay::replay;
use crate::stacks::Table;
use crate::verify::{Completeness, Counters, Verdict, verify};
use crate::views::report::{self, Options, Section};
use crate::views::{Style, capture, json};

/// Bytes that are read at a time: few enough for a percentage that moves.
const BUFFER: usize = 64 << 10;

/// A recording, understood.
#[derive(Debug)]
pub struct Analysis {
    /// How far it can be trusted.
    pub quality: Quality,
    /// What it says.
    pub summary: Summary,
}

/// Analyses the recording of this name, or a part of it, as far as these sections need it.
///
/// # Errors
/// It cannot be opened, is not a recording of this version, or has no such part.
pub fn analyse_file(path: &Path, sections: &[Section], time: Option<Span>) -> Result<Analysis> {
    analyse(open(path)?, |model| keep(model, sections), time)
        .with_context(|| path.display().to_string())
}

/// Analyses the recording of this name, as far as a comparison needs it.
///
/// # Errors
/// Likewise.
pub(super) fn analyse_to_compare(path: &Path) -> Result<Analysis> {
    analyse(open(path)?, Model::keep_delays, None).with_context(|| path.display().to_string())
}

/// Opens a recording; on a terminal it says how much of it has been read.
///
/// # Errors
/// It cannot be opened.
pub(super) fn open(path: &Path) -> Result<BufReader<Reading>> {
    let failed = || format!("cannot read {}", path.display());
    let file = File::open(path).with_context(failed)?;
    Ok(BufReader::with_capacity(BUFFER, Reading::new(file).with_context(failed)?))
}

/// What these sections need and others do not.
fn keep(model: &mut Model, sections: &[Section]) {
    if sections.contains(&Section::CriticalPath) {
        model.keep_history();
    }
}

/// Analyses a recording that was just written, likewise.
///
/// # Errors
/// It cannot be read back.
pub(super) fn analyse_recorded(
    mut file: File,
    sections: &[Section],
    time: Option<Span>,
) -> Result<Analysis> {
    file.rewind().context("cannot read the recording back")?;
    analyse(BufReader::with_capacity(1 << 20, file), |model| keep(model, sections), time)
}

fn analyse(
    mut input: impl Read + Seek,
    prepare: impl FnOnce(&mut Model),
    time: Option<Span>,
) -> Result<Analysis> {
    let end_ns = match time {
        Some(time) if time.needs_end() => end_of(&mut input)?,
        _ => u64::MAX,
    };
    let reader = Reader::open(input)?;
    let mut model = Model::new(reader.start());
    prepare(&mut model);
    let (quality, summary) = match time {
        None => {
            let quality = replay(reader, |event| model.apply(event))?;
            let summary = model.finish(quality.end_ns);
            (quality, summary)
        }
        Some(time) => {
            let (from_ns, to_ns) = time.of(model.start_ns(), end_ns)?;
            let mut window = Windowed::new(model, from_ns, to_ns);
            let quality = replay(reader, |event| window.apply(event))?;
            // Now that the end is known.
            time.of(quality.start_ns, quality.end_ns)?;
            let summary = window.finish(quality.end_ns);
            (quality, summary)
        }
    };
    Ok(understood(quality, summary))
}

/// Joins both, with what only the two together tell.
pub(super) fn understood(quality: Quality, mut summary: Summary) -> Analysis {
    if quality.start.stacks.is_some() {
        let table = quality.end.as_ref().and_then(|end| end.stacks.as_ref());
        summary.name_stacks(table.unwrap_or(&Table::default()));
    }
    let ended = quality.end.as_ref().is_some_and(|end| end.command_status.is_some());
    if let (true, Follow::Command { pid, .. }) = (ended, &quality.start.follow) {
        summary.command_reaped(*pid, quality.start.tracer_pid);
    }
    Analysis { quality, summary }
}

/// When a recording ends, ns: it is read to its end for that, and is then where it was.
///
/// # Errors
/// It cannot be read.
pub(super) fn end_of(input: &mut (impl Read + Seek)) -> Result<u64> {
    let begin = input.stream_position()?;
    let end_ns = replay(Reader::open(&mut *input)?, |_event| {})?.end_ns;
    input.seek(SeekFrom::Start(begin))?;
    Ok(end_ns)
}

impl Analysis {
    /// Writes the report.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn report(mut self, show: &ShowOptions, style: Style, out: &mut dyn Write) -> Result<()> {
        let only = only(show);
        self.summary.keep_only(&only);
        let named = show.sections();
        if show.json {
            let Self { quality, mut summary } = self;
            if show.top.is_some() {
                summary.costliest_first();
            }
            if let Some(column) = &show.sort {
                let all = if named.is_empty() { Section::ALL.to_vec() } else { named };
                report::sort_rows(&mut summary, &all, column);
            }
            let report = Report::new(capture::Capture::of(&quality), summary);
            json::write(out, &report.chosen(&only, show.sort.clone(), show.top))?;
            return Ok(());
        }
        let brief = named.is_empty();
        let options = Options {
            sections: if brief { Section::usual() } else { named },
            brief,
            top: show.top,
            sort: show.sort.clone(),
            inactive: show.inactive,
            style,
        };
        report::write(out, &self.summary, &capture::lines(&self.quality), &options)?;
        Ok(())
    }

    /// The first task that was asked for and is not in the recording, in words.
    pub fn unknown_task(&self, show: &ShowOptions) -> Option<String> {
        only(show).unknown(&self.summary)
    }

    /// Holds it against the kernel's accounts.
    pub fn verify(&self) -> Verdict {
        let Quality { start, end, .. } = &self.quality;
        let counters = Counters {
            begin: start.counts.as_ref(),
            end: end.as_ref().and_then(|end| end.counts.as_ref()),
            attached: &start.attached,
        };
        verify(&self.summary, &completeness(&self.quality), &counters)
    }
}

/// Whose rows are wanted.
fn only(show: &ShowOptions) -> Only {
    Only { tids: show.tid.clone(), comms: show.comm.clone() }
}

/// Whether the sections that were asked for have the column to sort by.
///
/// # Errors
/// They have not: the text lists the columns.
pub(super) fn check(show: &ShowOptions) -> Result<()> {
    let Some(column) = &show.sort else { return Ok(()) };
    let sections = match show.sections() {
        none if none.is_empty() && show.json => Section::ALL.to_vec(),
        none if none.is_empty() => Section::usual(),
        named => named,
    };
    report::check_column(&sections, column).map_err(anyhow::Error::msg)
}

fn completeness(quality: &Quality) -> Completeness {
    let mut reasons = Vec::new();
    for (program, count) in &quality.missed {
        reasons.push(format!("{program} missed {count} events while it was running"));
    }
    for (what, count) in &quality.unfollowed {
        if *count > 0 && *what != "unpaired interrupts" {
            reasons.push(format!("{count} {what}"));
        }
    }
    for (what, count) in &quality.decode_errors {
        reasons.push(format!("{count} records were not understood: {what}"));
    }
    if quality.damaged.chunks > 0 {
        reasons.push(format!("the file is damaged in {} places", quality.damaged.chunks));
    }
    let seen = quality.seen_per_cpu.values().sum();
    let emitted = quality.emitted_per_cpu.as_ref().map(|cpus| cpus.values().sum());
    Completeness {
        emitted: emitted.unwrap_or(seen + quality.lost.total),
        seen,
        lost: quality.lost.total,
        truncated: quality.truncated,
        reasons,
    }
}
