//! Futex calls and signals.

use serde_json::json;
use workloads::truth::{Fate, Signal, Truth};

use super::{differs, found, report, signal, task, truth, with};

#[test]
fn every_kind_of_futex_call_is_compared() {
    let private = "private futex 0x5000";
    differs("/futexes/0/operations/FUTEX_WAKE", json!(4), private, "wakes");
    differs("/futexes/0/woken", json!(3), private, "woken or moved");
    differs("/futexes/0/errors", json!({"EAGAIN": 2}), private, "EAGAIN");
    differs("/futexes/0/errors", json!({"EAGAIN": 1, "ETIMEDOUT": 1}), private, "ETIMEDOUT");
    differs("/futexes/0/errors", json!({"EAGAIN": 1, "EFAULT": 1}), private, "other errors");
    let ended = "waits that no signal ended";
    differs("/futexes/0/errors", json!({"EAGAIN": 1, "EINTR": 1}), private, ended);
    differs("/futexes/0/operations/FUTEX_WAIT", json!(3), private, ended);
    let shared = "shared futex at 0x123 of a page";
    let both = json!({"FUTEX_WAIT": 1, "FUTEX_LOCK_PI": 1});
    differs("/futexes/1/operations", both, shared, "locks with priority inheritance");
}

/// What differs where the second word has so many waits, so many of them ended by a signal.
fn with_waits(truth: &Truth, waits: u64, interrupted: u64) -> Vec<String> {
    let mut report = report();
    report["futexes"][1]["operations"] = json!({"FUTEX_WAIT": waits});
    report["futexes"][1]["errors"] = json!({"ERESTARTSYS": interrupted});
    if truth.signals.is_empty() {
        report["signals"] = json!([]);
    }
    found(truth, report)
}

#[test]
fn waits_begun_again_are_not_more_than_signals() {
    let truth = truth();
    assert_eq!(with_waits(&truth, 3, 2), [""; 0], "two signals");
    let lines = with_waits(&truth, 4, 3);
    assert!(lines.len() == 1 && lines[0].contains("waits: the truth has 1..=3"), "{lines:#?}");
    let quiet = Truth { signals: Vec::new(), ..truth };
    assert_eq!(with_waits(&quiet, 1, 0), [""; 0]);
    assert_eq!(with_waits(&quiet, 2, 1).len(), 1);
}

#[test]
fn a_wait_that_never_returned_ended_somehow() {
    let mut truth = truth();
    (truth.futexes[1].woken, truth.signals) = (0, Vec::new());
    assert_eq!(with_waits(&truth, 1, 1), [""; 0], "by the signal that killed its caller");
    assert_eq!(with_waits(&truth, 1, 0), [""; 0], "by a wake just before that");
    assert_eq!(with_waits(&truth, 2, 1).len(), 1);
    assert_eq!(with_waits(&truth, 2, 2).len(), 1);
}

#[test]
fn a_word_of_one_side_only_is_a_difference() {
    let mut gone = report();
    gone["futexes"].as_array_mut().unwrap().remove(1);
    let lines = found(&truth(), gone);
    let of_it = |line: &String| line.contains("0x123");
    assert!(!lines.is_empty() && lines.iter().all(of_it), "{lines:#?}");
    let mut moved = report();
    moved["futexes"][1]["private"] = json!(true);
    let lines = found(&truth(), moved);
    assert!(lines.iter().any(|line| line.contains("shared")), "one gone: {lines:#?}");
    assert!(lines.iter().any(|line| line.contains("private")), "one too many: {lines:#?}");
}

#[test]
fn every_property_of_a_signal_is_compared() {
    let signal = "signal 10 (code -6) from 10 to thread 11";
    differs("/signals/0/result", json!("ignored"), signal, "result");
    differs("/signals/1/result", json!("delivered"), signal, "result");
    differs("/signals/0/fate", json!("waited"), signal, "fate");
    differs("/signals/1/fate", json!("ignored"), signal, "fate");
    differs("/signals/0/delivered_ns", json!(null), signal, "has a time of its delivery");
    differs("/signals/1/delivered_ns", json!(350), signal, "has a time of its delivery");
    differs("/signals/0/delivered_tid", json!(10), signal, "taken by");
    differs("/signals/0/handler", json!("default"), signal, "has a handler");
    differs("/signals/0/delivered_ns", json!(353), signal, "taken after its delivery");
    differs("/signals/0/blocked_ns", json!(39), signal, "blocked for at least its time");
    differs("/signals/0/blocked_ns", json!(53), signal, "blocked for no more than all its time");
}

#[test]
fn a_signal_of_one_side_only_is_a_difference() {
    for (field, value) in
        [("signal", 12), ("code", 0), ("sender_tid", 12), ("target_tid", 10), ("generated_ns", 200)]
    {
        let mut report = report();
        report["signals"][0][field] = json!(value);
        let lines = found(&truth(), report);
        assert!(lines.iter().any(|line| line.contains("is there")), "{field}: {lines:#?}");
    }
    let mut report = report();
    let again = report["signals"][1].clone();
    report["signals"].as_array_mut().unwrap().push(again);
    assert_eq!(found(&truth(), report).len(), 1);
}

#[test]
fn in_a_trace_of_the_whole_machine_others_may_be_there() {
    let mut all = report();
    all["follows_all"] = json!(true);
    all["tasks"].as_array_mut().unwrap().push(task(13, 13, "stranger"));
    let mut strange = all["futexes"][0].clone();
    strange["key"] = json!("mm8:0x7777");
    strange["waiters"] = json!([13]);
    all["futexes"].as_array_mut().unwrap().push(strange);
    assert_eq!(found(&truth(), all.clone()), [""; 0]);
    all["futexes"][2]["waiters"] = json!([11]);
    assert!(!found(&truth(), all).is_empty(), "a futex of our own that the truth does not have");
}

#[test]
fn a_signal_without_details_or_sender_is_found() {
    let mut truth = truth();
    truth.signals = vec![Signal { code: 0x80, sender: 0, ..signal(Fate::Waited, 300) }];
    let mut report = report();
    report["signals"].as_array_mut().unwrap().remove(1);
    let untold = json!({"code": null, "sender_tid": null, "fate": "pending",
                        "delivered_ns": null});
    report["signals"][0] = with(report["signals"][0].clone(), untold);
    assert_eq!(found(&truth, report.clone()), [""; 0]);
    report["signals"] = json!([]);
    assert_eq!(found(&truth, report.clone()).len(), 1);
    report["hides_tasks"] = json!(true);
    assert_eq!(found(&truth, report), [""; 0], "an interrupt in a task that is hidden");
}
