//! Waiting without sleeping, for a bounded time.

use core::sync::atomic::Ordering::Relaxed;

use crate::futex::Outcome;
use crate::shim::{AtomicU32, const_fn, spin_loop, spins, yield_now};

/// Looks at a held lock before its waiter sleeps.
pub(super) const SPINS: u32 = 12;

/// Pauses between two of them: some microseconds in all, which is what a sleep and its wake cost.
/// Each look takes the cache line from the holder, who needs it to unlock, and to lock again; with
/// a pause only between looks, two threads lock half as often as with ten.
const BETWEEN: u32 = 10;

/// Looks at `done` up to `times` times with pauses between, and says whether it came true.
#[inline]
pub(super) fn spin_until(times: u32, mut done: impl FnMut() -> bool) -> bool {
    let mut left = spins(times);
    loop {
        if done() {
            return true;
        }
        if left == 0 {
            return false;
        }
        left -= 1;
        (0..BETWEEN).for_each(|_| spin_loop());
    }
}

/// How often a patient one looks: after eight pauses, sixteen more, and so on to 256, which is
/// some twenty microseconds in all; a sleeper takes as long to wake up on an idle CPU.
const LOOKS: u32 = 6;

/// The pauses before the first look. A look takes the cache line from whoever is about to write
/// it, and who looks too often finds one thing at a time where a little later there are many.
const PAUSES: u32 = 8;

/// So many times in a row waiting is in vain before it is given up.
const DISAPPOINTMENTS: u32 = 2;

/// For so many times it is given up; then it is tried once more.
const RESIGNED: u32 = 512;

/// Whether it pays to spin, learnt from how it went. It does where the others run on other CPUs;
/// where they wait for this one, or are slow, it only delays them.
#[cfg_attr(not(all(test, loom)), derive(zerocopy::FromZeros))]
#[derive(Debug)]
pub(super) struct Patience(AtomicU32);

impl Patience {
    const_fn! {
        /// Hopeful.
        pub(super) const fn new() -> Self {
            Self(AtomicU32::new(0))
        }
    }

    /// Waits until there is `enough`, or something that does not grow any more, for some time if
    /// that has been of use lately; says whether there is something. The caller has just seen
    /// that there is nothing.
    pub(super) fn wait(&self, enough: u64, amount: impl Fn() -> u64) -> bool {
        // Relaxed, and not exact where several wait: only time depends on it.
        let before = self.0.load(Relaxed);
        let came = before < DISAPPOINTMENTS && look(enough, amount);
        let now = match before {
            _ if came => 0,
            last if last >= DISAPPOINTMENTS + RESIGNED => DISAPPOINTMENTS - 1,
            _ => before + 1,
        };
        if now != before {
            self.0.store(now, Relaxed);
        }
        came
    }

    /// Where spinning has been of use lately, waits until the little that there is has become
    /// `enough`, or does not grow any more.
    pub(super) fn gather(&self, enough: u64, amount: impl Fn() -> u64) {
        // Relaxed: only time depends on it.
        if self.0.load(Relaxed) < DISAPPOINTMENTS && (1..enough).contains(&amount()) {
            look(enough, amount);
        }
    }

    /// Takes heart if what was wanted came about before the waiter slept.
    pub(super) fn learn(&self, slept: Outcome) {
        if slept == Outcome::Changed {
            self.0.store(0, Relaxed);
        }
    }
}

/// [`Patience::wait`], for as long as it takes at most.
fn look(enough: u64, amount: impl Fn() -> u64) -> bool {
    let mut last = amount();
    for look in 0..spins(LOOKS) {
        (0..PAUSES << look).for_each(|_| spin_loop());
        let now = amount();
        if now >= enough || (now > 0 && now == last) {
            return true;
        }
        last = now;
    }
    last > 0
}

/// The longest run of pauses is two to this.
const MOST_DOUBLINGS: u32 = 6;

/// Pauses that double in length from one to 64, and after those the CPU is given away.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    step: u32,
}

impl Backoff {
    /// Waits a little, longer than the last time.
    pub(super) fn snooze(&mut self) {
        if spins(1) == 0 || self.step > MOST_DOUBLINGS {
            yield_now();
            return;
        }
        for _ in 0..1_u32 << self.step {
            spin_loop();
        }
        self.step += 1;
    }
}
