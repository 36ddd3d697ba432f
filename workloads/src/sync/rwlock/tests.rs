//! The read-write lock with real threads.
#![cfg(not(loom))]

use std::thread;

use super::RwLock;
use crate::sync::testing::{Calls, ROUNDS, THREADS, together};

#[test]
fn many_readers_or_one_writer() {
    let lock = RwLock::new(1);
    let (one, two) = (lock.read(), lock.try_read().expect("readers share"));
    assert_eq!(*one + *two, 2);
    assert!(lock.try_write().is_none());
    drop((one, two));
    *lock.write() += 1;
    let writer = lock.try_write().expect("it is free");
    assert!(lock.try_read().is_none() && lock.try_write().is_none());
    drop(writer);
    assert_eq!(lock.into_inner(), 2);
}

#[test]
fn excludes() {
    let lock = RwLock::new((0, 0));
    together(|| {
        for round in 0..ROUNDS {
            if round % 4 == 0 {
                let mut both = lock.write();
                both.0 += 1;
                both.1 += 1;
            } else {
                let both = lock.read();
                assert_eq!(both.0, both.1);
            }
        }
    });
    assert_eq!(*lock.read(), (THREADS * ROUNDS / 4, THREADS * ROUNDS / 4));
}

#[test]
#[cfg_attr(miri, ignore = "maps memory")]
fn uncontended_makes_no_call() {
    let lock = RwLock::new(0);
    let calls = Calls::at(&lock);
    for _ in 0..1000 {
        let old = *lock.read();
        *lock.write() = old + 1;
    }
    calls.check(0, 0);
}

#[test]
#[cfg_attr(miri, ignore = "maps memory")]
fn a_writer_lets_all_readers_in() {
    let lock = RwLock::new(0);
    let calls = Calls::at(&lock);
    let mut writer = lock.write();
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| assert_eq!(*lock.read(), 1));
        }
        calls.until_waits(2);
        *writer += 1;
        drop(writer);
    });
    assert_eq!(calls.sum(|row| row.wakes), 1);
}

#[test]
#[cfg_attr(miri, ignore = "maps memory")]
fn a_reader_does_not_pass_a_waiting_writer() {
    let lock = RwLock::new(0);
    let calls = Calls::at(&lock);
    let reader = lock.read();
    thread::scope(|scope| {
        scope.spawn(|| *lock.write() += 1);
        calls.until_waits(1);
        assert!(lock.try_read().is_none());
        // The second sleeper reads after the first has written.
        scope.spawn(|| assert_eq!(*lock.read(), 1));
        calls.until_waits(2);
        drop(reader);
    });
}
