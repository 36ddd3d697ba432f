//! A trace as text on one screen: CPUs and tasks by time. A cell shows what most of its time went
//! to; the percentages at the end of a row are those of the report.

mod cpus;
mod grid;
mod tasks;
mod tracks;

use std::io::{self, Write};

use crate::model::stretches::Told;
use crate::model::summary::Summary;
use crate::source::quality::GapAt;

use self::grid::Grid;
use self::tracks::Tracks;
use super::units::percent;
use super::{Style, duration};

/// Columns for the names of rows.
const NAMES: usize = 22;

/// Columns for the percentages at the end of a row, unless more of them are needed.
const SHARES: usize = 28;

/// Fewest and most cells of a row.
const CELLS: std::ops::RangeInclusive<usize> = 10..=2000;

/// What is shown, and how.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// A row for each CPU.
    pub cpus: bool,
    /// A row for each task.
    pub tasks: bool,
    /// Most rows of tasks.
    pub rows: usize,
    /// Tasks that did nothing too.
    pub inactive: bool,
    /// Colours.
    pub style: Style,
}

/// A timeline that is being made of what is told.
#[derive(Debug)]
pub struct Timeline {
    tracks: Tracks,
}

impl Timeline {
    /// Of the time between these, ns, for lines of this width in characters.
    pub fn new(from_ns: u64, to_ns: u64, width: usize) -> Self {
        let cells = width.saturating_sub(NAMES + SHARES + 2);
        let cells = cells.clamp(*CELLS.start(), *CELLS.end());
        Self { tracks: Tracks::new(Grid::new(from_ns, to_ns, cells)) }
    }

    /// Takes in the next stretch.
    pub fn hear(&mut self, told: Told) {
        self.tracks.hear(told);
    }

    /// Writes it, with what the report says of the same tasks.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write(
        self,
        out: &mut dyn Write,
        summary: &Summary,
        gaps: &[GapAt],
        options: &Options,
    ) -> io::Result<()> {
        let grid = self.tracks.grid;
        let (tasks, runs) = self.tracks.finish();
        writeln!(out, "{}", options.style.dim(&axis(grid, summary)))?;
        if options.cpus {
            cpus::write(out, (grid, summary, gaps), (&tasks, &runs), options.style)?;
        }
        if options.tasks {
            if options.cpus {
                writeln!(out)?;
            }
            tasks::write(out, (grid, summary), &tasks, options)?;
        }
        Ok(())
    }
}

/// The times of the begin, the middle and the end, since the begin of the trace, above the cells.
fn axis(grid: Grid, summary: &Summary) -> String {
    let since = |cell| duration(grid.begin_ns(cell).saturating_sub(summary.origin_ns));
    let mut line = format!("{:>NAMES$} ", "since the begin");
    let begin = line.chars().count();
    let (left, middle, right) = (since(0), since(grid.cells / 2), since(grid.cells));
    line.push_str(&left);
    let used = |line: &str| line.chars().count() - begin;
    let at_middle = (grid.cells / 2).saturating_sub(middle.len() / 2);
    if used(&line) < at_middle && at_middle + middle.len() + right.len() + 1 < grid.cells {
        line.push_str(&" ".repeat(at_middle - used(&line)));
        line.push_str(&middle);
    }
    let gap = grid.cells.saturating_sub(used(&line) + right.len()).max(1);
    line.push_str(&" ".repeat(gap));
    line.push_str(&right);
    let cell = duration(grid.length_ns() / grid.cells as u64);
    format!("{line}  one cell is {cell}")
}

/// A name in its column; too long ones are cut.
fn label(text: &str, number: &str) -> String {
    let room = NAMES.saturating_sub(number.len() + 1);
    let mut name: String =
        text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).take(room).collect();
    if !number.is_empty() {
        name.push(' ');
        name.push_str(number);
    }
    let pad = NAMES.saturating_sub(name.chars().count());
    format!("{}{name}", " ".repeat(pad))
}

/// Columns of percentages: those in which any row has something.
struct Shares<const N: usize> {
    heads: [&'static str; N],
    rows: Vec<[u64; N]>,
}

impl<const N: usize> Shares<N> {
    fn new(heads: [&'static str; N], rows: Vec<[u64; N]>) -> Self {
        Self { heads, rows }
    }

    fn shown(&self) -> impl Iterator<Item = usize> + '_ {
        (0..N).filter(|&column| column == 0 || self.rows.iter().any(|row| row[column] > 0))
    }

    fn head(&self) -> String {
        self.line(|column| self.heads[column].to_owned())
    }

    fn row(&self, row: usize) -> String {
        self.line(|column| percent(self.rows[row][column]))
    }

    fn line(&self, cell: impl Fn(usize) -> String) -> String {
        let cells = self.shown().map(|column| format!(" {:>6}", cell(column)));
        cells.collect::<Vec<_>>().concat()
    }
}

/// Marks stretches of cells with a colour each, by ANSI codes.
fn paint(cells: &[(char, &'static str)], style: Style) -> String {
    let mut line = String::new();
    for run in cells.chunk_by(|a, b| a.1 == b.1) {
        let code = run[0].1;
        let marked = style.colour && !code.is_empty();
        if marked {
            line.push_str("\x1b[");
            line.push_str(code);
            line.push('m');
        }
        line.extend(run.iter().map(|(letter, _)| letter));
        if marked {
            line.push_str("\x1b[0m");
        }
    }
    line
}

#[cfg(test)]
mod tests;
