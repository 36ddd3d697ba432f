//! Thread groups in unusual ways: leaders that die first, threads that call exec, no libc at all,
//! and programs as people have them.

use std::process::Command;

use tests::machine::has;
use tests::program::run;
use tests::{Trace, can_trace, workload};

#[test]
fn a_group_outlives_its_leader() {
    if !can_trace() {
        return;
    }
    let bare = run(&mut Command::new(workload("leader_exit")));
    let traced = Trace::of_workload("leader_exit", &[]).run().exited(bare.code);
    let (report, truth) = (traced.report(), traced.truth());
    assert_eq!(truth.tasks.len(), 33);
    assert_eq!(report.tasks.len(), 33);
    let end = |tid| report.task(tid).exit.clone().expect("an exit");
    let leader = end(truth.pid);
    assert_eq!((leader.group, leader.last), (false, Some(false)), "{leader:#?}");
    let survivors = || truth.tasks.iter().filter(|task| task.tid != truth.pid);
    for survivor in survivors() {
        let exit = end(survivor.tid);
        assert!(exit.at_ns > leader.at_ns, "{survivor:?} {exit:#?}");
        assert_eq!((exit.code, exit.signal), (Some(0), None), "{survivor:?}");
    }
    assert_eq!(survivors().filter(|task| end(task.tid).last == Some(true)).count(), 1);
    // The leader's number stays taken until its last thread is gone.
    assert!(report.task(truth.pid).states_ns["zombie"] > 0);
}

#[test]
fn a_thread_that_calls_exec_becomes_the_leader() {
    if !can_trace() {
        return;
    }
    let traced = Trace::of_workload("thread_exec", &[]).run().exited(5);
    let (report, truth) = (traced.report(), traced.truth());
    assert_eq!(report.tasks.len(), truth.tasks.len(), "{:#?}", report.tasks);
    let caller = truth.tasks[1].tid;
    let survivor = report.tasks.iter().find(|task| task.old_tid == Some(caller));
    let survivor = survivor.expect("a task that was the caller");
    assert_eq!((survivor.tid, survivor.tgid), (truth.pid, truth.pid), "{survivor:#?}");
    assert_eq!(survivor.exit.as_ref().and_then(|exit| exit.code), Some(5), "{survivor:#?}");
    for bystander in &truth.tasks[2..] {
        let task = report.task(bystander.tid);
        assert!(task.exit.is_some(), "{task:#?}");
    }
    // The kernel exchanges the two numbers: the first leader dies as the caller was called.
    let leader = report.task(caller);
    assert!(leader.exit.is_some() && leader.start_ns == survivor.start_ns, "{leader:#?}");
}

#[test]
fn a_program_without_libc_is_traced_like_any() {
    if !can_trace() {
        return;
    }
    let report = Trace::of([workload("bare")]).run().exited(9).report();
    let mut codes: Vec<_> = report
        .tasks
        .iter()
        .map(|task| (task.kind.as_str(), task.exit.as_ref().and_then(|exit| exit.code)))
        .collect();
    codes.sort_unstable();
    assert_eq!(codes, [("process", Some(9)), ("thread", Some(1)), ("thread", Some(2))]);
    for thread in report.tasks.iter().filter(|task| task.kind == "thread") {
        assert!(thread.was_cloned_with(&["CLONE_THREAD", "CLONE_PARENT_SETTID"]), "{thread:#?}");
        assert!(!thread.was_cloned_with(&["CLONE_SETTLS"]), "{thread:#?}");
    }
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
