//! One recording says the same in every view.
//!
//! A view is a function from a recording to facts: names of numbers and the numbers. Each fact that a
//! view states must be one of the report's JSON, with the same number, and those that it is there
//! for must be among them. A new view is a new row of [`VIEWS`].

mod data;
mod pictures;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;
use tests::program::run;
use tests::{Trace, can_trace, tracer};
use tracer::views::shares_of;

/// `tid 12 running` and the like, to numbers.
type Facts = BTreeMap<String, u64>;

/// A view's name, what it says of a recording, and the beginnings of names of facts of which it must
/// state every one. It says nothing where a program that reads it is not on this machine.
type View = (&'static str, fn(&Path) -> Option<Facts>, &'static [&'static str]);

const VIEWS: &[View] = &[
    ("report", |file| Some(text(file)), &["percent"]),
    ("timeline", |file| Some(timeline(file)), &["percent", "cpu-percent"]),
    ("csv tasks", |file| Some(data::csv_tasks(file)), &["ns", "tasks"]),
    ("csv states", |file| Some(data::csv_states(file)), &["ns"]),
    ("csv stretches", |file| Some(data::csv_stretches(file)), &["ns"]),
    ("csv cpus", |file| Some(data::csv_cpus(file)), &["cpu"]),
    ("jsonl", |file| Some(data::jsonl(file)), &["cpu", "events", "born", "exits"]),
    ("folded", |file| Some(data::folded(file)), &["off-cpu", "off-cpu-sum"]),
    ("flamegraph", |file| Some(pictures::flamegraph(file)), &["off-cpu-sum"]),
    ("dot", |file| Some(pictures::dot(file)), &["tasks", "created"]),
    ("html", pictures::html, &["ns"]),
    ("perfetto", pictures::perfetto, &["ns", "tasks", "born", "exits"]),
];

/// Headings of the percentages, by state; the report's and the timeline's, which has less room.
const HEADS: [(&str, &str); 9] = [
    ("RUN%", "running"),
    ("RUNNABLE%", "runnable"),
    ("RNBL%", "runnable"),
    ("SLEEP%", "sleeping"),
    ("DISK%", "uninterruptible"),
    ("STOP%", "stopped"),
    ("TRACE%", "traced"),
    ("ZOMB%", "zombie"),
    ("?%", "unknown"),
];

/// The states in the order of the report.
const STATES: [&str; 8] = [
    "running",
    "runnable",
    "sleeping",
    "uninterruptible",
    "stopped",
    "traced",
    "zombie",
    "unknown",
];

const CPU_PARTS: [&str; 4] = ["busy_ns", "idle_ns", "other_ns", "unknown_ns"];

#[test]
fn every_view_says_what_the_report_says() {
    if !can_trace() {
        return;
    }
    for (name, args) in [("lock", &[][..]), ("crash", &[]), ("prodcons", &[])] {
        let traced = Trace::of_workload(name, args).run();
        let file = traced.file();
        let report = report(&file);
        assert!(report.len() > 50, "{report:?}");
        for (view, facts, all_of) in VIEWS {
            let Some(facts) = facts(&file) else { continue };
            for (fact, number) in &facts {
                assert_eq!(report.get(fact), Some(number), "{name}: {fact} by {view}");
            }
            for begin in *all_of {
                let of = |fact: &&String| fact.split(' ').next() == Some(begin);
                let missing: Vec<_> =
                    report.keys().filter(of).filter(|fact| !facts.contains_key(*fact)).collect();
                assert!(missing.is_empty(), "{name}: {view} does not say {missing:?}");
                assert!(facts.keys().any(|fact| of(&fact)), "{name}: no {begin} by {view}");
            }
        }
    }
}

fn output(file: &Path, args: &[&str]) -> String {
    run(tracer().args(args).arg(file)).succeeded().stdout
}

/// All that can be held against it. Nothing is left out that is zero, but of `ns` and `off-cpu`.
fn report(file: &Path) -> Facts {
    let report: Value = serde_json::from_str(&output(file, &["report", "--json"])).expect("JSON");
    let number = |value: &Value| value.as_u64().unwrap_or_default();
    let rows = |name: &str| report[name].as_array().cloned().unwrap_or_default();
    let mut facts = Facts::new();
    facts.insert("events".to_owned(), number(&report["capture"]["events"]));
    let tids: BTreeSet<u64> = rows("tasks").iter().map(|task| number(&task["tid"])).collect();
    facts.insert("tasks".to_owned(), rows("tasks").len() as u64);
    for task in rows("tasks") {
        let known = tids.contains(&number(&task["creator_tid"]));
        *facts.entry("created".to_owned()).or_default() += u64::from(task["born"] == true && known);
        let (tid, states) = (&task["tid"], &task["states_ns"]);
        let times = STATES.map(|state| number(&states[state]));
        for ((state, ns), share) in STATES.into_iter().zip(times).zip(shares_of(times)) {
            facts.insert(format!("percent {tid} {state}"), share);
            if ns > 0 {
                facts.insert(format!("ns {tid} {state}"), ns);
            }
            if ns > 0 && !["running", "zombie"].contains(&state) {
                let comm = task["comm"].as_str().unwrap_or_default();
                *facts.entry(format!("off-cpu {comm} {state}")).or_default() += ns;
                *facts.entry("off-cpu-sum".to_owned()).or_default() += ns;
            }
        }
        *facts.entry("born".to_owned()).or_default() += u64::from(task["born"] == true);
        *facts.entry("exits".to_owned()).or_default() += u64::from(!task["exit"].is_null());
    }
    for row in rows("cpus") {
        let cpu = &row["cpu"];
        for name in ["switches", "wakings", "irqs", "softirqs"] {
            facts.insert(format!("cpu {cpu} {name}"), number(&row[name]));
        }
        let shares = shares_of(CPU_PARTS.map(|part| number(&row[part])));
        for (part, share) in CPU_PARTS.into_iter().zip(shares) {
            facts.insert(format!("cpu-percent {cpu} {part}"), share);
        }
    }
    facts
}

/// Tenths of a percent as they are written.
fn tenths(cell: &str) -> u64 {
    if cell == "-" { 0 } else { cell.replace('.', "").parse().expect("a percentage") }
}

fn is_percentage(cell: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    cell == "-" || cell.split_once('.').is_some_and(|(a, b)| digits(a) && digits(b))
}

/// The section on states: a table of tasks.
fn text(file: &Path) -> Facts {
    let args = ["report", "-s", "states", "--inactive", "--top", "100000"];
    let text = output(file, &args);
    let mut lines = text.lines().skip_while(|line| !line.contains("RUNNABLE%"));
    let heads: Vec<&str> = lines.next().expect("headings").split_whitespace().collect();
    let rows = lines.take_while(|line| !line.trim().is_empty());
    let mut facts = Facts::new();
    for row in rows {
        // What marks a task that may miss records is a part of its name.
        let row = row.replace(" (>=)", "(>=)");
        let cells: Vec<&str> = row.split_whitespace().collect();
        for (head, cell) in heads.iter().zip(&cells).filter(|(head, _)| head.ends_with('%')) {
            facts.insert(format!("percent {} {}", cells[0], state(head)), tenths(cell));
        }
    }
    facts
}

fn state(head: &str) -> &'static str {
    HEADS.iter().find(|(known, _)| *known == head).expect("a heading").1
}

/// The ends of the rows. Columns in which nothing is are not there.
fn timeline(file: &Path) -> Facts {
    let text = output(file, &["timeline", "--inactive", "--top", "100000"]);
    let (mut facts, mut heads, mut of_cpus) = (Facts::new(), Vec::new(), false);
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let cells = words.iter().rev().take(heads.len()).filter(|word| is_percentage(word));
        match words.first().copied() {
            Some(first @ ("CPU" | "TASK")) if words.iter().any(|word| word.ends_with('%')) => {
                of_cpus = first == "CPU";
                heads = words[1..].to_vec();
            }
            _ if heads.is_empty() || cells.count() < heads.len() => {}
            _ => row(&mut facts, (line, &heads, of_cpus)),
        }
    }
    facts
}

fn row(facts: &mut Facts, (line, heads, of_cpus): (&str, &[&str], bool)) {
    // The name has its number at its end, before the cells.
    let name: String = line.chars().take(22).collect();
    let number = name.split_whitespace().last().expect("a number");
    let cells: Vec<&str> = line.split_whitespace().rev().take(heads.len()).collect();
    let of = |head: &str| heads.iter().rev().position(|known| *known == head);
    let share = |head: &str| of(head).map_or(0, |at| tenths(cells[at]));
    if of_cpus {
        for (head, part) in ["BUSY%", "IDLE%", "OTHER%", "?%"].into_iter().zip(CPU_PARTS) {
            facts.insert(format!("cpu-percent {number} {part}"), share(head));
        }
    } else {
        for (head, state) in HEADS.iter().filter(|(head, _)| *head != "RUNNABLE%") {
            facts.insert(format!("percent {number} {state}"), share(head));
        }
    }
}
