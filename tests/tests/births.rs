//! Who is born of whom, how, and what they share.

use tests::{Trace, can_trace};
use workloads::truth::Kind;

/// What `pthread_create` asks for.
const THREAD: [&str; 5] = ["CLONE_VM", "CLONE_FS", "CLONE_FILES", "CLONE_SIGHAND", "CLONE_THREAD"];

#[test]
fn every_task_is_in_the_report_and_no_other() {
    if !can_trace() {
        return;
    }
    let args = ["--threads", "6", "--processes", "5", "--programs", "4"];
    let traced = Trace::of_workload("spawn", &args).run().exited(0);
    let mut true_tids: Vec<u32> = traced.truth().tasks.iter().map(|task| task.tid).collect();
    true_tids.sort_unstable();
    assert_eq!(true_tids.len(), 16);
    assert_eq!(traced.report().tids(), true_tids);
}

#[test]
fn every_task_has_its_true_name_group_creator_and_parent() {
    if !can_trace() {
        return;
    }
    let traced = Trace::of_workload("spawn", &[]).run().exited(0);
    let report = traced.report();
    for truth in &traced.truth().tasks {
        let task = report.task(truth.tid);
        assert_eq!((task.tgid, &task.comm), (truth.tgid, &truth.comm), "{task:#?}");
        let kind = if truth.kind == Kind::Thread { "thread" } else { "process" };
        assert_eq!(task.kind, kind, "{task:#?}");
        if truth.kind == Kind::First {
            // Tracer makes it before anything is attached: it cannot be let go earlier.
            continue;
        }
        assert!(task.born, "{task:#?}");
        assert_eq!(task.creator_tid, truth.creator, "{task:#?}");
        if let Some(parent) = truth.parent {
            assert_eq!(task.parent_tid, parent, "{task:#?}");
        }
    }
}

#[test]
fn clone_flags_tell_threads_from_forks_from_vforks() {
    if !can_trace() {
        return;
    }
    let traced = Trace::of_workload("spawn", &[]).run().exited(0);
    let report = traced.report();
    for truth in &traced.truth().tasks {
        let task = report.task(truth.tid);
        match truth.kind {
            Kind::First => {}
            Kind::Thread => assert!(task.was_cloned_with(&THREAD), "{task:#?}"),
            Kind::Fork => {
                assert!(THREAD.iter().all(|flag| !task.was_cloned_with(&[flag])), "{task:#?}");
            }
            Kind::Spawn => {
                assert!(task.was_cloned_with(&["CLONE_VM", "CLONE_VFORK"]), "{task:#?}");
                assert!(!task.was_cloned_with(&["CLONE_THREAD"]), "{task:#?}");
                assert_eq!(task.execs.len(), 1, "{task:#?}");
            }
        }
    }
}

#[test]
fn threads_share_everything_and_processes_do_not() {
    if !can_trace() {
        return;
    }
    let traced = Trace::of_workload("spawn", &[]).run().exited(0);
    let (report, truth) = (traced.report(), traced.truth());
    let first = &report.task(truth.pid).shares;
    for of in truth.tasks.iter().filter(|task| task.kind != Kind::First) {
        let task = report.task(of.tid);
        for resource in ["mm", "files", "fs", "sighand", "signal"] {
            let shared = task.shares[resource] == first[resource];
            assert_eq!(shared, of.kind == Kind::Thread, "{resource} of {task:#?}");
        }
        // A vfork borrows the address space until its exec.
        let borrowed = task.shared_at_birth.iter().any(|what| what == "mm");
        assert_eq!(borrowed, of.kind != Kind::Fork, "{task:#?}");
    }
}

#[test]
fn every_task_ends_as_it_did() {
    if !can_trace() {
        return;
    }
    let traced = Trace::of_workload("spawn", &["--code", "42"]).run().exited(42);
    let report = traced.report();
    for truth in &traced.truth().tasks {
        let task = report.task(truth.tid);
        let exit = task.exit.as_ref().expect("an exit");
        assert_eq!((exit.code, exit.signal), (truth.code, truth.signal), "{task:#?}");
        // The kernel counts more where a page or a lock was waited for.
        assert!(task.switches.voluntary >= truth.sleeps, "{task:#?}");
        let reaper = match truth.kind {
            Kind::Fork | Kind::Spawn => truth.creator,
            // The command itself is tracer's own child.
            Kind::First => Some(task.parent_tid),
            Kind::Thread => None,
        };
        assert_eq!(exit.reaped_by, reaper, "{task:#?}");
    }
    assert!(report.signals.iter().any(|signal| signal.name == "SIGTERM"));
}
