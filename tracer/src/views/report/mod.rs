//! The report as text, in sections.
//!
//! Tables are ordered by what costs most, so that the first lines are the ones to read; the tree
//! is in the order of birth.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::model::summary::{Summary, TaskRow};

use super::Style;

mod arrivals;
mod capture;
mod cells;
mod columns;
mod cpus;
mod findings;
mod irqs;
mod latency;
mod life;
mod locks;
mod path;
mod sharing;
mod signals;
mod stacks;
mod states;
#[cfg(test)]
mod tests;
mod tree;
mod uthreads;
mod waits;
mod wakeups;

pub use columns::{check as check_column, sort_rows};

use columns::Column;

/// Rows of a table unless told otherwise.
const ROWS: usize = 50;

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
    /// From creation to release.
    Life,
    /// CPUs.
    Cpus,
    /// User-level threads.
    Uthreads,
    /// Of what the time of the command is made; only if it is asked for.
    CriticalPath,
    /// Stacks with which tasks left their CPUs.
    Stacks,
    /// What stands out.
    Findings,
}

impl Section {
    /// All of them, in the order of the report.
    pub const ALL: [Self; 15] = [
        Self::Capture,
        Self::Tree,
        Self::Sharing,
        Self::States,
        Self::Latency,
        Self::Wakeups,
        Self::Signals,
        Self::Irqs,
        Self::Locks,
        Self::Life,
        Self::Cpus,
        Self::Uthreads,
        Self::CriticalPath,
        Self::Stacks,
        Self::Findings,
    ];

    /// Those that are shown unless others are asked for: one or two screens for a small program.
    pub fn usual() -> Vec<Self> {
        Self::ALL.into_iter().filter(|section| section.few_rows().is_some()).collect()
    }

    /// The rows of its tables in the short report; none for those that are not part of it.
    fn few_rows(self) -> Option<usize> {
        match self {
            Self::Capture | Self::Findings => Some(ROWS),
            Self::Tree => Some(10),
            Self::States => Some(6),
            Self::Latency | Self::Signals => Some(4),
            Self::Locks => Some(3),
            Self::Stacks => Some(2),
            Self::Sharing
            | Self::Wakeups
            | Self::Irqs
            | Self::Life
            | Self::Cpus
            | Self::Uthreads
            | Self::CriticalPath => None,
        }
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
            Self::Life => "life",
            Self::Cpus => "cpus",
            Self::Uthreads => "uthreads",
            Self::CriticalPath => "critical-path",
            Self::Stacks => "stacks",
            Self::Findings => "findings",
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
    /// The short report: of each section the main table only, and no section that has nothing.
    pub brief: bool,
    /// Most rows of a table or of the tree.
    pub top: Option<usize>,
    /// The column to sort by, in the sections that have it ([`check_column`]).
    pub sort: Option<String>,
    /// Tasks that did nothing during the trace too.
    pub inactive: bool,
    /// Colours.
    pub style: Style,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            sections: Section::usual(),
            brief: false,
            top: None,
            sort: None,
            inactive: false,
            style: Style::default(),
        }
    }
}

/// What the sections are written from.
struct Page<'a> {
    summary: &'a Summary,
    options: &'a Options,
    /// Names by number: of each number the latest.
    comms: BTreeMap<u32, &'a str>,
    /// Most rows of a table of this section.
    limit: usize,
}

/// Writes the report. How the trace was captured comes as finished lines.
pub fn write(
    out: &mut dyn Write,
    summary: &Summary,
    capture: &[String],
    options: &Options,
) -> io::Result<()> {
    let mut page = Page { summary, options, comms: comms(summary), limit: ROWS };
    let mut left_out: Vec<&str> = Vec::new();
    let mut first = true;
    for &section in &options.sections {
        if options.brief && section == Section::Stacks && summary.stack_counts.is_none() {
            continue;
        }
        let usual = if options.brief { section.few_rows() } else { None };
        page.limit = options.top.or(usual).unwrap_or(ROWS);
        let mut text = Vec::new();
        page.section(section, &mut text, capture)?;
        if options.brief && section != Section::Findings && page.is_nothing(&text) {
            left_out.push(section.name());
            continue;
        }
        if !std::mem::take(&mut first) {
            writeln!(out)?;
        }
        writeln!(out, "{}", options.style.heading(&section.name().to_uppercase()))?;
        out.write_all(&text)?;
    }
    if options.brief { page.more(out, &left_out) } else { Ok(()) }
}

fn comms(summary: &Summary) -> BTreeMap<u32, &str> {
    let others = summary.others.iter().map(|(&(tid, _), comm)| (tid, comm.as_str()));
    others.chain(summary.tasks.iter().map(|task| (task.tid, task.comm.as_str()))).collect()
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

    fn section(&self, section: Section, out: &mut dyn Write, capture: &[String]) -> io::Result<()> {
        match section {
            Section::Capture => self.capture(out, capture),
            Section::Tree => self.tree(out),
            Section::Sharing => self.sharing(out),
            Section::States => self.states(out),
            Section::Latency => self.latency(out),
            Section::Wakeups => self.wakeups(out),
            Section::Signals => self.signals(out),
            Section::Irqs => self.irqs(out),
            Section::Locks => self.locks(out),
            Section::Life => self.life(out),
            Section::Cpus => self.cpus(out),
            Section::Uthreads => self.uthreads(out),
            Section::CriticalPath => self.critical_path(out),
            Section::Stacks => self.stacks(out),
            Section::Findings => self.findings(out),
        }
    }

    /// The name of the task of this number, if it is one of those followed.
    fn comm(&self, tid: u32) -> &str {
        self.comms.get(&tid).copied().unwrap_or("?")
    }

    /// Puts rows into the order that was asked for, if these columns have it.
    fn sort<R>(&self, rows: &mut [&R], columns: &[Column<R>]) {
        columns::sort(rows, columns, self.options.sort.as_deref());
    }

    /// The first rows, and how many there are beyond the limit.
    fn first<'r, T>(&self, rows: &'r [T]) -> (&'r [T], usize) {
        let (first, rest) = rows.split_at(self.limit.min(rows.len()));
        (first, rest.len())
    }

    fn nothing(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "  {}", self.options.style.dim("none"))
    }

    fn is_nothing(&self, text: &[u8]) -> bool {
        let mut nothing = Vec::new();
        self.nothing(&mut nothing).is_ok_and(|()| text == nothing)
    }

    /// How to see what the short report does not show.
    fn more(&self, out: &mut dyn Write, empty: &[&str]) -> io::Result<()> {
        let shown = &self.options.sections;
        let others = Section::ALL.into_iter().filter(|section| !shown.contains(section));
        let names: Vec<&str> = others.map(Section::name).collect();
        let mut text = format!("not shown: {}; --section all, or NAME, has all", names.join(", "));
        if !empty.is_empty() {
            text = format!("nothing in: {}; {text}", empty.join(", "));
        }
        writeln!(out, "  {}", self.options.style.dim(&text))
    }
}
