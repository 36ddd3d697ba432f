//! One function for each command.

use std::fs::File;
use std::io::{BufWriter, IsTerminal, Write, stderr, stdout};
use std::process::ExitStatus;

use anyhow::{Context, anyhow};

use super::analyse::{analyse_file, analyse_recorded, check};
use super::compare::compare;
use super::diff;
use super::explain;
use super::export;
use super::failure::Failure;
use super::inspect;
use super::live::{Watched, live};
use super::record::{Recorded, record};
use super::timeline;
use super::top::{self, Ended};
use crate::child;
use crate::cli::args::{Cli, Command, Doctor, Live, Man, Record, Report, Run, Top, Verify};
use crate::cli::{generate, plan};
use crate::probe::doctor::examine;
use crate::views::doctor::Marks;
use crate::views::live::{Filter, Format};
use crate::views::{self, Style};

/// Runs what was asked for. The exit status is the traced command's own where there is one.
///
/// # Errors
/// See [`Failure`].
pub fn main(cli: Cli) -> Result<u8, Failure> {
    match cli.command {
        Command::Run(args) => run(args),
        Command::Record(args) => record_command(args),
        Command::Report(args) => report(&args),
        Command::Diff(args) => diff::diff(&args),
        Command::Compare(args) => compare(&args),
        Command::Verify(args) => verify(&args),
        Command::Export(args) => export::export(&args),
        Command::Timeline(args) => timeline::timeline(&args),
        Command::Live(args) => live_command(args),
        Command::Top(args) => top_command(args),
        Command::Inspect(args) => inspect::inspect(&args, Style { colour: coloured() }),
        Command::Explain(args) => explain::explain(&args, Style { colour: coloured() }),
        Command::Doctor(args) => doctor(&args),
        Command::Completions { shell } => {
            generate::completions(shell, &mut stdout().lock())?;
            Ok(0)
        }
        Command::Man(args) => man(&args),
    }
}

fn run(args: Run) -> Result<u8, Failure> {
    check(&args.show).map_err(Failure::usage)?;
    let mut plan = plan::command(args.command, &args.capture).map_err(Failure::usage)?;
    plan.settings.stacks = args.stacks.which;
    let to = args
        .report
        .as_ref()
        .map(|path| File::create(path).with_context(|| format!("cannot write {}", path.display())));
    let to = to.transpose()?;
    let recorded = record(plan, args.output.as_deref())?;
    let code = own_exit_code(&recorded);
    let analysis = analyse_recorded(recorded.file, &args.show.sections(), args.show.time)?;
    if let Some(unknown) = analysis.unknown_task(&args.show) {
        writeln!(stderr(), "tracer: {unknown}")?;
    }
    let style = Style { colour: to.is_none() && coloured() };
    let mut out: Box<dyn Write> = match to {
        Some(file) => Box::new(BufWriter::new(file)),
        None => Box::new(BufWriter::new(stdout().lock())),
    };
    let written = analysis.report(&args.show, style, &mut *out).and_then(|()| Ok(out.flush()?));
    match written.map_err(Failure::from) {
        Err(failure) if !failure.is_closed_pipe() => Err(failure),
        _ => Ok(code),
    }
}

fn record_command(args: Record) -> Result<u8, Failure> {
    let mut plan = plan::plan(args.whom, &args.capture).map_err(Failure::usage)?;
    plan.settings.stacks = args.stacks.which;
    let recorded = record(plan, Some(&args.output))?;
    let code = own_exit_code(&recorded);
    let Recorded { name, bytes, events, lost, .. } = recorded;
    let lost = if lost == 0 { "none lost".to_owned() } else { format!("{lost} LOST") };
    let kib = bytes.div_ceil(1024);
    writeln!(stderr(), "tracer: {events} events ({lost}) in {name}, {kib} KiB")?;
    Ok(code)
}

/// The command's own status; 128 + n where a signal ended the recording and not the command.
fn exit_code(status: Option<ExitStatus>, interrupted: Option<i32>, had_command: bool) -> u8 {
    match (status, interrupted) {
        (Some(status), _) => child::exit_code(status),
        (None, Some(signal)) if had_command => u8::try_from(128 + signal).unwrap_or(125),
        (None, _) => 0,
    }
}

fn own_exit_code(recorded: &Recorded) -> u8 {
    exit_code(recorded.status, recorded.interrupted, recorded.had_command)
}

fn report(args: &Report) -> Result<u8, Failure> {
    check(&args.show).map_err(Failure::usage)?;
    let analysis = analyse_file(&args.file, &args.show.sections(), args.show.time)?;
    if let Some(unknown) = analysis.unknown_task(&args.show) {
        return Err(Failure::usage(anyhow!("{}: {unknown}", args.file.display())));
    }
    let mut out = BufWriter::new(stdout().lock());
    analysis.report(&args.show, Style { colour: coloured() }, &mut out)?;
    out.flush()?;
    Ok(0)
}

fn verify(args: &Verify) -> Result<u8, Failure> {
    let verdict = analyse_file(&args.file, &[], None)?.verify();
    let mut out = BufWriter::new(stdout().lock());
    if args.json {
        serde_json::to_writer(&mut out, &verdict).map_err(anyhow::Error::from)?;
        writeln!(out)?;
    } else {
        write!(out, "{}", verdict.text())?;
    }
    out.flush()?;
    Ok(u8::from(!verdict.passed()))
}

fn man(args: &Man) -> Result<u8, Failure> {
    if let Some(dir) = &args.dir {
        let written = generate::man_pages(dir);
        written.with_context(|| format!("cannot write to {}", dir.display()))?;
    } else if !generate::man(args.command.as_deref(), &mut stdout().lock())? {
        let name = args.command.as_deref().unwrap_or_default();
        return Err(Failure::usage(anyhow!("there is no command '{name}': see tracer --help")));
    }
    Ok(0)
}

fn live_command(args: Live) -> Result<u8, Failure> {
    args.stacks.check().map_err(Failure::usage)?;
    let plan = plan::plan(args.whom, &args.capture).map_err(Failure::usage)?;
    let had_command = !plan.command.is_empty();
    let format = if args.json { Format::Json } else { Format::Text { colour: coloured() } };
    let filter = Filter { tids: args.tasks.tid, comms: args.tasks.comm };
    let watched = live(plan, (format, filter), &mut stdout())?;
    let Watched { status, interrupted, .. } = watched;
    Ok(exit_code(status, interrupted, had_command))
}

fn top_command(args: Top) -> Result<u8, Failure> {
    let plan = plan::plan(top::whom(args.whom), &args.capture).map_err(Failure::usage)?;
    let had_command = !plan.command.is_empty();
    let Ended { status, interrupted } = top::top(plan, &args.look)?;
    Ok(exit_code(status, interrupted, had_command))
}

fn doctor(args: &Doctor) -> Result<u8, Failure> {
    let found = examine();
    let mut out = BufWriter::new(stdout().lock());
    if args.json {
        views::doctor::json(&found, &mut out)?;
    } else {
        let marks = if stdout().is_terminal() { Marks::Signs } else { Marks::Words };
        views::doctor::text(&found, marks, &mut out)?;
    }
    out.flush()?;
    Ok(u8::from(!found.usable))
}

/// Colours only on a terminal whose user has not said no (no-color.org).
pub(super) fn coloured() -> bool {
    stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
