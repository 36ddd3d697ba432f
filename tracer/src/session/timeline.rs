//! `tracer timeline`: a recording by time, on one screen.

use std::io::{BufWriter, IsTerminal, Write, stdout};

use anyhow::{Result, anyhow};
use rustix::termios::tcgetwinsize;

use super::commands::coloured;
use super::failure::Failure;
use super::telling::{Listener, tell};
use crate::cli::timeline::Timeline as Args;
use crate::model::Model;
use crate::model::stretches::Told;
use crate::model::summary::Only;
use crate::views::Style;
use crate::views::timeline::{Options, Timeline};

/// Columns and rows where there is no terminal.
const PAPER: (usize, usize) = (120, 50);

/// Lines that are no rows of tasks: headings, legends, the prompt.
const OTHERS: usize = 12;

/// Fewest rows of tasks that are shown.
const ROWS_MIN: usize = 5;

/// Shows it.
///
/// # Errors
/// The recording cannot be read, has no such part, or no such task.
pub(super) fn timeline(args: &Args) -> Result<u8, Failure> {
    let (columns, rows) = screen();
    let width = args.width.map_or(columns, usize::from);
    let mut drawing = Drawing { width, timeline: None };
    let mut analysis = tell(&args.file, args.time, &mut drawing)?;
    let only = Only { tids: args.tasks.tid.clone(), comms: args.tasks.comm.clone() };
    if let Some(unknown) = only.unknown(&analysis.summary) {
        return Err(Failure::usage(anyhow!("{}: {unknown}", args.file.display())));
    }
    analysis.summary.keep_only(&only);
    let taken = OTHERS + if args.only_tasks { 0 } else { analysis.summary.cpus.len() };
    let options = Options {
        cpus: !args.only_tasks,
        tasks: !args.cpus,
        rows: args.top.unwrap_or(rows.saturating_sub(taken).max(ROWS_MIN)),
        inactive: args.inactive,
        style: Style { colour: coloured() },
    };
    let mut out = BufWriter::new(stdout().lock());
    if let Some(timeline) = drawing.timeline {
        let gaps = &analysis.quality.lost.gaps;
        timeline.write(&mut out, &analysis.summary, gaps, &options)?;
    }
    out.flush()?;
    Ok(0)
}

/// Columns and rows of the terminal, if the output is one.
fn screen() -> (usize, usize) {
    let size = stdout().is_terminal().then(|| tcgetwinsize(stdout()).ok()).flatten();
    match size {
        Some(size) if size.ws_col > 0 && size.ws_row > 0 => {
            (usize::from(size.ws_col), usize::from(size.ws_row))
        }
        _ => PAPER,
    }
}

/// The timeline, once its begin and end are known.
struct Drawing {
    width: usize,
    timeline: Option<Timeline>,
}

impl Listener for Drawing {
    const NEEDS_END: bool = true;

    fn begin(&mut self, _model: &Model, from_ns: u64, to_ns: u64) {
        self.timeline = Some(Timeline::new(from_ns, to_ns, self.width));
    }

    fn hear(&mut self, told: Told, _model: Option<&Model>) -> Result<()> {
        if let Some(timeline) = &mut self.timeline {
            timeline.hear(told);
        }
        Ok(())
    }
}
