//! The comparison itself, on a small truth and a report that says the same: each thing that is said
//! differently is found, and nothing else.

use serde_json::{Value, json};
use workloads::truth::{Fate, Futex, Signal, Span, Task, Truth};

use super::differences;
use crate::report::Report;

/// What a thread of the library is made with.
const FLAGS: u64 = 0x3d_0f00;

/// A leader that makes a thread, which forks a child.
fn truth() -> Truth {
    let leader = Task { tid: 10, tgid: 10, code: Some(0), ended_ns: Some(900), ..Task::default() };
    let thread = Task {
        tid: 11,
        tgid: 10,
        parent: Some(1),
        creator: Some(10),
        flags: Some(FLAGS),
        stack: Some(0x1000),
        tls: Some(0x2000),
        comm: Some("worker".into()),
        started_ns: Some(210),
        ended_ns: Some(390),
        code: Some(0),
        migrations: Some(2),
        ..Task::default()
    };
    let child = Task {
        tid: 12,
        tgid: 12,
        parent: Some(10),
        creator: Some(11),
        flags: Some(17),
        signal: Some(15),
        reaper: Some(11),
        ..Task::default()
    };
    let futex = |address, private, waits| Futex { address, private, waits, ..Futex::default() };
    Truth {
        pid: 10,
        tasks: vec![leader, thread, child],
        futexes: vec![
            Futex { woken: 2, changed: 1, wakes: 5, wakened: 2, ..futex(0x5000, true, 3) },
            Futex { woken: 1, ..futex(0x7123, false, 1) },
        ],
        spans: vec![zombie("zombie", 330, 500), zombie("zombie_least", 350, 480)],
        signals: vec![signal(Fate::Handled, 300), signal(Fate::Coalesced, 301)],
        ..Truth::default()
    }
}

fn zombie(what: &str, from_ns: u64, to_ns: u64) -> Span {
    Span { what: what.into(), tid: 11, of: 12, from_ns, to_ns }
}

fn signal(fate: Fate, sent_ns: u64) -> Signal {
    let handled = fate == Fate::Handled;
    Signal {
        signal: 10,
        code: -6,
        sender: 10,
        target: 11,
        sent_ns,
        fate,
        taken_by: handled.then_some(11),
        taken_ns: handled.then_some(352),
        blocked_ns: handled.then_some(40),
        ..Signal::default()
    }
}

fn task(tid: u32, group: u32, comm: &str) -> Value {
    json!({
        "tid": tid, "tgid": group, "old_tid": null, "start_ns": null, "end_ns": null,
        "from_ns": 100, "to_ns": 950, "born": true, "comm": comm, "kind": "process",
        "parent_tid": 1, "creator_tid": null, "clone_flags": null, "clone_flags_raw": null,
        "stack": null, "tls": null, "shared_at_birth": [], "shares": {}, "execs": [],
        "states_ns": {}, "switches": {"voluntary": 0, "involuntary": 0}, "migrations": 0,
        "missed_migrations": 0, "cpus": {}, "kernel": null, "ledger": null, "exact": true,
        "exit": {"at_ns": 910, "code": 0, "signal": null, "group": true, "last": true,
                 "parent_tid": 1, "reaped_by": null, "reaped_ns": null},
    })
}

fn with(mut task: Value, fields: Value) -> Value {
    for (name, value) in fields.as_object().unwrap() {
        task[name] = value.clone();
    }
    task
}

fn tasks() -> Value {
    let leader = with(task(10, 10, "spawn"), json!({"born": false, "execs": [{}]}));
    let everything = ["mm", "files", "fs", "sighand", "signal", "nsproxy", "cred"];
    let flags = [
        "CLONE_VM",
        "CLONE_FS",
        "CLONE_FILES",
        "CLONE_SIGHAND",
        "CLONE_THREAD",
        "CLONE_SYSVSEM",
        "CLONE_SETTLS",
        "CLONE_PARENT_SETTID",
        "CLONE_CHILD_CLEARTID",
    ];
    let kernel = json!({"sum_exec_runtime_ns": 1, "nvcsw": 1, "nivcsw": 1, "nr_migrations": 2});
    let thread = with(
        task(11, 10, "worker"),
        json!({"kind": "thread", "from_ns": 200, "creator_tid": 10, "clone_flags": flags,
               "clone_flags_raw": FLAGS, "shared_at_birth": everything, "stack": 0x1ff0,
               "tls": 0x2000, "migrations": 2, "kernel": kernel}),
    );
    let exit = json!({"at_ns": 340, "code": null, "signal": 15, "group": true, "last": true,
                      "parent_tid": 10, "reaped_by": 11, "reaped_ns": 490});
    let child = with(
        task(12, 12, "worker"),
        json!({"parent_tid": 10, "creator_tid": 11, "clone_flags": [], "clone_flags_raw": 0,
               "shared_at_birth": ["nsproxy"], "exit": exit, "states_ns": {"zombie": 140}}),
    );
    json!([leader, thread, child])
}

fn report() -> Value {
    let times = json!({"count": 0, "sum": 0, "max": 0});
    let futexes = json!([
        {"key": "mm7:0x5000", "private": true, "waits": 3, "wakes": 5, "woken": 2,
         "wait_ns": times, "errors": {"EAGAIN": 1}, "waiters": [11], "wakers": [],
         "operations": {"FUTEX_WAIT": 2, "FUTEX_WAIT_BITSET": 1, "FUTEX_WAKE": 5}},
        {"key": "object-81a3:0x42123", "private": false, "waits": 1, "wakes": 0, "woken": 0,
         "wait_ns": times, "errors": {}, "waiters": [11], "wakers": [],
         "operations": {"FUTEX_WAIT": 1}},
    ]);
    let first = json!({"signal": 10, "name": "SIGUSR1", "code": -6, "sync": false,
        "sender_tid": 10, "target_tid": 11, "group": false, "result": "delivered",
        "generated_ns": 305, "delivered_ns": 350, "delivered_tid": 11, "blocked_ns": 45,
        "handler": "0x4000"});
    let second = with(
        first.clone(),
        json!({"result": "already_pending", "generated_ns": 306, "delivered_ns": null,
               "delivered_tid": null, "blocked_ns": null, "handler": null}),
    );
    json!({
        "schema": 1, "tasks": tasks(), "cpus": [], "signals": [first, second],
        "signals_omitted": 0, "irqs": [], "softirqs": [], "vectors": [], "follows_all": false, "hides_tasks": false,
        "futexes": futexes, "anomalies": {},
        "capture": {"start_ns": 0, "end_ns": 1000, "events": 1, "seen_per_cpu": {},
            "lost_per_cpu": {}, "emitted_per_cpu": null, "truncated": false,
            "lost": {"total": 0, "by_cause": {}, "gaps": [], "gaps_unlisted": 0},
            "damaged": {"chunks": 0, "bytes": 0}},
    })
}

/// The differences of the truth and a report, as lines.
fn found(truth: &Truth, report: Value) -> Vec<String> {
    let report: Report = serde_json::from_value(report).unwrap();
    differences(truth, &report).iter().map(ToString::to_string).collect()
}

/// Asserts that a report with this at this place differs in the field of that name alone.
#[track_caller]
fn differs(place: &str, value: Value, of: &str, field: &str) {
    let mut report = report();
    *report.pointer_mut(place).unwrap() = value;
    let found = found(&truth(), report);
    let line = format!("{of}: {field}: ");
    assert!(found.len() == 1 && found[0].starts_with(&line), "{place}: {found:#?}");
}

#[test]
fn the_same_on_both_sides_is_no_difference() {
    assert_eq!(found(&truth(), report()), [""; 0]);
}

#[test]
fn every_property_of_a_birth_is_compared() {
    let worker = "task 11 (worker)";
    differs("/tasks/1/tgid", json!(9), worker, "tgid");
    differs("/tasks/1/kind", json!("process"), worker, "kind");
    differs("/tasks/1/comm", json!("walker"), "task 11 (walker)", "comm");
    differs("/tasks/1/parent_tid", json!(2), worker, "parent");
    differs("/tasks/1/creator_tid", json!(12), worker, "creator");
    differs("/tasks/1/born", json!(false), worker, "birth was recorded");
    differs("/tasks/1/clone_flags_raw", json!(FLAGS | 1 << 15), worker, "clone flags");
    differs("/tasks/1/clone_flags", json!(["CLONE_VM"]), worker, "names of clone flags");
    differs("/tasks/1/shared_at_birth", json!(["mm"]), worker, "shared at birth");
    differs("/tasks/1/stack", json!(0x1000), worker, "stack pointer within its stack");
    differs("/tasks/1/tls", json!(0x2008), worker, "thread pointer");
    differs("/tasks/1/from_ns", json!(211), worker, "first own moment after its birth");
    differs("/tasks/2/execs", json!([{}]), "process 12", "execs");
    differs("/tasks/0/execs", json!([{}, {}]), "process 10", "execs");
}

#[test]
fn every_property_of_an_end_is_compared() {
    let worker = "task 11 (worker)";
    differs("/tasks/1/exit", json!(null), worker, "exit");
    differs("/tasks/1/exit/code", json!(1), worker, "exit code and signal");
    differs("/tasks/2/exit/signal", json!(9), "task 12 (worker)", "exit code and signal");
    differs("/tasks/2/exit/reaped_by", json!(10), "task 12 (worker)", "reaped by");
    differs("/tasks/1/exit/reaped_by", json!(10), worker, "reaped by");
    differs("/tasks/1/exit/at_ns", json!(389), worker, "exit after its last own moment");
    differs("/tasks/1/migrations", json!(3), worker, "migrations");
    let account = "migrations by the kernel's account";
    differs("/tasks/1/kernel/nr_migrations", json!(3), worker, account);
}

#[test]
fn somebody_elses_reaper_is_nobody_of_the_program() {
    let mut report = report();
    report["tasks"][0]["exit"]["reaped_by"] = json!(1);
    assert_eq!(found(&truth(), report), [""; 0]);
}

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
    differs("/signals/0/delivered_ns", json!(null), signal, "was delivered");
    differs("/signals/1/delivered_ns", json!(350), signal, "was delivered");
    differs("/signals/0/delivered_tid", json!(10), signal, "taken by");
    differs("/signals/0/handler", json!("default"), signal, "has a handler");
    differs("/signals/0/delivered_ns", json!(353), signal, "taken after its delivery");
    differs("/signals/0/blocked_ns", json!(39), signal, "blocked for at least its time");
    differs("/signals/0/blocked_ns", json!(53), signal, "blocked for no more than all its time");
}

#[test]
fn times_as_a_zombie_are_compared() {
    let child = "task 12 (worker)";
    differs("/tasks/2/states_ns/zombie", json!(129), child, "a zombie for at least its time");
    let began = "ended after its time as a zombie began";
    differs("/tasks/2/exit/at_ns", json!(329), child, began);
    differs("/tasks/2/exit/reaped_ns", json!(null), child, "was waited for");
    let waited = "waited for before its time as a zombie ended";
    differs("/tasks/2/exit/reaped_ns", json!(501), child, waited);
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
    let untold = json!({"code": null, "sender_tid": null, "delivered_ns": null});
    report["signals"][0] = with(report["signals"][0].clone(), untold);
    assert_eq!(found(&truth, report.clone()), [""; 0]);
    report["signals"] = json!([]);
    assert_eq!(found(&truth, report.clone()).len(), 1);
    report["hides_tasks"] = json!(true);
    assert_eq!(found(&truth, report), [""; 0], "an interrupt in a task that is hidden");
}

#[test]
fn a_task_of_one_side_only_is_a_difference() {
    let mut gone = report();
    gone["tasks"].as_array_mut().unwrap().remove(2);
    let lines = found(&truth(), gone);
    assert!(lines.len() == 1 && lines[0].starts_with("task 12: is there"), "{lines:#?}");
    let mut more = report();
    more["tasks"].as_array_mut().unwrap().push(task(13, 13, "stranger"));
    let lines = found(&truth(), more);
    assert!(lines.len() == 1 && lines[0].starts_with("task 13: is there"), "{lines:#?}");
}

#[test]
fn lost_records_are_a_difference() {
    differs("/capture/lost/total", json!(1), "the trace", "lost records");
}

#[test]
fn a_number_used_again_is_two_tasks_in_order() {
    let mut truth = truth();
    let again = Task { reaper: None, signal: None, code: Some(3), ..truth.tasks[2].clone() };
    truth.tasks.push(again);
    let mut report = report();
    let exit = json!({"code": 3, "signal": null, "reaped_by": null, "reaped_ns": null});
    let mut second = with(report["tasks"][2].clone(), json!({"from_ns": 500}));
    second["exit"] = with(second["exit"].clone(), exit);
    report["tasks"].as_array_mut().unwrap().insert(0, second);
    assert_eq!(found(&truth, report), [""; 0]);
}

#[test]
fn a_thread_that_took_over_its_leaders_number_is_found_by_its_own() {
    let mut truth = truth();
    truth.tasks[1].execs = 1;
    truth.tasks[1].comm = None;
    let mut report = report();
    let leader = json!({"tid": 11, "kind": "thread", "execs": []});
    report["tasks"][0] = with(report["tasks"][0].clone(), leader);
    let thread = json!({"tid": 10, "old_tid": 11, "kind": "process", "execs": [{}, {}]});
    report["tasks"][1] = with(report["tasks"][1].clone(), thread);
    assert_eq!(found(&truth, report), [""; 0]);
}
