//! The idle protocol under loom: a carrier that sleeps on work is a deadlock of the model.

use loom::sync::Arc;
use loom::sync::atomic::AtomicU32;
use loom::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};
use loom::thread;

use super::{Idle, Last};
use crate::futex::{self, Scope};

/// Carriers, and pieces of work that anybody can take.
struct Pool {
    idle: Idle,
    work: AtomicU32,
    done: AtomicU32,
    all: u32,
    /// The first piece that is taken stalls its carrier until the other is done.
    stalls: AtomicU32,
}

impl Pool {
    fn new(carriers: usize, all: u32, stalls: bool) -> Arc<Self> {
        Arc::new(Self {
            idle: Idle::new(carriers),
            work: AtomicU32::new(0),
            done: AtomicU32::new(0),
            all,
            stalls: AtomicU32::new(u32::from(stalls)),
        })
    }

    fn make_work(&self) {
        self.work.fetch_add(1, Relaxed);
        self.idle.made_work();
    }

    fn take(&self) -> bool {
        self.work.fetch_update(Relaxed, Relaxed, |work| work.checked_sub(1)).is_ok()
    }

    fn has_work(&self) -> bool {
        self.work.load(Relaxed) > 0
    }

    /// Does a piece of work.
    fn work(&self) {
        if self.stalls.swap(0, Relaxed) == 1 {
            while self.done.load(Acquire) == 0 {
                futex::wait_while(&self.done, 0, Scope::Private, None);
            }
        }
        let done = self.done.fetch_add(1, AcqRel) + 1;
        futex::wake(&self.done, 1, Scope::Private);
        if done == self.all {
            self.idle.wake_all();
        }
    }

    /// A carrier's life.
    fn carry(&self, me: usize) {
        self.idle.search();
        while self.done.load(Relaxed) < self.all {
            if self.take() {
                self.idle.found(|| self.has_work());
                self.work();
                self.idle.search();
            } else {
                self.idle.sleep(me, || {
                    let over = self.done.load(Relaxed) == self.all;
                    if over || self.has_work() { Last::Work } else { Last::Nothing }
                });
            }
        }
    }
}

/// Two pieces of work from outside, for so many carriers.
fn two_pieces(carriers: usize, stalls: bool) {
    let mut model = loom::model::Builder::new();
    // Three threads and two sleeps each are too much for more.
    model.preemption_bound = model.preemption_bound.map(|bound| bound.min(2));
    model.check(move || {
        let pool = Pool::new(carriers, 2, stalls);
        let carriers: Vec<_> = (0..carriers)
            .map(|me| {
                let pool = Arc::clone(&pool);
                thread::spawn(move || pool.carry(me))
            })
            .collect();
        pool.make_work();
        pool.make_work();
        for carrier in carriers {
            carrier.join().expect("a carrier does not panic");
        }
    });
}

#[test]
fn one_carrier_is_woken_for_work_from_outside() {
    two_pieces(1, false);
}

#[test]
fn of_two_carriers_none_sleeps_on_work() {
    two_pieces(2, false);
}

/// A searcher keeps the other from being woken; when it has found work and stalls, the other must
/// be awake for the second piece.
#[test]
fn work_does_not_wait_for_a_stalled_carrier() {
    two_pieces(2, true);
}
