//! strace -f, which stops every task at its birth, is the judge of who there was.
#![expect(clippy::unwrap_used, reason = "how a test's helper fails the test")]

use std::collections::BTreeSet;
use std::path::Path;

use tests::machine::has;
use tests::report::{Report, Task};
use tests::{Trace, can_trace, workload};

/// The tasks that strace saw: each line begins with one's number.
fn seen(output: &Path) -> BTreeSet<u32> {
    let output = std::fs::read_to_string(output).unwrap();
    output.lines().filter_map(|line| line.split_whitespace().next()?.parse().ok()).collect()
}

/// All that a task made, and all that these made, and itself.
fn descendants(report: &Report, root: u32) -> BTreeSet<u32> {
    let mut found = BTreeSet::from([root]);
    loop {
        let before = found.len();
        // Where a thread took its leader's number by exec, the leader has the thread's: what a
        // number made is made by the process, too.
        let made = |task: &&Task| task.creator_tid.is_some_and(|by| found.contains(&by));
        let made: Vec<[u32; 2]> =
            report.tasks.iter().filter(made).map(|task| [task.tid, task.tgid]).collect();
        found.extend(made.iter().flatten());
        if found.len() == before {
            return found;
        }
    }
}

/// Traces strace at work on a command, and compares what both say.
fn agrees(command: &[&str]) {
    if !can_trace() || !has("strace") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let output = dir.path().join("strace");
    let words = ["strace", "-f", "-q", "-e", "trace=%process", "-o", output.to_str().unwrap()];
    let report = Trace::of(words.iter().chain(command)).run().exited(0).report();
    let seen = seen(&output);
    assert!(seen.len() > 1, "{seen:?}");
    let roots = report.tasks.iter().filter(|task| seen.contains(&task.tid));
    let root = roots.min_by_key(|task| task.start_ns).expect("the command");
    assert_eq!(descendants(&report, root.tid), seen);
    assert!(report.tasks.iter().all(|task| task.exit.is_some()), "{:#?}", report.tasks);
}

#[test]
fn strace_sees_the_same_threads_processes_and_programs() {
    let spawn = workload("spawn");
    agrees(&[spawn.to_str().unwrap(), "--threads", "8", "--processes", "6", "--programs", "5"]);
}

#[test]
fn strace_sees_the_same_pipeline() {
    agrees(&["sh", "-c", "for i in 1 2 3; do (ls / | sort | tail -1) & done; wait"]);
}

#[test]
fn strace_sees_the_same_trees() {
    let tree = workload("tree");
    let tree = tree.to_str().unwrap();
    agrees(&["sh", "-c", &format!("{tree}; {tree}; true")]);
}
