//! The value under a read-write lock, and the guards that lend it.
#![expect(unsafe_code, reason = "a lock hands out references to what it guards")]

use core::fmt;
use core::marker::PhantomData;
use core::ops::{Deref, DerefMut};

use super::RawRw;
use crate::shim::{UnsafeCell, const_fn};
use crate::sync::{Place, Private, ProcessShared};

/// A value that many read or one writes.
#[cfg_attr(not(all(test, loom)), derive(zerocopy::FromZeros))]
#[repr(C)]
pub struct RwLock<T: ?Sized, P = Private> {
    raw: RawRw<P>,
    value: UnsafeCell<T>,
}

// SAFETY: readers share the value, and a writer may take it over; nobody else reaches it.
unsafe impl<T: ?Sized + Send + Sync, P: Place> Sync for RwLock<T, P> {}
// SAFETY: who owns the lock owns the value.
unsafe impl<T: ?Sized + Send, P: Place> Send for RwLock<T, P> {}

impl<T> RwLock<T> {
    const_fn! {
        /// A free lock over `value`.
        pub const fn new(value: T) -> Self {
            Self { raw: RawRw::new(), value: UnsafeCell::new(value) }
        }
    }
}

impl<T> RwLock<T, ProcessShared> {
    const_fn! {
        /// A free lock over `value`, for memory that processes share.
        pub const fn new_shared(value: T) -> Self {
            Self { raw: RawRw::new(), value: UnsafeCell::new(value) }
        }
    }
}

impl<T, P> RwLock<T, P> {
    /// Ends the lock and returns the value.
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

impl<T: ?Sized, P: Place> RwLock<T, P> {
    /// Waits until no writer holds the lock or waits, and reads for the guard's life.
    ///
    /// # Panics
    /// With 2^30-2 readers.
    #[inline]
    pub fn read(&self) -> ReadGuard<'_, T, P> {
        self.raw.read();
        ReadGuard { lock: self, of_this_thread: PhantomData }
    }

    /// Reads, if no writer holds the lock or waits.
    #[inline]
    pub fn try_read(&self) -> Option<ReadGuard<'_, T, P>> {
        self.raw.try_read().then(|| ReadGuard { lock: self, of_this_thread: PhantomData })
    }

    /// Waits until nobody holds the lock, and writes for the guard's life.
    #[inline]
    pub fn write(&self) -> WriteGuard<'_, T, P> {
        self.raw.write();
        WriteGuard { lock: self, of_this_thread: PhantomData }
    }

    /// Writes, if nobody holds the lock.
    #[inline]
    pub fn try_write(&self) -> Option<WriteGuard<'_, T, P>> {
        self.raw.try_write().then(|| WriteGuard { lock: self, of_this_thread: PhantomData })
    }
}

impl<T: ?Sized + fmt::Debug, P: Place> fmt::Debug for RwLock<T, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.try_read() {
            Some(guard) => f.debug_tuple("RwLock").field(&&*guard).finish(),
            None => f.write_str("RwLock(<locked>)"),
        }
    }
}

/// Holds a [`RwLock`] for reading.
#[must_use = "the lock is given back at once"]
pub struct ReadGuard<'a, T: ?Sized, P: Place = Private> {
    lock: &'a RwLock<T, P>,
    of_this_thread: PhantomData<*const ()>,
}

/// Holds a [`RwLock`] for writing.
#[must_use = "the lock is given back at once"]
pub struct WriteGuard<'a, T: ?Sized, P: Place = Private> {
    lock: &'a RwLock<T, P>,
    of_this_thread: PhantomData<*const ()>,
}

// SAFETY: a shared guard lends only `&T`.
unsafe impl<T: ?Sized + Sync, P: Place> Sync for ReadGuard<'_, T, P> {}
// SAFETY: the same.
unsafe impl<T: ?Sized + Sync, P: Place> Sync for WriteGuard<'_, T, P> {}

impl<T: ?Sized, P: Place> Deref for ReadGuard<'_, T, P> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: while the guard counts as a reader there is no writer.
        self.lock.value.with(|value| unsafe { &*value })
    }
}

impl<T: ?Sized, P: Place> Deref for WriteGuard<'_, T, P> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the guard's is the only access, and it is borrowed for as long as the value.
        self.lock.value.with(|value| unsafe { &*value })
    }
}

impl<T: ?Sized, P: Place> DerefMut for WriteGuard<'_, T, P> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the guard's is the only access, and it is borrowed by one.
        self.lock.value.with_mut(|value| unsafe { &mut *value })
    }
}

impl<T: ?Sized, P: Place> Drop for ReadGuard<'_, T, P> {
    #[inline]
    fn drop(&mut self) {
        self.lock.raw.read_unlock();
    }
}

impl<T: ?Sized, P: Place> Drop for WriteGuard<'_, T, P> {
    #[inline]
    fn drop(&mut self) {
        self.lock.raw.write_unlock();
    }
}
