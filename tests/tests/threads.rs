//! Tasks in unusual ways: leaders that die first, threads that call exec, numbers used again,
//! orphans; and programs as people have them.

use std::collections::BTreeSet;

use tests::machine::has;
use tests::report::Task;
use tests::{Case, Trace, can_trace, skip};

#[test]
fn a_group_outlives_its_leader() {
    if !can_trace() {
        return;
    }
    let held = Case::of("tree", &["--case", "leader"]).hold();
    assert_eq!(held.count("survivors"), 32);
    // The first, and the process that it watches.
    assert_eq!(held.report.tasks.len(), 1 + 1 + 32);
    let is_leader = |task: &&Task| task.tid == task.tgid && task.tid != held.truth.pid;
    let leader = held.report.tasks.iter().find(is_leader).expect("a leader");
    let end = |task: &Task| task.exit.clone().expect("an exit");
    assert_eq!((end(leader).group, end(leader).last), (false, Some(false)), "{leader:#?}");
    let survivors = || held.report.tasks.iter().filter(|task| task.kind == "thread");
    assert!(survivors().all(|task| end(task).at_ns > end(leader).at_ns), "{leader:#?}");
    assert_eq!(survivors().filter(|task| end(task).last == Some(true)).count(), 1);
    // The leader's number stays taken until its last thread is gone.
    assert!(leader.states_ns["zombie"] > 0);
}

#[test]
fn a_thread_that_calls_exec_becomes_the_leader() {
    if !can_trace() {
        return;
    }
    let held = Case::of("tree", &["--case", "exec", "--threads", "4"]).hold();
    let report = &held.report;
    // The first, the process, and its threads, one of which calls exec.
    assert_eq!(report.tasks.len(), 1 + 1 + 4);
    let survivor = report.tasks.iter().find(|task| task.old_tid.is_some());
    let survivor = survivor.expect("a task that took over another's number");
    assert_eq!(survivor.tid, survivor.tgid, "{survivor:#?}");
    assert_eq!(survivor.exit.as_ref().and_then(|exit| exit.code), Some(5), "{survivor:#?}");
    assert_eq!(survivor.execs.len(), 1, "{survivor:#?}");
    // The kernel exchanges the two numbers: the first leader dies as the caller was called.
    let leader = report.task(survivor.old_tid.unwrap_or_default());
    assert!(leader.exit.is_some() && leader.start_ns == survivor.start_ns, "{leader:#?}");
    assert!(report.tasks.iter().all(|task| task.exit.is_some()), "{:#?}", report.tasks);
}

#[test]
fn tasks_of_one_number_are_told_apart() {
    if !can_trace() {
        return;
    }
    let held = Case::of("tree", &["--case", "reuse", "--times", "20"]).hold();
    let Some(reused) = held.truth.counts.get("reused") else {
        skip("a number cannot be chosen here");
        return;
    };
    let numbers: BTreeSet<u32> = held.report.tasks.iter().map(|task| task.tid).collect();
    assert_eq!((*reused, numbers.len()), (20, 2), "{numbers:?}");
    assert_eq!(held.report.tasks.len(), 1 + 1 + 20);
}

#[test]
fn an_orphan_has_another_parent_at_its_end() {
    if !can_trace() {
        return;
    }
    let held = Case::of("tree", &["--case", "subreaper"]).hold();
    let moved =
        held.report.tasks.iter().filter(|task| {
            task.exit.as_ref().is_some_and(|exit| exit.parent_tid != task.parent_tid)
        });
    let moved: Vec<&Task> = moved.collect();
    let ends: Vec<_> = moved.iter().filter_map(|task| task.exit.as_ref()).collect();
    assert_eq!(ends.len(), 1, "{moved:#?}");
    let pid = held.truth.pid;
    assert_eq!((ends[0].parent_tid, ends[0].reaped_by), (pid, Some(pid)), "{moved:#?}");
}

#[test]
fn pythons_threads_are_traced() {
    if !can_trace() || !has("python3") {
        return;
    }
    let program = "import os, threading, time\n\
                   def work(): os.write(1, b\"%d\\n\" % threading.get_native_id()); time.sleep(0.01)\n\
                   threads = [threading.Thread(target=work) for _ in range(8)]\n\
                   [thread.start() for thread in threads]\n\
                   [thread.join() for thread in threads]\n";
    let traced = Trace::of(["python3", "-c", program]).run().exited(0);
    let report = traced.report();
    let mut tids: Vec<u32> = traced.ended.stdout.lines().flat_map(str::parse).collect();
    tids.sort_unstable();
    let mut found: Vec<u32> =
        report.tasks.iter().filter(|task| task.kind == "thread").map(|task| task.tid).collect();
    found.sort_unstable();
    assert_eq!((tids.len(), found), (8, tids));
}

#[test]
fn a_pipeline_is_traced() {
    if !can_trace() || !has("bash") {
        return;
    }
    let traced = Trace::of(["bash", "-c", "seq 1000 | sort -rn | head -1; exit 4"]).run().exited(4);
    assert_eq!(traced.ended.stdout, "1000\n");
    let report = traced.report();
    for name in ["bash", "seq", "sort", "head"] {
        let task = report.named(name);
        assert!(task.exit.is_some(), "{task:#?}");
    }
    let children: Vec<u32> =
        ["seq", "sort", "head"].map(|name| report.named(name).parent_tid).to_vec();
    assert_eq!(children, [report.named("bash").tid; 3]);
}

#[test]
fn a_parallel_make_is_traced() {
    if !can_trace() || !has("make") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let makefile = dir.path().join("Makefile");
    std::fs::write(&makefile, "all: a b c d\na b c d:\n\t@sleep 0.01; echo $@ >/dev/null\n")
        .unwrap();
    let file = makefile.to_str().unwrap();
    let report = Trace::of(["make", "-j4", "-f", file]).run().exited(0).report();
    assert_eq!(report.tasks.iter().filter(|task| task.comm == "sleep").count(), 4);
    assert!(report.tasks.iter().all(|task| task.exit.is_some()));
}

#[test]
fn cargo_itself_is_traced() {
    if !can_trace() || !has("cargo") {
        return;
    }
    let report = Trace::of(["cargo", "--version"]).run().exited(0).report();
    assert!(!report.tasks.is_empty() && report.tasks.iter().all(|task| task.exit.is_some()));
}
