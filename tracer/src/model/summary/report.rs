//! A whole report: the rows, what stands out of them, and how they were captured and chosen.

use std::collections::BTreeMap;

use serde::Serialize;

use super::findings::Finding;
use super::{Only, Summary};

/// The version of the report's JSON. Fields are only ever added.
pub const SCHEMA: u32 = 1;

/// Which rows were asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Selection {
    /// Rows of these tasks.
    pub tids: Vec<u32>,
    /// Rows of tasks of these names.
    pub comms: Vec<String>,
    /// Sorted by this column of the report's tables.
    pub sort: Option<String>,
    /// At most so many in each array.
    pub top: Option<usize>,
    /// Rows that are not shown for `top`, by array.
    pub left_out: BTreeMap<&'static str, usize>,
}

/// A whole report: how it was captured, and what it says.
#[derive(Clone, Debug, Serialize)]
pub struct Report<C: Serialize> {
    /// [`SCHEMA`].
    pub schema: u32,
    /// How the trace was captured, and what was lost.
    pub capture: C,
    /// Which rows were asked for; null for all.
    pub selection: Option<Selection>,
    /// What stands out.
    pub findings: Vec<Finding>,
    /// Everything else.
    #[serde(flatten)]
    pub summary: Summary,
}

impl<C: Serialize> Report<C> {
    /// Joins both.
    pub fn new(capture: C, summary: Summary) -> Self {
        let findings = summary.findings();
        Self { schema: SCHEMA, capture, selection: None, findings, summary }
    }

    /// Says which rows these are, and cuts the arrays to the first that were asked for.
    #[must_use]
    pub fn chosen(mut self, only: &Only, sort: Option<String>, top: Option<usize>) -> Self {
        if only.is_all() && sort.is_none() && top.is_none() {
            return self;
        }
        let Only { tids, comms } = only.clone();
        let left_out = top.map(|top| self.summary.cut(top)).unwrap_or_default();
        self.selection = Some(Selection { tids, comms, sort, top, left_out });
        self
    }
}

impl Summary {
    /// Puts the costliest rows first, as the text's tables have them.
    pub fn costliest_first(&mut self) {
        use std::cmp::Reverse;
        self.tasks.sort_by_key(|row| (Reverse(row.states_ns.running), row.tid));
        self.futexes.sort_by_key(|row| Reverse((row.wait_ns.sum, row.waits + row.wakes)));
        self.irqs.sort_by_key(|row| Reverse(row.own.total_ns));
        self.softirqs.sort_by_key(|row| Reverse(row.own.total_ns));
        self.vectors.sort_by_key(|row| Reverse(row.own.total_ns));
        self.uthreads.carriers.sort_by_key(|row| (Reverse(row.states_ns.running), row.tid));
        let current = |row: &crate::model::uthreads::UthreadRow| row.states_ns.current();
        self.uthreads.threads.sort_by_key(|row| (Reverse(current(row)), row.tgid, row.id));
    }

    /// Keeps the first rows of each array; gives back how many each had beyond them.
    fn cut(&mut self, top: usize) -> BTreeMap<&'static str, usize> {
        let mut left_out = BTreeMap::new();
        let mut note = |name, had: usize| {
            if had > top {
                left_out.insert(name, had - top);
            }
        };
        macro_rules! cut {
            ($($name:literal: $rows:expr),* $(,)?) => {$(
                note($name, $rows.len());
                $rows.truncate(top);
            )*};
        }
        cut! {
            "tasks": self.tasks,
            "processes": self.processes,
            "sharing": self.sharing,
            "cpus": self.cpus,
            "signals": self.signals,
            "signal_totals": self.signal_totals,
            "interrupt_totals": self.interrupt_totals,
            "irqs": self.irqs,
            "softirqs": self.softirqs,
            "vectors": self.vectors,
            "futexes": self.futexes,
            "lock_chains": self.lock_chains,
            "stuck": self.stuck,
            "deadlocks": self.deadlocks,
            "wakeups": self.wakeups,
            "longest_waits": self.longest_waits,
            "stacks": self.stacks,
            "uthreads.processes": self.uthreads.processes,
            "uthreads.carriers": self.uthreads.carriers,
            "uthreads.threads": self.uthreads.threads,
        }
        if let Some(path) = &mut self.critical_path {
            cut! { "critical_path.shares": path.shares, "critical_path.longest": path.longest }
        }
        left_out
    }
}
