//! How long a task was off its CPU, by where it left it: the stacks at that moment.
//!
//! A stretch off the CPU belongs to the stack with which it began, in whatever states it was
//! spent: asleep, and then runnable until the task runs again. What no stack was told of is not
//! here, so that the times of a task's stacks are at most those of its states.

use serde::Serialize;

use super::{Cause, Sleep, State, Timeline};
use crate::stacks::StackKey;

/// Most stacks that are told apart for one task; the time of further ones is counted together.
const ROWS_MAX: usize = 1024;

/// Time off a CPU by state, ns: those of [`super::StateSums`] that a task can leave its CPU for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OffCpu {
    /// Runnable: preempted, or woken and not yet on a CPU.
    pub runnable: u64,
    /// Interruptible sleep, and the idle sleep and parking of kernel threads.
    pub sleeping: u64,
    /// Uninterruptible sleep.
    pub uninterruptible: u64,
    /// Stopped by a signal.
    pub stopped: u64,
    /// Stopped for a tracer.
    pub traced: u64,
}

impl OffCpu {
    fn of(&mut self, state: State) -> Option<&mut u64> {
        Some(match state {
            State::Running(_) | State::Zombie | State::Unknown => return None,
            State::Runnable(_) => &mut self.runnable,
            State::Sleeping(Sleep::Interruptible | Sleep::Idle | Sleep::Parked) => {
                &mut self.sleeping
            }
            State::Sleeping(Sleep::Uninterruptible) => &mut self.uninterruptible,
            State::Sleeping(Sleep::Stopped) => &mut self.stopped,
            State::Sleeping(Sleep::Traced) => &mut self.traced,
        })
    }

    /// Adds the times of another.
    pub fn add(&mut self, other: &Self) {
        self.runnable += other.runnable;
        self.sleeping += other.sleeping;
        self.uninterruptible += other.uninterruptible;
        self.stopped += other.stopped;
        self.traced += other.traced;
    }

    /// The states with their names, in the order of the report.
    pub fn each(&self) -> [(&'static str, u64); 5] {
        [
            ("runnable", self.runnable),
            ("sleeping", self.sleeping),
            ("uninterruptible", self.uninterruptible),
            ("stopped", self.stopped),
            ("traced", self.traced),
        ]
    }

    /// All of them together, ns.
    pub fn total(&self) -> u64 {
        self.each().iter().map(|(_, ns)| ns).sum()
    }
}

/// The times of one task off its CPU with one stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StackSum {
    /// The stacks; `None` for those that had no place among the others.
    pub key: Option<StackKey>,
    /// In which system call it slept, if it did.
    pub cause: Cause,
    /// How often.
    pub count: u64,
    /// How long, by state.
    pub off_ns: OffCpu,
    /// The longest, ns, until it ran again.
    pub max_ns: u64,
}

/// The times of one task by stack, in the order of first use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stacks {
    rows: Vec<StackSum>,
    /// The row of the latest stretch, if its stack was told, and its length so far, ns.
    latest: Option<usize>,
    ns: u64,
    /// Whether that stretch goes on.
    open: bool,
}

impl Stacks {
    /// The task leaves its CPU with these stacks, if they were told. `counts`: the moment does.
    pub(super) fn begin(&mut self, key: Option<StackKey>, cause: Cause, counts: bool) {
        self.settle();
        self.latest = key.map(|key| self.row(key, cause));
        self.open = self.latest.is_some();
        if let Some(row) = self.latest.and_then(|at| self.rows.get_mut(at)) {
            row.count += u64::from(counts);
        }
    }

    /// The stacks to which its time in this state belongs now, if it has any and they are told
    /// apart.
    pub(super) fn of_state(&self, state: State) -> Option<StackKey> {
        let row = self.latest.filter(|_| self.open).and_then(|at| self.rows.get(at))?;
        row.key.filter(|_| OffCpu::default().of(state).is_some())
    }

    /// A part of what it does has ended.
    pub(super) fn add(&mut self, state: State, ns: u64) {
        if let Some(row) = self.latest.filter(|_| self.open).and_then(|at| self.rows.get_mut(at))
            && let Some(sum) = row.off_ns.of(state)
        {
            *sum += ns;
            self.ns += ns;
        }
    }

    /// It runs, or nothing is known of it any more.
    pub(super) fn close(&mut self) {
        self.open = false;
    }

    /// Its latest stretch had ended earlier than it seemed, by this time in this state.
    pub(super) fn ended_earlier(&mut self, state: State, ns: u64) {
        let row = self.latest.and_then(|at| self.rows.get_mut(at));
        if let Some(sum) = row.and_then(|row| row.off_ns.of(state)) {
            *sum = sum.saturating_sub(ns);
            self.ns = self.ns.saturating_sub(ns);
        }
    }

    /// Nothing has been counted yet.
    pub(super) fn restart(&mut self) {
        let latest = self.latest.and_then(|at| self.rows.get(at)).copied();
        self.rows.clear();
        self.ns = 0;
        self.latest = latest.map(|row| self.add_row(row.key, row.cause));
    }

    /// One row for each stack. The longest time is known up to the stretch before the latest.
    pub fn rows(&self) -> Vec<StackSum> {
        let mut all = self.clone();
        all.settle();
        all.rows.retain(|row| row.count > 0 || row.off_ns.total() > 0);
        all.rows
    }

    fn settle(&mut self) {
        let ns = std::mem::take(&mut self.ns);
        if let Some(row) = self.latest.and_then(|at| self.rows.get_mut(at)) {
            row.max_ns = row.max_ns.max(ns);
        }
    }

    fn row(&mut self, key: StackKey, cause: Cause) -> usize {
        let find = |rows: &[StackSum], key: Option<StackKey>, cause| {
            rows.iter().position(|row| row.key == key && row.cause == cause)
        };
        let again = self.latest.filter(|&at| {
            self.rows.get(at).is_some_and(|row| row.key == Some(key) && row.cause == cause)
        });
        if let Some(at) = again.or_else(|| find(&self.rows, Some(key), cause)) {
            return at;
        }
        if self.rows.len() >= ROWS_MAX {
            let rest = find(&self.rows, None, Cause::UNTOLD);
            return rest.unwrap_or_else(|| self.add_row(None, Cause::UNTOLD));
        }
        self.add_row(Some(key), cause)
    }

    fn add_row(&mut self, key: Option<StackKey>, cause: Cause) -> usize {
        let (count, off_ns, max_ns) = (0, OffCpu::default(), 0);
        self.rows.push(StackSum { key, cause, count, off_ns, max_ns });
        self.rows.len() - 1
    }
}

impl Timeline {
    /// The closed stretches off a CPU by stack, if any was told.
    pub fn stacks(&self) -> Option<&Stacks> {
        self.stacks.as_deref()
    }

    /// The stacks with which it left its CPU, if it is off one and they were told.
    pub fn left_with(&self) -> Option<StackKey> {
        self.stacks.as_ref()?.of_state(self.state)
    }

    /// The stacks with which it will leave its CPU, at the next [`Timeline::switch_out`].
    pub fn leaves_with(&mut self, stacks: StackKey) {
        self.stacks.get_or_insert_default();
        self.leaving = Some(stacks);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::state::Ready;

    const SLEEP: State = State::Sleeping(Sleep::Interruptible);
    const WOKEN: State = State::Runnable(Ready::Woken);

    fn key(kernel: i32) -> StackKey {
        StackKey { kernel, user: 1, tgid: 2, since_ns: 3 }
    }

    fn slept(stacks: &mut Stacks, kernel: i32, sleep_ns: u64, runnable_ns: u64) {
        stacks.begin(Some(key(kernel)), Cause::UNTOLD, true);
        stacks.add(SLEEP, sleep_ns);
        stacks.add(WOKEN, runnable_ns);
        stacks.close();
    }

    #[test]
    fn a_stretch_belongs_to_the_stack_it_began_with() {
        let mut stacks = Stacks::default();
        slept(&mut stacks, 7, 10, 2);
        slept(&mut stacks, 8, 5, 0);
        slept(&mut stacks, 7, 30, 1);
        // Neither a stretch without a stack nor what comes after a close is anybody's.
        stacks.add(SLEEP, 1000);
        stacks.begin(None, Cause::UNTOLD, true);
        stacks.add(SLEEP, 1000);
        let rows: Vec<_> = stacks
            .rows()
            .iter()
            .map(|row| {
                (
                    row.key.unwrap().kernel,
                    row.count,
                    row.off_ns.sleeping,
                    row.off_ns.runnable,
                    row.max_ns,
                )
            })
            .collect();
        assert_eq!(rows, [(7, 2, 40, 3, 31), (8, 1, 5, 0, 5)]);
    }

    #[test]
    fn a_stretch_can_turn_out_shorter() {
        let mut stacks = Stacks::default();
        slept(&mut stacks, 7, 10, 8);
        stacks.ended_earlier(WOKEN, 3);
        let row = stacks.rows()[0];
        assert_eq!((row.off_ns.runnable, row.off_ns.total(), row.max_ns), (5, 15, 15));
    }

    #[test]
    fn a_restart_keeps_what_goes_on() {
        let mut stacks = Stacks::default();
        slept(&mut stacks, 8, 5, 0);
        stacks.begin(Some(key(7)), Cause::UNTOLD, true);
        stacks.add(SLEEP, 10);
        stacks.restart();
        stacks.add(SLEEP, 4);
        let rows = stacks.rows();
        assert_eq!((rows.len(), rows[0].key, rows[0].count), (1, Some(key(7)), 0));
        assert_eq!((rows[0].off_ns.sleeping, rows[0].max_ns), (4, 4));
    }

    #[test]
    fn there_is_a_bound_and_no_time_is_lost_at_it() {
        let mut stacks = Stacks::default();
        (0..3000).for_each(|kernel| slept(&mut stacks, kernel, 1, 0));
        let rows = stacks.rows();
        assert_eq!((rows.len(), rows[ROWS_MAX].key), (ROWS_MAX + 1, None));
        assert_eq!(rows.iter().map(|row| row.off_ns.sleeping).sum::<u64>(), 3000);
    }
}
