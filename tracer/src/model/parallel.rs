//! Parallelism: how many threads of a process run, or could, at the same time.
//!
//! By the times of the events; the scheduler's own account, by which a thread's running time is
//! corrected afterwards, is a few microseconds off.

use serde::Serialize;

use super::Model;
use super::lives::LifeId;
use super::state::{Ready, State};

/// What a thread is to its process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// Neither on a CPU nor on a queue for one.
    #[default]
    Off,
    /// On a CPU.
    Running,
    /// On a queue.
    Waiting,
    /// Not known.
    Unknown,
}

impl Phase {
    /// What a state means.
    pub fn of(state: State) -> Self {
        match state {
            State::Running(_) => Self::Running,
            State::Runnable(Ready::Created) | State::Sleeping(_) | State::Zombie => Self::Off,
            State::Runnable(_) => Self::Waiting,
            State::Unknown => Self::Unknown,
        }
    }
}

/// The threads of a process over time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parallel {
    since_ns: u64,
    running: usize,
    waiting: usize,
    unknown: usize,
    row: ParallelRow,
}

/// How long how many threads of a process were running at the same time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ParallelRow {
    /// In place `n` the time with `n` threads on a CPU. Adds up to the process's time.
    pub running_ns: Vec<u64>,
    /// In place `n` the time with `n` threads on a CPU or on a queue for one. Likewise.
    pub runnable_ns: Vec<u64>,
    /// Time in which it was not known of some thread what it did: counted above as if it slept.
    pub unknown_ns: u64,
}

impl Parallel {
    /// No thread yet, at this time, ns.
    pub fn new(from_ns: u64) -> Self {
        Self { since_ns: from_ns, ..Self::default() }
    }

    /// The times begin anew at this one, ns.
    pub fn restart(&mut self, at_ns: u64) {
        self.until(at_ns);
        self.row = ParallelRow::default();
    }

    /// A thread passes from one phase to another.
    pub fn change(&mut self, at_ns: u64, old: Phase, new: Phase) {
        self.until(at_ns);
        if let Some(count) = self.count(old) {
            *count = count.saturating_sub(1);
        }
        if let Some(count) = self.count(new) {
            *count += 1;
        }
    }

    fn count(&mut self, phase: Phase) -> Option<&mut usize> {
        match phase {
            Phase::Off => None,
            Phase::Running => Some(&mut self.running),
            Phase::Waiting => Some(&mut self.waiting),
            Phase::Unknown => Some(&mut self.unknown),
        }
    }

    fn until(&mut self, at_ns: u64) {
        let ns = at_ns.saturating_sub(self.since_ns);
        if ns == 0 {
            return;
        }
        self.since_ns = at_ns;
        let counts = [self.running, self.running + self.waiting];
        let sums = [&mut self.row.running_ns, &mut self.row.runnable_ns];
        for (sum, count) in sums.into_iter().zip(counts) {
            if sum.len() <= count {
                sum.resize(count + 1, 0);
            }
            sum[count] += ns;
        }
        if self.unknown > 0 {
            self.row.unknown_ns += ns;
        }
    }

    /// The row of a process that is watched until this time, ns.
    pub fn row(&self, end_ns: u64) -> ParallelRow {
        let mut all = self.clone();
        all.until(end_ns);
        all.row
    }
}

impl Model {
    /// After an event of a task: notes what that means for its process.
    pub(super) fn rephase(&mut self, at_ns: u64, id: LifeId) {
        self.tell(id);
        if !self.keep.report {
            return;
        }
        let Some(life) = self.lives.get_mut(id) else { return };
        let new = Phase::of(life.thread.timeline.now().0);
        let old = std::mem::replace(&mut life.thread.phase, new);
        if old != new
            && let Some(process) = self.processes.get_mut(life.process)
        {
            process.parallel.change(at_ns, old, new);
        }
    }
}

impl ParallelRow {
    /// Threads running on average, in thousandths; zero if no time passed.
    pub fn mean_milli(&self) -> u64 {
        mean_milli(&self.running_ns)
    }

    /// Threads running or waiting to on average, in thousandths.
    pub fn runnable_mean_milli(&self) -> u64 {
        mean_milli(&self.runnable_ns)
    }
}

fn mean_milli(times: &[u64]) -> u64 {
    let total: u128 = times.iter().copied().map(u128::from).sum();
    let weighed: u128 = (0..).zip(times).map(|(count, &ns)| count * u128::from(ns)).sum();
    u64::try_from((weighed * 1000).checked_div(total).unwrap_or_default()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_summed_by_how_many_run() {
        // one  ──10 runs ──30 waits ──40 runs ──────60
        // two      ────20 runs ─────────────50 sleeps
        let mut threads = Parallel::new(5);
        threads.change(10, Phase::Off, Phase::Running);
        threads.change(20, Phase::Off, Phase::Running);
        threads.change(30, Phase::Running, Phase::Waiting);
        threads.change(40, Phase::Waiting, Phase::Running);
        threads.change(50, Phase::Running, Phase::Off);
        let row = threads.row(60);
        assert_eq!(row.running_ns, [5, 30, 20]);
        assert_eq!(row.runnable_ns, [5, 20, 30]);
        assert_eq!((row.unknown_ns, row.mean_milli()), (0, 70 * 1000 / 55));
    }

    #[test]
    fn what_cannot_be_breaks_no_sum() {
        let mut threads = Parallel::new(10);
        threads.change(5, Phase::Running, Phase::Unknown);
        threads.change(20, Phase::Waiting, Phase::Off);
        threads.change(15, Phase::Off, Phase::Running);
        let row = threads.row(30);
        assert_eq!((row.running_ns, row.unknown_ns), (vec![10, 10], 20));
        assert_eq!(Parallel::new(3).row(3), ParallelRow::default());
        assert_eq!(ParallelRow::default().mean_milli(), 0);
    }
}
