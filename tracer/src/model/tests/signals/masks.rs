//! Masks, handlers, and waits for signals.

use super::*;

#[test]
fn a_signal_to_a_process_is_taken_by_any_of_its_threads() {
    let mut script = script();
    script.thread(1, A, THREAD).send_process(10, 10, &[]).send(12, A, 34, &[34]);
    script.take(20, THREAD, 10, &[]).take(30, A, 34, &[]).take(40, A, 12, &[34]);
    let summary = script.finish(60);
    let [usr1, rt, unseen] = &summary.signals[..] else { panic!("three signals") };
    assert_eq!((usr1.delivered_tid, usr1.delivered_ns), (Some(THREAD), Some(20)));
    assert_eq!((usr1.blocked_ns, usr1.handler.as_deref()), (Some(0), Some("0x4000")));
    assert_eq!((rt.name.as_str(), rt.blocked_ns, rt.group), ("SIGRTMIN", Some(18), false));
    assert_eq!((unseen.generated_ns, unseen.delivered_ns), (None, Some(40)));
    assert_eq!(summary.anomalies.of(Anomaly::SignalNotGenerated), 1);
}

#[test]
fn blocked_ends_with_the_mask_and_waiting_with_the_delivery() {
    // A  5 blocks ─ 10 sent ──────── 60 unblocks ─ 63 off its CPU ─ 70 on it ─ 71 delivered
    let mut script = script();
    script.seen(1, A, 0, Some(0)).sigmask(5, A, &[10]).send(10, A, 10, &[10]);
    script.sigmask(60, A, &[]).switch(63, 0, (A, 0), IDLE).switch(70, 0, (IDLE, 0), A);
    script.take(71, A, 10, &[]).back(91, A);
    let summary = script.finish(100);
    let [signal] = &summary.signals[..] else { panic!("one signal") };
    assert_eq!((signal.blocked_ns, signal.waiting_ns), (Some(50), Some(11)));
    assert_eq!((signal.run_delay_ns, signal.blocked_exact), (Some(7), true));
    assert_eq!((signal.returned_ns, signal.handler_ns), (Some(91), Some(20)));
    assert_eq!((signal.action, signal.depth), (Some("handler"), Some(0)));
    let total = &summary.signal_totals[0];
    assert_eq!((total.blocked_ns.sum, total.waiting_ns.sum, total.handler_ns.sum), (50, 11, 20));
}

#[test]
fn to_a_process_it_is_blocked_while_all_threads_block_it() {
    // A blocks 10 and 34; THREAD is born with that mask, and lets 34 through at 40.
    let mut script = script();
    script.sigmask(1, A, &[10, 34]).thread(2, A, THREAD).sigmask(5, THREAD, &[34]);
    script.send_process(10, 10, &[10, 34]).send_process(12, 34, &[10, 34]);
    script.take(20, THREAD, 10, &[34]).back(22, THREAD);
    script.sigmask(40, THREAD, &[]).take(41, THREAD, 34, &[]);
    let summary = script.finish(60);
    assert_eq!(blocked(&summary.signals), [Some(0), Some(28)]);
    assert!(summary.signals.iter().all(|signal| signal.blocked_exact));
}

#[test]
fn a_thread_that_exits_leaves_the_signal_to_those_that_block_it() {
    let mut script = script();
    script.sigmask(1, A, &[10]).thread(2, A, THREAD).sigmask(3, THREAD, &[]);
    script.send_process(10, 10, &[10]).exit(15, 0, THREAD, 0).sigmask(40, A, &[]);
    script.take(41, A, 10, &[]);
    assert_eq!(blocked(&script.finish(60).signals), [Some(25)]);
}

#[test]
fn a_mask_that_is_not_known_makes_the_time_a_guess() {
    let mut script = Script::new();
    script.asleep(&[A, B]).thread(1, A, THREAD).send_process(10, 10, &[10]).take(30, A, 10, &[]);
    script.send(40, A, 12, &[12]).gap(1, 41, 45).take(50, A, 12, &[10]);
    let summary = script.finish(60);
    assert_eq!(blocked(&summary.signals), [Some(20), Some(10)]);
    assert!(summary.signals.iter().all(|signal| !signal.blocked_exact));
}

#[test]
fn a_handler_blocks_its_own_signal_and_what_its_action_says() {
    // 34 three times; 12 is in the mask of the handler.
    let mut script = script();
    script.send(10, A, 34, &[]).send(11, A, 34, &[]).send(12, A, 12, &[]);
    let first = SignalDeliver { sa_mask: mask(&[12]), ..taken(A, 34, HANDLER, &[]) };
    script.push(20, Some(0), What::SignalDeliver(first)).back(30, A);
    script.take(31, A, 12, &[]).take(32, A, 34, &[12]).back(35, A).back(36, A);
    let summary = script.finish(60);
    let [first, second, usr2] = &summary.signals[..] else { panic!("three signals") };
    assert_eq!((first.blocked_ns, first.handler_ns), (Some(0), Some(10)));
    assert_eq!((second.blocked_ns, second.waiting_ns), (Some(10), Some(11)));
    assert_eq!((second.depth, second.handler_ns), (Some(1), Some(3)));
    assert_eq!((usr2.blocked_ns, usr2.depth, usr2.handler_ns), (Some(10), Some(0), Some(5)));
}

#[test]
fn sigsuspend_lets_through_what_was_blocked_and_ends_by_it() {
    // Blocked from 10, let through by the mask of the call at 30, which the signal ends.
    let mut script = script();
    script.sigmask(5, A, &[10]).send(10, A, 10, &[10]);
    script.borrowed((30, 33), A, &[12], (SigMask::SUSPEND, -514)).take(34, A, 10, &[12]);
    script.back(40, A).send(42, A, 10, &[10]).send(43, A, 12, &[10]).take(45, A, 12, &[10]);
    let summary = script.finish(60);
    let [first, again, usr2] = &summary.signals[..] else { panic!("three signals") };
    assert_eq!((first.blocked_ns, first.interrupted), (Some(20), Some("rt_sigsuspend")));
    assert_eq!((again.fate, again.blocked_ns), (Fate::Pending, Some(18)));
    assert_eq!((usr2.blocked_ns, usr2.interrupted), (Some(0), None));
}

#[test]
fn a_wait_takes_a_signal_without_a_delivery() {
    let mut script = script();
    script.sigmask(5, A, &[10, 34]).send(10, A, 10, &[10, 34]).send_process(11, 34, &[10, 34]);
    script.borrowed((30, 31), A, &[34], (SigMask::TIMEDWAIT, 10));
    // A second one comes between the taking of the first and the end of the call.
    script.send(50, A, 10, &[34]).send(51, A, 10, &[10, 34]);
    script.borrowed((40, 52), A, &[34], (SigMask::TIMEDWAIT, 10));
    script.borrowed((53, 54), A, &[10], (SigMask::TIMEDWAIT, 34));
    let summary = script.finish(60);
    let [first, rt, second, third] = &summary.signals[..] else { panic!("four signals") };
    assert_eq!(
        (first.fate, first.blocked_ns, first.delivered_ns),
        (Fate::Waited, Some(20), Some(31))
    );
    assert_eq!((rt.fate, rt.blocked_ns), (Fate::Waited, Some(42)));
    assert_eq!((second.fate, second.blocked_ns), (Fate::Waited, Some(0)));
    assert_eq!(third.fate, Fate::Pending);
    let usr1 = &summary.signal_totals[0];
    assert_eq!((usr1.fates[&Fate::Waited], usr1.fates[&Fate::TakenUnseen]), (2, 0));
}

#[test]
fn the_state_is_the_one_before_the_waking_by_the_sender() {
    // The script's wakings are task 1's.
    let mut script = script();
    let by_one = SignalGenerate { sender_tid: 1, ..sent(A, 10, false, &[]) };
    script.waking(9_000, 0, A).push(10_000, Some(0), What::SignalGenerate(by_one));
    script.send(10_500, A, 12, &[]).push(40_000, Some(0), What::SignalGenerate(by_one));
    let states: Vec<_> =
        script.finish(50_000).signals.iter().map(|signal| signal.target_state).collect();
    assert_eq!(states, ["sleeping", "runnable", "runnable"].map(Some));
}
