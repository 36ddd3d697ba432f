//! What becomes of signals, and of those that they kill.

use super::*;

#[test]
fn coalesced_ones_are_counted_at_the_one_that_stays() {
    let mut script = script();
    script.send(10, A, 10, &[10]).send_result(11, A, 10, 2).send_result(12, A, 10, 2);
    script.send_result(13, A, 12, 1).send_result(14, A, 34, 3).take(20, A, 10, &[]);
    let summary = script.finish(60);
    assert_eq!(
        fates(&summary.signals),
        [Fate::Delivered, Fate::Coalesced, Fate::Coalesced, Fate::Ignored, Fate::Lost,]
    );
    assert_eq!(summary.signals[0].coalesced, 2);
    assert_eq!(summary.signals[2].coalesced_into_ns, Some(10));
}

#[test]
fn one_that_left_unseen_shows_by_the_next() {
    // A read of a signalfd took the first; nothing tells of the last.
    let mut script = script();
    script.send(10, A, 10, &[10]).send(20, A, 10, &[10]).exit(30, 0, A, 0).free(31, A);
    let summary = script.finish(60);
    assert_eq!(fates(&summary.signals), [Fate::TakenUnseen, Fate::Discarded]);
}

#[test]
fn stops_and_continuations_throw_each_other_away() {
    let mut script = script();
    script.send_process(10, 19, &[]).send_process(11, 18, &[]).take_default(12, A, 18);
    let summary = script.finish(60);
    assert_eq!(fates(&summary.signals), [Fate::Flushed, Fate::Delivered]);
    assert_eq!(summary.signals[1].action, Some("continue"));
}

#[test]
fn a_fatal_signal_arrives_as_kill_in_every_thread() {
    let mut script = script();
    script.thread(1, A, THREAD).send_process(9, 10, &[]).send_process(10, 15, &[]);
    script.take_default(20, THREAD, 9).take_default(21, A, 9);
    script.exit_group(22, 0, THREAD, 15).exit_group(23, 1, A, 15).free(30, THREAD).free(31, A);
    let summary = script.finish(60);
    let [usr1, term] = &summary.signals[..] else { panic!("two signals") };
    assert_eq!((term.delivered_as, term.delivered_ns), (Some(9), Some(20)));
    assert_eq!((term.action, usr1.fate), (Some("terminate"), Fate::Discarded));
    assert_eq!(summary.anomalies.of(Anomaly::SignalNotGenerated), 0);
    for tid in [A, THREAD] {
        let killed_by = row(&summary, tid).exit.as_ref().unwrap().killed_by.clone().unwrap();
        assert_eq!((killed_by.signal, killed_by.sender_tid), (15, Some(B)));
        assert_eq!((killed_by.generated_ns, killed_by.taken_by), (Some(10), THREAD));
        assert_eq!(killed_by.sender_comm.as_deref(), Some("task200"));
    }
}

#[test]
fn a_fault_kills_with_a_core_and_is_its_own() {
    let mut script = script();
    let fault = SignalGenerate { code: 1, sender_tid: A, ..sent(A, 11, false, &[]) };
    script.push(10, Some(0), What::SignalGenerate(fault)).take_default(11, A, 11);
    script.exit_group(12, 0, A, 0x80 | 0xb).free(20, A);
    let summary = script.finish(60);
    assert!(summary.signals[0].sync);
    assert_eq!(summary.signals[0].action, Some("core"));
    let killed_by = row(&summary, A).exit.as_ref().unwrap().killed_by.clone().unwrap();
    assert_eq!((killed_by.signal, killed_by.sender_tid), (11, Some(A)));
}

#[test]
fn who_kills_a_number_does_not_kill_its_next_task() {
    let mut script = script();
    script.fork(1, B, A).send_process(2, 9, &[]).take_default(3, A, 9).exit_group(4, 0, A, 9);
    script.fork(10, B, A).exit_group(20, 0, A, 9);
    script.free_key(25, TaskKey { tid: A, tgid: A, start_ns: 1 });
    let summary = script.finish(60);
    let exits = look::rows(&summary, A).into_iter().filter_map(|row| row.exit.as_ref());
    let killed: Vec<_> = exits.map(|exit| exit.killed_by.is_some()).collect();
    assert_eq!(killed, [true, true, false][3 - killed.len()..]);
}

#[test]
fn a_late_release_takes_no_signal_from_the_numbers_next_task() {
    let mut script = Script::new();
    script.fork(1, B, A).exit(5, 0, A, 0).fork(10, B, A).send_process(12, 10, &[]);
    script.free_key(15, TaskKey { tid: A, tgid: A, start_ns: 1 }).take(20, A, 10, &[]);
    let summary = script.finish(60);
    assert_eq!(summary.signals[0].delivered_ns, Some(20));
    assert_eq!(summary.anomalies.of(Anomaly::SignalNotGenerated), 0);
}

#[test]
fn what_cannot_be_does_no_harm() {
    // Returns without handlers, waits for nothing, signals to and by the unknown, number 0 and 99.
    let mut script = Script::new();
    script.back(1, A).take(2, A, 0, &[]).take(3, A, 99, &[]).send(4, 7, 99, &[]);
    script.borrowed((1, 5), A, &[], (SigMask::TIMEDWAIT, 64)).send_process(6, 10, &[10]);
    script.sigmask(7, 8, &[1]).exit(8, 0, A, 9).take(9, A, 10, &[]).back(10, A).back(10, A);
    for at in 11..200 {
        script.take(at, A, 34, &[]).send(at, A, 34, &[34]).waking(at, 0, A);
    }
    script.gap(0, 150, 201).switch(210, 0, (A, SLEEP), IDLE).free(220, A).take(230, A, 34, &[]);
    let summary = script.finish(240);
    let fates: u64 = summary.signal_totals.iter().flat_map(|total| total.fates.values()).sum();
    assert_eq!(fates, summary.signals.len() as u64);
}
