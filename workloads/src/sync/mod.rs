//! Locks and channels on atomics and futexes, nothing else.
//!
//! A lock without contention makes no system call; under contention it makes those of
//! [`crate::futex`]. The logic of each lock is free of `unsafe` and stands in a file of its own;
//! what hands out references to the data is in `lock.rs`, `rwlock/guard.rs`, `once/cell.rs` and
//! `channel/ring.rs`. There is no poisoning: a thread that dies with a lock held leaves it locked.
//!
//! [`Private`] locks serve one address space. [`ProcessShared`] ones may lie in memory that several
//! processes map, and differ in the flag of their futex calls alone; everything in this module is
//! valid when its memory is all zeroes: free, without permits, and for no parties.

mod backoff;
pub mod barrier;
pub mod channel;
pub mod condvar;
mod lock;
#[cfg(all(test, loom))]
mod loom_tests;
pub mod mutex;
pub mod once;
pub mod pi;
pub mod rwlock;
pub mod semaphore;
mod sleepers;
pub mod spin;
#[cfg(all(test, not(loom)))]
mod testing;

pub use self::barrier::Barrier;
pub use self::condvar::Condvar;
pub use self::lock::{Guard, Lock, RawLock};
pub use self::mutex::{Mutex, MutexGuard};
pub use self::once::{Once, OnceCell};
pub use self::pi::PiMutex;
pub use self::rwlock::RwLock;
pub use self::semaphore::Semaphore;
pub use self::spin::SpinLock;
use crate::futex::Scope;

/// Keeps others from implementing the traits of this module.
mod sealed {
    pub trait Sealed {}
}

/// Where those who meet at a lock are, as a type: it costs nothing at run time.
pub trait Place: sealed::Sealed + Send + Sync + 'static {
    /// The same as a value.
    const SCOPE: Scope;
}

/// All in one address space.
#[derive(Debug)]
pub struct Private;

/// Maybe in several processes that share the lock's memory.
#[derive(Debug)]
pub struct ProcessShared;

impl sealed::Sealed for Private {}
impl sealed::Sealed for ProcessShared {}

impl Place for Private {
    const SCOPE: Scope = Scope::Private;
}

impl Place for ProcessShared {
    const SCOPE: Scope = Scope::Shared;
}

#[cfg(all(test, not(loom), not(miri)))]
mod tests {
    use zerocopy::FromZeros;

    use super::{Barrier, Condvar, Mutex, PiMutex, ProcessShared, RwLock, Semaphore, SpinLock};
    use crate::shared::Shared;

    /// Memory of zeroes that processes share, as a `T`.
    fn zeroes<T: FromZeros + Sync>() -> &'static T {
        &Shared::<T>::new(1).expect("memory").leak()[0]
    }

    #[test]
    fn zeroes_are_valid() {
        *zeroes::<PiMutex<u64, ProcessShared>>().lock() += 1;
        *zeroes::<SpinLock<u64>>().lock() += 1;
        *zeroes::<RwLock<u64, ProcessShared>>().write() += 1;
        let semaphore = zeroes::<Semaphore<ProcessShared>>();
        assert!(!semaphore.try_acquire());
        semaphore.release(1);
        semaphore.acquire();
        let barrier = zeroes::<Barrier<ProcessShared>>();
        barrier.set_parties(2);
        let (mutex, condvar) = (zeroes::<Mutex<bool, _>>(), zeroes::<Condvar<ProcessShared>>());
        std::thread::scope(|scope| {
            scope.spawn(|| {
                barrier.wait();
                *mutex.lock() = true;
                condvar.notify_all();
            });
            barrier.wait();
            assert!(*condvar.wait_while(mutex.lock(), |ready| !*ready));
        });
    }
}
