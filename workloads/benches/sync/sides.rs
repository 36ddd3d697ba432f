//! The two sides of the comparison under one set of names.

use std::sync::mpsc;
use workloads::sync::{Condvar, Mutex, channel};

/// What the loops use. Every value is a `u64`.
pub(crate) trait Side {
    type Mutex: Sync;
    type Condvar: Sync;
    type Bounded: Tx;
    type Unbounded: Tx;
    type Rx: Rx;

    fn mutex() -> Self::Mutex;
    fn condvar() -> Self::Condvar;
    fn locked<R>(mutex: &Self::Mutex, work: impl FnOnce(&mut u64) -> R) -> R;
    /// Waits while `condition` holds, then does `work` under the same lock.
    fn waited<R>(
        mutex: &Self::Mutex,
        condvar: &Self::Condvar,
        condition: impl FnMut(&mut u64) -> bool,
        work: impl FnOnce(&mut u64) -> R,
    ) -> R;
    fn notify_one(condvar: &Self::Condvar);
    fn notify_all(condvar: &Self::Condvar);
    fn bounded(capacity: usize) -> (Self::Bounded, Self::Rx);
    fn unbounded() -> (Self::Unbounded, Self::Rx);
}

/// The end of a channel that sends.
pub(crate) trait Tx: Clone + Send {
    fn send(&self, message: u64);
}

/// The end of a channel that receives.
pub(crate) trait Rx: Send {
    fn recv(&self) -> Option<u64>;
}

/// This crate's.
pub(crate) struct Ours;

/// The standard library's.
pub(crate) struct Std;

impl Side for Ours {
    type Mutex = Mutex<u64>;
    type Condvar = Condvar;
    type Bounded = channel::Sender<u64>;
    type Unbounded = channel::Sender<u64>;
    type Rx = channel::Receiver<u64>;

    fn mutex() -> Self::Mutex {
        Mutex::new(0)
    }

    fn condvar() -> Self::Condvar {
        Condvar::new()
    }

    #[inline]
    fn locked<R>(mutex: &Self::Mutex, work: impl FnOnce(&mut u64) -> R) -> R {
        work(&mut mutex.lock())
    }

    #[inline]
    fn waited<R>(
        mutex: &Self::Mutex,
        condvar: &Self::Condvar,
        condition: impl FnMut(&mut u64) -> bool,
        work: impl FnOnce(&mut u64) -> R,
    ) -> R {
        work(&mut condvar.wait_while(mutex.lock(), condition))
    }

    #[inline]
    fn notify_one(condvar: &Self::Condvar) {
        condvar.notify_one();
    }

    #[inline]
    fn notify_all(condvar: &Self::Condvar) {
        condvar.notify_all();
    }

    fn bounded(capacity: usize) -> (Self::Bounded, Self::Rx) {
        channel::bounded(capacity)
    }

    fn unbounded() -> (Self::Unbounded, Self::Rx) {
        channel::unbounded()
    }
}

impl Tx for channel::Sender<u64> {
    #[inline]
    fn send(&self, message: u64) {
        Self::send(self, message).expect("the receiver is there");
    }
}

impl Rx for channel::Receiver<u64> {
    #[inline]
    fn recv(&self) -> Option<u64> {
        Self::recv(self)
    }
}

impl Side for Std {
    type Mutex = std::sync::Mutex<u64>;
    type Condvar = std::sync::Condvar;
    type Bounded = mpsc::SyncSender<u64>;
    type Unbounded = mpsc::Sender<u64>;
    type Rx = mpsc::Receiver<u64>;

    fn mutex() -> Self::Mutex {
        std::sync::Mutex::new(0)
    }

    fn condvar() -> Self::Condvar {
        std::sync::Condvar::new()
    }

    #[inline]
    fn locked<R>(mutex: &Self::Mutex, work: impl FnOnce(&mut u64) -> R) -> R {
        work(&mut mutex.lock().expect("nobody panics"))
    }

    #[inline]
    fn waited<R>(
        mutex: &Self::Mutex,
        condvar: &Self::Condvar,
        condition: impl FnMut(&mut u64) -> bool,
        work: impl FnOnce(&mut u64) -> R,
    ) -> R {
        let guard = mutex.lock().expect("nobody panics");
        work(&mut condvar.wait_while(guard, condition).expect("nobody panics"))
    }

    #[inline]
    fn notify_one(condvar: &Self::Condvar) {
        condvar.notify_one();
    }

    #[inline]
    fn notify_all(condvar: &Self::Condvar) {
        condvar.notify_all();
    }

    fn bounded(capacity: usize) -> (Self::Bounded, Self::Rx) {
        mpsc::sync_channel(capacity)
    }

    fn unbounded() -> (Self::Unbounded, Self::Rx) {
        mpsc::channel()
    }
}

impl Tx for mpsc::SyncSender<u64> {
    #[inline]
    fn send(&self, message: u64) {
        Self::send(self, message).expect("the receiver is there");
    }
}

impl Tx for mpsc::Sender<u64> {
    #[inline]
    fn send(&self, message: u64) {
        Self::send(self, message).expect("the receiver is there");
    }
}

impl Rx for mpsc::Receiver<u64> {
    #[inline]
    fn recv(&self) -> Option<u64> {
        Self::recv(self).ok()
    }
}
