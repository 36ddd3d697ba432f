//! A number that only grows, and that others wait for, in this process or in one that shares it.

use core::sync::atomic::{AtomicU32, Ordering};
use core::time::Duration;

use zerocopy::FromZeros;

use crate::futex::{self, Deadline, Outcome, Scope};

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
        futex::wake(&self.0, futex::ALL, Scope::Shared);
    }

    /// Waits until it is at least `least`.
    pub fn wait(&self, least: u32) {
        self.wait_until(least, None);
    }

    /// Waits until it is at least `least`, at most so long; whether it is.
    pub fn wait_for(&self, least: u32, time: Duration) -> bool {
        self.wait_until(least, Some(&Deadline::after(time)))
    }

    fn wait_until(&self, least: u32, deadline: Option<&Deadline>) -> bool {
        loop {
            let now = self.get();
            if now >= least {
                return true;
            }
            let outcome = futex::wait_while(&self.0, now, Scope::Shared, deadline);
            if outcome == Outcome::TimedOut {
                return self.get() >= least;
            }
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
