//! Each kind is found where it is, and nowhere else.

use tracer_common::record::{Context, Futex, InfoKind, SignalDeliver, SignalGenerate};
use zerocopy::FromZeros;

use super::{About, Finding};
use crate::event::What;
use crate::model::futexes::{DeadlockRow, LinkRow};
use crate::model::summary::Summary;
use crate::model::tests::busy::{A, B, END, SHELL, busy, us};
use crate::model::tests::look::in_call;
use crate::model::tests::script::{IDLE, SLEEP, Script};

fn of(summary: &Summary, about: About) -> Option<Finding> {
    let mut findings = summary.findings().into_iter().filter(|finding| finding.about == about);
    let first = findings.next();
    assert_eq!(findings.next(), None, "one of a kind");
    first
}

#[test]
fn what_a_busy_trace_has_is_named_with_its_figures() {
    let summary = busy().finish(END);
    let found: Vec<About> = summary.findings().iter().map(|finding| finding.about).collect();
    let expected = [
        About::Killed,
        About::RunDelay,
        About::Uninterruptible,
        About::Stolen,
        About::UthreadStall,
    ];
    assert_eq!(found, expected);

    let killed = of(&summary, About::Killed).unwrap();
    assert_eq!((killed.tid, killed.by_tid, killed.count), (Some(A), Some(SHELL), 1));
    assert_eq!((killed.what.as_deref(), killed.section), (Some("SIGTERM"), "signals"));
    assert_eq!(killed.by_comm.as_deref(), Some("task50"));

    let delay = of(&summary, About::RunDelay).unwrap();
    assert_eq!((delay.tid, delay.by_tid), (Some(B), Some(A)));
    assert_eq!((delay.max_ns, delay.count), (Some(us(9_998)), 2));

    let disk = of(&summary, About::Uninterruptible).unwrap();
    assert_eq!((disk.tid, disk.what.as_deref()), (Some(A), Some("read")));
    assert_eq!((disk.sum_ns, disk.by_tid), (Some(us(1_900)), None));

    let stolen = of(&summary, About::Stolen).unwrap();
    assert_eq!((stolen.tid, stolen.sum_ns), (Some(A), Some(us(400))));

    let stall = of(&summary, About::UthreadStall).unwrap();
    assert_eq!((stall.tid, stall.max_ns, stall.count), (Some(A), Some(us(1_900)), 2));
    assert!(summary.findings().iter().all(|finding| !finding.at_least));
}

#[test]
fn an_empty_trace_has_nothing_that_stands_out() {
    assert_eq!(Script::new().finish(1000).findings(), []);
    assert_eq!(Script::new().finish(0).findings(), []);
}

#[test]
fn loss_comes_first_and_makes_bounds() {
    let mut script = busy();
    script.gap(0, us(15_000), us(16_000));
    let mut summary = script.finish(END);
    let lost = &summary.findings()[0];
    assert_eq!((lost.about, lost.count, lost.at_least), (About::Lost, 7, true));
    summary.tasks.iter_mut().for_each(|task| task.exact = false);
    assert!(of(&summary, About::RunDelay).unwrap().at_least);
}

#[test]
fn a_fault_is_told_from_a_signal_that_was_sent() {
    let mut script = Script::new();
    script.fork(1, SHELL, A).wakeup_new(2, A).switch(3, 0, (IDLE, 0), A);
    let fault = SignalGenerate {
        target_tid: A,
        target_tgid: A,
        sender_tid: A,
        context: Context::TASK,
        info_kind: InfoKind::GIVEN,
        code: 1,
        sig: 11,
        ..SignalGenerate::new_zeroed()
    };
    script.push(10, Some(0), What::SignalGenerate(fault));
    script.push(
        11,
        Some(0),
        What::SignalDeliver(SignalDeliver { tid: A, sig: 11, ..SignalDeliver::new_zeroed() }),
    );
    script.exit_group(12, 0, A, 0x8b);
    let found = of(&script.finish(20), About::Crashed).unwrap();
    assert_eq!(
        (found.tid, found.by_tid, found.what.as_deref()),
        (Some(A), Some(A), Some("SIGSEGV"))
    );
}

/// A and B use the futex of which B waits until 5000, and A for ever.
fn waiting() -> Summary {
    let mut script = Script::new();
    script.asleep(&[A, B]);
    let futex = |tid, begin_ns, op, ret| {
        What::Futex(Futex {
            tid,
            begin_ns,
            uaddr: 0x1000,
            op,
            ret,
            object: 7,
            ..Futex::new_zeroed()
        })
    };
    script.push(4_000, Some(0), futex(A, 3_990, 1, 1)).push(5_000, Some(0), futex(B, 1_000, 0, 0));
    script.push(9_000, None, futex(A, 6_000, 0, 0));
    script.finish(10_000)
}

#[test]
fn the_worst_lock_is_the_one_that_was_waited_for_longest() {
    let lock = of(&waiting(), About::Lock).unwrap();
    assert_eq!((lock.sum_ns, lock.max_ns, lock.count), (Some(4_000), Some(4_000), 1));
    assert_eq!((lock.tid, lock.by_tid), (Some(B), None));
    assert_eq!(lock.what.as_deref(), Some("object-7:0x0"));
}

#[test]
fn a_deadlock_is_told_instead_of_its_waits() {
    let mut summary = waiting();
    let link = |tid, by| LinkRow {
        tid,
        key: Some("mm1:0x10".to_owned()),
        from_ns: Some(2_000),
        blocked_by: Some(by),
        how: None,
    };
    let links = vec![link(A, B), link(B, A)];
    summary.deadlocks.push(DeadlockRow { since_ns: Some(3_000), killed_ns: None, links });
    let found = of(&summary, About::Deadlock).unwrap();
    assert_eq!((found.tid, found.by_tid, found.count), (Some(A), Some(B), 2));
    assert_eq!((found.what.as_deref(), found.sum_ns), (Some("mm1:0x10"), Some(7_000)));
    assert_eq!(of(&summary, About::StillWaiting), None);
}

#[test]
fn the_signal_that_a_mask_held_back_for_longest_is_told() {
    let mut summary = busy().finish(END);
    assert_eq!(of(&summary, About::Blocked), None);
    (summary.signals[0].blocked_ns, summary.signals[0].blocked_exact) = (Some(us(500)), true);
    let found = of(&summary, About::Blocked).unwrap();
    assert_eq!((found.tid, found.by_tid, found.max_ns), (Some(A), Some(SHELL), Some(us(500))));
    assert_eq!((found.what.as_deref(), found.at_least), (Some("SIGTERM"), false));
}

#[test]
fn a_call_that_has_not_ended_is_told_with_its_time() {
    let found = of(&waiting(), About::StillWaiting).unwrap();
    assert_eq!((found.tid, found.sum_ns, found.count), (Some(A), Some(4_000), 1));
}

#[test]
fn that_a_command_was_held_until_all_was_ready_does_not_stand_out() {
    let sleeps = |exec: bool| {
        let mut script = Script::new();
        script.seen(0, A, 0, Some(0)).switch(10, 0, (A, in_call(SLEEP, 0)), IDLE);
        script.waking(us(20), 0, A).switch(us(20), 0, (IDLE, 0), A);
        if exec {
            script.exec(us(21), 0, A, A);
        }
        of(&script.finish(us(30)), About::Sleep).is_some()
    };
    assert!(sleeps(false) && !sleeps(true));
}

#[test]
fn waiting_for_work_does_not_stand_out() {
    // Both sleep for most of the time: one for a lock, one in poll.
    let mut script = Script::new();
    script.seen(0, A, 0, Some(0)).seen(0, B, 0, Some(1));
    script.switch(10, 0, (A, in_call(SLEEP, 7)), IDLE);
    script.switch(20, 1, (B, in_call(SLEEP, 202)), IDLE);
    let found = of(&script.finish(us(30)), About::Sleep).unwrap();
    assert_eq!((found.tid, found.what.as_deref()), (Some(B), Some("futex")));
    assert_eq!(found.max_ns, Some(us(30) - 20));
}
