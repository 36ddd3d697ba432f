//! A spinlock: no futex, only ever longer pauses.
//!
//! The pauses double from one to 64; then, some microseconds in, each further look is preceded by
//! `sched_yield(2)`, so that a holder which was preempted on the same CPU comes to run.

use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use super::backoff::Backoff;
use super::lock::{Lock, RawLock};
use super::sealed::Sealed;
use crate::shim::{AtomicU32, const_fn};

/// A value that one thread at a time reaches, and the others burn their CPU for.
pub type SpinLock<T> = Lock<RawSpin, T>;

impl<T> SpinLock<T> {
    const_fn! {
        /// A free lock over `value`. It serves memory that processes share just as well.
        pub const fn new(value: T) -> Self {
            Self::from_raw(RawSpin::new(), value)
        }
    }
}

const FREE: u32 = 0;
const HELD: u32 = 1;

/// The spinlock without its value.
#[cfg_attr(not(all(test, loom)), derive(zerocopy::FromZeros))]
#[derive(Debug)]
#[repr(C)]
pub struct RawSpin {
    state: AtomicU32,
}

impl RawSpin {
    const_fn! {
        /// A free lock.
        const fn new() -> Self {
            Self { state: AtomicU32::new(FREE) }
        }
    }

    #[cold]
    fn lock_contended(&self) {
        let mut backoff = Backoff::default();
        loop {
            // Relaxed, and a load: spinning on a write would take the line from the holder.
            while self.state.load(Relaxed) != FREE {
                backoff.snooze();
            }
            if self.try_lock() {
                return;
            }
        }
    }
}

impl Sealed for RawSpin {}

impl RawLock for RawSpin {
    #[inline]
    fn lock(&self) {
        if !self.try_lock() {
            self.lock_contended();
        }
    }

    #[inline]
    fn try_lock(&self) -> bool {
        // From free to held. Acquire: see what the last holder wrote.
        self.state.compare_exchange(FREE, HELD, Acquire, Relaxed).is_ok()
    }

    #[inline]
    fn unlock(&self) {
        // From held to free. Release: the next holder sees what this one wrote.
        self.state.store(FREE, Release);
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::super::testing::stress;
    use super::SpinLock;

    #[test]
    fn one_holder() {
        let lock = SpinLock::new(());
        let guard = lock.lock();
        assert!(lock.try_lock().is_none());
        drop(guard);
        assert!(lock.try_lock().is_some());
    }

    #[test]
    fn excludes() {
        stress(&SpinLock::new((0, 0)));
    }
}
