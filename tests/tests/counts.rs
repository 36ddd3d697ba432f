//! What the events say against what the kernel says, to the unit.

use tests::report::{Ledger, Report};
use tests::{Case, Trace, can_trace};

/// Asserts that for each task that was born and died in the trace the counts are the kernel's, and
/// returns how many there were.
fn agrees(report: &Report) -> usize {
    assert_eq!(report.capture.lost.total, 0, "lost records: use a larger buffer");
    // Where BPF does not run in some tasks, a migration decided while they run is inferred.
    let hidden = report.anomalies.contains_key("switch_not_seen");
    let mut compared = 0;
    for task in report.tasks.iter().filter(|task| task.born && task.exit.is_some()) {
        let ledger = task.ledger.expect("a ledger for a complete life");
        let Ledger { kernel, voluntary, involuntary, migrations, missed_migrations, .. } = ledger;
        assert_eq!(kernel.nvcsw, Some(voluntary), "voluntary switches of {task:#?}");
        assert_eq!(kernel.nivcsw, Some(involuntary), "involuntary switches of {task:#?}");
        let inferred = if hidden { missed_migrations } else { 0 };
        let counts = [Some(migrations), Some(migrations + inferred)];
        assert!(counts.contains(&kernel.nr_migrations), "migrations of {task:#?}");
        let (kernel_ns, bound) =
            (kernel.sum_exec_runtime_ns.expect("a kernel with accounts"), 50_000);
        let bound = bound.max(kernel_ns / 100) + ledger.stolen_ns;
        assert!(kernel_ns.abs_diff(ledger.running_ns) <= bound, "time on a CPU of {task:#?}");
        compared += 1;
    }
    compared
}

#[test]
fn counts_are_the_kernels_for_every_complete_life() {
    if !can_trace() {
        return;
    }
    let held = Case::of("storm", &["--kind", "mixed", "--tasks", "4", "--count", "500"]).hold();
    assert_eq!(agrees(&held.report), held.truth.tasks.len() - 1, "the first was there before");
    assert!(held.truth.tasks.len() > 400, "{} tasks", held.truth.tasks.len());
}

#[test]
fn counts_are_the_kernels_for_thousands_of_short_lives() {
    if !can_trace() {
        return;
    }
    let script = "i=0; while [ $i -lt 500 ]; do /bin/true & /bin/true; wait; i=$((i+1)); done";
    let report = Trace::of(["sh", "-c", script]).run().exited(0).report();
    assert_eq!(agrees(&report), 1000);
}

#[test]
fn counts_are_the_kernels_for_a_busy_pair() {
    if !can_trace() {
        return;
    }
    let held = Case::of("storm", &["--kind", "switch", "--count", "20000"]).hold();
    assert_eq!(agrees(&held.report), held.truth.tasks.len() - 1, "the first was there before");
    let switches = held.report.tasks.iter().map(|task| task.switches.voluntary);
    assert!(switches.sum::<u64>() > 1000, "{:#?}", held.report.tasks);
}

#[test]
fn verify_passes_on_a_complete_trace() {
    if !can_trace() {
        return;
    }
    let traced = Trace::of_workload("spawn", &[]).run().exited(0);
    let (verdict, code) = traced.verify();
    assert_eq!((verdict.outcome.as_str(), code), ("pass", 0), "{verdict:#?}");
    assert!(verdict.tasks_compared >= 12, "{verdict:#?}");
}

#[test]
fn the_whole_machine_adds_up() {
    if !can_trace() {
        return;
    }
    let held = Case::of("spawn", &[]).hold_with(&["-a"]);
    let report = &held.report;
    // That uses add up is asserted for every report.
    assert!(report.cpus.iter().all(|cpu| cpu.idle_ns.is_some()), "{:#?}", report.cpus);
    assert!(agrees(report) >= 12);
}
