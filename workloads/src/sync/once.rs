//! Something that is done once, and a cell that is filled once.

mod cell;

use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};

pub use self::cell::OnceCell;
use crate::futex::{self, Scope};
use crate::shim::{AtomicU32, const_fn};

/// Not done, and nobody is at it.
const UNDONE: u32 = 0;
/// Somebody is at it.
const RUNNING: u32 = 1;
/// Somebody is at it, and others may sleep until it is done.
const AWAITED: u32 = 2;
/// Done.
const DONE: u32 = 3;

/// Runs one of the closures that it is given.
#[derive(Debug)]
pub struct Once {
    state: AtomicU32,
}

impl Once {
    const_fn! {
        /// Nothing done yet.
        pub const fn new() -> Self {
            Self { state: AtomicU32::new(UNDONE) }
        }
    }

    /// Whether it is done, and what it did can be seen.
    #[inline]
    pub fn is_done(&self) -> bool {
        // Acquire: see what the closure wrote.
        self.state.load(Acquire) == DONE
    }

    /// Runs `work` if none has run, or waits for the one that does. If that one unwinds, the next
    /// runs.
    #[inline]
    pub fn call(&self, work: impl FnOnce()) {
        if !self.is_done() {
            self.call_undone(work);
        }
    }

    #[cold]
    fn call_undone(&self, work: impl FnOnce()) {
        loop {
            // From undone to running: ours to do. Acquire: see what one that unwound has done,
            // or, where it fails, what one that was done.
            match self.state.compare_exchange(UNDONE, RUNNING, Acquire, Acquire) {
                Ok(_) => {
                    let mut end = End { once: self, state: UNDONE };
                    work();
                    end.state = DONE;
                    return;
                }
                Err(DONE) => return,
                Err(RUNNING) => {
                    // From running to awaited. Relaxed: takes nothing; if it fails, the loop
                    // looks again.
                    let awaited = self.state.compare_exchange(RUNNING, AWAITED, Relaxed, Relaxed);
                    if awaited.is_err() {
                        continue;
                    }
                }
                Err(_) => {}
            }
            futex::wait_while(&self.state, AWAITED, Scope::Private, None);
        }
    }
}

impl Default for Once {
    fn default() -> Self {
        Self::new()
    }
}

/// Sets the state when the work ends, also by unwinding.
struct End<'a> {
    once: &'a Once,
    state: u32,
}

impl Drop for End<'_> {
    fn drop(&mut self) {
        // From running to done, or back to undone. Release: who sees it sees the work.
        if self.once.state.swap(self.state, Release) == AWAITED {
            futex::wake(&self.once.state, futex::ALL, Scope::Private);
        }
    }
}

#[cfg(test)]
mod tests;
