//! A condition variable: a number that every notification changes, and the kernel's queue at it.
//!
//! A waiter reads the number before it unlocks the mutex and sleeps only while it has not changed,
//! so no notification between the two is missed. A wait may end without a notification; the loop
//! around it looks at the condition again ([`Condvar::wait_while`] is that loop).

use core::marker::PhantomData;
use core::sync::atomic::Ordering::Relaxed;
use core::time::Duration;

use super::backoff::Patience;
use super::mutex::MutexGuard;
use super::sleepers::Sleepers;
use super::{Guard, Place, Private, Shared};
use crate::futex::{self, Deadline, Outcome};
use crate::shim::{AtomicU32, const_fn};

/// Lets threads that hold a mutex wait until another says that something has changed.
#[cfg_attr(not(all(test, loom)), derive(zerocopy::FromZeros))]
#[derive(Debug)]
#[repr(C)]
pub struct Condvar<P = Private> {
    /// How many notifications there were, around to zero.
    notified: AtomicU32,
    sleepers: Sleepers,
    patience: Patience,
    place: PhantomData<P>,
}

impl Condvar {
    const_fn! {
        /// One that nobody waits for.
        pub const fn new() -> Self {
            Self::of_place()
        }
    }
}

impl Condvar<Shared> {
    const_fn! {
        /// One that nobody waits for, for memory that processes share.
        pub const fn new_shared() -> Self {
            Self::of_place()
        }
    }
}

impl Default for Condvar {
    fn default() -> Self {
        Self::new()
    }
}

impl<P> Condvar<P> {
    const_fn! {
        const fn of_place() -> Self {
            Self {
                notified: AtomicU32::new(0),
                sleepers: Sleepers::new(),
                patience: Patience::new(),
                place: PhantomData,
            }
        }
    }
}

// The accesses to `notified` are relaxed. Who notifies has changed the condition under the mutex,
// and who waits reads it under the mutex; that orders everything but the waker's look for
// sleepers, for which `Sleepers` has its fences.
impl<P: Place> Condvar<P> {
    /// Unlocks the mutex, waits for a notification, and locks again.
    pub fn wait<'a, T>(&self, guard: MutexGuard<'a, T, P>) -> MutexGuard<'a, T, P> {
        self.wait_until(guard, None).0
    }

    /// Waits as long as `condition` holds.
    pub fn wait_while<'a, T>(
        &self,
        mut guard: MutexGuard<'a, T, P>,
        mut condition: impl FnMut(&mut T) -> bool,
    ) -> MutexGuard<'a, T, P> {
        while condition(&mut guard) {
            guard = self.wait(guard);
        }
        guard
    }

    /// Waits as [`Condvar::wait`], for `timeout` at most; false if it passed first.
    pub fn wait_timeout<'a, T>(
        &self,
        guard: MutexGuard<'a, T, P>,
        timeout: Duration,
    ) -> (MutexGuard<'a, T, P>, bool) {
        self.wait_until(guard, Some(&Deadline::after(timeout)))
    }

    fn wait_until<'a, T>(
        &self,
        guard: MutexGuard<'a, T, P>,
        deadline: Option<&Deadline>,
    ) -> (MutexGuard<'a, T, P>, bool) {
        let mutex = Guard::lock(&guard);
        let seen = self.notified.load(Relaxed);
        drop(guard);
        let notified = self.patience.wait(1, || (self.notified.load(Relaxed) != seen).into()) || {
            self.sleepers.enter();
            let outcome = futex::wait_while(&self.notified, seen, P::SCOPE, deadline);
            self.patience.learn(outcome);
            outcome != Outcome::TimedOut
        };
        (mutex.lock(), notified)
    }

    /// Lets one waiter go on, if there is one.
    #[inline]
    pub fn notify_one(&self) {
        self.notify(1);
    }

    /// Lets all waiters go on.
    #[inline]
    pub fn notify_all(&self) {
        self.notify(futex::ALL);
    }

    #[inline]
    fn notify(&self, most: u32) {
        // One more: who has not gone to sleep yet will not.
        self.notified.fetch_add(1, Relaxed);
        if self.sleepers.claim(most) > 0 {
            // `most`, not the number that was claimed: for all to go on, none may go to somebody
            // who comes later and has a higher priority.
            futex::wake(&self.notified, most, P::SCOPE);
        }
    }
}
