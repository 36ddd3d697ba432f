//! Reading a recording: through the model, to a report or a verdict.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

use anyhow::{Context, Result};

use crate::cli::args::ShowOptions;
use crate::cli::span::Span;
use crate::model::Model;
use crate::model::summary::{Report, Summary};
use crate::model::window::Windowed;
use crate::source::quality::Quality;
use crate::source::recording::{Follow, Reader};
use crate::source::replay::replay;
use crate::verify::{Completeness, Verdict, verify};
use crate::views::report::{self, Options, Section};
use crate::views::{Style, capture, json};

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
    let name = path.display();
    let file = File::open(path).with_context(|| format!("cannot read {name}"))?;
    let input = BufReader::with_capacity(1 << 20, file);
    analyse(input, sections, time).with_context(|| format!("{name}"))
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
    analyse(BufReader::with_capacity(1 << 20, file), sections, time)
}

fn analyse(
    mut input: impl Read + Seek,
    sections: &[Section],
    time: Option<Span>,
) -> Result<Analysis> {
    let end_ns = match time {
        Some(time) if time.needs_end() => {
            let begin = input.stream_position()?;
            let end_ns = replay(Reader::open(&mut input)?, |_event| {})?.end_ns;
            input.seek(SeekFrom::Start(begin))?;
            end_ns
        }
        _ => u64::MAX,
    };
    let reader = Reader::open(input)?;
    let mut model = Model::new(reader.start());
    if sections.contains(&Section::CriticalPath) {
        model.keep_history();
    }
    let (quality, mut summary) = match time {
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
    let ended = quality.end.as_ref().is_some_and(|end| end.command_status.is_some());
    if let (true, Follow::Command { pid, .. }) = (ended, &quality.start.follow) {
        summary.command_reaped(*pid, quality.start.tracer_pid);
    }
    Ok(Analysis { quality, summary })
}

impl Analysis {
    /// Writes the report.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn report(&self, show: &ShowOptions, style: Style, out: &mut dyn Write) -> Result<()> {
        if show.json {
            let report = Report::new(capture::Capture::of(&self.quality), self.summary.clone());
            json::write(out, &report)?;
            return Ok(());
        }
        let all = show.section.is_empty();
        let sections = if all { Section::usual() } else { show.section.clone() };
        let options = Options { sections, limit: show.limit, inactive: show.inactive, style };
        report::write(out, &self.summary, &capture::lines(&self.quality), &options)?;
        Ok(())
    }

    /// Holds it against the kernel's accounts.
    pub fn verify(&self) -> Verdict {
        verify(&self.summary, &completeness(&self.quality))
    }
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
