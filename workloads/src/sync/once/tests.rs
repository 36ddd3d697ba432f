//! Once, and the cell, with real threads.
#![cfg(not(loom))]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;

use super::{Once, OnceCell};
use crate::sync::testing::{Calls, together};

#[test]
fn runs_once() {
    let (once, times) = (Once::new(), AtomicU64::new(0));
    together(|| {
        once.call(|| {
            times.fetch_add(1, Relaxed);
        });
    });
    assert_eq!(times.load(Relaxed), 1);
}

#[test]
fn the_next_runs_if_one_unwinds() {
    let once = Once::new();
    let unwound = catch_unwind(AssertUnwindSafe(|| once.call(|| panic!("on purpose"))));
    assert!(unwound.is_err() && !once.is_done());
    once.call(|| ());
    assert!(once.is_done());
}

#[test]
#[cfg_attr(miri, ignore = "maps memory")]
fn others_sleep_until_it_is_done() {
    let once = Once::new();
    let calls = Calls::at(&once);
    thread::scope(|scope| {
        once.call(|| {
            for _ in 0..2 {
                scope.spawn(|| once.call(|| unreachable!("it is being done")));
            }
            calls.until_waits(2);
        });
    });
    calls.check(2, 1);
}

#[test]
fn the_cell_is_filled_once() {
    let cell = OnceCell::new();
    assert_eq!(cell.get(), None);
    assert_eq!(cell.set(1), Ok(()));
    assert_eq!(cell.set(2), Err(2));
    assert_eq!(*cell.get_or_init(|| unreachable!("it is full")), 1);
    assert_eq!(format!("{cell:?}"), "OnceCell(Some(1))");
    assert_eq!(cell.into_inner(), Some(1));
}

#[test]
fn all_get_the_same() {
    let cell = OnceCell::new();
    let next = AtomicU64::new(7);
    together(|| assert_eq!(*cell.get_or_init(|| next.fetch_add(1, Relaxed)), 7));
}
