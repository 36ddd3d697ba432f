//! Every lock under loom: all orders of its steps, up to the bound of `LOOM_MAX_PREEMPTIONS`.
//!
//! A lost wake-up shows as loom's "deadlock", a broken exclusion or a missing order as a race on
//! the value under the lock.
#![expect(clippy::unwrap_used, reason = "the lint takes functions that tests share for others")]

use core::sync::atomic::Ordering::Relaxed;

use loom::model;
use loom::thread::{JoinHandle, spawn};

use super::{
    Barrier, Condvar, Lock, Mutex, Once, OnceCell, PiMutex, RawLock, RwLock, Semaphore, SpinLock,
};
use crate::shim::{Arc, AtomicU32};

/// Runs `work` in `others` threads and in this one, and waits for all.
fn together<T: Send + Sync + 'static>(others: usize, shared: &Arc<T>, work: fn(&T)) {
    let threads: Vec<JoinHandle<()>> = (0..others)
        .map(|_| {
            let shared = Arc::clone(shared);
            spawn(move || work(&shared))
        })
        .collect();
    work(shared);
    for thread in threads {
        thread.join().unwrap();
    }
}

/// Three threads, each adds one under the lock, the first of them twice.
fn counts_to_four<R: RawLock + Send + Sync + 'static>(lock: Lock<R, u32>) {
    let lock = Arc::new(lock);
    together(2, &lock, |lock| *lock.lock() += 1);
    *lock.lock() += 1;
    assert_eq!(*lock.lock(), 4);
}

#[test]
fn mutex() {
    model(|| counts_to_four(Mutex::new(0)));
}

#[test]
fn mutex_twice_each() {
    model(|| {
        let mutex = Arc::new(Mutex::new(0));
        together(1, &mutex, |mutex| {
            *mutex.lock() += 1;
            *mutex.lock() += 1;
        });
        assert_eq!(*mutex.lock(), 4);
    });
}

#[test]
fn mutex_try() {
    model(|| {
        let mutex = Arc::new(Mutex::new(0));
        together(2, &mutex, |mutex| {
            if let Some(mut guard) = mutex.try_lock() {
                *guard += 1;
            } else {
                *mutex.lock() += 1;
            }
        });
        assert_eq!(*mutex.lock(), 3);
    });
}

#[test]
fn spin() {
    model(|| {
        // Two threads: loom lets two that spin yield to each other for ever.
        let lock = Arc::new(SpinLock::new(0));
        together(1, &lock, |lock| {
            *lock.lock() += 1;
            *lock.lock() += 1;
        });
        assert_eq!(*lock.lock(), 4);
    });
}

#[test]
fn pi() {
    model(|| counts_to_four(PiMutex::new(0)));
}

#[test]
fn condvar_one() {
    model(|| {
        let shared = Arc::new((Mutex::new(false), Condvar::new()));
        let other = Arc::clone(&shared);
        let thread = spawn(move || {
            *other.0.lock() = true;
            other.1.notify_one();
        });
        let guard = shared.1.wait_while(shared.0.lock(), |ready| !*ready);
        assert!(*guard);
        drop(guard);
        thread.join().unwrap();
    });
}

/// Two wait, each for one of two things that a third puts down and tells of by `notify`.
fn condvar_two(notify: fn(&Condvar, u32)) {
    let shared = Arc::new((Mutex::new(0_u32), Condvar::new()));
    let waiters = [(); 2].map(|()| {
        let shared = Arc::clone(&shared);
        spawn(move || {
            let mut things = shared.1.wait_while(shared.0.lock(), |things| *things == 0);
            *things -= 1;
        })
    });
    for number in 0..2 {
        *shared.0.lock() += 1;
        notify(&shared.1, number);
    }
    for waiter in waiters {
        waiter.join().unwrap();
    }
    assert_eq!(*shared.0.lock(), 0);
}

#[test]
fn condvar_each() {
    model(|| condvar_two(|condvar, _| condvar.notify_one()));
}

#[test]
fn condvar_all() {
    model(|| {
        condvar_two(|condvar, number| {
            if number == 1 {
                condvar.notify_all();
            }
        });
    });
}

#[test]
fn semaphore_excludes() {
    model(|| {
        let shared = Arc::new((Semaphore::new(1), AtomicU32::new(0)));
        together(2, &shared, |(semaphore, sum)| {
            semaphore.acquire();
            // Relaxed, and in two steps: only the permit keeps an addition from being lost.
            let old = sum.load(Relaxed);
            sum.store(old + 1, Relaxed);
            semaphore.release(1);
        });
        assert_eq!(shared.1.load(Relaxed), 3);
    });
}

#[test]
fn semaphore_many() {
    model(|| {
        let semaphore = Arc::new(Semaphore::new(0));
        let waiters = [(); 2].map(|()| {
            let semaphore = Arc::clone(&semaphore);
            spawn(move || semaphore.acquire())
        });
        semaphore.release(2);
        for waiter in waiters {
            waiter.join().unwrap();
        }
        assert_eq!(semaphore.available(), 0);
    });
}

#[test]
fn semaphore_one_by_one() {
    model(|| {
        let semaphore = Arc::new(Semaphore::new(0));
        let waiters = [(); 2].map(|()| {
            let semaphore = Arc::clone(&semaphore);
            spawn(move || semaphore.acquire())
        });
        semaphore.release(1);
        semaphore.release(1);
        for waiter in waiters {
            waiter.join().unwrap();
        }
    });
}

/// A barrier, and how many have come to it in each of two rounds.
type Rounds = (Barrier, [AtomicU32; 2]);

#[test]
fn barrier_two_rounds() {
    model(|| {
        let shared: Arc<Rounds> = Arc::new((Barrier::new(2), [(); 2].map(|()| AtomicU32::new(0))));
        together(1, &shared, |(barrier, came)| {
            for round in came {
                // Relaxed: the barrier orders it.
                round.fetch_add(1, Relaxed);
                barrier.wait();
                assert_eq!(round.load(Relaxed), 2);
            }
        });
    });
}

#[test]
fn barrier_three() {
    model(|| {
        let shared = Arc::new((Barrier::new(3), AtomicU32::new(0), AtomicU32::new(0)));
        together(2, &shared, |(barrier, came, last)| {
            came.fetch_add(1, Relaxed);
            last.fetch_add(u32::from(barrier.wait()), Relaxed);
            assert_eq!(came.load(Relaxed), 3);
        });
        assert_eq!(shared.2.load(Relaxed), 1);
    });
}

#[test]
fn rwlock_writers_and_reader() {
    model(|| {
        let lock = Arc::new(RwLock::new((0, 0)));
        let writers = [(); 2].map(|()| {
            let lock = Arc::clone(&lock);
            spawn(move || {
                let mut both = lock.write();
                both.0 += 1;
                both.1 += 1;
            })
        });
        let both = lock.read();
        assert_eq!(both.0, both.1);
        drop(both);
        for writer in writers {
            writer.join().unwrap();
        }
        assert_eq!(*lock.read(), (2, 2));
    });
}

#[test]
fn rwlock_readers_and_writer() {
    model(|| {
        let lock = Arc::new(RwLock::new((0, 0)));
        let readers = [(); 2].map(|()| {
            let lock = Arc::clone(&lock);
            spawn(move || {
                let both = lock.read();
                assert_eq!(both.0, both.1);
            })
        });
        *lock.write() = (1, 1);
        for reader in readers {
            reader.join().unwrap();
        }
    });
}

#[test]
fn once() {
    model(|| {
        let shared = Arc::new((Once::new(), Mutex::new(0)));
        together(2, &shared, |(once, times)| {
            once.call(|| *times.lock() += 1);
            assert!(once.is_done());
        });
        assert_eq!(*shared.1.lock(), 1);
    });
}

#[test]
fn once_cell() {
    model(|| {
        let cell = Arc::new(OnceCell::new());
        together(2, &cell, |cell| assert_eq!(*cell.get_or_init(|| Box::new(7)), Box::new(7)));
        assert_eq!(cell.set(Box::new(8)), Err(Box::new(8)));
    });
}
