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
use super::{Guard, Place, Private, ProcessShared};
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

impl Condvar<ProcessShared> {
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

#[cfg(all(test, not(loom)))]
mod tests {
    use std::thread;
    use std::time::Duration;

    use super::super::testing::{Calls, ROUNDS, together};
    use super::Condvar;
    use crate::sync::Mutex;

    #[test]
    #[cfg_attr(miri, ignore = "maps memory")]
    fn a_waiter_sleeps_once_and_is_woken_once() {
        let (mutex, condvar) = (Mutex::new(false), Condvar::new());
        let calls = Calls::at(&condvar);
        thread::scope(|scope| {
            scope.spawn(|| {
                assert!(*condvar.wait_while(mutex.lock(), |ready| !*ready));
            });
            calls.until_waits(1);
            *mutex.lock() = true;
            condvar.notify_one();
        });
        calls.check(1, 1);
    }

    #[test]
    #[cfg_attr(miri, ignore = "maps memory")]
    fn all_are_woken_by_one_call() {
        let (mutex, condvar) = (Mutex::new(false), Condvar::new());
        let calls = Calls::at(&condvar);
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| drop(condvar.wait_while(mutex.lock(), |ready| !*ready)));
            }
            calls.until_waits(3);
            *mutex.lock() = true;
            condvar.notify_all();
        });
        calls.check(3, 1);
    }

    #[test]
    #[cfg_attr(miri, ignore = "maps memory")]
    fn nobody_is_not_woken() {
        let condvar = Condvar::new();
        let calls = Calls::at(&condvar);
        condvar.notify_one();
        condvar.notify_all();
        calls.check(0, 0);
    }

    #[test]
    fn the_time_passes() {
        let (mutex, condvar) = (Mutex::new(()), Condvar::new());
        let before = crate::clock::now_ns();
        let (_guard, notified) = condvar.wait_timeout(mutex.lock(), Duration::from_millis(2));
        assert!(!notified);
        assert!(crate::clock::now_ns() - before >= 2_000_000);
    }

    #[test]
    fn nothing_is_lost() {
        // Each thread takes as many things as it puts down.
        let (things, condvar) = (Mutex::new(0_u64), Condvar::new());
        together(|| {
            for _ in 0..ROUNDS {
                *things.lock() += 1;
                condvar.notify_one();
                *condvar.wait_while(things.lock(), |things| *things == 0) -= 1;
            }
        });
        assert_eq!(*things.lock(), 0);
    }
}
