//! How many tasks sleep at a futex word, so that nobody makes a wake call for nobody.
//!
//! What they wait for and this number are two atomics, each written by one side and read by the
//! other:
//!
//! ```text
//! sleeper                                  waker
//! enter(): number += 1, fence              it comes about
//! looks whether it has come about          claim(): fence, number is read
//! ```
//!
//! The fences are sequentially consistent, so one side sees the other. A waker takes those that it
//! is about to wake out of the number, so that the next one does not wake them again; and it has
//! changed the word to a value that it never had. So who is taken out before it sleeps will not
//! sleep: it has read the word before it entered, and the kernel compares. A sleeper takes out
//! nothing. The number is therefore never below that of the real sleepers less those to
//! whom a wake is under way, and it is above it after a wait that ended without a wake (the word
//! changed first, or the time was up); each such excess costs one call that wakes nobody.

use core::sync::atomic::Ordering::{Relaxed, SeqCst};

use crate::shim::{AtomicU32, const_fn, fence};

/// The number of sleepers.
#[cfg_attr(not(all(test, loom)), derive(zerocopy::FromZeros))]
#[derive(Debug)]
pub(super) struct Sleepers(AtomicU32);

impl Sleepers {
    const_fn! {
        /// Nobody.
        pub(super) const fn new() -> Self {
            Self(AtomicU32::new(0))
        }
    }

    /// Announces that the caller is about to sleep.
    pub(super) fn enter(&self) {
        let mut now = self.0.load(Relaxed);
        // One more, but never around to zero: timeouts without a wake only ever add. Relaxed, as
        // the fence below is what orders it.
        while let Err(other) =
            self.0.compare_exchange_weak(now, now.saturating_add(1), Relaxed, Relaxed)
        {
            now = other;
        }
        fence(SeqCst);
    }

    /// Takes up to `most` sleepers, and returns how many; the caller owes each a wake.
    #[inline]
    pub(super) fn claim(&self, most: u32) -> u32 {
        fence(SeqCst);
        let now = self.0.load(Relaxed);
        if now == 0 { 0 } else { self.claim_from(now, most) }
    }

    #[cold]
    fn claim_from(&self, mut now: u32, most: u32) -> u32 {
        loop {
            let taken = now.min(most);
            // Fewer by those that are taken. Relaxed, as the fence before has ordered the read.
            match self.0.compare_exchange_weak(now, now - taken, Relaxed, Relaxed) {
                Ok(_) => return taken,
                Err(other) => now = other,
            }
        }
    }
}
