//! What Perfetto's `trace_processor` makes of an export is what the report says.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use tests::perfetto::{Part, held, trace_processor, wakeups_agree};
use tests::{Trace, can_trace, lossy};

/// Exports a whole recording, and holds it against its report.
fn whole(dist: &Path, file: &Path) {
    held(dist, file, Part::Whole);
}

#[test]
fn workloads_are_the_same_by_sql() {
    let Some(dist) = can_trace().then(trace_processor).flatten() else { return };
    for name in ["signals", "tree", "prodcons", "lock", "spawn"] {
        whole(&dist, &Trace::of_workload(name, &[]).run().exited(0).file());
    }
}

#[test]
fn any_program_is_the_same_by_sql() {
    let Some(dist) = can_trace().then(trace_processor).flatten() else { return };
    let pipeline = "seq 20000 | sort -R | tail -1 | wc -c; (sleep 0.01 & wait); exit 3";
    whole(&dist, &Trace::of(["sh", "-c", pipeline]).run().exited(3).file());
    // Tools of the project and of this test are Python's and Rust's.
    let threads = "import queue, threading\n\
        q = queue.Queue(4)\n\
        t = [threading.Thread(target=lambda: [q.put(i) for i in range(200)]) for _ in range(3)]\n\
        [x.start() for x in t]\n\
        [q.get() for _ in range(600)]\n\
        [x.join() for x in t]\n";
    whole(&dist, &Trace::of(["python3", "-c", threads]).run().exited(0).file());
    whole(&dist, &Trace::of(["cargo", "--version"]).run().exited(0).file());
}

#[test]
fn every_waking_can_have_a_flow() {
    let Some(dist) = can_trace().then(trace_processor).flatten() else { return };
    for by in ["pipe", "futex"] {
        let args = ["--by", by, "--between", "processes", "--rounds", "300"];
        let traced = Trace::of_workload("pingpong", &args).run().exited(0);
        let flows = wakeups_agree(&dist, &traced.file());
        assert!(flows >= 300, "{flows} by {by}");
    }
}

#[test]
fn a_machine_is_the_same_by_sql() {
    let Some(dist) = can_trace().then(trace_processor).flatten() else { return };
    // By SQL one thread that sleeps as the trace begins is there twice in about one of twenty of these
    // recordings, once without its process: why is not known yet. More than that is an error.
    let once = || {
        let all = Trace::of_workload("pingpong", &[]).with(["--all"]).run().exited(0);
        whole(&dist, &all.file());
        held(&dist, &all.file(), Part::Time("30%,70%"));
    };
    assert!((0..3).any(|_| catch_unwind(AssertUnwindSafe(once)).is_ok()), "three times in a row");
}

#[test]
fn a_part_is_the_same_by_sql() {
    let Some(dist) = can_trace().then(trace_processor).flatten() else { return };
    for name in ["signals", "prodcons"] {
        let traced = Trace::of_workload(name, &[]).run().exited(0);
        for part in ["30%,70%", "50%,", "0,60%"] {
            held(&dist, &traced.file(), Part::Time(part));
        }
    }
}

#[test]
fn a_recording_without_its_end_is_the_same_by_sql() {
    let Some(dist) = can_trace().then(trace_processor).flatten() else { return };
    let traced = Trace::of_workload("storm", &["--kind", "mixed", "--count", "2000"]);
    let bytes = fs::read(traced.run().exited(0).file()).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let cut = dir.path().join("cut");
    fs::write(&cut, &bytes[..bytes.len() * 2 / 3]).unwrap();
    held(&dist, &cut, Part::Bounds);
}

#[test]
fn lost_records_are_told_where_they_were_lost() {
    let Some(dist) = can_trace().then(trace_processor).flatten() else { return };
    let args = ["--kind", "mixed", "--tasks", "4", "--count", "3000"];
    let lossy = lossy(|| Trace::of_workload("storm", &args));
    held(&dist, &lossy.file(), Part::Bounds);
}
