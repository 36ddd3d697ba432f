//! Interrupts as many as the kernel counts.
#![expect(clippy::unwrap_used, reason = "how a test's helper fails the test")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tests::machine::skip;
use tests::report::{Interrupt, Report};
use tests::{Trace, can_trace, workload};

/// Counts by line and CPU.
type Counts = BTreeMap<(String, u16), u64>;

/// Vectors as they are called in `/proc/interrupts`.
const NAMED: [(&str, &[&str]); 4] = [
    ("LOC", &["local_timer"]),
    ("RES", &["reschedule"]),
    ("CAL", &["call_function", "call_function_single"]),
    ("IWI", &["irq_work"]),
];

/// The counts of such a file, each handler of an interrupt by itself.
fn counts(file: &Path) -> Counts {
    let text = fs::read_to_string(file).unwrap();
    let mut lines = text.lines();
    let cpus: Vec<u16> = lines.next().unwrap().split_whitespace().map(cpu).collect();
    let mut counts = Counts::new();
    for line in lines {
        let Some((name, rest)) = line.split_once(':') else { continue };
        let name = name.trim();
        let shared = if name.parse::<u32>().is_ok() { rest.matches(", ").count() + 1 } else { 1 };
        for (&cpu, count) in cpus.iter().zip(rest.split_whitespace()) {
            let Ok(count) = count.parse::<u64>() else { break };
            counts.insert((name.to_owned(), cpu), count * shared as u64);
        }
    }
    counts
}

fn cpu(heading: &str) -> u16 {
    heading.strip_prefix("CPU").unwrap().parse().unwrap()
}

/// What was added between two files, and the whole of it.
fn added(before: &Counts, after: &Counts) -> Counts {
    let since = |of| before.get(of).copied().unwrap_or(0);
    after.iter().map(|(of, count)| (of.clone(), count - since(of))).collect()
}

/// What of it a trace has, by the same lines.
fn recorded(report: &Report, line: &str, cpu: u16) -> Option<u64> {
    let sum = |rows: &[Interrupt], is: &dyn Fn(&Interrupt) -> bool| -> u64 {
        rows.iter().filter(|row| row.cpu == cpu && is(row)).map(|row| row.count).sum()
    };
    if let Ok(number) = line.parse::<u32>() {
        return Some(sum(&report.irqs, &|row| row.irq == Some(number)));
    }
    let (_, names) = NAMED.iter().find(|(name, _)| *name == line)?;
    let is_traced = |name: &&str| {
        let mut attached = report.capture.attached.iter();
        attached.any(|attached| attached.program == format!("{name}_exit"))
    };
    if !names.iter().all(is_traced) {
        return None;
    }
    Some(sum(&report.vectors, &|row| names.contains(&row.name.as_str())))
}

/// The kernel's counts are read outside of the trace and inside of it.
#[test]
fn interrupts_are_between_two_readings_of_the_kernels_counts() {
    const FILE: &str = "/proc/interrupts";
    if !can_trace() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let [before, after] = ["before", "after"].map(|name| dir.path().join(name));
    let (irqload, outer) = (workload("irqload"), counts(Path::new(FILE)));
    let command = format!(
        "cat {FILE} > {}; {} --kind all --timers 500 > /dev/null; cat {FILE} > {}",
        before.display(),
        irqload.display(),
        after.display()
    );
    let trace = Trace::of(["sh", "-c", &command]).with(["-a", "--buffer-size", "64M"]);
    let traced = trace.run().exited(0);
    let outer = added(&outer, &counts(Path::new(FILE)));
    let inner = added(&counts(&before), &counts(&after));
    let report = traced.report();
    let (mut compared, mut missing) = (0, 0);
    for ((line, cpu), &most) in &outer {
        let Some(recorded) = recorded(&report, line, *cpu) else { continue };
        let least = inner[&(line.clone(), *cpu)];
        assert!(recorded <= most, "{line} CPU {cpu}: {recorded} of {least} to {most}");
        missing += least.saturating_sub(recorded);
        compared += least;
    }
    assert!(compared > 0 || report.vectors.is_empty());
    let hidden = traced.verify().0.counter(FILE).hidden_count;
    assert!(missing <= hidden && (hidden == 0 || report.hides_tasks), "{missing}, {hidden}");
}

/// By tracer's own readings at both ends.
#[test]
fn verify_finds_every_count_equal_or_within_its_bounds() {
    if !can_trace() {
        return;
    }
    for kind in ["timers", "disk", "loopback"] {
        let trace = Trace::of_workload("irqload", &["--kind", kind]);
        let traced = trace.with(["-a", "--buffer-size", "64M"]).run().exited(0);
        let hides_tasks = traced.report().hides_tasks;
        let (verdict, _) = traced.verify();
        for name in ["/proc/interrupts", "/proc/softirqs", "/proc/stat"] {
            let counter = verdict.counter(name);
            if counter.standing == "not_there" {
                skip(&format!("there is no {name} on this machine"));
                continue;
            }
            let sum = counter.equal + counter.within + counter.hidden;
            assert!(counter.standing == "compared" && counter.compared > 0, "{verdict:#?}");
            assert_eq!((counter.differ, sum), (0, counter.compared), "{verdict:#?}");
            assert!(hides_tasks || counter.hidden == 0, "{verdict:#?}");
        }
    }
}

#[test]
fn what_is_not_of_all_tasks_is_not_compared() {
    if !can_trace() {
        return;
    }
    let (verdict, code) = Trace::of(["true"]).run().exited(0).verify();
    assert_eq!((verdict.outcome.as_str(), code), ("pass", 0), "{verdict:#?}");
    assert!(verdict.counters.iter().all(|counter| counter.standing == "not_all_tasks"));
    let trace = Trace::of(["true"]).with(["-a", "-e", "task,sched"]);
    let standing: Vec<String> = trace
        .run()
        .exited(0)
        .verify()
        .0
        .counters
        .into_iter()
        .map(|counter| counter.standing)
        .collect();
    assert_eq!(standing[..2], ["not_recorded", "not_recorded"]);
}
