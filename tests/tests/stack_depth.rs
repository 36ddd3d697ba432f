//! Stacks where the kernel walks few frames. By itself in a file: no other test records meanwhile.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tests::program::run;
use tests::{Trace, can_trace, skip, tracer, wait_until};

const SYSCTL: &str = "/proc/sys/kernel/perf_event_max_stack";

/// As it was, when this is dropped: also if the test fails.
struct Restored(String);

impl Restored {
    /// None if it cannot be set here.
    fn of(frames: &str) -> Option<Self> {
        let before = fs::read_to_string(SYSCTL).ok()?;
        if let Err(error) = fs::write(SYSCTL, frames) {
            skip(&format!("kernel.perf_event_max_stack cannot be set now: {error}"));
            return None;
        }
        Some(Self(before))
    }
}

impl Drop for Restored {
    fn drop(&mut self) {
        // It is busy while anybody records stacks.
        wait_until("the sysctl is restored", || fs::write(SYSCTL, &self.0).is_ok());
    }
}

/// The number of frames of the deepest kernel stack.
fn deepest(file: &Path) -> usize {
    let json = run(tracer().args(["report", "--json"]).arg(file)).succeeded();
    let report: Value = serde_json::from_str(&json.stdout).expect("JSON");
    let rows = report["stacks"].as_array().expect("rows").iter();
    rows.filter_map(|row| row["kernel"].as_array()).map(Vec::len).max().unwrap_or(0)
}

#[test]
fn a_kernel_that_walks_few_frames_is_no_reason_to_fail() {
    if !can_trace() {
        return;
    }
    for frames in ["0", "4"] {
        let Some(_guard) = Restored::of(frames) else { return };
        let without = Trace::of_workload("pingpong", &[]).run().exited(0);
        assert!(!without.ended.stderr.contains("perf_event_max_stack"), "{:?}", without.ended);
        let with = Trace::of_workload("pingpong", &[]).with(["--stacks"]).run();
        let said = with.ended.stderr.clone();
        assert!(said.contains(&format!("kernel.perf_event_max_stack is {frames}")), "{said}");
        if frames == "0" {
            assert_eq!((with.ended.code, said.lines().count()), (125, 1), "{said}");
        } else {
            let with = with.exited(0);
            // Those of the tracepoint itself are among them, and are not shown.
            let deepest = deepest(&with.file());
            assert!((1..=4).contains(&deepest), "{deepest}");
            let report = run(tracer().args(["report"]).arg(with.file())).succeeded();
            assert!(report.stdout.contains("innermost 4 frames only"), "{}", report.stdout);
        }
    }
    let whole = Trace::of_workload("pingpong", &[]).with(["--stacks"]).run().exited(0);
    assert!(deepest(&whole.file()) > 4 && !whole.ended.stderr.contains("perf_event_max_stack"));
}
