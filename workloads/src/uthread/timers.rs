//! When sleeping user threads are to go on. All carriers share the timers: one that is stalled in a
//! system call delays nobody who sleeps, as long as another one is there.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::sync::atomic::Ordering::Relaxed;

use super::fiber::Handle;
use crate::shim::AtomicU64;
use crate::sync::Mutex;

/// No timer.
const NEVER: u64 = u64::MAX;

/// The timers, by time.
#[derive(Debug)]
pub(super) struct Timers {
    /// The earliest time, ns; looked at without the lock.
    next: AtomicU64,
    timers: Mutex<Sorted>,
}

/// Who sleeps, by the time and a number: those of one time go on in the order of their going to
/// sleep.
#[derive(Debug, Default)]
struct Sorted {
    sleepers: BTreeMap<(u64, u64), Handle>,
    number: u64,
}

impl Sorted {
    fn next(&self) -> u64 {
        self.sleepers.first_key_value().map_or(NEVER, |((at, _), _)| *at)
    }
}

impl Timers {
    /// None.
    pub(super) fn new() -> Self {
        Self { next: AtomicU64::new(NEVER), timers: Mutex::new(Sorted::default()) }
    }

    /// Sets one; whether it is the earliest of all.
    pub(super) fn set(&self, at: u64, sleeper: Handle) -> bool {
        let mut timers = self.timers.lock();
        let earliest = at < timers.next();
        timers.number += 1;
        let number = timers.number;
        timers.sleepers.insert((at, number), sleeper);
        // Relaxed: the fence of the idle protocol orders it for a carrier that goes to sleep.
        self.next.store(timers.next(), Relaxed);
        earliest
    }

    /// The earliest time, ns.
    pub(super) fn next(&self) -> Option<u64> {
        Some(self.next.load(Relaxed)).filter(|next| *next != NEVER)
    }

    /// Takes those that are due.
    pub(super) fn due(&self, now: u64) -> Vec<Handle> {
        let mut timers = self.timers.lock();
        let mut due = Vec::new();
        while timers.next() <= now
            && let Some((_, sleeper)) = timers.sleepers.pop_first()
        {
            due.push(sleeper);
        }
        self.next.store(timers.next(), Relaxed);
        due
    }
}
