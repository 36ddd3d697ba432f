//! Two traces compared: what tasks of the same name did in both, and the CPUs and interrupts.
//!
//! Numbers of tasks differ from run to run, so that tasks are put together by names (see [`Key`]).
//! Where a trace has bounds so has the comparison: a group says of each side whether its figures
//! are exact.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Model;
use super::summary::Summary;

mod group;
mod key;
mod machine;
mod measure;
#[cfg(test)]
mod tests;

pub use key::Key;
pub use measure::{Measure, Unit};

use group::Sums;
use measure::Lengths;

/// The version of the comparison's JSON. Fields are only ever added.
pub const SCHEMA: u32 = 1;

/// One of the two traces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Trace<C: Serialize> {
    /// Where it is from and how it was captured.
    #[serde(flatten)]
    pub capture: C,
    /// Its length.
    pub length_ns: u64,
    /// Tasks that are compared.
    pub tasks: usize,
    /// Of these, those that are touched by gaps: their figures are lower bounds.
    pub inexact_tasks: usize,
}

/// What is compared under one name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row<N: Serialize> {
    /// The name.
    #[serde(flatten)]
    pub name: N,
    /// Whether the figures of the first trace are exact, not lower bounds.
    pub a_exact: bool,
    /// The same of the second.
    pub b_exact: bool,
    /// Those that are zero in both are left out. Sums of times come first, by their change, then
    /// the rest.
    pub measures: Vec<Measure>,
}

/// A CPU, or all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct CpuName {
    /// Its number; null for all together.
    pub cpu: Option<u16>,
}

/// A source of interrupts, on all CPUs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct SourceName {
    /// `irq`, `vector` or `softirq`.
    pub class: &'static str,
    /// Its name.
    pub name: String,
}

/// Two traces compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diff<C: Serialize> {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The first.
    pub a: Trace<C>,
    /// The second.
    pub b: Trace<C>,
    /// Tasks by name, the one with the largest change of a time first.
    pub groups: Vec<Row<Key>>,
    /// Groups that are not shown.
    pub groups_left_out: usize,
    /// CPUs: all together, then by number.
    pub cpus: Vec<Row<CpuName>>,
    /// Interrupts, likewise by change.
    pub interrupts: Vec<Row<SourceName>>,
    /// Interrupts that are not shown.
    pub interrupts_left_out: usize,
}

impl Model {
    /// Keeps the distributions of run delays of each task, which a comparison puts together. To be
    /// called before the first event.
    pub fn keep_delays(&mut self) {
        self.finished.keep_delays = true;
    }
}

impl<C: Serialize> Diff<C> {
    /// Compares both. The model of each kept the delays ([`Model::keep_delays`]).
    pub fn new(a: (C, &Summary), b: (C, &Summary)) -> Self {
        let lengths = Lengths { a: a.1.length_ns(), b: b.1.length_ns() };
        let groups = rows(&Sums::of(a.1), &Sums::of(b.1), |a, b| {
            (a.is_none_or(|a| a.exact), b.is_none_or(|b| b.exact), Sums::measures(a, b, lengths))
        });
        let lost = [a.1, b.1].map(|side| side.cpus.iter().any(|cpu| cpu.lost > 0));
        let interrupts = rows(&machine::interrupts(a.1), &machine::interrupts(b.1), |a, b| {
            (!lost[0], !lost[1], machine::interrupt_measures(a, b, lengths))
        });
        let cpus = machine::cpus(a.1, b.1, lengths);
        Self {
            schema: SCHEMA,
            a: trace(a.0, a.1),
            b: trace(b.0, b.1),
            groups: by_change(groups),
            groups_left_out: 0,
            cpus,
            interrupts: by_change(interrupts),
            interrupts_left_out: 0,
        }
    }

    /// The first of these names that no process and no thread has.
    pub fn unknown<'n>(&self, names: &'n [String]) -> Option<&'n String> {
        names.iter().find(|name| !self.groups.iter().any(|row| row.name.is_called(name)))
    }

    /// Keeps only groups of processes and threads of these names; all if there are none.
    pub fn keep_only(&mut self, names: &[String]) {
        if !names.is_empty() {
            self.groups.retain(|row| names.iter().any(|name| row.name.is_called(name)));
        }
    }

    /// Keeps the first groups and interrupts only.
    pub fn cut(&mut self, top: usize) {
        self.groups_left_out += self.groups.len().saturating_sub(top);
        self.groups.truncate(top);
        self.interrupts_left_out += self.interrupts.len().saturating_sub(top);
        self.interrupts.truncate(top);
    }
}

fn trace<C: Serialize>(capture: C, summary: &Summary) -> Trace<C> {
    let inexact = summary.tasks.iter().filter(|task| !task.exact);
    Trace {
        capture,
        length_ns: summary.length_ns(),
        tasks: summary.tasks.len(),
        inexact_tasks: inexact.count(),
    }
}

/// A row for each name that is in one of the two.
fn rows<N: Serialize + Clone + Ord, S>(
    a: &BTreeMap<N, S>,
    b: &BTreeMap<N, S>,
    compare: impl Fn(Option<&S>, Option<&S>) -> (bool, bool, Vec<Measure>),
) -> Vec<Row<N>> {
    let only_b = b.keys().filter(|name| !a.contains_key(name));
    let names = a.keys().chain(only_b);
    names
        .map(|name| {
            let (a_exact, b_exact, measures) = compare(a.get(name), b.get(name));
            Row { name: name.clone(), a_exact, b_exact, measures }
        })
        .collect()
}

/// The largest change of a time first; equal ones by name. Those without figures are dropped.
fn by_change<N: Serialize + Ord>(mut rows: Vec<Row<N>>) -> Vec<Row<N>> {
    rows.retain(|row| !row.measures.is_empty());
    rows.sort_by(|x, y| y.change_ns().cmp(&x.change_ns()).then_with(|| x.name.cmp(&y.name)));
    rows
}

impl<N: Serialize> Row<N> {
    /// The largest change of a sum of times, ns.
    pub fn change_ns(&self) -> u64 {
        let times = self.measures.iter().filter(|measure| measure.is_time_sum());
        times.map(|measure| measure.change.map_or(0, i64::unsigned_abs)).max().unwrap_or_default()
    }
}
