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
