//! Why a task sleeps: the system call that it sleeps in.

use tracer_common::record::SleepCall;

use super::Sleep;

/// Most causes that are told apart for one task; sleeps for further ones are of none of them.
const ROWS_MAX: usize = 64;

/// In what a task sleeps: [`SleepCall`]'s numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cause(u16);

impl Cause {
    /// Not told.
    pub const UNTOLD: Self = Self(0);
    /// Told of too many others already.
    const CROWD: Self = Self(u16::MAX);

    /// What the bits of a state say.
    pub fn of(state_bits: u32) -> Self {
        let told = (state_bits & SleepCall::MASK) >> SleepCall::SHIFT;
        Self(u16::try_from(told).unwrap_or_default())
    }

    /// What it stands for.
    pub fn kind(self) -> CauseKind {
        match (self, u32::from(self.0)) {
            (Self::CROWD, _) => CauseKind::Crowd,
            (_, SleepCall::UNTOLD) => CauseKind::Untold,
            (_, SleepCall::NONE) => CauseKind::NoCall,
            (_, told) => CauseKind::Call(told - SleepCall::FIRST),
        }
    }
}

/// What a [`Cause`] stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CauseKind {
    /// Not known.
    Untold,
    /// In no system call.
    NoCall,
    /// In the call of this number.
    Call(u32),
    /// One of those that had no place among the others.
    Crowd,
}

/// The sleeps of one task for one cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slept {
    /// The cause.
    pub cause: Cause,
    /// Whether they were uninterruptible.
    pub uninterruptible: bool,
    /// How many.
    pub count: u64,
    /// Their time, ns.
    pub sum_ns: u64,
    /// The longest, ns.
    pub max_ns: u64,
}

/// The sleeps of one task by cause, in the order of first use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Causes {
    rows: Vec<Slept>,
    /// Where the latest sleep was counted: often the next one belongs there too.
    last: usize,
}

impl Causes {
    /// Takes in one sleep; stops are none.
    pub(super) fn add(&mut self, mut cause: Cause, sleep: Sleep, ns: u64) {
        let uninterruptible = match sleep {
            Sleep::Interruptible | Sleep::Idle | Sleep::Parked => false,
            Sleep::Uninterruptible => true,
            Sleep::Stopped | Sleep::Traced => return,
        };
        if ns == 0 {
            return;
        }
        let is = |row: &Slept, cause| row.cause == cause && row.uninterruptible == uninterruptible;
        if !self.rows.get(self.last).is_some_and(|row| is(row, cause)) {
            let find = |rows: &[Slept], cause| rows.iter().position(|row| is(row, cause));
            let mut found = find(&self.rows, cause);
            if found.is_none() && self.rows.len() >= ROWS_MAX {
                cause = Cause::CROWD;
                found = find(&self.rows, cause);
            }
            self.last = found.unwrap_or_else(|| {
                self.rows.push(Slept { cause, uninterruptible, count: 0, sum_ns: 0, max_ns: 0 });
                self.rows.len() - 1
            });
        }
        let Some(row) = self.rows.get_mut(self.last) else { return };
        row.count += 1;
        row.sum_ns += ns;
        row.max_ns = row.max_ns.max(ns);
    }

    /// One row a cause.
    pub fn rows(&self) -> &[Slept] {
        &self.rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(number: u32) -> Cause {
        Cause::of((number + SleepCall::FIRST) << SleepCall::SHIFT | 0x8000_0001)
    }

    #[test]
    fn bits_tell_the_call() {
        assert_eq!(Cause::of(1).kind(), CauseKind::Untold);
        assert_eq!(Cause::of(SleepCall::NONE << SleepCall::SHIFT | 2).kind(), CauseKind::NoCall);
        assert_eq!(call(0).kind(), CauseKind::Call(0));
        let most = call(SleepCall::NUMBER_MAX);
        assert_eq!(most.kind(), CauseKind::Call(SleepCall::NUMBER_MAX));
    }

    #[test]
    fn sleeps_are_summed_by_cause_and_kind() {
        let mut causes = Causes::default();
        causes.add(call(7), Sleep::Interruptible, 10);
        causes.add(call(7), Sleep::Uninterruptible, 5);
        causes.add(call(7), Sleep::Interruptible, 30);
        causes.add(call(8), Sleep::Stopped, 99);
        causes.add(call(8), Sleep::Interruptible, 0);
        let rows: Vec<_> = causes
            .rows()
            .iter()
            .map(|row| (row.uninterruptible, row.count, row.sum_ns, row.max_ns))
            .collect();
        assert_eq!(rows, [(false, 2, 40, 30), (true, 1, 5, 5)]);
    }

    #[test]
    fn there_is_a_bound_and_no_time_is_lost_at_it() {
        let mut causes = Causes::default();
        (0..200).for_each(|number| causes.add(call(number), Sleep::Interruptible, 1));
        assert_eq!(causes.rows().len(), ROWS_MAX + 1);
        assert_eq!(causes.rows().iter().map(|row| row.sum_ns).sum::<u64>(), 200);
        assert_eq!(causes.rows()[ROWS_MAX].cause.kind(), CauseKind::Crowd);
    }
}
