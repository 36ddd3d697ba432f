//! The real machine: core's atomics and the kernel's futex.

pub(crate) use alloc::sync::Arc;
pub(crate) use core::hint::spin_loop;
pub(crate) use core::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, fence};

use zerocopy::FromZeros;

/// `core`'s cell with the access of loom's: a pointer that lives as long as a closure.
#[derive(Debug, FromZeros)]
#[repr(transparent)]
pub(crate) struct UnsafeCell<T: ?Sized>(core::cell::UnsafeCell<T>);

impl<T> UnsafeCell<T> {
    /// A cell that holds `value`.
    pub(crate) const fn new(value: T) -> Self {
        Self(core::cell::UnsafeCell::new(value))
    }

    /// What the cell held.
    pub(crate) fn into_inner(self) -> T {
        self.0.into_inner()
    }
}

impl<T: ?Sized> UnsafeCell<T> {
    /// Lends a pointer to read through.
    #[inline]
    pub(crate) fn with<R>(&self, read: impl FnOnce(*const T) -> R) -> R {
        read(self.0.get())
    }

    /// Lends a pointer to write through.
    #[inline]
    pub(crate) fn with_mut<R>(&self, write: impl FnOnce(*mut T) -> R) -> R {
        write(self.0.get())
    }
}

/// How often to look at a word before going to sleep.
#[inline]
pub(crate) const fn spins(wanted: u32) -> u32 {
    wanted
}

/// Lets another task of this CPU run.
pub(crate) fn yield_now() {
    rustix::thread::sched_yield();
}

/// The caller's tid.
#[inline]
pub(crate) fn tid() -> u32 {
    crate::thread::tid()
}

/// The futex calls as the kernel makes them, uncounted.
pub(crate) mod kernel {
    use core::sync::atomic::AtomicU32;

    use rustix::io::Result;
    use rustix::thread::futex;

    use crate::futex::{Deadline, Scope, Timespec};

    /// The flag that says where a word may be.
    fn flags(scope: Scope) -> futex::Flags {
        match scope {
            Scope::Private => futex::Flags::PRIVATE,
            Scope::Shared => futex::Flags::empty(),
        }
    }

    pub(crate) fn wait(
        word: &AtomicU32,
        expected: u32,
        scope: Scope,
        timeout: Option<&Timespec>,
    ) -> Result<()> {
        futex::wait(word, flags(scope), expected, timeout)
    }

    pub(crate) fn wait_until(
        word: &AtomicU32,
        expected: u32,
        scope: Scope,
        deadline: &Deadline,
    ) -> Result<()> {
        // `FUTEX_WAIT` takes a time from now, `FUTEX_WAIT_BITSET` a point of the monotonic clock.
        let any = core::num::NonZeroU32::MAX;
        futex::wait_bitset(word, flags(scope), expected, Some(deadline.timespec()), any)
    }

    pub(crate) fn wake(word: &AtomicU32, most: u32, scope: Scope) -> Result<usize> {
        futex::wake(word, flags(scope), most)
    }

    pub(crate) fn requeue(
        from: &AtomicU32,
        expected: u32,
        (wake, move_): (u32, u32),
        to: &AtomicU32,
        scope: Scope,
    ) -> Result<usize> {
        futex::cmp_requeue(from, flags(scope), wake, move_, to, expected)
    }

    pub(crate) fn lock_pi(word: &AtomicU32, scope: Scope) -> Result<()> {
        futex::lock_pi(word, flags(scope), None)
    }

    pub(crate) fn unlock_pi(word: &AtomicU32, scope: Scope) -> Result<()> {
        futex::unlock_pi(word, flags(scope))
    }

    pub(crate) fn trylock_pi(word: &AtomicU32, scope: Scope) -> Result<bool> {
        futex::trylock_pi(word, flags(scope))
    }
}
