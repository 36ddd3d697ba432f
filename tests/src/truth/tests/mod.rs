//! The comparison itself, on a small truth and a report that says the same: each thing that is said
//! differently is found, and nothing else.

mod calls;
mod tasks;

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
        "fate": "delivered",
        "generated_ns": 305, "delivered_ns": 350, "delivered_tid": 11, "blocked_ns": 45,
        "blocked_exact": true, "run_delay_ns": 0,
        "handler": "0x4000"});
    let second = with(
        first.clone(),
        json!({"result": "already_pending", "fate": "coalesced", "generated_ns": 306, "delivered_ns": null,
               "delivered_tid": null, "blocked_ns": null, "handler": null}),
    );
    json!({
        "schema": 1, "tasks": tasks(), "cpus": [], "signals": [first, second],
        "signals_omitted": 0, "irqs": [], "softirqs": [], "vectors": [], "follows_all": false, "hides_tasks": false,
        "futexes": futexes, "sharing": [], "anomalies": {},
        "capture": {"start_ns": 0, "end_ns": 1000, "events": 1, "seen_per_cpu": {},
            "lost_per_cpu": {}, "emitted_per_cpu": null, "truncated": false,
            "lost": {"total": 0, "by_cause": {}, "gaps": [], "gaps_unlisted": 0},
            "damaged": {"chunks": 0, "bytes": 0}, "attached": []},
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
fn lost_records_are_a_difference() {
    differs("/capture/lost/total", json!(1), "the trace", "lost records");
}
