//! Waiting at words of threads, each call counted.
//!
//! Loom has atomics of its own, which these words are not: no thread is made in its tests, and the
//! calls stand there for the compiler only.

use core::sync::atomic::AtomicU32;

#[cfg(not(all(test, loom)))]
use crate::futex;

/// Where the tasks that meet at a word are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In one process, where tasks alone wake.
    Here,
    /// Where the kernel wakes.
    Anywhere,
}

/// Sleeps while the word is as expected, or less long: the caller looks again.
#[cfg(not(all(test, loom)))]
pub(super) fn wait(word: &AtomicU32, expected: u32, place: Place) {
    futex::wait(word, expected, place.scope(), None);
}

/// Wakes one.
#[cfg(not(all(test, loom)))]
pub(super) fn wake(word: &AtomicU32, place: Place) {
    futex::wake(word, 1, place.scope());
}

#[cfg(not(all(test, loom)))]
impl Place {
    fn scope(self) -> futex::Scope {
        match self {
            Self::Here => futex::Scope::Private,
            Self::Anywhere => futex::Scope::Shared,
        }
    }
}

/// Never called.
#[cfg(all(test, loom))]
pub(super) fn wait(_word: &AtomicU32, _expected: u32, _place: Place) {}

/// Never called.
#[cfg(all(test, loom))]
pub(super) fn wake(_word: &AtomicU32, _place: Place) {}
