//! A mutex with priority inheritance: while a task waits, the owner runs with its priority.
//!
//! The word is the kernel's (`Documentation/locking/pi-futex.rst`): zero is free, else it holds
//! the owner's tid, and `FUTEX_WAITERS` if the kernel has a queue for it. Without contention both
//! ways are one exchange here. Otherwise the kernel decides: it must know the owner, whom it
//! boosts, and it hands the lock to the waiter of the highest priority, so nobody can barge in.

use core::marker::PhantomData;
use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use rustix::io::Errno;
use rustix::thread::futex::WAITERS;

use super::lock::{Guard, Lock, RawLock};
use super::sealed::Sealed;
use super::{Place, Private, ProcessShared};
use crate::futex;
use crate::shim::{self, AtomicU32, const_fn};

/// A value that one thread at a time reaches.
pub type PiMutex<T, P = Private> = Lock<RawPi<P>, T>;

/// Holds a [`PiMutex`].
pub type PiGuard<'a, T, P = Private> = Guard<'a, RawPi<P>, T>;

impl<T> PiMutex<T> {
    const_fn! {
        /// A free mutex over `value`.
        pub const fn new(value: T) -> Self {
            Self::from_raw(RawPi::new(), value)
        }
    }
}

impl<T> PiMutex<T, ProcessShared> {
    const_fn! {
        /// A free mutex over `value`, for memory that processes share.
        pub const fn new_shared(value: T) -> Self {
            Self::from_raw(RawPi::new(), value)
        }
    }
}

impl<T, P: Place> PiMutex<T, P> {
    /// Whether the kernel has somebody waiting for it.
    pub fn has_waiters(&self) -> bool {
        // Relaxed: a look from outside.
        self.raw().owner.load(Relaxed) & WAITERS != 0
    }
}

/// Nobody's.
const FREE: u32 = 0;

/// The mutex without its value.
#[cfg_attr(not(all(test, loom)), derive(zerocopy::FromZeros))]
#[derive(Debug)]
#[repr(C)]
pub struct RawPi<P = Private> {
    owner: AtomicU32,
    place: PhantomData<P>,
}

impl<P: Place> RawPi<P> {
    const_fn! {
        /// A free mutex.
        const fn new() -> Self {
            Self { owner: AtomicU32::new(FREE), place: PhantomData }
        }
    }

    #[cold]
    fn lock_contended(&self) {
        loop {
            match futex::lock_pi(&self.owner, P::SCOPE) {
                Ok(()) => return,
                // The owner is about to exit, or a signal came while the page was looked up.
                Err(Errno::AGAIN | Errno::INTR) => {}
                Err(errno) => unreachable!("futex lock_pi: {errno}"),
            }
        }
    }

    #[cold]
    fn unlock_contended(&self) {
        loop {
            match futex::unlock_pi(&self.owner, P::SCOPE) {
                Ok(()) => return,
                Err(Errno::AGAIN | Errno::INTR) => {}
                Err(errno) => unreachable!("futex unlock_pi: {errno}"),
            }
        }
    }
}

/// The caller's tid, which is what the kernel has to find in the word.
fn me() -> u32 {
    shim::tid()
}

impl<P: Place> Sealed for RawPi<P> {}

impl<P: Place> RawLock for RawPi<P> {
    #[inline]
    fn lock(&self) {
        if !self.try_lock() {
            self.lock_contended();
        }
    }

    #[inline]
    fn try_lock(&self) -> bool {
        // From free to the caller's. Acquire: see what the last owner wrote.
        self.owner.compare_exchange(FREE, me(), Acquire, Relaxed).is_ok()
    }

    #[inline]
    fn unlock(&self) {
        // From the caller's alone to free; fails if `FUTEX_WAITERS` is set. Release: the next
        // owner sees what this one wrote.
        if self.owner.compare_exchange(me(), FREE, Release, Relaxed).is_err() {
            self.unlock_contended();
        }
    }
}

// Miri knows no priority inheritance.
#[cfg(all(test, not(loom), not(miri)))]
mod tests {
    use std::thread;

    use super::super::testing::{Calls, stress, until};
    use super::PiMutex;
    use crate::futex::count::Row;

    #[test]
    fn excludes() {
        stress(&PiMutex::new((0, 0)));
    }

    #[test]
    fn uncontended_makes_no_call() {
        let mutex = PiMutex::new(0);
        let calls = Calls::at(&mutex);
        for _ in 0..1000 {
            *mutex.lock() += 1;
        }
        assert!(mutex.try_lock().is_some());
        assert_eq!(calls.sum(Row::calls), 0);
    }

    #[test]
    fn the_kernel_hands_over() {
        let mutex = PiMutex::new(0);
        let calls = Calls::at(&mutex);
        let guard = mutex.lock();
        thread::scope(|scope| {
            scope.spawn(|| *mutex.lock() += 1);
            until(|| mutex.has_waiters());
            assert_eq!(calls.sum(|row| row.lock_pi), 1);
            assert!(mutex.try_lock().is_none());
            drop(guard);
        });
        assert_eq!(mutex.into_inner(), 1);
    }

    #[test]
    #[should_panic(expected = "futex lock_pi")]
    fn locking_twice_is_refused() {
        let mutex = PiMutex::new(());
        let _guard = mutex.lock();
        let _again = mutex.lock();
    }
}
