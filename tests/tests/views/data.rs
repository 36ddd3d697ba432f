//! What tables and lines say that programs read: sums of their rows.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::{Facts, STATES, output};

/// A table: each row by its columns. Names of these workloads need no quotes.
fn csv(file: &Path, table: &str) -> Vec<BTreeMap<String, String>> {
    let text = output(file, &["export", "-f", "csv", "--table", table]);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows: Result<Vec<_>, _> = reader.deserialize().collect();
    rows.expect("CSV")
}

/// Notes a number if it is not zero.
fn note(facts: &mut Facts, name: String, number: &str) {
    let number: u64 = number.parse().expect("a number");
    if number > 0 {
        *facts.entry(name).or_default() += number;
    }
}

pub(crate) fn csv_tasks(file: &Path) -> Facts {
    let mut facts = Facts::new();
    for row in csv(file, "tasks") {
        *facts.entry("tasks".to_owned()).or_default() += 1;
        for state in STATES {
            let cell = &row[&format!("states_ns.{state}")];
            note(&mut facts, format!("ns {} {state}", row["tid"]), cell);
        }
    }
    facts
}

pub(crate) fn csv_states(file: &Path) -> Facts {
    let mut facts = Facts::new();
    for row in csv(file, "states") {
        note(&mut facts, format!("ns {} {}", row["tid"], row["state"]), &row["ns"]);
    }
    facts
}

/// The sums of all stretches.
pub(crate) fn csv_stretches(file: &Path) -> Facts {
    let mut facts = Facts::new();
    for row in csv(file, "stretches") {
        note(&mut facts, format!("ns {} {}", row["tid"], row["state"]), &row["ns"]);
    }
    facts
}

pub(crate) fn csv_cpus(file: &Path) -> Facts {
    let mut facts = Facts::new();
    for row in csv(file, "cpus") {
        for name in ["switches", "wakings", "irqs", "softirqs"] {
            let number = row[name].parse().expect("a number");
            facts.insert(format!("cpu {} {name}", row["cpu"]), number);
        }
    }
    facts
}

/// Counts of events.
pub(crate) fn jsonl(file: &Path) -> Facts {
    let text = output(file, &["export", "-f", "jsonl"]);
    let lines: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let (header, end) = (&lines[0], lines.last().expect("an end"));
    assert_eq!((&header["kind"], &end["kind"]), (&"header".into(), &"end".into()));
    let mut facts = Facts::from([
        ("events".to_owned(), end["events"].as_u64().expect("a number")),
        ("born".to_owned(), 0),
        ("exits".to_owned(), 0),
    ]);
    for cpu in header["cpus"].as_array().expect("CPUs") {
        for name in ["switches", "wakings", "irqs", "softirqs"] {
            facts.insert(format!("cpu {cpu} {name}"), 0);
        }
    }
    for line in &lines {
        let counter = match line["event"].as_str().unwrap_or_default() {
            "newtask" => "born".to_owned(),
            "exit" => "exits".to_owned(),
            "switch" => format!("cpu {} switches", line["cpu"]),
            "waking" | "wakeup_new" => format!("cpu {} wakings", line["cpu"]),
            "irq" | "vector" => format!("cpu {} irqs", line["cpu"]),
            "softirq" => format!("cpu {} softirqs", line["cpu"]),
            _ => continue,
        };
        *facts.entry(counter).or_default() += 1;
    }
    facts
}

/// The sums of all lines by thread and state.
pub(crate) fn folded(file: &Path) -> Facts {
    let mut facts = Facts::new();
    for line in output(file, &["export", "-f", "folded", "--inactive"]).lines() {
        let (stack, ns) = line.rsplit_once(' ').expect("a number at the end");
        let frames: Vec<&str> = stack.split(';').collect();
        note(&mut facts, format!("off-cpu {} {}", frames[1], frames[2]), ns);
        note(&mut facts, "off-cpu-sum".to_owned(), ns);
    }
    facts
}
