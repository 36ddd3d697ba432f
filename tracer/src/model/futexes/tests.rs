//! Timelines of locks. `─` is running, `·` waiting.

use tracer_common::record::{Futex, FutexCall, Wait, WaitCall};
use tracer_common::task::TaskKey;

use super::{FutexRow, LinkRow};
use crate::event::What;
use crate::model::summary::Summary;
use crate::model::tests::look::header;
use crate::model::tests::script::{IDLE, SLEEP, Script};

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
fn the_word_names_the_owner_and_the_chain_goes_on_through_it() {
    // A  has 0x10
    // B  has 0x20 ·(100) for A····(500)
    // C  ············(200) for B·········(600)
    let mut script = threads();
    let pi =
        |tid, uaddr, begin, owner| Futex { word: owner, ..call(tid, LOCK_PI, uaddr, begin, 0) };
    ended(&mut script, 500, pi(B, 0x10, 100, A | 1 << 31));
    ended(&mut script, 505, call(A, UNLOCK_PI, 0x10, 490, 0));
    ended(&mut script, 600, pi(C, 0x20, 200, B));
    ended(&mut script, 605, call(B, UNLOCK_PI, 0x20, 590, 0));
    let summary = script.finish(1000);
    assert_eq!(of(&summary, ":0x10").held_ns.sum, 390, "since B knew that A had it");
    assert_eq!(of(&summary, ":0x20").held_ns.sum, 390);
    let holder = of(&summary, ":0x20").holder.expect("a holder");
    assert_eq!((holder.tid, holder.how), (C, "pi-word"));
    let [chain] = &summary.lock_chains[..] else { panic!("{:?}", summary.lock_chains) };
    let by_word = Some("pi-word");
    assert_eq!(names(&chain.links), [(C, Some(B), by_word), (B, Some(A), by_word)]);
    assert_eq!((chain.together_ns, chain.times), (300, 1));
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
fn a_lock_in_a_pid_namespace_names_its_owner_by_the_number_there() {
    let mut script = Script::new();
    script.fork(1, 1, A).thread_inside(2, A, (B, 7)).thread_inside(3, A, (C, 8)).fork(4, 1, 7);
    pending(&mut script, 900, Futex { word: 8, ..call(B, WAIT, 0x10, 20, 0) });
    pending(&mut script, 900, Futex { word: 7 | 1 << 31, ..call(C, LOCK_PI, 0x20, 30, 0) });
    let summary = script.finish(1000);
    let [deadlock] = &summary.deadlocks[..] else { panic!("{:?}", summary.stuck) };
    let links = [(B, Some(C), Some("owner-field")), (C, Some(B), Some("pi-word"))];
    assert_eq!(names(&deadlock.links), links);
}

#[test]
fn philosophers_in_a_deadlock_are_named_to_the_end() {
    let mut script = threads();
    for (tid, other, at) in [(A, B, 10), (B, C, 20), (C, A, 30), (D, A, 40)] {
        pending(
            &mut script,
            900,
            Futex { word: other, ..call(tid, WAIT, u64::from(other), at, 0) },
        );
    }
    let summary = script.finish(1000);
    let [deadlock] = &summary.deadlocks[..] else { panic!("{:?}", summary.deadlocks) };
    let how = Some("owner-field");
    assert_eq!(names(&deadlock.links), [(A, Some(B), how), (B, Some(C), how), (C, Some(A), how)]);
    assert_eq!((deadlock.since_ns, deadlock.killed_ns, summary.stuck.len()), (Some(30), None, 4));
}

#[test]
fn those_killed_in_their_waits_were_in_a_deadlock() {
    let mut script = threads();
    for (tid, other, at) in [(A, B, 10), (B, A, 20)] {
        let wait = call(tid, WAIT, u64::from(other), at, -512);
        ended(&mut script, 500 + at, Futex { word: other, ..wait });
        script.exit_group(600 + at, 0, tid, 9).free(700 + at, tid);
    }
    // A signal with a handler ends a wait too, and the call is made again.
    ended(&mut script, 500, call(C, WAIT, 0x30, 40, -512));
    ended(&mut script, 800, call(C, WAIT, 0x30, 510, 0));
    script.exit(900, 0, C, 0);
    let summary = script.finish(1000);
    let [deadlock] = &summary.deadlocks[..] else { panic!("{:?}", summary.deadlocks) };
    assert_eq!((deadlock.links.len(), deadlock.since_ns), (2, Some(20)));
    assert_eq!((deadlock.killed_ns, summary.stuck.len()), (Some(610), 2));
}

#[test]
fn joining_a_thread_that_wants_ones_lock_is_a_deadlock() {
    let mut script = threads();
    let join = Futex { val: B, key_unknown: 1, ..call(A, 0, 0x990, 10, 0) };
    pending(&mut script, 900, join);
    pending(&mut script, 900, Futex { word: A, ..call(B, WAIT, 0x10, 20, 0) });
    let summary = script.finish(1000);
    let [deadlock] = &summary.deadlocks[..] else { panic!("{:?}", summary.deadlocks) };
    let links = [(A, Some(B), Some("exit")), (B, Some(A), Some("owner-field"))];
    assert_eq!(names(&deadlock.links), links);
}

#[test]
fn a_wait_for_a_child_is_told_but_a_child_that_sleeps_is_no_deadlock() {
    let mut script = threads();
    script.fork(10, A, 300);
    let which = 300;
    let wait = Wait {
        header: header(900),
        begin_ns: 20,
        ret: 0,
        tid: A,
        call: WaitCall::WAIT4,
        which,
        options: 0,
        child: 0,
        idtype: 0,
    };
    script.push(900, None, What::Wait(wait));
    let summary = script.finish(1000);
    let [stuck] = &summary.stuck[..] else { panic!("{:?}", summary.stuck) };
    assert_eq!((stuck.link.blocked_by, stuck.link.how), (Some(300), Some("child")));
    assert!(summary.deadlocks.is_empty());
}

#[test]
fn a_reused_number_is_not_the_owner_of_before() {
    let mut script = threads();
    script.exit(100, 0, B, 0).free(110, B).thread(200, A, B);
    pending(&mut script, 900, Futex { word: B, ..call(A, WAIT, 0x10, 50, 0) });
    pending(&mut script, 900, Futex { word: A, ..call(B, WAIT, 0x20, 300, 0) });
    let summary = script.finish(1000);
    assert!(summary.stuck.iter().any(|row| row.link.tid == A && row.link.how.is_none()));
    assert!(summary.deadlocks.is_empty());
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
