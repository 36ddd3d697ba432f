//! `tracer export`: a recording in the formats of other programs.
//!
//! A format is made of events as they are read ([`events`]) or of what they come to
//! ([`super::analyse`]). The recording is opened first: an output is not touched for nothing.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use anyhow::{Context, Result, anyhow};

use super::analyse::{analyse_file, end_of, open};
use super::destination::Destination;
use super::failure::Failure;
use super::html;
use super::offcpu;
use super::perfetto;
use super::telling::{Listener, tell};
use crate::cli::args::{Export, ExportFormat};
use crate::model::Model;
use crate::model::stretches::Told;
use crate::model::summary::{Only, Summary};
use crate::source::recording::Reader;
use crate::source::replay::try_replay;
use crate::views;
use crate::views::csv::{Stretches, Table};
use crate::views::live::{Filter, Format, Live};

/// Exports.
///
/// # Errors
/// The format is not told, the recording cannot be read, the output cannot be written.
pub(super) fn export(args: &Export) -> Result<u8, Failure> {
    let format = args.format().map_err(|error| Failure::usage(anyhow!(error)))?;
    if is_same(&args.file, &args.output) {
        let name = args.output.display();
        let error = anyhow!("{name} is the recording itself: name another output with -o");
        return Err(Failure::usage(error));
    }
    if let Some(unfit) = args.unfit(format) {
        return Err(Failure::usage(anyhow!(unfit)));
    }
    match format {
        ExportFormat::Jsonl => jsonl(args)?,
        ExportFormat::Csv => csv(args)?,
        ExportFormat::Folded | ExportFormat::Flamegraph => offcpu::export(args, format)?,
        ExportFormat::Perfetto => perfetto(args)?,
        ExportFormat::Html => {
            let page = html::page(&args.file, args.time)?;
            let mut out = Destination::open(&args.output)?;
            page.write(&mut out)?;
            out.finish()?;
        }
        ExportFormat::Dot => {
            let summary = analyse_file(&args.file, &[], args.time)?.summary;
            let mut out = Destination::open(&args.output)?;
            views::dot::write(&mut out, &summary, args.inactive)?;
            out.finish()?;
        }
    }
    Ok(0)
}

/// All that happens over time.
fn perfetto(args: &Export) -> Result<()> {
    // Before the output is touched.
    open(&args.file)?;
    let mut out = Destination::open(&args.output)?;
    perfetto::export(args, &mut out)?;
    Ok(out.finish()?)
}

/// Whether both are one file.
fn is_same(a: &Path, b: &Path) -> bool {
    let of = |path: &Path| fs::metadata(path).ok().map(|found| (found.dev(), found.ino()));
    of(a).is_some_and(|a| Some(a) == of(b))
}

/// Every event, a line each, as they are read.
fn jsonl(args: &Export) -> Result<()> {
    let context = || args.file.display().to_string();
    let mut input = open(&args.file)?;
    let end_ns = match args.time {
        Some(time) if time.needs_end() => end_of(&mut input).with_context(context)?,
        _ => u64::MAX,
    };
    let reader = Reader::open(input).with_context(context)?;
    let start_ns = reader.start().clocks.monotonic_ns;
    let part = args.time.map(|time| time.of(start_ns, end_ns)).transpose()?;
    let (from_ns, to_ns) = part.unwrap_or_default();
    let part = from_ns.unwrap_or(0)..to_ns.unwrap_or(u64::MAX);
    let filter = Filter { tids: args.tasks.tid.clone(), comms: args.tasks.comm.clone() };
    let mut live = Live::new(Format::Json, reader.start()).only(filter);
    let mut out = Destination::open(&args.output)?;
    let told = try_replay(reader, |event| {
        if part.contains(&event.at_ns) {
            return live.event(event, &mut out);
        }
        live.skip(event);
        Ok(())
    });
    let quality = told.with_context(context)??;
    if let Some(time) = args.time {
        // Now that the end is known.
        time.of(quality.start_ns, quality.end_ns)?;
    }
    live.finish(&quality, &mut out)?;
    Ok(out.finish()?)
}

/// Whose rows are wanted.
fn only(args: &Export) -> Only {
    Only { tids: args.tasks.tid.clone(), comms: args.tasks.comm.clone() }
}

/// Keeps those only.
pub(super) fn keep(args: &Export, summary: &mut Summary) -> Result<(), Failure> {
    let only = only(args);
    if let Some(unknown) = only.unknown(summary) {
        return Err(Failure::usage(anyhow!("{}: {unknown}", args.file.display())));
    }
    summary.keep_only(&only);
    Ok(())
}

/// One table.
fn csv(args: &Export) -> Result<(), Failure> {
    let table = args.table.unwrap_or_default();
    if table == Table::Stretches {
        return stretches(args);
    }
    let mut analysis = analyse_file(&args.file, &[], args.time)?;
    keep(args, &mut analysis.summary)?;
    let mut out = Destination::open(&args.output)?;
    views::csv::write(&mut out, table, &analysis.summary, &analysis.quality.lost.gaps)?;
    Ok(out.finish()?)
}

/// Every stretch of every task, as they are told.
fn stretches(args: &Export) -> Result<(), Failure> {
    // Before the output is touched.
    open(&args.file)?;
    let mut out = Destination::open(&args.output)?;
    let mut rows = Stretches::new(&mut out, only(args))?;
    let mut summary = tell(&args.file, args.time, &mut rows)?.summary;
    rows.finish(&summary)?;
    keep(args, &mut summary)?;
    Ok(out.finish()?)
}

impl Listener for Stretches<'_> {
    fn hear(&mut self, told: Told, model: Option<&Model>) -> Result<()> {
        Ok(Self::hear(self, told, model)?)
    }
}
