//! Waiting without sleeping, for a bounded time.

use crate::shim::{spin_loop, spins, yield_now};

/// Looks at `done` up to `times` times with a pause between, and says whether it came true.
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
        spin_loop();
    }
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
