//! Whether a user thread runs, waits, or is on its way from one to the other.
//!
//! A thread that parks leaves its stack in two steps, since nobody may go on on a stack that is
//! still in use: it says that it parks, switches, and whoever runs next on that carrier says that
//! it has parked. A wake may come before, between and after.
//!
//! ```text
//! RUNNING --prepare--> PARKING --commit--> PARKED
//!    |                    |                   |
//!   wake                 wake                wake: the waker makes it run
//!    v                    v                   v
//!  WOKEN               REQUEUE             RUNNING
//!    | prepare: does      | commit: the one
//!    v not park           v who commits makes it run
//! RUNNING              RUNNING
//! ```
//! Every step is a read-modify-write, also a wake that changes nothing: so each step sees what was
//! written before any wake that came earlier, and no reason for a wake is overlooked.

use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};

use crate::shim::AtomicU32;

/// It runs, or is in a run queue.
const RUNNING: u32 = 0;
/// It runs, and is not to park next time: what it waits for may have come.
const WOKEN: u32 = 1;
/// It has said that it parks, and may be on its stack still.
const PARKING: u32 = 2;
/// It is off its stack, and waits.
pub(super) const PARKED: u32 = 3;
/// A wake came while it was [`PARKING`].
const REQUEUE: u32 = 4;

/// The word of one user thread.
#[derive(Debug)]
pub(super) struct Parking(AtomicU32);

/// What a wake has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wake {
    /// Nothing that counts: the thread has not parked.
    Noted,
    /// It ended a park that was not complete; who completes it makes the thread run.
    Caught,
    /// It ended a park: the waker has to make the thread run.
    Ended,
}

impl Parking {
    /// Of a thread that is about to run.
    pub(super) fn new() -> Self {
        Self(AtomicU32::new(RUNNING))
    }

    /// The thread itself: is about to park. False if it must not, and look again at what it waits
    /// for.
    pub(super) fn prepare(&self) -> bool {
        // RUNNING to PARKING. Acquire, also on failure: see why a wake came.
        let parks = self.0.compare_exchange(RUNNING, PARKING, AcqRel, Acquire).is_ok();
        if !parks {
            // WOKEN to RUNNING: the wake is used up. Acquire: it may have been more than one.
            self.0.swap(RUNNING, AcqRel);
        }
        parks
    }

    /// Whoever runs after it on its carrier: it is off its stack. False if it has to be made to run.
    pub(super) fn commit(&self) -> bool {
        // PARKING to PARKED. Release: who makes it run sees its stack as it left it.
        let parked = self.0.compare_exchange(PARKING, PARKED, AcqRel, Acquire).is_ok();
        if !parked {
            // REQUEUE to RUNNING. Acquire: the thread will see why a wake came.
            self.0.swap(RUNNING, AcqRel);
        }
        parked
    }

    /// Anybody: what it waits for has come, perhaps.
    pub(super) fn wake(&self) -> Wake {
        let mut now = self.0.load(Relaxed);
        loop {
            let (next, wake) = match now {
                RUNNING | WOKEN => (WOKEN, Wake::Noted),
                PARKING => (REQUEUE, Wake::Caught),
                PARKED => (RUNNING, Wake::Ended),
                _ => (REQUEUE, Wake::Noted),
            };
            // Release: the thread sees why. Acquire: its stack is seen as it left it.
            match self.0.compare_exchange_weak(now, next, AcqRel, Relaxed) {
                Ok(_) => return wake,
                Err(other) => now = other,
            }
        }
    }

    /// The word itself, for a kernel thread to sleep on while it is [`PARKED`].
    pub(super) fn word(&self) -> &AtomicU32 {
        &self.0
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{Parking, Wake};

    #[test]
    fn a_wake_before_keeps_it_from_parking() {
        let parking = Parking::new();
        assert_eq!(parking.wake(), Wake::Noted);
        assert_eq!(parking.wake(), Wake::Noted);
        assert!(!parking.prepare(), "woken before");
        assert!(parking.prepare(), "both wakes are used up");
    }

    #[test]
    fn a_wake_between_ends_the_park_once() {
        let parking = Parking::new();
        assert!(parking.prepare());
        assert_eq!(parking.wake(), Wake::Caught);
        assert_eq!(parking.wake(), Wake::Noted);
        assert!(!parking.commit(), "to be queued again");
        assert!(parking.prepare(), "no wake is left");
    }

    #[test]
    fn a_wake_after_ends_it() {
        let parking = Parking::new();
        assert!(parking.prepare());
        assert!(parking.commit());
        assert_eq!(parking.wake(), Wake::Ended);
        assert_eq!(parking.wake(), Wake::Noted);
    }
}

#[cfg(all(test, loom))]
mod loom_tests {
    #![expect(unsafe_code, reason = "the model watches plain data for races")]

    use core::sync::atomic::Ordering::{Acquire, Release};

    use loom::sync::Arc;
    use loom::sync::atomic::AtomicU32;
    use loom::thread;

    use super::{Parking, Wake};
    use crate::shim::UnsafeCell;

    struct Sleeper {
        parking: Parking,
        granted: AtomicU32,
        data: UnsafeCell<u32>,
        queue: (loom::sync::Mutex<u32>, loom::sync::Condvar),
    }

    impl Sleeper {
        /// What a carrier does with a thread that can run.
        fn queue(&self) {
            *self.queue.0.lock().expect("nobody panics") += 1;
            self.queue.1.notify_one();
        }

        /// Until a carrier takes it: blocks for ever if a wake is lost.
        fn dequeue(&self) {
            let mut queued = self.queue.0.lock().expect("nobody panics");
            while *queued == 0 {
                queued = self.queue.1.wait(queued).expect("nobody panics");
            }
            *queued -= 1;
            assert_eq!(*queued, 0, "queued twice");
        }

        fn wake(&self) {
            if self.parking.wake() == Wake::Ended {
                self.queue();
            }
        }
    }

    /// One waits for a grant while another grants, and a third wakes for no reason.
    #[test]
    fn no_grant_is_lost_and_nobody_is_queued_twice() {
        loom::model(|| {
            let sleeper = Arc::new(Sleeper {
                parking: Parking::new(),
                granted: AtomicU32::new(0),
                data: UnsafeCell::new(0),
                queue: (loom::sync::Mutex::new(0), loom::sync::Condvar::new()),
            });
            let (granter, idler) = (Arc::clone(&sleeper), Arc::clone(&sleeper));
            let granter = thread::spawn(move || {
                // SAFETY: the sleeper looks after the grant alone.
                granter.data.with_mut(|data| unsafe { *data = 7 });
                granter.granted.store(1, Release);
                granter.wake();
            });
            let idler = thread::spawn(move || idler.wake());
            // Acquire: what the granter wrote is seen.
            while sleeper.granted.load(Acquire) == 0 {
                if sleeper.parking.prepare() {
                    if !sleeper.parking.commit() {
                        sleeper.queue();
                    }
                    sleeper.dequeue();
                }
            }
            // SAFETY: the granter wrote before it granted.
            assert_eq!(sleeper.data.with(|data| unsafe { *data }), 7);
            granter.join().unwrap();
            idler.join().unwrap();
        });
    }
}
