//! A mutex that keeps only the user thread waiting.
//!
//! ```text
//! UNLOCKED   free
//! LOCKED     held; nobody waits
//! CONTENDED  held; somebody waits, or did
//! ```
//! Who unlocks a contended mutex hands it over to the one who waited longest: it never becomes free
//! in between. So each `lock` that finds it held parks once, which makes the number of parks a
//! matter of the schedule alone.
#![expect(unsafe_code, reason = "a lock hands out references to what it guards")]

use alloc::collections::VecDeque;
use core::cell::UnsafeCell;
use core::fmt;
use core::ops::{Deref, DerefMut};
use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};

use super::fiber::Handle;
use crate::shim::AtomicU32;
use crate::sync;

const UNLOCKED: u32 = 0;
const LOCKED: u32 = 1;
const CONTENDED: u32 = 2;

/// A value that one user thread at a time reaches.
pub struct Mutex<T: ?Sized> {
    state: AtomicU32,
    waiters: sync::Mutex<VecDeque<Handle>>,
    value: UnsafeCell<T>,
}

// SAFETY: only the holder reaches the value, and there is one at a time.
unsafe impl<T: ?Sized + Send> Sync for Mutex<T> {}
// SAFETY: who owns the mutex owns the value.
unsafe impl<T: ?Sized + Send> Send for Mutex<T> {}

/// Holds a [`Mutex`]; dropping it gives the mutex back. It can go with its user thread to another
/// carrier.
#[must_use = "the mutex is given back at once"]
#[derive(Debug)]
pub struct MutexGuard<'a, T: ?Sized> {
    mutex: &'a Mutex<T>,
}

impl<T> Mutex<T> {
    /// A free one over `value`.
    pub fn new(value: T) -> Self {
        Self {
            state: AtomicU32::new(UNLOCKED),
            waiters: sync::Mutex::new(VecDeque::new()),
            value: UnsafeCell::new(value),
        }
    }
}

impl<T: ?Sized> Mutex<T> {
    /// Takes it, when it is the caller's turn.
    pub fn lock(&self) -> MutexGuard<'_, T> {
        // From free to held. Acquire: see what the last holder wrote.
        if self.state.compare_exchange(UNLOCKED, LOCKED, Acquire, Relaxed).is_err() {
            self.wait();
        }
        MutexGuard { mutex: self }
    }

    #[cold]
    fn wait(&self) {
        let me = super::me();
        {
            let mut waiters = self.waiters.lock();
            // From whatever it is to contended: the holder will come for the list, which is locked.
            // Acquire: if it was free, it is ours now. Release: it may have been contended before.
            if self.state.swap(CONTENDED, AcqRel) == UNLOCKED {
                return;
            }
            waiters.push_back(Handle::of(me));
        }
        // The grant is the mutex: it is ours when this returns.
        me.wait();
    }

    fn unlock(&self) {
        // From held to free. Release: the next holder sees what this one wrote.
        if self.state.compare_exchange(LOCKED, UNLOCKED, Release, Relaxed).is_err() {
            self.hand_over();
        }
    }

    #[cold]
    fn hand_over(&self) {
        let mut waiters = self.waiters.lock();
        match waiters.pop_front() {
            Some(next) => {
                if waiters.is_empty() {
                    // Contended to held, by `next`; nobody else changes it while the list is locked.
                    self.state.store(LOCKED, Relaxed);
                }
                drop(waiters);
                next.grant();
            }
            // Contended to free: its holder found it free when it came to wait.
            None => self.state.store(UNLOCKED, Release),
        }
    }
}

impl<T: ?Sized> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: the guard holds the mutex, so nobody writes while it is borrowed.
        unsafe { &*self.mutex.value.get() }
    }
}

impl<T: ?Sized> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the guard holds the mutex and is borrowed by one.
        unsafe { &mut *self.mutex.value.get() }
    }
}

impl<T: ?Sized> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        self.mutex.unlock();
    }
}

impl<T: ?Sized> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mutex").field("state", &self.state).finish_non_exhaustive()
    }
}
