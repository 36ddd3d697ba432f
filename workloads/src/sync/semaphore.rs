//! A counting semaphore: permits that anybody may give and take.
//!
//! Who finds no permit sleeps at a word of its own, which only ever counts up, and not at the
//! number of permits: that may be zero again, after a wake and a quicker taker, before the sleeper
//! comes to sleep, and then it would sleep without anybody knowing.

use core::marker::PhantomData;
use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use super::backoff::Patience;
use super::sleepers::Sleepers;
use super::{Place, Private, ProcessShared};
use crate::futex;
use crate::shim::{AtomicU32, const_fn};

/// A number of permits.
#[cfg_attr(not(all(test, loom)), derive(zerocopy::FromZeros))]
#[derive(Debug)]
#[repr(C)]
pub struct Semaphore<P = Private> {
    permits: AtomicU32,
    /// One more with each wake.
    turn: AtomicU32,
    sleepers: Sleepers,
    patience: Patience,
    place: PhantomData<P>,
}

impl Semaphore {
    const_fn! {
        /// A semaphore with `permits` to begin with.
        pub const fn new(permits: u32) -> Self {
            Self::of_place(permits)
        }
    }
}

impl Semaphore<ProcessShared> {
    const_fn! {
        /// A semaphore with `permits` to begin with, for memory that processes share.
        pub const fn new_shared(permits: u32) -> Self {
            Self::of_place(permits)
        }
    }
}

impl<P> Semaphore<P> {
    const_fn! {
        const fn of_place(permits: u32) -> Self {
            Self {
                permits: AtomicU32::new(permits),
                turn: AtomicU32::new(0),
                sleepers: Sleepers::new(),
                patience: Patience::new(),
                place: PhantomData,
            }
        }
    }
}

impl<P: Place> Semaphore<P> {
    /// Takes a permit, when there is one.
    #[inline]
    pub fn acquire(&self) {
        if !self.try_acquire() {
            self.acquire_contended();
        }
    }

    /// Takes a permit if there is one.
    #[inline]
    pub fn try_acquire(&self) -> bool {
        // Relaxed: the exchange reads again.
        let mut permits = self.permits.load(Relaxed);
        while permits > 0 {
            // One fewer. Acquire: see what was written before the permit was given.
            match self.permits.compare_exchange_weak(permits, permits - 1, Acquire, Relaxed) {
                Ok(_) => return true,
                Err(other) => permits = other,
            }
        }
        false
    }

    #[cold]
    fn acquire_contended(&self) {
        loop {
            // Relaxed: a hint, here and below.
            if !self.patience.wait(1, || self.permits.load(Relaxed).into()) {
                // Before the entry, so that the wake for the entry comes with a later turn.
                let turn = self.turn.load(Relaxed);
                self.sleepers.enter();
                // After it: a permit that is given from now on comes with a wake.
                if self.permits.load(Relaxed) == 0 {
                    self.patience.learn(futex::wait_while(&self.turn, turn, P::SCOPE, None));
                }
            }
            if self.try_acquire() {
                return;
            }
        }
    }

    /// Gives `permits`, of which there may be [`u32::MAX`] in all, and wakes as many sleepers.
    #[inline]
    pub fn release(&self, permits: u32) {
        // More by those. Release: who takes one sees what was written before.
        self.permits.fetch_add(permits, Release);
        let sleepers = self.sleepers.claim(permits);
        if sleepers > 0 {
            self.wake(sleepers);
        }
    }

    #[cold]
    fn wake(&self, sleepers: u32) {
        // One turn more: who is entered and not yet asleep will not sleep. Relaxed: the fence of
        // `claim` has ordered it after the entries.
        self.turn.fetch_add(1, Relaxed);
        futex::wake(&self.turn, sleepers, P::SCOPE);
    }

    /// How many permits there are now.
    pub fn available(&self) -> u32 {
        // Relaxed: old when it is returned.
        self.permits.load(Relaxed)
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::sync::atomic::AtomicU64;
    use std::sync::atomic::Ordering::SeqCst;
    use std::thread;

    use super::super::testing::{Calls, ROUNDS, together};
    use super::Semaphore;

    #[test]
    fn counts() {
        let semaphore = Semaphore::new(2);
        assert!(semaphore.try_acquire() && semaphore.try_acquire());
        assert!(!semaphore.try_acquire());
        semaphore.release(3);
        assert_eq!(semaphore.available(), 3);
    }

    #[test]
    fn lets_in_as_many_as_it_has_permits() {
        let (semaphore, inside) = (Semaphore::new(2), AtomicU64::new(0));
        together(|| {
            for _ in 0..ROUNDS {
                semaphore.acquire();
                assert!(inside.fetch_add(1, SeqCst) < 2);
                inside.fetch_sub(1, SeqCst);
                semaphore.release(1);
            }
        });
        assert_eq!(semaphore.available(), 2);
    }

    #[test]
    #[cfg_attr(miri, ignore = "maps memory")]
    fn sleepers_are_woken_by_one_call() {
        let semaphore = Semaphore::new(0);
        let calls = Calls::at(&semaphore);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| semaphore.acquire());
            }
            calls.until_waits(2);
            semaphore.release(2);
        });
        calls.check(2, 1);
    }

    #[test]
    #[cfg_attr(miri, ignore = "maps memory")]
    fn uncontended_makes_no_call() {
        let semaphore = Semaphore::new(1);
        let calls = Calls::at(&semaphore);
        for _ in 0..1000 {
            semaphore.acquire();
            semaphore.release(1);
        }
        calls.check(0, 0);
    }
}
