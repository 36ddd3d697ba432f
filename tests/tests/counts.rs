//! What the events say against what the kernel says, to the unit.

use tests::report::{Ledger, Report};
use tests::{Trace, can_trace};

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
    let report = Trace::of_workload("spawn", &["--laps", "500"]).run().exited(0).report();
    assert_eq!(agrees(&report), 9, "four threads, three processes, two programs");
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
    let traced =
        Trace::of_workload("ping_pong", &["--rounds", "20000"]).with(["--buffer-size", "64M"]);
    let traced = traced.run().exited(0);
    let (report, truth) = (traced.report(), traced.truth());
    assert_eq!(agrees(&report), 1, "the thread; the leader was there before");
    let pong = report.named("pong");
    assert!(pong.switches.voluntary >= truth.tasks[1].sleeps / 2, "{pong:#?}");
}

#[test]
fn verify_passes_on_a_complete_trace() {
    if !can_trace() {
        return;
    }
    let traced = Trace::of_workload("spawn", &[]).run().exited(0);
    let (verdict, code) = traced.verify();
    assert_eq!((verdict.outcome.as_str(), code), ("pass", 0), "{verdict:#?}");
    assert!(verdict.tasks_compared >= 9, "{verdict:#?}");
}

#[test]
fn the_whole_machine_adds_up() {
    if !can_trace() {
        return;
    }
    let trace = Trace::of_workload("spawn", &["--laps", "200"]);
    let traced = trace.with(["-a", "--buffer-size", "64M"]).run().exited(0);
    let report = traced.report();
    // That uses add up is asserted for every report.
    assert!(report.cpus.iter().all(|cpu| cpu.idle_ns.is_some()), "{:#?}", report.cpus);
    assert!(agrees(&report) >= 9);
    for truth in &traced.truth().tasks {
        report.task(truth.tid);
    }
    let (verdict, code) = traced.verify();
    assert_eq!((verdict.outcome.as_str(), code), ("pass", 0), "{verdict:#?}");
}
