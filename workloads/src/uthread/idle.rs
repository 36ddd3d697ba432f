//! Which carriers sleep, and who is woken when there is work: no wake-up is lost, and few are for
//! nothing.
//!
//! A carrier without work becomes a searcher, and if it finds nothing it goes to sleep. Whoever
//! makes work wakes one sleeper, which becomes a searcher by that; but nobody while there is a
//! searcher already, who will find the work or wake another one. The two numbers are one word, so
//! that "there is no searcher, but a sleeper" is looked at and changed in one step:
//!
//! ```text
//! 63 ............ 32 | 31 ............... 0
//! how many search    | a bit for each sleeper
//! ```
//! Work is made before the word is read, and the word is changed before work is looked for a last
//! time, with a fence between the two on both sides:
//!
//! ```text
//! who makes work               searcher that goes to sleep, or the last one that found some
//! make work                    change the word: one searcher fewer, one sleeper more
//! fence                        fence
//! read the word: no searcher,  look for work once more
//!   but a sleeper? wake it
//! ```
//! The fences are sequentially consistent, so one of the two sees what the other wrote.

use alloc::boxed::Box;
use core::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};

use crate::futex::{self, Deadline, Outcome, Scope};
use crate::shim::{AtomicU32, AtomicU64, fence};

/// The most carriers.
pub(super) const MOST: usize = 32;

/// One searcher, in the word.
const SEARCHER: u64 = 1 << 32;

/// The bits of the sleepers, in the word.
const SLEEPERS: u64 = SEARCHER - 1;

/// A carrier's own word: it is asleep, or about to be.
const ASLEEP: u32 = 0;
/// Somebody took its bit, and made it a searcher.
const CALLED: u32 = 1;

/// Who sleeps and who searches.
#[derive(Debug)]
pub(super) struct Idle {
    word: AtomicU64,
    calls: Box<[AtomicU32]>,
}

/// What a carrier sees when it looks for work a last time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Last {
    /// There is something to do.
    Work,
    /// There will be, at this time.
    Until(Deadline),
    /// There is nothing.
    Nothing,
}

impl Idle {
    /// Of so many carriers, at most [`MOST`], none of which sleeps or searches.
    pub(super) fn new(carriers: usize) -> Self {
        let calls = (0..carriers).map(|_| AtomicU32::new(ASLEEP)).collect();
        Self { word: AtomicU64::new(0), calls }
    }

    /// The caller has no work, and looks for some.
    pub(super) fn search(&self) {
        // One searcher more. Relaxed: nothing is concluded from it before the word changes again.
        self.word.fetch_add(SEARCHER, Relaxed);
    }

    /// The caller has found work, and searches no more. `more` looks whether there is more of it.
    pub(super) fn found(&self, more: impl FnOnce() -> bool) {
        // One searcher fewer.
        let before = self.word.fetch_sub(SEARCHER, Relaxed);
        if before & !SLEEPERS != SEARCHER || before & SLEEPERS == 0 {
            return;
        }
        // It was the last one: work may have been made that it kept others from being woken for.
        fence(SeqCst);
        if more() {
            self.wake_one();
        }
    }

    /// The caller has made work that another carrier could do.
    #[inline]
    pub(super) fn made_work(&self) {
        fence(SeqCst);
        self.offer();
    }

    /// As [`Idle::made_work`], for one that is made again and again: without the fence a sleeper may
    /// be overlooked, but not for long.
    #[inline]
    pub(super) fn offer(&self) {
        // Relaxed: the fence before has ordered it; `wake_one` looks again.
        let word = self.word.load(Relaxed);
        if word != 0 && word < SEARCHER {
            self.wake_one();
        }
    }

    /// Wakes a sleeper, unless somebody searches.
    #[cold]
    fn wake_one(&self) {
        let mut word = self.word.load(Relaxed);
        while word != 0 && word < SEARCHER {
            let who = word.trailing_zeros();
            // One sleeper fewer, one searcher more: the same one. Acquire: it has stored ASLEEP.
            let next = (word & !(1 << who)) + SEARCHER;
            match self.word.compare_exchange_weak(word, next, Acquire, Relaxed) {
                Ok(_) => return self.call(who as usize),
                Err(other) => word = other,
            }
        }
    }

    /// Wakes all who sleep, for the last time.
    pub(super) fn wake_all(&self) {
        fence(SeqCst);
        let mut word = self.word.load(Relaxed);
        while word & SLEEPERS != 0 {
            let who = word.trailing_zeros();
            // As in `wake_one`.
            let next = (word & !(1 << who)) + SEARCHER;
            match self.word.compare_exchange_weak(word, next, Acquire, Relaxed) {
                Ok(_) => {
                    self.call(who as usize);
                    word = self.word.load(Relaxed);
                }
                Err(other) => word = other,
            }
        }
    }

    fn call(&self, who: usize) {
        // From ASLEEP to CALLED. Release: what was done before is seen by who wakes up.
        self.calls[who].store(CALLED, Release);
        futex::wake(&self.calls[who], 1, Scope::Private);
    }

    /// A searcher that has found nothing: sleeps until it is called, unless `last` sees something,
    /// or until it is time. It is a searcher again when it returns.
    pub(super) fn sleep(&self, me: usize, last: impl FnOnce() -> Last) {
        // To ASLEEP: who calls this carrier has to take its bit first, which is set below.
        self.calls[me].store(ASLEEP, Relaxed);
        // One searcher fewer, one sleeper more. Release: who takes the bit calls after the store.
        self.word.fetch_sub(SEARCHER - (1 << me), Release);
        fence(SeqCst);
        let seen = last();
        if seen == Last::Work && self.take_back(me) {
            return;
        }
        let deadline = if let Last::Until(deadline) = &seen { Some(deadline) } else { None };
        self.wait(me, deadline);
    }

    fn wait(&self, me: usize, mut deadline: Option<&Deadline>) {
        let call = &self.calls[me];
        // Acquire: what was done before the call is seen.
        while call.load(Acquire) == ASLEEP {
            let outcome = match deadline {
                Some(deadline) => futex::wait_until(call, ASLEEP, Scope::Private, deadline),
                None => futex::wait(call, ASLEEP, Scope::Private, None),
            };
            if outcome == Outcome::TimedOut {
                if self.take_back(me) {
                    return;
                }
                // Called at the same time: the call is under way.
                deadline = None;
            }
        }
    }

    /// Becomes a searcher again of its own accord; false if somebody has called it.
    fn take_back(&self, me: usize) -> bool {
        let mut word = self.word.load(Relaxed);
        while word & (1 << me) != 0 {
            // One sleeper fewer, one searcher more.
            let next = word + SEARCHER - (1 << me);
            match self.word.compare_exchange_weak(word, next, Relaxed, Relaxed) {
                Ok(_) => return true,
                Err(other) => word = other,
            }
        }
        false
    }
}

#[cfg(all(test, loom))]
mod loom_tests;
