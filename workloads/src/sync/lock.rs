//! Data under a lock, and the guard that stands for holding it: once, for every kind of lock.
#![expect(unsafe_code, reason = "a lock hands out references to what it guards")]

use core::fmt;
use core::marker::PhantomData;
use core::ops::{Deref, DerefMut};

use super::sealed::Sealed;
use crate::shim::{UnsafeCell, const_fn};

/// A lock without data. Between the return of [`RawLock::lock`] and [`RawLock::unlock`] no other
/// `lock` returns, and what was written before an `unlock` is seen after the `lock` that follows.
/// Only the locks of this crate have it, and each is checked by loom for it.
pub trait RawLock: Sealed {
    /// Takes the lock, when it becomes free.
    fn lock(&self);
    /// Takes the lock if it is free.
    fn try_lock(&self) -> bool;
    /// Gives the lock back. Only for the one who took it.
    fn unlock(&self);
}

/// A value that only the holder of a lock reaches.
#[cfg_attr(not(all(test, loom)), derive(zerocopy::FromZeros))]
#[repr(C)]
pub struct Lock<R, T: ?Sized> {
    raw: R,
    value: UnsafeCell<T>,
}

// SAFETY: only the holder reaches the value, and there is one at a time; so the value needs to be
// sent from thread to thread, but never to be shared.
unsafe impl<R: RawLock + Sync, T: ?Sized + Send> Sync for Lock<R, T> {}
// SAFETY: who owns the lock owns the value; moving both is moving a `T`.
unsafe impl<R: RawLock + Send, T: ?Sized + Send> Send for Lock<R, T> {}

impl<R, T> Lock<R, T> {
    const_fn! {
        /// `value` under `raw`.
        pub(super) const fn from_raw(raw: R, value: T) -> Self {
            Self { raw, value: UnsafeCell::new(value) }
        }
    }

    /// The lock without its value.
    pub(super) fn raw(&self) -> &R {
        &self.raw
    }

    /// Ends the lock and returns the value.
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

impl<R: RawLock, T: ?Sized> Lock<R, T> {
    /// Takes the lock, when it becomes free, and holds it for the guard's life.
    #[inline]
    pub fn lock(&self) -> Guard<'_, R, T> {
        self.raw.lock();
        Guard { lock: self, of_this_thread: PhantomData }
    }

    /// Takes the lock if it is free.
    #[inline]
    pub fn try_lock(&self) -> Option<Guard<'_, R, T>> {
        self.raw.try_lock().then(|| Guard { lock: self, of_this_thread: PhantomData })
    }
}

impl<R: RawLock, T: ?Sized + fmt::Debug> fmt::Debug for Lock<R, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.try_lock() {
            Some(guard) => f.debug_tuple("Lock").field(&&*guard).finish(),
            None => f.write_str("Lock(<locked>)"),
        }
    }
}

/// Holds a lock; dropping it gives the lock back. It stays on its thread, as a PI futex has an
/// owner.
#[must_use = "the lock is given back at once"]
pub struct Guard<'a, R: RawLock, T: ?Sized> {
    lock: &'a Lock<R, T>,
    of_this_thread: PhantomData<*const ()>,
}

// SAFETY: a shared guard lends only `&T`.
unsafe impl<R: RawLock + Sync, T: ?Sized + Sync> Sync for Guard<'_, R, T> {}

impl<'a, R: RawLock, T: ?Sized> Guard<'a, R, T> {
    /// The lock that is held.
    pub(super) fn lock(guard: &Self) -> &'a Lock<R, T> {
        guard.lock
    }
}

impl<R: RawLock, T: ?Sized> Deref for Guard<'_, R, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the guard holds the lock, so nobody writes while it is borrowed.
        self.lock.value.with(|value| unsafe { &*value })
    }
}

impl<R: RawLock, T: ?Sized> DerefMut for Guard<'_, R, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the guard holds the lock and is borrowed by one, so nobody else has the value.
        self.lock.value.with_mut(|value| unsafe { &mut *value })
    }
}

impl<R: RawLock, T: ?Sized> Drop for Guard<'_, R, T> {
    #[inline]
    fn drop(&mut self) {
        self.lock.raw.unlock();
    }
}

impl<R: RawLock, T: ?Sized + fmt::Debug> fmt::Debug for Guard<'_, R, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

#[cfg(not(all(test, loom)))]
// SAFETY: `lock` and a successful `try_lock` exclude each other until `unlock`: see `RawLock`.
unsafe impl<P: super::Place> lock_api::RawMutex for super::mutex::RawMutex<P> {
    const INIT: Self = Self::new();

    type GuardMarker = lock_api::GuardSend;

    fn lock(&self) {
        RawLock::lock(self);
    }

    fn try_lock(&self) -> bool {
        RawLock::try_lock(self)
    }

    unsafe fn unlock(&self) {
        RawLock::unlock(self);
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::super::mutex::RawMutex;
    use super::super::testing::{ROUNDS, THREADS, together};

    #[test]
    fn the_mutex_serves_others_as_a_lock() {
        let lock = lock_api::Mutex::<RawMutex, u64>::new(0);
        together(|| {
            for _ in 0..ROUNDS {
                *lock.lock() += 1;
            }
        });
        assert_eq!(lock.into_inner(), THREADS * ROUNDS);
    }
}
