//! A number that only grows, and that others wait for, in this process or in one that shares it.

use core::sync::atomic::{AtomicU32, Ordering};
use core::time::Duration;

use rustix::io::Errno;
use rustix::thread::futex;
use zerocopy::FromZeros;

use crate::clock;

/// The number.
#[derive(Debug, Default, FromZeros)]
#[repr(transparent)]
pub struct Word(AtomicU32);

impl Word {
    /// Zero.
    pub const fn new() -> Self {
        Self(AtomicU32::new(0))
    }

    /// The number; what its writer did before is seen.
    pub fn get(&self) -> u32 {
        self.0.load(Ordering::Acquire)
    }

    /// Adds to it, and wakes all that wait. May be called by the handler of a signal.
    pub fn add(&self, count: u32) {
        // Release: what the caller did before is seen by those that wait.
        self.0.fetch_add(count, Ordering::Release);
        let woken = futex::wake(&self.0, futex::Flags::empty(), i32::MAX.cast_unsigned());
        debug_assert!(woken.is_ok(), "a word that is there");
    }

    /// Waits until it is at least `least`.
    pub fn wait(&self, least: u32) {
        loop {
            let now = self.get();
            if now >= least {
                return;
            }
            let woken = futex::wait(&self.0, futex::Flags::empty(), now, None);
            debug_assert!(
                matches!(woken, Ok(()) | Err(Errno::AGAIN | Errno::INTR)),
                "a word that is there"
            );
        }
    }

    /// Waits until it is at least `least`, at most so long; whether it is.
    pub fn wait_for(&self, least: u32, time: Duration) -> bool {
        let end =
            clock::now_ns().saturating_add(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
        loop {
            let now = self.get();
            let left = end.saturating_sub(clock::now_ns());
            if now >= least || left == 0 {
                return now >= least;
            }
            let left = clock::timespec(Duration::from_nanos(left));
            let woken = futex::wait(&self.0, futex::Flags::empty(), now, Some(&left));
            debug_assert!(
                matches!(woken, Ok(()) | Err(Errno::AGAIN | Errno::INTR | Errno::TIMEDOUT)),
                "a word that is there"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use super::Word;

    #[test]
    fn a_waiter_sees_what_was_added() {
        let word = Word::new();
        std::thread::scope(|scope| {
            scope.spawn(|| word.wait(3));
            word.add(1);
            word.add(2);
        });
        assert!(word.wait_for(3, Duration::ZERO));
        assert!(!word.wait_for(4, Duration::from_millis(1)));
    }
}
