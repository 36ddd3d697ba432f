//! The report as text, in sections.
//!
//! Tables are ordered by what costs most, so that the first lines are the ones to read; the tree
//! is in the order of birth.

use std::io::{self, Write};

use crate::model::summary::{Summary, TaskRow};

use super::Style;

mod arrivals;
mod capture;
mod cells;
mod cpus;
mod irqs;
mod latency;
mod locks;
mod path;
mod sharing;
mod signals;
mod states;
#[cfg(test)]
mod tests;
mod tree;
mod uthreads;
mod waits;
mod wakeups;

/// A part of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// How the trace was captured, and what was surprising in it.
    Capture,
    /// Who created whom and shares what.
    Tree,
    /// Groups of tasks that share something.
    Sharing,
    /// Time in each state.
    States,
    /// Switches, run delay, migrations.
    Latency,
    /// Who woke whom.
    Wakeups,
    /// Signals.
    Signals,
    /// Interrupts.
    Irqs,
    /// Futexes.
    Locks,
    /// CPUs.
    Cpus,
    /// User-level threads.
    Uthreads,
    /// Of what the time of the command is made; only if it is asked for.
    CriticalPath,
}

impl Section {
    /// All of them, in the order of the report.
    pub const ALL: [Self; 12] = [
        Self::Capture,
        Self::Tree,
        Self::Sharing,
        Self::States,
        Self::Latency,
        Self::Wakeups,
        Self::Signals,
        Self::Irqs,
        Self::Locks,
        Self::Cpus,
        Self::Uthreads,
        Self::CriticalPath,
    ];

    /// Those that are shown unless others are asked for.
    pub fn usual() -> Vec<Self> {
        Self::ALL.into_iter().filter(|&section| section != Self::CriticalPath).collect()
    }

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Capture => "capture",
            Self::Tree => "tree",
            Self::Sharing => "sharing",
            Self::States => "states",
            Self::Latency => "latency",
            Self::Wakeups => "wakeups",
            Self::Signals => "signals",
            Self::Irqs => "irqs",
            Self::Locks => "locks",
            Self::Cpus => "cpus",
            Self::Uthreads => "uthreads",
            Self::CriticalPath => "critical-path",
        }
    }

    /// The section of this name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|section| section.name() == name)
    }
}

/// What of the report is shown, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// The sections, in this order.
    pub sections: Vec<Section>,
    /// Most rows of a table or of the tree.
    pub limit: usize,
    /// Tasks that did nothing during the trace too.
    pub inactive: bool,
    /// Colours.
    pub style: Style,
}

impl Default for Options {
    fn default() -> Self {
        let sections = Section::usual();
        Self { sections, limit: 50, inactive: false, style: Style::default() }
    }
}

/// What the sections are written from.
struct Page<'a> {
    summary: &'a Summary,
    options: &'a Options,
}

/// Writes the report. How the trace was captured comes as finished lines.
pub fn write(
    out: &mut dyn Write,
    summary: &Summary,
    capture: &[String],
    options: &Options,
) -> io::Result<()> {
    let page = Page { summary, options };
    for (index, &section) in options.sections.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{}", options.style.heading(&section.name().to_uppercase()))?;
        match section {
            Section::Capture => page.capture(out, capture)?,
            Section::Tree => page.tree(out)?,
            Section::Sharing => page.sharing(out)?,
            Section::States => page.states(out)?,
            Section::Latency => page.latency(out)?,
            Section::Wakeups => page.wakeups(out)?,
            Section::Signals => page.signals(out)?,
            Section::Irqs => page.irqs(out)?,
            Section::Locks => page.locks(out)?,
            Section::Cpus => page.cpus(out)?,
            Section::Uthreads => page.uthreads(out)?,
            Section::CriticalPath => page.critical_path(out)?,
        }
    }
    Ok(())
}

impl Page<'_> {
    /// The tasks to show, the one that ran longest first.
    fn by_running(&self) -> Vec<&TaskRow> {
        let mut tasks: Vec<&TaskRow> =
            self.summary.tasks.iter().filter(|task| self.shows(task)).collect();
        tasks.sort_by_key(|task| (std::cmp::Reverse(task.states_ns.running), task.tid));
        tasks
    }

    fn shows(&self, task: &TaskRow) -> bool {
        self.options.inactive || task.active()
    }

    /// The name of the task of this number, if it is one of the rows.
    fn comm(&self, tid: u32) -> &str {
        let mut named = self.summary.tasks.iter().filter(|task| task.tid == tid);
        named.next_back().map_or("?", |task| &task.comm)
    }

    /// The first rows, and how many there are beyond the limit.
    fn first<'r, T>(&self, rows: &'r [T]) -> (&'r [T], usize) {
        let (first, rest) = rows.split_at(self.options.limit.min(rows.len()));
        (first, rest.len())
    }

    fn nothing(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "  {}", self.options.style.dim("none"))
    }
}
