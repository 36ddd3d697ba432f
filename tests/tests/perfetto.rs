//! What Perfetto's `trace_processor` makes of an export is what the report says.
#![expect(clippy::unwrap_used, reason = "how a test's helper fails the test")]

use std::collections::BTreeMap;

use serde_json::Value;
use tests::perfetto::{ask, trace_processor};
use tests::program::run;
use tests::{Trace, Traced, can_trace, tracer};

/// Times of one task by state, ns, as Perfetto names the states.
type States = BTreeMap<String, u64>;

const QUERIES: [&str; 7] = [
    "select name from stats where value != 0 and severity = 'error'",
    "select utid, state, sum(dur) from thread_state where dur > 0 group by 1, 2",
    "select count(*) from thread where utid > 0",
    "select category, count(*) from slice group by 1",
    "select count(*) from process where upid > 0 and name is not null",
    "select coalesce(sum(dur), 0) from sched where utid != 0",
    "select count(*) from flow",
];

/// The times of each task by SQL, in an order that only they give: numbers are used again.
fn asked(rows: &[Vec<Value>]) -> Vec<States> {
    let mut tasks: BTreeMap<u64, States> = BTreeMap::new();
    for row in rows {
        let state = match row[1].as_str().unwrap() {
            // The report has them together.
            "I" | "P" => "S",
            state => state,
        };
        // What is after the end of a task.
        if state != "X" {
            let states = tasks.entry(row[0].as_u64().unwrap()).or_default();
            *states.entry(state.to_owned()).or_default() += row[2].as_u64().unwrap();
        }
    }
    let mut tasks: Vec<States> = tasks.into_values().collect();
    tasks.sort();
    tasks
}

/// The same by the report.
fn reported(report: &Value) -> Vec<States> {
    let states = |task: &Value| -> States {
        let times = &task["states_ns"];
        let preempted = task["runnable_ns"]["preempted"].as_u64().unwrap();
        let ns = |name: &str| times[name].as_u64().unwrap();
        [
            ("Running", ns("running")),
            ("R", ns("runnable") - preempted),
            ("R+", preempted),
            ("S", ns("sleeping")),
            ("D", ns("uninterruptible")),
            ("T", ns("stopped")),
            ("t", ns("traced")),
            ("Z", ns("zombie")),
            ("SDT", ns("unknown")),
        ]
        .into_iter()
        .filter(|(_, ns)| *ns > 0)
        .map(|(name, ns)| (name.to_owned(), ns))
        .collect()
    };
    let tasks = report["tasks"].as_array().unwrap();
    let mut tasks: Vec<States> = tasks.iter().map(states).filter(|s| !s.is_empty()).collect();
    tasks.sort();
    tasks
}

/// Exports it, and compares.
fn agrees(traced: &Traced) {
    let Some(dist) = trace_processor() else { return };
    let dir = tempfile::tempdir().unwrap();
    let trace = dir.path().join("trace.pftrace");
    let exported = run(tracer().arg("export").arg("-o").arg(&trace).arg(traced.file())).succeeded();
    assert_eq!(exported.stdout, "");
    let text = run(tracer().args(["report", "--json"]).arg(traced.file())).succeeded().stdout;
    let report: Value = serde_json::from_str(&text).unwrap();
    let answers = ask(&dist, &trace, &QUERIES);
    assert_eq!(answers[0], Vec::<Vec<Value>>::new(), "errors");
    assert_eq!(asked(&answers[1]), reported(&report));
    let tasks = report["tasks"].as_array().unwrap();
    assert!(answers[2][0][0].as_u64().unwrap() >= tasks.len() as u64);
    let slices: BTreeMap<&str, u64> =
        answers[3].iter().map(|row| (row[0].as_str().unwrap(), row[1].as_u64().unwrap())).collect();
    let count = |name: &str| slices.get(name).copied().unwrap_or_default();
    let born = tasks.iter().filter(|task| task["born"] == true).count();
    assert_eq!(count("clone"), born as u64, "{slices:?}");
    assert_eq!(count("signal_generate"), report["signals"].as_array().unwrap().len() as u64);
    for (category, rows) in [("irq", "irqs"), ("softirq", "softirqs"), ("vector", "vectors")] {
        let rows = report[rows].as_array().unwrap().iter();
        let all: u64 = rows.map(|row| row["count"].as_u64().unwrap()).sum();
        assert_eq!(count(category), all, "{category}");
    }
    let processes = report["processes"].as_array().unwrap().len() as u64;
    assert!(answers[4][0][0].as_u64().unwrap() >= processes);
    let running: u64 = reported(&report).iter().filter_map(|states| states.get("Running")).sum();
    assert_eq!(answers[5][0][0].as_u64().unwrap(), running);
    assert!(answers[6][0][0].as_u64().unwrap() >= born as u64, "flows");
}

#[test]
fn sums_by_sql_are_the_reports_of_workloads() {
    if !can_trace() {
        return;
    }
    for name in ["signals", "tree", "prodcons", "spawn"] {
        agrees(&Trace::of_workload(name, &[]).run().exited(0));
    }
}

#[test]
fn sums_by_sql_are_the_reports_of_a_machine() {
    if can_trace() {
        let all = Trace::of_workload("pingpong", &[]).with(["--all"]);
        agrees(&all.run().exited(0));
    }
}
