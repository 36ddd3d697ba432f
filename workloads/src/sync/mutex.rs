//! A mutex of three states, after "Futexes Are Tricky" (Drepper, 2011), and a count of sleepers.
//!
//! ```text
//! UNLOCKED   free
//! LOCKED     held; nobody sleeps who relies on this holder
//! CONTENDED  held; somebody may sleep, so the holder makes a wake call when it unlocks
//! ```
//!
//! A wake call wakes one sleeper, and leaves the word UNLOCKED though others may sleep on. So who
//! comes out of a sleep takes the lock as CONTENDED, unless the count says that nobody else is
//! asleep: then LOCKED will do, and its unlock saves the call that would wake nobody.
//!
//! Why that is right: a sleeper X went to sleep while the word was CONTENDED, so the unlock that
//! ended that state woke one task, Y. If Y is not X, X was in the kernel's queue by then, and X
//! had added itself to the count before; Y, which reads the count after it is woken, sees it, and
//! keeps the word CONTENDED. Whoever goes to sleep later sets CONTENDED anew.

use core::marker::PhantomData;
use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use super::backoff::{SPINS, spin_until};
use super::lock::{Guard, Lock, RawLock};
use super::sealed::Sealed;
use super::{Place, Private, ProcessShared};
use crate::futex;
use crate::shim::{self, AtomicU32, const_fn};

const UNLOCKED: u32 = 0;
const LOCKED: u32 = 1;
const CONTENDED: u32 = 2;

/// No owner.
const NOBODY: u32 = 0;

/// A value that one thread at a time reaches.
pub type Mutex<T, P = Private> = Lock<RawMutex<P>, T>;

/// Holds a [`Mutex`].
pub type MutexGuard<'a, T, P = Private> = Guard<'a, RawMutex<P>, T>;

impl<T> Mutex<T> {
    const_fn! {
        /// A free mutex over `value`.
        pub const fn new(value: T) -> Self {
            Self::from_raw(RawMutex::new(), value)
        }
    }
}

impl<T> Mutex<T, ProcessShared> {
    const_fn! {
        /// A free mutex over `value`, for memory that processes share.
        pub const fn new_shared(value: T) -> Self {
            Self::from_raw(RawMutex::new(), value)
        }
    }
}

/// The mutex without its value.
#[cfg_attr(not(all(test, loom)), derive(zerocopy::FromZeros))]
#[derive(Debug)]
#[repr(C)]
pub struct RawMutex<P = Private> {
    state: AtomicU32,
    /// Those in, on their way into, or just out of a wait.
    sleepers: AtomicU32,
    /// The holder's tid, for those who look on: nothing here relies on it. It is where glibc's
    /// mutexes have theirs, which is where tracer looks for it.
    owner: AtomicU32,
    place: PhantomData<P>,
}

impl<P: Place> RawMutex<P> {
    const_fn! {
        /// A free mutex.
        pub(super) const fn new() -> Self {
            Self {
                state: AtomicU32::new(UNLOCKED),
                sleepers: AtomicU32::new(0),
                owner: AtomicU32::new(NOBODY),
                place: PhantomData,
            }
        }
    }

    #[cold]
    fn lock_contended(&self) {
        let mut free_as = LOCKED;
        loop {
            let mut state = self.spin();
            if state == UNLOCKED {
                // From free to held. Acquire: see what the last holder wrote.
                match self.state.compare_exchange(UNLOCKED, free_as, Acquire, Relaxed) {
                    Ok(_) => return,
                    Err(other) => state = other,
                }
            }
            // From whatever it is to held with sleepers; if it was free, it is ours now. Acquire
            // for that case.
            if state != CONTENDED && self.state.swap(CONTENDED, Acquire) == UNLOCKED {
                return;
            }
            // Relaxed: the kernel's lock of the queue orders this before the wake that ends the
            // sleep of anybody who relies on it.
            self.sleepers.fetch_add(1, Relaxed);
            futex::wait_while(&self.state, CONTENDED, P::SCOPE, None);
            let others = self.sleepers.fetch_sub(1, Relaxed) - 1;
            free_as = if others == 0 { LOCKED } else { CONTENDED };
        }
    }

    /// Looks at the word until it is free, or known to have sleepers, or for long enough.
    fn spin(&self) -> u32 {
        // Relaxed: only a hint; whoever takes the lock by it acquires then.
        let mut state = UNLOCKED;
        spin_until(SPINS, || {
            state = self.state.load(Relaxed);
            state != LOCKED
        });
        state
    }

    #[cold]
    fn wake(&self) {
        futex::wake(&self.state, 1, P::SCOPE);
    }
}

/// The caller's tid where that costs no system call: in a program, beside no libc.
#[inline]
fn me() -> u32 {
    if cfg!(all(feature = "program", not(test))) { shim::tid() } else { NOBODY }
}

impl<P: Place> Sealed for RawMutex<P> {}

impl<P: Place> RawLock for RawMutex<P> {
    #[inline]
    fn lock(&self) {
        // From free to held. Acquire: see what the last holder wrote.
        if self.state.compare_exchange(UNLOCKED, LOCKED, Acquire, Relaxed).is_err() {
            self.lock_contended();
        }
        self.owner.store(me(), Relaxed);
    }

    #[inline]
    fn try_lock(&self) -> bool {
        // The same.
        let locked = self.state.compare_exchange(UNLOCKED, LOCKED, Acquire, Relaxed).is_ok();
        if locked {
            self.owner.store(me(), Relaxed);
        }
        locked
    }

    #[inline]
    fn unlock(&self) {
        self.owner.store(NOBODY, Relaxed);
        // From held to free. Release: the next holder sees what this one wrote.
        if self.state.swap(UNLOCKED, Release) == CONTENDED {
            self.wake();
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::thread;

    use super::super::testing::{Calls, stress};
    use super::{Mutex, ProcessShared};
    use crate::shared::Shared;

    #[test]
    fn one_holder() {
        let mutex = Mutex::new(1);
        let guard = mutex.lock();
        assert!(mutex.try_lock().is_none());
        assert_eq!(format!("{mutex:?}"), "Lock(<locked>)");
        drop(guard);
        *mutex.try_lock().expect("it is free") += 1;
        assert_eq!(mutex.into_inner(), 2);
    }

    #[test]
    fn excludes() {
        stress(&Mutex::new((0, 0)));
    }

    #[test]
    #[cfg_attr(miri, ignore = "maps memory")]
    fn in_shared_memory() {
        let memory = Shared::<Mutex<(u64, u64), ProcessShared>>::new(1).expect("memory");
        let calls = Calls::at(&memory[0]);
        stress(&memory[0]);
        assert_eq!(calls.sum(|row| if row.shared { 0 } else { row.calls() }), 0);
    }

    #[test]
    #[cfg_attr(miri, ignore = "maps memory")]
    fn uncontended_makes_no_call() {
        let mutex = Mutex::new(0);
        let calls = Calls::at(&mutex);
        for _ in 0..1000 {
            *mutex.lock() += 1;
        }
        calls.check(0, 0);
    }

    #[test]
    #[cfg_attr(miri, ignore = "maps memory")]
    fn one_sleeper_costs_two_calls() {
        let mutex = Mutex::new(0);
        let calls = Calls::at(&mutex);
        let guard = mutex.lock();
        thread::scope(|scope| {
            scope.spawn(|| *mutex.lock() += 1);
            calls.until_waits(1);
            drop(guard);
        });
        // Not three: the sleeper knew that it was the only one.
        calls.check(1, 1);
    }

    #[test]
    #[cfg_attr(miri, ignore = "maps memory")]
    fn each_sleeper_is_woken() {
        let mutex = Mutex::new(0);
        let calls = Calls::at(&mutex);
        let guard = mutex.lock();
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| *mutex.lock() += 1);
            }
            calls.until_waits(3);
            drop(guard);
        });
        assert_eq!(*mutex.lock(), 3);
        assert!(calls.sum(|row| row.tasks_woken) <= 3);
    }
}
