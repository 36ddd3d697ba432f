//! Lost records are counted, placed, explained, and never hidden.

use tests::program::run;
use tests::{Trace, Traced, can_trace, lossy, tracer};

/// A trace through buffers that are much too small.
fn storm() -> Traced {
    lossy(|| Trace::of_workload("storm", &["--kind", "switch", "--count", "30000"]))
}

#[test]
fn what_is_seen_and_what_is_lost_add_up_to_what_was_made() {
    if !can_trace() {
        return;
    }
    let capture = storm().report().capture;
    let lost = &capture.lost;
    assert!(lost.total > 0, "nothing was lost: {lost:?}");
    assert_eq!(lost.by_cause.values().sum::<u64>(), lost.total, "{:?}", lost.by_cause);
    assert_eq!(lost.by_cause.get("ring full"), Some(&lost.total), "{:?}", lost.by_cause);
    let emitted = capture.emitted_per_cpu.expect("the number of records made");
    for (cpu, emitted) in emitted {
        let seen = capture.seen_per_cpu.get(&cpu).copied().unwrap_or(0);
        let lost = capture.lost_per_cpu.get(&cpu).copied().unwrap_or(0);
        assert_eq!(seen + lost, emitted, "CPU {cpu}");
    }
}

#[test]
fn every_gap_has_its_cpu_and_its_time() {
    if !can_trace() {
        return;
    }
    let report = storm().report();
    let (capture, lost) = (&report.capture, &report.capture.lost);
    let listed: u64 = lost.gaps.iter().map(|gap| gap.count).sum();
    assert_eq!((listed, lost.gaps_unlisted), (lost.total, 0));
    for gap in &lost.gaps {
        assert!(gap.count > 0 && gap.from_ns <= gap.to_ns, "{gap:?}");
        assert!(capture.start_ns <= gap.from_ns && gap.to_ns <= capture.end_ns, "{gap:?}");
    }
    for cpu in &report.cpus {
        let mut of_cpu: Vec<_> = lost.gaps.iter().filter(|gap| gap.cpu == cpu.cpu).collect();
        of_cpu.sort_by_key(|gap| gap.from_ns);
        assert!(of_cpu.windows(2).all(|two| two[0].to_ns <= two[1].from_ns), "gaps overlap");
        assert_eq!(of_cpu.iter().map(|gap| gap.count).sum::<u64>(), cpu.lost, "{cpu:?}");
    }
}

#[test]
fn states_in_a_gap_are_unknown() {
    if !can_trace() {
        return;
    }
    let report = storm().report();
    assert!(report.tasks.iter().any(|task| task.states_ns["unknown"] > 0));
    for task in &report.tasks {
        assert!(!task.exact || task.states_ns["unknown"] == 0, "{task:#?}");
        let Some(ledger) = task.ledger.filter(|_| task.born) else { continue };
        // Bounds from below, never more than there were.
        let kernel = ledger.kernel;
        assert!(Some(ledger.voluntary) <= kernel.nvcsw, "{task:#?}");
        assert!(Some(ledger.involuntary) <= kernel.nivcsw, "{task:#?}");
    }
    assert!(report.cpus.iter().any(|cpu| cpu.unknown_ns > 0), "{:#?}", report.cpus);
}

#[test]
fn nobody_is_left_in_the_dark() {
    if !can_trace() {
        return;
    }
    let traced = storm();
    assert!(traced.ended.stderr.contains("LOST"), "{:?}", traced.ended);
    let total = traced.report().capture.lost.total;
    let text = run(tracer().arg("report").arg(traced.file())).succeeded().stdout;
    let line = text.lines().find(|line| line.trim_start().starts_with("LOST:"));
    let line = line.expect("a line about the loss");
    assert!(line.contains(&total.to_string()) && line.contains("ring full"), "{line}");
    let (verdict, code) = traced.verify();
    assert_eq!((verdict.outcome.as_str(), code), ("lossy", 1));
    assert!(
        verdict.reasons.iter().any(|reason| reason.contains(&total.to_string())),
        "{verdict:?}"
    );
}
