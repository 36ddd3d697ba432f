//! Timelines of locks. `─` is running, `·` waiting.

use tracer_common::record::{Futex, FutexCall};
use tracer_common::task::TaskKey;

use super::{FutexRow, LinkRow};
use crate::event::What;
use crate::model::summary::Summary;
use crate::model::tests::look::header;
use crate::model::tests::script::{IDLE, SLEEP, Script};

mod chains;

const A: u32 = 100;
const B: u32 = 101;
const C: u32 = 102;
const D: u32 = 103;

const WAIT: u32 = 128;
const WAKE: u32 = 129;
const LOCK_PI: u32 = 128 | 6;
const UNLOCK_PI: u32 = 128 | 7;

/// A process of four threads, asleep since long.
fn threads() -> Script {
    let mut script = Script::new();
    script.fork(1, 1, A).thread(2, A, B).thread(3, A, C).thread(4, A, D);
    script
}

fn call(tid: u32, op: u32, uaddr: u64, begin_ns: u64, ret: i64) -> Futex {
    Futex {
        header: header(0),
        begin_ns,
        uaddr,
        uaddr2: 0,
        object: 0,
        offset: 0,
        ret,
        tid,
        call: FutexCall::FUTEX,
        op,
        val: if op == WAIT { 2 } else { 1 },
        word: 0,
        key_unknown: 0,
    }
}

/// The record of a call: it comes at the end of the call.
fn ended(script: &mut Script, at_ns: u64, futex: Futex) {
    script.push(at_ns, Some(0), What::Futex(futex));
}

/// A call that goes on when the trace ends.
fn pending(script: &mut Script, at_ns: u64, futex: Futex) {
    script.push(at_ns, None, What::Futex(futex));
}

fn of<'a>(summary: &'a Summary, key: &str) -> &'a FutexRow {
    let found = summary.futexes.iter().find(|row| row.key.ends_with(key));
    found.unwrap_or_else(|| panic!("no {key} in {:?}", summary.futexes))
}

fn names(links: &[LinkRow]) -> Vec<(u32, Option<u32>, Option<&'static str>)> {
    links.iter().map(|link| (link.tid, link.blocked_by, link.how)).collect()
}

#[test]
fn a_hold_is_from_the_end_of_a_wait_to_the_wake() {
    // A  ·····(100)────────(400)
    // B       (150)···············(410)──────(900)
    let mut script = threads();
    ended(&mut script, 100, call(A, WAIT, 0x10, 50, 0));
    // B is back before the record of the call that woke it.
    ended(&mut script, 410, call(B, WAIT, 0x10, 150, 0));
    ended(&mut script, 420, call(A, WAKE, 0x10, 400, 1));
    // Nobody is known to have waited for this one.
    ended(&mut script, 910, call(B, WAKE, 0x10, 900, 0));
    // B takes it unseen, and C knows by whom: not since when.
    ended(&mut script, 960, call(B, WAKE, 0x10, 950, 1));
    ended(&mut script, 970, Futex { word: B, ..call(C, WAIT, 0x10, 930, 0) });
    let summary = script.finish(1000);
    let lock = of(&summary, ":0x10");
    // A's is counted from when B began to wait.
    assert_eq!((lock.held_ns.count, lock.held_ns.sum, lock.held_whole), (2, 250 + 20, 0));
    assert_eq!((lock.wait_ns.sum, lock.queue.max), (350, 1));
    let [a, b, _] = lock.users[..] else { panic!("three tasks") };
    assert_eq!((a.tid, a.waits, a.wakes, a.holds_ns), (A, 1, 1, 250));
    assert_eq!((b.tid, b.waited_ns, b.holds_ns), (B, 260, 20));
}

#[test]
fn a_hold_that_others_waited_for_all_along_is_known_whole() {
    let mut script = threads();
    for (turn, tid) in [A, B, C, D, A, B].into_iter().enumerate() {
        let at = turn as u64 * 100;
        ended(&mut script, at + 90, call(tid, WAIT, 0x10, at.saturating_sub(150), 0));
        ended(&mut script, at + 182, call(tid, WAKE, 0x10, at + 180, 1));
    }
    let summary = script.finish(1000);
    let lock = of(&summary, ":0x10");
    assert_eq!((lock.held_ns.count, lock.held_ns.sum, lock.held_whole), (3, 270, 3));
}

#[test]
fn the_last_acquirer_holds_a_lock_that_was_handed_on_before() {
    let mut script = threads();
    ended(&mut script, 100, call(A, WAIT, 0x10, 50, 0));
    ended(&mut script, 210, call(A, WAKE, 0x10, 200, 1));
    ended(&mut script, 215, call(B, WAIT, 0x10, 150, 0));
    let summary = script.finish(1000);
    let holder = of(&summary, ":0x10").holder.expect("a holder");
    assert_eq!((holder.tid, holder.how), (B, "last-acquirer"));
}

#[test]
fn who_only_ever_waits_holds_nothing() {
    let mut script = threads();
    for turn in 0..5 {
        ended(&mut script, turn * 100 + 20, call(A, WAKE, 0x10, turn * 100 + 10, 1));
        ended(&mut script, turn * 100 + 30, call(B, WAIT, 0x10, turn * 100 + 5, 0));
    }
    let summary = script.finish(1000);
    let lock = of(&summary, ":0x10");
    assert_eq!((lock.holder, lock.held_ns.count), (None, 0));
}

#[test]
fn a_wait_that_begins_again_at_once_got_nothing() {
    // All are woken for one: B and C wait again.
    let mut script = threads();
    for (tid, at) in [(B, 90), (C, 100), (D, 110)] {
        script.switch(at, 0, (IDLE, 0), tid);
        ended(&mut script, at + 5, call(tid, WAIT, 0x10, 50, 0));
        script.switch(at + 8, 0, (tid, SLEEP), IDLE);
    }
    ended(&mut script, 120, Futex { val: 9, ..call(A, WAKE, 0x10, 85, 3) });
    ended(&mut script, 300, call(B, WAIT, 0x10, 97, 0));
    ended(&mut script, 300, call(C, WAIT, 0x10, 107, 0));
    let summary = script.finish(1000);
    let lock = of(&summary, ":0x10");
    assert_eq!((lock.rewaits, lock.herds, lock.queue.max), (2, 1, 3));
}

#[test]
fn the_owner_field_of_a_foreign_lock_is_no_owner() {
    let mut script = threads();
    script.fork(10, 1, 200);
    ended(&mut script, 500, Futex { word: 200, ..call(B, WAIT, 0x10, 100, 0) });
    ended(&mut script, 500, Futex { word: B, ..call(B, WAIT, 0x20, 100, 0) });
    ended(&mut script, 500, Futex { word: 77, ..call(B, WAIT, 0x30, 100, 0) });
    let summary = script.finish(1000);
    assert!(summary.futexes.iter().all(|row| row.longest.is_some_and(|one| one.how.is_none())));
}

#[test]
fn a_gap_takes_the_holder_away_and_leaves_bounds() {
    let mut script = threads();
    ended(&mut script, 100, call(A, WAIT, 0x10, 50, 0));
    script.gap(1, 150, 160);
    ended(&mut script, 400, call(A, WAKE, 0x10, 390, 1));
    ended(&mut script, 500, call(777, WAIT, 0x10, 450, 0));
    let summary = script.finish(1000);
    let lock = of(&summary, ":0x10");
    assert_eq!((lock.held_ns.count, lock.holder, lock.exact), (0, None, false));
}

#[test]
fn a_pending_shared_futex_is_known_by_earlier_calls_from_there() {
    let mut script = threads();
    let shared = |tid, op, begin| Futex { object: 0xabc, ..call(tid, op, 0x10, begin, 0) };
    ended(&mut script, 100, shared(A, 1, 50));
    ended(
        &mut script,
        110,
        Futex { object: u64::from(A), offset: 0x20, ..call(B, 1, 0x20, 50, 0) },
    );
    pending(&mut script, 900, Futex { key_unknown: 1, ..call(B, 0, 0x10, 200, 0) });
    let summary = script.finish(1000);
    let keys: Vec<&str> = summary.futexes.iter().map(|row| row.key.as_str()).collect();
    assert_eq!(keys, ["shared-mm1:0x20", "object-abc:0x0"]);
    assert_eq!(of(&summary, "abc:0x0").waiters, [B]);
}

#[test]
fn impossible_calls_harm_nobody() {
    let mut script = threads();
    script.free_key(5, TaskKey { tid: D, tgid: A, start_ns: 4 });
    for (at, tid) in [(10, 0), (11, D), (12, 999), (13, A)] {
        for op in [WAIT, WAKE, LOCK_PI, UNLOCK_PI, 128 | 3, 128 | 4, 77] {
            for (begin, ret) in [(0, 0), (at, 0), (u64::MAX, 5), (1, -512), (2, i64::MIN)] {
                ended(&mut script, at, Futex { word: u32::MAX, ..call(tid, op, 0x10, begin, ret) });
                pending(&mut script, at, Futex { word: tid, ..call(tid, op, 0x10, begin, ret) });
            }
        }
        script.exit(at, 0, tid, 0);
    }
    let summary = script.finish(1000);
    assert!(summary.deadlocks.is_empty(), "{:?}", summary.deadlocks);
}
