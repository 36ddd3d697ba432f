//! What the tests of the locks share: the true futex calls at a lock, and a stress.

use std::sync::Barrier;
use std::thread;

use super::lock::{Lock, RawLock};
use crate::clock::now_ns;
use crate::futex::count::{self, Row};

/// Additions of each thread in a stress.
pub(super) const ROUNDS: u64 = if cfg!(miri) { 20 } else { 20_000 };

/// Threads of a stress.
pub(super) const THREADS: u64 = 4;

/// The futex calls at the words inside `place`, from its making on: whoever was at the address
/// before is not counted.
pub(super) struct Calls<'a, T> {
    place: &'a T,
    before: Vec<Row>,
}

impl<'a, T> Calls<'a, T> {
    pub(super) fn at(place: &'a T) -> Self {
        count::enable().expect("memory for the table");
        let mut calls = Self { place, before: Vec::new() };
        calls.before = calls.rows();
        calls
    }

    fn rows(&self) -> Vec<Row> {
        let start = std::ptr::from_ref(self.place).addr();
        let inside = |row: &Row| (start..start + size_of::<T>()).contains(&row.address);
        count::rows().into_iter().filter(inside).collect()
    }

    /// One number of all rows together.
    pub(super) fn sum(&self, of: fn(&Row) -> u64) -> u64 {
        let sum = |rows: &[Row]| rows.iter().map(of).sum::<u64>();
        sum(&self.rows()) - sum(&self.before)
    }

    /// Waits until that many waits have been asked for.
    pub(super) fn until_waits(&self, waits: u64) {
        until(|| self.sum(|row| row.waits) >= waits);
    }

    /// Checks that `sleepers` waited once each, and that it took `wakes` calls to end that. A wait
    /// that was counted may come to the kernel after the wake, and then finds the word changed.
    pub(super) fn check(&self, sleepers: u64, wakes: u64) {
        assert_eq!(self.sum(|row| row.waits), sleepers);
        assert_eq!(self.sum(|row| row.woken + row.changed), sleepers);
        assert_eq!(self.sum(|row| row.tasks_woken), self.sum(|row| row.woken));
        assert_eq!(self.sum(|row| row.wakes), wakes);
    }
}

/// Waits for a condition, which has ten seconds.
pub(super) fn until(condition: impl Fn() -> bool) {
    let end = now_ns() + 10_000_000_000;
    while !condition() {
        assert!(now_ns() < end, "it does not come about");
        thread::yield_now();
    }
}

/// Runs `work` in [`THREADS`] threads that begin together.
pub(super) fn together(work: impl Fn() + Sync) {
    let start = Barrier::new(usize::try_from(THREADS).expect("a few"));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                start.wait();
                work();
            });
        }
    });
}

/// Many threads add to two numbers under a lock, which would come apart without it.
pub(super) fn stress<R: RawLock + Sync + Send>(lock: &Lock<R, (u64, u64)>) {
    together(|| {
        for _ in 0..ROUNDS {
            let mut both = lock.lock();
            both.0 += 1;
            both.1 += 1;
            assert_eq!(both.0, both.1);
        }
    });
    assert_eq!(*lock.lock(), (THREADS * ROUNDS, THREADS * ROUNDS));
}
