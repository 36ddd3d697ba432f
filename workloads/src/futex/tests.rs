//! The calls by their results, and the table to the unit.

use std::thread;
use std::time::Duration;

use super::count::{self, Row};
use super::{ALL, Deadline, Outcome, Requeued, Scope};
use crate::clock::now_ns;
use crate::shim::AtomicU32;

/// The row of a word that no other test uses; empty if there was no call.
fn row(word: &'static AtomicU32) -> Row {
    let address = std::ptr::from_ref(word).addr();
    let found = count::rows().into_iter().find(|row| row.address == address);
    Row { address: 0, ..found.unwrap_or_default() }
}

/// Waits until that many waits at the word have been asked for, then until `wake` wakes that many.
fn wake_all_of(word: &'static AtomicU32, waits: u32, wake: impl Fn() -> u32) {
    let end = now_ns() + 10_000_000_000;
    let mut left = waits;
    while left > 0 {
        assert!(now_ns() < end, "nobody waits");
        if row(word).waits >= u64::from(waits) {
            left -= wake();
        }
        thread::yield_now();
    }
}

#[test]
#[cfg_attr(miri, ignore = "maps memory")]
fn each_result_is_counted_as_it_is() {
    static WORD: AtomicU32 = AtomicU32::new(1);
    count::enable().expect("memory");
    let soon = Some(Duration::from_micros(1));
    assert_eq!(super::wait(&WORD, 0, Scope::Private, None), Outcome::Changed);
    assert_eq!(super::wait(&WORD, 1, Scope::Private, soon), Outcome::TimedOut);
    let past = Deadline::after(Duration::ZERO);
    assert_eq!(super::wait_until(&WORD, 1, Scope::Private, &past), Outcome::TimedOut);
    assert_eq!(super::wake(&WORD, ALL, Scope::Private), 0);
    // Makes no call.
    assert_eq!(super::wait_while(&WORD, 0, Scope::Private, None), Outcome::Changed);
    let expected = Row { waits: 3, changed: 1, timed_out: 2, wakes: 1, ..Row::default() };
    assert_eq!(row(&WORD), expected);
    assert_eq!(expected.calls(), 4);
    assert_eq!(count::lost(), 0);
}

#[test]
#[cfg_attr(miri, ignore = "maps memory")]
fn a_wake_ends_a_wait() {
    static WORD: AtomicU32 = AtomicU32::new(0);
    count::enable().expect("memory");
    for scope in [Scope::Private, Scope::Shared] {
        let waiter = thread::spawn(move || super::wait(&WORD, 0, scope, None));
        let address = std::ptr::from_ref(&WORD).addr();
        let mine = || {
            let shared = scope == Scope::Shared;
            let rows = count::rows();
            rows.into_iter().find(|row| row.address == address && row.shared == shared)
        };
        while super::wake(&WORD, 1, scope) == 0 {
            thread::yield_now();
        }
        assert_eq!(waiter.join().expect("a waiter"), Outcome::Woken);
        let row = mine().expect("a row");
        assert_eq!((row.waits, row.woken, row.tasks_woken), (1, 1, 1));
    }
}

#[test]
#[cfg_attr(miri, ignore = "maps memory")]
fn a_far_deadline_is_no_error() {
    static WORD: AtomicU32 = AtomicU32::new(0);
    count::enable().expect("memory");
    let waiter = thread::spawn(|| {
        let never = Deadline::after(Duration::MAX);
        super::wait_until(&WORD, 0, Scope::Private, &never)
    });
    wake_all_of(&WORD, 1, || super::wake(&WORD, 1, Scope::Private));
    assert_eq!(waiter.join().expect("a waiter"), Outcome::Woken);
}

#[test]
#[cfg_attr(miri, ignore = "maps memory")]
fn requeue_wakes_some_and_moves_the_others() {
    static FROM: AtomicU32 = AtomicU32::new(0);
    static TO: AtomicU32 = AtomicU32::new(0);
    count::enable().expect("memory");
    let requeue = || super::requeue(&FROM, 0, (1, ALL), &TO, Scope::Private);
    assert_eq!(super::requeue(&FROM, 1, (1, ALL), &TO, Scope::Private), None);
    assert_eq!(requeue(), Some(Requeued { woken: 0, moved: 0 }));
    let waiters = [(); 3].map(|()| thread::spawn(|| super::wait(&FROM, 0, Scope::Private, None)));
    let mut sum = Requeued { woken: 0, moved: 0 };
    while sum.woken + sum.moved < 3 {
        let done = requeue().expect("the word has not changed");
        sum.woken += done.woken;
        sum.moved += done.moved;
    }
    let mut left = sum.moved;
    while left > 0 {
        left -= super::wake(&TO, ALL, Scope::Private);
    }
    for waiter in waiters {
        assert_eq!(waiter.join().expect("a waiter"), Outcome::Woken);
    }
    let (from, to) = (row(&FROM), row(&TO));
    assert_eq!((from.waits, from.woken), (3, 3));
    let counted = (from.requeue_woken, from.requeue_moved);
    assert_eq!(counted, (u64::from(sum.woken), u64::from(sum.moved)));
    assert_eq!(to.tasks_woken, u64::from(sum.moved));
}

#[test]
#[cfg_attr(miri, ignore = "miri knows no priority inheritance")]
fn the_owner_of_a_pi_word_is_its_tid() {
    use std::sync::atomic::Ordering::Relaxed;
    static WORD: AtomicU32 = AtomicU32::new(0);
    count::enable().expect("memory");
    let scope = Scope::Private;
    assert_eq!(super::lock_pi(&WORD, scope), Ok(()));
    assert_eq!(WORD.load(Relaxed), crate::thread::tid());
    assert_eq!(super::lock_pi(&WORD, scope), Err(rustix::io::Errno::DEADLK));
    let other = thread::spawn(move || {
        let (tried, unlocked) = (super::trylock_pi(&WORD, scope), super::unlock_pi(&WORD, scope));
        (tried, unlocked)
    });
    let refused = (Ok(false), Err(rustix::io::Errno::PERM));
    assert_eq!(other.join().expect("another thread"), refused);
    assert_eq!(super::unlock_pi(&WORD, scope), Ok(()));
    assert_eq!(super::trylock_pi(&WORD, scope), Ok(true));
    assert_eq!(super::unlock_pi(&WORD, scope), Ok(()));
    assert_eq!(WORD.load(Relaxed), 0);
    let expected = Row {
        lock_pi: 2,
        lock_pi_errors: 1,
        unlock_pi: 3,
        unlock_pi_errors: 1,
        trylock_pi: 2,
        trylock_pi_failed: 1,
        ..Row::default()
    };
    assert_eq!(row(&WORD), expected);
}
