//! A barrier: nobody leaves a round before all have come.
//!
//! Arrivals are numbered for ever. With `n` parties, arrivals `r*n .. (r+1)*n` are round `r`, and
//! the last of them opens it by adding one to the number of rounds that are open. A fast thread
//! that arrives again is in the next round by its number, whoever else is still on the way out.

use core::marker::PhantomData;
use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};

use super::backoff::Patience;
use super::sleepers::Sleepers;
use super::{Place, Private, ProcessShared};
use crate::futex;
use crate::shim::{AtomicU32, AtomicU64, const_fn};

/// Where a fixed number of threads wait for each other, again and again.
#[cfg_attr(not(all(test, loom)), derive(zerocopy::FromZeros))]
#[derive(Debug)]
#[repr(C)]
pub struct Barrier<P = Private> {
    arrivals: AtomicU64,
    parties: AtomicU32,
    /// Rounds that have been opened, around to zero.
    opened: AtomicU32,
    sleepers: Sleepers,
    patience: Patience,
    place: PhantomData<P>,
}

impl Barrier {
    const_fn! {
        /// A barrier for `parties`; with none or one nobody ever waits.
        pub const fn new(parties: u32) -> Self {
            Self::of_place(parties)
        }
    }
}

impl Barrier<ProcessShared> {
    const_fn! {
        /// A barrier for `parties`, for memory that processes share.
        pub const fn new_shared(parties: u32) -> Self {
            Self::of_place(parties)
        }
    }
}

impl<P> Barrier<P> {
    const_fn! {
        const fn of_place(parties: u32) -> Self {
            Self {
                arrivals: AtomicU64::new(0),
                parties: AtomicU32::new(parties),
                opened: AtomicU32::new(0),
                sleepers: Sleepers::new(),
                patience: Patience::new(),
                place: PhantomData,
            }
        }
    }
}

impl<P: Place> Barrier<P> {
    /// Says how many parties there are. Before anybody comes: for a barrier in memory that began
    /// as zeroes.
    pub fn set_parties(&self, parties: u32) {
        // Relaxed: whoever comes has been told of the barrier after this.
        self.parties.store(parties, Relaxed);
    }

    /// Waits until as many have come as there are parties. True for the one that came last.
    pub fn wait(&self) -> bool {
        // Relaxed: it does not change.
        let parties = u64::from(self.parties.load(Relaxed).max(1));
        // One more. The release of each arrival and the acquire of the last pass on what all
        // parties wrote.
        let arrival = self.arrivals.fetch_add(1, AcqRel);
        let round = arrival / parties;
        if arrival % parties == parties - 1 {
            // One round more. Release: passes it on to all who leave. Acquire keeps the chain
            // whole when the openers of two rounds come in the wrong order.
            self.opened.fetch_add(1, AcqRel);
            let sleepers = self.sleepers.claim(futex::ALL);
            if sleepers > 0 {
                futex::wake(&self.opened, futex::ALL, P::SCOPE);
            }
            return true;
        }
        // The low half of the number, as `opened` has it.
        #[expect(clippy::cast_possible_truncation, reason = "the word counts around to zero")]
        let round = round as u32;
        while !(self.is_open(round) || self.patience.wait(1, || self.is_open(round).into())) {
            // Acquire, here and in `is_open`: see what the others wrote before they arrived.
            let opened = self.opened.load(Acquire);
            self.sleepers.enter();
            if !self.is_open(round) {
                self.patience.learn(futex::wait_while(&self.opened, opened, P::SCOPE, None));
            }
        }
        false
    }

    /// Whether `round` is open: whether the number of open rounds is past it. The difference is
    /// small, so its sign is right around zero too.
    fn is_open(&self, round: u32) -> bool {
        self.opened.load(Acquire).wrapping_sub(round).cast_signed() > 0
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::sync::atomic::AtomicU64;
    use std::sync::atomic::Ordering::Relaxed;
    use std::thread;

    use super::super::testing::{Calls, ROUNDS, THREADS, together};
    use super::Barrier;

    #[test]
    fn one_party_never_waits() {
        assert!(Barrier::new(0).wait());
        let barrier = Barrier::new(1);
        assert!(barrier.wait() && barrier.wait());
    }

    #[test]
    fn all_come_before_any_goes() {
        let barrier = Barrier::new(u32::try_from(THREADS).expect("a few"));
        let (came, last) = (AtomicU64::new(0), AtomicU64::new(0));
        let rounds = ROUNDS / 10;
        together(|| {
            for round in 1..=rounds {
                came.fetch_add(1, Relaxed);
                last.fetch_add(u64::from(barrier.wait()), Relaxed);
                assert!(came.load(Relaxed) >= round * THREADS);
                barrier.wait();
            }
        });
        assert_eq!(last.load(Relaxed), rounds);
    }

    #[test]
    fn more_threads_than_parties() {
        let barrier = Barrier::new(2);
        let (came, last) = (AtomicU64::new(0), AtomicU64::new(0));
        // An even number, or the last would wait for ever.
        let arrivals = ROUNDS / 10 * 2;
        together(|| {
            while came.fetch_add(1, Relaxed) < arrivals {
                last.fetch_add(u64::from(barrier.wait()), Relaxed);
            }
        });
        assert_eq!(last.load(Relaxed), arrivals / 2);
    }

    #[test]
    #[cfg_attr(miri, ignore = "maps memory")]
    fn the_last_wakes_all_by_one_call() {
        let barrier = Barrier::new(3);
        let calls = Calls::at(&barrier);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| assert!(!barrier.wait()));
            }
            calls.until_waits(2);
            assert!(barrier.wait());
        });
        calls.check(2, 1);
    }
}
