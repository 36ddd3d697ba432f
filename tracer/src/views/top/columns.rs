//! The columns of the table: what they are called, what is in them, and by what they sort.

use std::cmp::{Ordering, Reverse};

use crate::views::{duration, shares_of, units::percent};

use super::rows::{PARTS, Row};

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// Number of the task.
    Tid,
    /// Number of its process.
    Pid,
    /// Letter of its state.
    State,
    /// Share of the interval in one of the states, by its place in [`super::rows`].
    Share(usize),
    /// Mean run delay.
    Delay,
    /// Voluntary switches.
    Voluntary,
    /// Involuntary switches.
    Involuntary,
    /// Migrations.
    Migrations,
    /// Share of the interval that interrupts took while it ran.
    Stolen,
    /// Wakings.
    Wakeups,
    /// Signals taken.
    Signals,
    /// The CPU.
    Cpu,
    /// Its name.
    Comm,
}

const STATES: [(&str, &str, &str); PARTS] = [
    ("run", "RUN%", "on a CPU, interrupts included"),
    ("runnable", "RDY%", "runnable: on a queue, waiting for a CPU"),
    ("sleep", "SLP%", "interruptible sleep"),
    ("disk", "DSK%", "uninterruptible sleep"),
    ("stop", "STP%", "stopped by a signal"),
    ("trace", "TRC%", "stopped for a tracer"),
    ("zombie", "ZOM%", "dead and not yet released"),
    ("unknown", "UNK%", "not known, because records are missing"),
    ("gone", "GONE%", "not yet born, or released"),
];

impl Column {
    /// All, from left to right.
    pub const ALL: [Self; 21] = [
        Self::Tid,
        Self::Pid,
        Self::State,
        Self::Share(0),
        Self::Share(1),
        Self::Share(2),
        Self::Share(3),
        Self::Share(4),
        Self::Share(5),
        Self::Share(6),
        Self::Share(7),
        Self::Share(8),
        Self::Delay,
        Self::Voluntary,
        Self::Involuntary,
        Self::Migrations,
        Self::Stolen,
        Self::Wakeups,
        Self::Signals,
        Self::Cpu,
        Self::Comm,
    ];

    /// Those that make place in a narrow window, the first ones first. The shares stay: they add up.
    const YIELDING: [Self; 9] = [
        Self::Cpu,
        Self::Pid,
        Self::Signals,
        Self::Stolen,
        Self::Migrations,
        Self::Wakeups,
        Self::Involuntary,
        Self::Voluntary,
        Self::Delay,
    ];

    /// Name, heading, width, and what it says.
    fn about(self) -> (&'static str, &'static str, usize, &'static str) {
        match self {
            Self::Tid => ("tid", "TID", 7, "number of the task"),
            Self::Pid => ("pid", "PID", 7, "number of its process"),
            Self::State => {
                ("state", "S", 1, "state now: * on a CPU, R runnable, X gone, ? unknown")
            }
            Self::Share(part) => {
                let (name, heading, about) = STATES[part.min(PARTS - 1)];
                (name, heading, 5, about)
            }
            Self::Delay => ("delay", "DELAY", 7, "mean wait for a CPU"),
            Self::Voluntary => ("vol", "VOL", 6, "switches that it asked for"),
            Self::Involuntary => ("inv", "INV", 6, "switches that it did not ask for"),
            Self::Migrations => ("mig", "MIG", 5, "moves to another CPU"),
            Self::Stolen => ("irq", "IRQ%", 5, "taken by interrupts while it ran, a part of RUN%"),
            Self::Wakeups => ("wakes", "WAKES", 6, "times it was woken"),
            Self::Signals => ("sig", "SIG", 5, "signals it took"),
            Self::Cpu => ("cpu", "CPU", 3, "CPU it is on, or was on last"),
            Self::Comm => ("comm", "COMM", 15, "name"),
        }
    }

    /// What it is called in `--sort` and at `s`.
    pub fn name(self) -> &'static str {
        self.about().0
    }

    /// What stands above it.
    pub fn heading(self) -> &'static str {
        self.about().1
    }

    /// How wide it is.
    pub fn width(self) -> usize {
        self.about().2
    }

    /// What is in it, for help.
    pub fn meaning(self) -> &'static str {
        self.about().3
    }

    /// The one of this name, heading, or beginning of a name, in any case; `None` if there is none,
    /// or more than one.
    pub fn named(word: &str) -> Option<Self> {
        let word = word.trim().to_lowercase();
        let exact = Self::ALL.into_iter().find(|column| {
            let heading = column.heading().to_lowercase();
            column.name() == word || heading == word || heading.trim_end_matches('%') == word
        });
        let mut begins = Self::ALL.into_iter().filter(|column| column.name().starts_with(&word));
        exact.or_else(|| begins.next().filter(|_| !word.is_empty() && begins.next().is_none()))
    }

    /// All their names.
    pub fn names() -> String {
        Self::ALL.map(Self::name).join(", ")
    }

    /// Those that have room in a window so wide.
    pub fn fitting(width: usize) -> Vec<Self> {
        let mut columns = Self::ALL.to_vec();
        let needs = |columns: &[Self]| columns.iter().map(|one| one.width() + 1).sum::<usize>();
        for yielding in Self::YIELDING {
            if needs(&columns) <= width + 1 {
                break;
            }
            columns.retain(|&column| column != yielding);
        }
        columns
    }

    /// Whether large values come first unless somebody turns that around.
    pub fn descends(self) -> bool {
        !matches!(self, Self::Tid | Self::Pid | Self::State | Self::Cpu | Self::Comm)
    }

    /// The order of two rows by it, smaller first.
    pub fn compare(self, a: &Row, b: &Row) -> Ordering {
        match self {
            Self::Comm => a.task.comm.cmp(&b.task.comm),
            _ => self.key(a).cmp(&self.key(b)),
        }
    }

    fn key(self, row: &Row) -> u64 {
        let figures = &row.task.figures;
        match self {
            Self::Tid => row.task.tid.into(),
            Self::Pid => row.task.tgid.into(),
            Self::State => u32::from(row.letter()).into(),
            Self::Share(part) => row.parts[part.min(PARTS - 1)],
            Self::Delay => row.delay_ns(),
            Self::Voluntary => figures.voluntary,
            Self::Involuntary => figures.involuntary,
            Self::Migrations => figures.migrations,
            Self::Stolen => figures.stolen_ns,
            Self::Wakeups => figures.wakeups,
            Self::Signals => figures.signals,
            Self::Cpu => row.task.cpu.map_or(u64::MAX, u64::from),
            Self::Comm => 0,
        }
    }
}

/// The texts of a row in these columns, not padded. `stolen` if interrupts are recorded.
pub fn cells(row: &Row, columns: &[Column], stolen: bool) -> Vec<String> {
    let shares = shares_of(row.parts);
    let figures = &row.task.figures;
    let count = |count: u64| if count == 0 { "-".to_owned() } else { count.to_string() };
    let cell = |column: &Column| match *column {
        Column::Tid => row.task.tid.to_string(),
        Column::Pid => row.task.tgid.to_string(),
        Column::State => row.letter().to_string(),
        Column::Share(part) => percent(shares[part.min(PARTS - 1)]),
        Column::Delay if figures.delays == 0 => "-".to_owned(),
        Column::Delay => duration(row.delay_ns()),
        Column::Voluntary => count(figures.voluntary),
        Column::Involuntary => count(figures.involuntary),
        Column::Migrations => count(figures.migrations),
        Column::Stolen if !stolen => String::new(),
        Column::Stolen => percent(stolen_tenths(row)),
        Column::Wakeups => count(figures.wakeups),
        Column::Signals => count(figures.signals),
        Column::Cpu => row.task.cpu.map(|cpu| cpu.to_string()).unwrap_or_default(),
        Column::Comm => row.task.comm.clone(),
    };
    columns.iter().map(cell).collect()
}

fn stolen_tenths(row: &Row) -> u64 {
    let length_ns: u64 = row.parts.iter().sum();
    let stolen_ns = row.task.figures.stolen_ns.min(length_ns);
    shares_of([stolen_ns, length_ns - stolen_ns])[0]
}

/// One line: texts in their columns, the last one as it is. Nothing that a terminal would obey.
pub fn line(cells: &[String], columns: &[Column]) -> String {
    let mut line = String::new();
    for (text, &column) in cells.iter().zip(columns) {
        if !line.is_empty() {
            line.push(' ');
        }
        if column != Column::Comm {
            let padding = column.width().saturating_sub(text.chars().count());
            line.extend(std::iter::repeat_n(' ', padding));
        }
        line.push_str(text);
    }
    line.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

/// Sorts by a column, in its direction or the other one, and by number where that says nothing.
pub(super) fn sort(order: &mut [usize], rows: &[Row], column: Column, turned: bool) {
    let descends = column.descends() != turned;
    order.sort_by(|&a, &b| {
        let (a, b) = (&rows[a], &rows[b]);
        let by_column = column.compare(a, b);
        let by_column = if descends { by_column.reverse() } else { by_column };
        let rest = |row: &Row| (Reverse(row.parts[0]), row.task.tid, row.task.ended);
        by_column.then_with(|| rest(a).cmp(&rest(b)))
    });
}
