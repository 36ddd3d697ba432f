//! A read-write lock that prefers writers.
//!
//! The word, from the top:
//!
//! ```text
//! bit 31      writers wait, at the word `turn`
//! bit 30      readers wait, at this word
//! bits 0-29   0: free;  1 to 2^30-2: so many readers;  2^30-1: a writer
//! ```
//!
//! A reader does not enter past anybody who waits, so writers cannot starve; readers can, under
//! writers without end. Who frees the lock wakes one writer, or if none was asleep, all readers.

mod guard;

use core::marker::PhantomData;
use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};

pub use self::guard::{ReadGuard, RwLock, WriteGuard};
use super::Place;
use super::backoff::{SPINS, spin_until};
use crate::futex;
use crate::shim::{AtomicU32, const_fn};

const FREE: u32 = 0;
const READER: u32 = 1;
const WRITER: u32 = HOLDERS;
const HOLDERS: u32 = (1 << 30) - 1;
const READERS_WAIT: u32 = 1 << 30;
const WRITERS_WAIT: u32 = 1 << 31;

/// Whether nobody holds it.
fn is_free(state: u32) -> bool {
    state & HOLDERS == FREE
}

/// Whether a writer holds it.
fn is_written(state: u32) -> bool {
    state & HOLDERS == WRITER
}

/// Whether readers wait.
fn readers_wait(state: u32) -> bool {
    state & READERS_WAIT != 0
}

/// Whether writers wait.
fn writers_wait(state: u32) -> bool {
    state & WRITERS_WAIT != 0
}

/// Whether one reader more may enter. Not past readers who wait either: that bit on a free lock
/// means that its last holder is about to wake a writer.
fn lets_reader_in(state: u32) -> bool {
    state & HOLDERS < WRITER - 1 && !readers_wait(state) && !writers_wait(state)
}

/// The lock without its value.
#[cfg_attr(not(all(test, loom)), derive(zerocopy::FromZeros))]
#[derive(Debug)]
#[repr(C)]
struct RawRw<P> {
    state: AtomicU32,
    /// Where writers sleep: one more whenever one of them is to wake.
    turn: AtomicU32,
    place: PhantomData<P>,
}

impl<P> RawRw<P> {
    const_fn! {
        const fn new() -> Self {
            Self { state: AtomicU32::new(FREE), turn: AtomicU32::new(0), place: PhantomData }
        }
    }
}

impl<P: Place> RawRw<P> {
    #[inline]
    fn try_read(&self) -> bool {
        // Relaxed: the exchange compares.
        let mut state = self.state.load(Relaxed);
        while lets_reader_in(state) {
            // One reader more. Acquire: see what the last writer wrote.
            match self.state.compare_exchange_weak(state, state + READER, Acquire, Relaxed) {
                Ok(_) => return true,
                Err(other) => state = other,
            }
        }
        false
    }

    #[inline]
    fn read(&self) {
        if !self.try_read() {
            self.read_contended();
        }
    }

    #[cold]
    fn read_contended(&self) {
        loop {
            // Looks until it may enter, or others wait already.
            let state = self.spin(|state| !is_written(state) || readers_wait(state));
            if lets_reader_in(state) {
                if self.try_read() {
                    return;
                }
                continue;
            }
            assert!(state & HOLDERS != WRITER - 1, "too many readers");
            // From whatever it is to the same with readers who wait. Relaxed: takes nothing.
            let marked = state | READERS_WAIT;
            let swapped = self.state.compare_exchange(state, marked, Relaxed, Relaxed);
            if state == marked || swapped.is_ok() {
                futex::wait_while(&self.state, marked, P::SCOPE, None);
            }
        }
    }

    #[inline]
    fn read_unlock(&self) {
        // One reader fewer. Release: the next writer is after this reader's last read.
        let state = self.state.fetch_sub(READER, Release) - READER;
        // Readers wait for a reader only behind a writer.
        if is_free(state) && writers_wait(state) {
            self.pass_on(state);
        }
    }

    #[inline]
    fn try_write(&self) -> bool {
        // Relaxed: the exchange compares.
        let mut state = self.state.load(Relaxed);
        while is_free(state) {
            // From free to a writer's, whoever waits. Acquire: see what the last holders did.
            match self.state.compare_exchange_weak(state, state | WRITER, Acquire, Relaxed) {
                Ok(_) => return true,
                Err(other) => state = other,
            }
        }
        false
    }

    #[inline]
    fn write(&self) {
        // From free, and nobody waits, to a writer's. Acquire: see what the last holders did.
        if self.state.compare_exchange(FREE, WRITER, Acquire, Relaxed).is_err() {
            self.write_contended();
        }
    }

    #[cold]
    fn write_contended(&self) {
        // Who has slept cannot know whether others still do, and keeps the bit set.
        let mut others = 0;
        loop {
            let state = self.spin(|state| is_free(state) || writers_wait(state));
            if is_free(state) {
                // From free to a writer's. Acquire: see what the last holders did.
                let taken = state | WRITER | others;
                if self.state.compare_exchange(state, taken, Acquire, Relaxed).is_ok() {
                    return;
                }
                continue;
            }
            let marked = state | WRITERS_WAIT;
            // From held to the same with writers who wait. Relaxed: takes nothing.
            if state != marked
                && self.state.compare_exchange(state, marked, Relaxed, Relaxed).is_err()
            {
                continue;
            }
            others = WRITERS_WAIT;
            // Acquire: if this is the turn after the bit was cleared, then see it cleared.
            let turn = self.turn.load(Acquire);
            let state = self.state.load(Relaxed);
            if !is_free(state) && writers_wait(state) {
                futex::wait_while(&self.turn, turn, P::SCOPE, None);
            }
        }
    }

    #[inline]
    fn write_unlock(&self) {
        // From a writer's to free. Release: the next holder sees what this one wrote.
        let state = self.state.fetch_sub(WRITER, Release) - WRITER;
        if writers_wait(state) || readers_wait(state) {
            self.pass_on(state);
        }
    }

    /// Wakes those who wait for a lock that was `state`, and free, when its last holder left it.
    /// If an exchange fails because somebody took the lock, waking is that holder's business. The
    /// exchanges are relaxed: they take and give nothing but the waiting bits.
    #[cold]
    fn pass_on(&self, mut state: u32) {
        if state == WRITERS_WAIT {
            // Writers wait to nobody waits: a woken writer sets the bit again for the others.
            match self.state.compare_exchange(state, FREE, Relaxed, Relaxed) {
                Ok(_) => {
                    self.wake_writer();
                    return;
                }
                // Readers may have come to wait too.
                Err(other) => state = other,
            }
        }
        if state == WRITERS_WAIT | READERS_WAIT {
            // Both wait to readers wait, who keep others from reading until the writer is done.
            if self.state.compare_exchange(state, READERS_WAIT, Relaxed, Relaxed).is_err()
                || self.wake_writer()
            {
                return;
            }
            // No writer slept: one may be on its way to sleep and turn back, or none is left.
            state = READERS_WAIT;
        }
        if state == READERS_WAIT
            && self.state.compare_exchange(state, FREE, Relaxed, Relaxed).is_ok()
        {
            // Readers wait to nobody waits.
            futex::wake(&self.state, futex::ALL, P::SCOPE);
        }
    }

    /// Wakes a writer; false if none was asleep.
    fn wake_writer(&self) -> bool {
        // One turn more. Release: pairs with the load in `write_contended`.
        self.turn.fetch_add(1, Release);
        futex::wake(&self.turn, 1, P::SCOPE) > 0
    }

    /// Looks at the word until `done`, or for long enough. Relaxed: a hint.
    fn spin(&self, done: impl Fn(u32) -> bool) -> u32 {
        let mut state = FREE;
        spin_until(SPINS, || {
            state = self.state.load(Relaxed);
            done(state)
        });
        state
    }
}

#[cfg(test)]
mod tests;
