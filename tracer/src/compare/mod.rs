//! Process against thread, and user-level thread: what the marks of the workload `compare` and the
//! traces of it come to. Pure: the same files give the same figures.
//!
//! | Part | |
//! | --- | --- |
//! | `programs` | what is run, and how often |
//! | `marks` | what the workload wrote down |
//! | `stats` | medians with their intervals, and when two of them differ |
//! | `aspects` | one file an aspect: its rows, facts and claims |
//! | `machine` | what the figures are of |

use std::collections::BTreeMap;

use serde::Serialize;

pub mod aspects;
pub mod machine;
pub mod marks;
pub mod programs;
pub mod stats;

use self::machine::Machine;
use self::marks::Marks;
use self::stats::{Figure, Order, order};
use crate::model::summary::Summary;

/// The kinds of tasks, in the order of all rows.
pub const KINDS: [&str; 3] = ["process", "thread", "uthread"];

/// Version of the JSON.
pub const SCHEMA: u32 = 1;

/// All of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// Version of this object.
    pub schema: u32,
    /// What it was measured on.
    pub machine: Machine,
    /// Whether it was a short run.
    pub quick: bool,
    /// What was not measured, and why.
    pub left_out: Vec<String>,
    /// What makes the figures less sure than their intervals say.
    pub warnings: Vec<String>,
    /// How sure the intervals are, percent.
    pub confidence_percent: u32,
    /// What it was made from.
    pub recordings: Vec<RecordingRow>,
    /// What is compared.
    pub aspects: Vec<Aspect>,
}

/// A recording and the marks that belong to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RecordingRow {
    /// Its name: of its files without their extensions.
    pub name: String,
    /// The program's arguments.
    pub args: Vec<String>,
    /// Events read.
    pub events: u64,
    /// Records that are missing, at least.
    pub lost: u64,
    /// Tasks whose times the trace is not sure of: none are taken from them.
    pub unsure_tasks: usize,
}

/// One thing that is compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Aspect {
    /// Its name.
    pub aspect: &'static str,
    /// What was done.
    pub about: &'static str,
    /// What was measured.
    pub rows: Vec<Row>,
    /// What was counted and checked.
    pub facts: Vec<Fact>,
    /// What textbooks say, held against it.
    pub claims: Vec<Claim>,
    /// Commands to see it oneself.
    pub see: Vec<String>,
}

/// What a row's figures are counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// 10^-12 s.
    Ps,
    /// Things.
    Count,
}

/// Where a row's figures come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The program's own clock, in a run without a trace.
    Bare,
    /// The same, in the run that was traced.
    Traced,
    /// The kernel's events.
    Trace,
}

/// One quantity, of all kinds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// What was measured.
    pub what: String,
    /// Memory the creator had touched, or size of the message, bytes; null if there is none.
    pub bytes: Option<u64>,
    /// Of the figures.
    pub unit: Unit,
    /// Where they come from.
    pub source: Source,
    /// Of a process.
    pub process: Option<Figure>,
    /// Of a thread.
    pub thread: Option<Figure>,
    /// Of a user-level thread.
    pub uthread: Option<Figure>,
    /// Each against the next: what is larger, or that it cannot be told.
    pub pairs: Vec<Pair>,
}

/// Two figures of a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pair {
    /// One kind.
    pub a: &'static str,
    /// The other.
    pub b: &'static str,
    /// How the first compares to the second; noise if the intervals overlap.
    pub order: Order,
    /// The first's median by the second's, thousandths; null if the second's is zero.
    pub ratio_permille: Option<u64>,
}

/// Something that is so or not, for each kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// What.
    pub what: String,
    /// For processes.
    pub process: String,
    /// For threads.
    pub thread: String,
    /// For user-level threads.
    pub uthread: String,
}

/// Whether a claim holds here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Holds {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// The difference is lost in the noise.
    Noise,
    /// It was not measured.
    Unknown,
}

/// What textbooks say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Claim {
    /// It.
    pub claim: String,
    /// Whether it holds here.
    pub holds: Holds,
    /// The figures that say so.
    pub evidence: String,
}

/// One program that was run: without a trace, and with one.
#[derive(Debug)]
pub struct Evidence {
    /// What it wrote down without a trace, if it was run so.
    pub bare: Option<Marks>,
    /// What it wrote down while it was traced.
    pub marks: Marks,
    /// The trace.
    pub trace: Summary,
}

/// All that was run, by name.
pub type Runs = BTreeMap<&'static str, Evidence>;

impl Evidence {
    /// The marks of the run that was disturbed least, and how they are called.
    pub fn least_disturbed(&self) -> (&Marks, Source) {
        match &self.bare {
            Some(bare) => (bare, Source::Bare),
            None => (&self.marks, Source::Traced),
        }
    }
}

impl Row {
    /// A row of samples by kind, empty where there are none; `None` if there are none at all.
    pub fn of(
        what: impl Into<String>,
        (unit, source): (Unit, Source),
        bytes: Option<u64>,
        samples: [Vec<u64>; 3],
    ) -> Option<Self> {
        let [process, thread, uthread] = samples.map(Figure::of);
        let mut row = Self {
            what: what.into(),
            bytes,
            unit,
            source,
            process,
            thread,
            uthread,
            pairs: Vec::new(),
        };
        let figures = row.figures();
        let there: Vec<(usize, &Figure)> =
            (0..).zip(figures).filter_map(|(kind, figure)| Some((kind, figure?))).collect();
        if there.is_empty() {
            return None;
        }
        let pair = |two: &[(usize, &Figure)]| {
            let &[(a, first), (b, second)] = two else { return None };
            Some(Pair {
                a: KINDS[a],
                b: KINDS[b],
                order: order(first, second),
                ratio_permille: first.ratio_permille(second),
            })
        };
        row.pairs = there.windows(2).filter_map(pair).collect();
        Some(row)
    }

    /// Its figures in the order of [`KINDS`].
    pub fn figures(&self) -> [Option<&Figure>; 3] {
        [self.process.as_ref(), self.thread.as_ref(), self.uthread.as_ref()]
    }
}

impl Fact {
    /// A fact of three kinds.
    pub fn of(what: impl Into<String>, [process, thread, uthread]: [String; 3]) -> Self {
        Self { what: what.into(), process, thread, uthread }
    }
}
