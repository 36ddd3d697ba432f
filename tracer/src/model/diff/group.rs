//! What the tasks of one name did, together.

use std::collections::BTreeMap;

use super::key::{Key, groups};
use super::measure::{Lengths, Measure, Unit, in_order};
use crate::model::distribution::Distribution;
use crate::model::summary::{Summary, TaskRow};

/// Sums over the tasks of a group.
#[derive(Clone, Debug, Default)]
pub(super) struct Sums {
    /// Whether all figures are exact.
    pub(super) exact: bool,
    times_ns: [u64; TIMES.len()],
    counts: [u64; COUNTS.len()],
    delays: Distribution,
}

/// A figure of a task.
type Figure = (&'static str, fn(&TaskRow) -> u64);

/// Times, ns. The states add up to the time that the tasks were observed; a comma begins a part of
/// what stands before it.
const TIMES: [Figure; 12] = [
    ("running", |task| task.states_ns.running),
    ("runnable", |task| task.states_ns.runnable),
    ("runnable, preempted", |task| task.runnable_ns.preempted),
    ("sleeping", |task| task.states_ns.sleeping),
    ("uninterruptible", |task| task.states_ns.uninterruptible),
    ("stopped", |task| task.states_ns.stopped),
    ("traced", |task| task.states_ns.traced),
    ("zombie", |task| task.states_ns.zombie),
    ("unknown", |task| task.states_ns.unknown),
    ("futex wait", |task| task.futex_wait_ns.sum),
    ("stolen by irqs", |task| task.irq_stolen_ns),
    ("stolen by softirqs", |task| task.softirq_stolen_ns),
];

const COUNTS: [Figure; 9] = [
    ("tasks", |_| 1),
    ("voluntary switches", |task| task.switches.voluntary),
    ("involuntary switches", |task| task.switches.involuntary),
    ("migrations", |task| task.migrations),
    ("run delays", |task| task.run_delay_ns.count),
    ("futex waits", |task| task.futex_wait_ns.count),
    ("futex wakes", |task| task.futex_wakes),
    ("signals taken", |task| task.signals),
    ("execs", |task| u64::try_from(task.execs.len()).unwrap_or(u64::MAX)),
];

impl Sums {
    /// Of each group of a trace.
    pub(super) fn of(summary: &Summary) -> BTreeMap<Key, Self> {
        groups(summary).into_iter().map(|(key, tasks)| (key, Self::sum(&tasks))).collect()
    }

    fn sum(tasks: &[&TaskRow]) -> Self {
        let mut delays = Distribution::default();
        tasks.iter().filter_map(|task| task.time.delays.as_deref()).for_each(|of| delays.merge(of));
        Self {
            exact: tasks.iter().all(|task| task.exact),
            times_ns: TIMES.map(|(_, of)| tasks.iter().map(|task| of(task)).sum()),
            counts: COUNTS.map(|(_, of)| tasks.iter().map(|task| of(task)).sum()),
            delays,
        }
    }

    /// The measures of a group that both, or one of them, have.
    pub(super) fn measures(a: Option<&Self>, b: Option<&Self>, lengths: Lengths) -> Vec<Measure> {
        let nothing = Self::default();
        let (a, b) = (a.unwrap_or(&nothing), b.unwrap_or(&nothing));
        let times = TIMES.iter().enumerate().map(|(at, (name, _))| {
            Measure::sum(name, Unit::Ns, [Some(a.times_ns[at]), Some(b.times_ns[at])], lengths)
        });
        let quantiles = [a, b].map(|side| {
            let all = side.delays.quantiles();
            (all.count > 0).then_some([all.p50, all.p99, all.max])
        });
        let delays = ["delay p50", "delay p99", "delay max"].into_iter().enumerate();
        let delays = delays.map(|(at, name)| {
            Measure::single(name, Unit::Ns, quantiles.map(|of| of.map(|of| of[at])))
        });
        let counts = COUNTS.iter().enumerate().map(|(at, (name, _))| {
            Measure::sum(name, Unit::Count, [Some(a.counts[at]), Some(b.counts[at])], lengths)
        });
        in_order(times.chain(delays).chain(counts).collect())
    }
}
