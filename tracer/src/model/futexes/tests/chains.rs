//! Timelines of chains and deadlocks.

use tracer_common::record::{Futex, Wait, WaitCall};

use super::{A, B, C, D, LOCK_PI, UNLOCK_PI, WAIT, call, ended, names, of, pending, threads};
use crate::event::What;
use crate::model::tests::look::header;
use crate::model::tests::script::Script;

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
fn a_chain_is_told_once_with_all_its_links() {
    // A has 0x10; B has 0x20 ·(100) for A··(500); C has 0x30 ·(110) for B··(600); D ·(120) for C··(700)
    let mut script = threads();
    let links = [(B, 0x10, 100, A, 500), (C, 0x20, 110, B, 600), (D, 0x30, 120, C, 700)];
    for (tid, uaddr, begin, owner, end) in links {
        ended(&mut script, end, Futex { word: owner, ..call(tid, LOCK_PI, uaddr, begin, 0) });
    }
    let summary = script.finish(1000);
    let [chain] = &summary.lock_chains[..] else { panic!("{:?}", summary.lock_chains) };
    let by_word = Some("pi-word");
    let whole = [(D, Some(C), by_word), (C, Some(B), by_word), (B, Some(A), by_word)];
    assert_eq!((names(&chain.links), chain.together_ns), (whole.to_vec(), 380));
}
