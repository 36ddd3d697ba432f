//! Who is born of whom, how, and what they share.

use tests::report::Task;
use tests::{Case, Held, can_trace};

/// Some of each kind: threads, forks, vforks, programs, and processes by `clone3`.
const SOME: [&str; 10] =
    ["--threads", "6", "--processes", "5", "--vforks", "2", "--programs", "4", "--clones", "3"];

/// What `pthread_create` asks for, too.
const THREAD: [&str; 5] = ["CLONE_VM", "CLONE_FS", "CLONE_FILES", "CLONE_SIGHAND", "CLONE_THREAD"];

/// A trace in which every task has its true number, group, parent, creator, flags and name, and
/// which has no other.
fn held() -> Option<Held> {
    can_trace().then(|| Case::of("spawn", &SOME).hold())
}

/// All but the first, which was there before.
fn made(held: &Held) -> impl Iterator<Item = &Task> {
    held.report.tasks.iter().filter(|task| task.tid != held.truth.pid)
}

#[test]
fn every_task_is_in_the_report_and_no_other() {
    let Some(held) = held() else { return };
    let mut true_tids: Vec<u32> = held.truth.tasks.iter().map(|task| task.tid).collect();
    true_tids.sort_unstable();
    assert_eq!(true_tids.len(), 1 + 6 + 5 + 2 + 4 + 3);
    assert_eq!(held.report.tids(), true_tids);
}

#[test]
fn clone_flags_tell_threads_from_forks_from_vforks() {
    let Some(held) = held() else { return };
    let count = |is: fn(&Task) -> bool| made(&held).filter(|task| is(task)).count();
    assert_eq!(count(|task| task.kind == "thread" && task.was_cloned_with(&THREAD)), 6);
    let none = |task: &Task| THREAD.iter().all(|flag| !task.was_cloned_with(&[flag]));
    assert_eq!(made(&held).filter(|task| none(task)).count(), 5 + 3);
    assert_eq!(count(|task| task.was_cloned_with(&["CLONE_VM", "CLONE_VFORK"])), 2 + 4);
    assert_eq!(count(|task| task.kind == "process"), 5 + 2 + 4 + 3);
    // The programs, each of which was a vfork before.
    let programs: Vec<&Task> = made(&held).filter(|task| !task.execs.is_empty()).collect();
    assert_eq!(programs.len(), 4);
    for program in programs {
        assert!(program.was_cloned_with(&["CLONE_VFORK"]) && program.execs.len() == 1);
    }
}

#[test]
fn threads_share_everything_and_processes_do_not() {
    let Some(held) = held() else { return };
    let first = &held.report.task(held.truth.pid).shares;
    for task in made(&held) {
        let thread = task.kind == "thread";
        let vfork = task.was_cloned_with(&["CLONE_VFORK"]);
        for resource in ["mm", "files", "fs", "sighand", "signal"] {
            let shared = task.shares[resource] == first[resource];
            // A vfork borrows the address space until its exec or its end.
            let borrows = vfork && resource == "mm" && task.execs.is_empty();
            assert_eq!(shared, thread || borrows, "{resource} of {task:#?}");
        }
        let borrowed = task.shared_at_birth.iter().any(|what| what == "mm");
        assert_eq!(borrowed, thread || vfork, "{task:#?}");
    }
}

#[test]
fn every_task_ends_as_it_did() {
    let Some(held) = held() else { return };
    let codes = |is: fn(&Task) -> bool| {
        let mut codes: Vec<_> = made(&held)
            .filter(|task| is(task))
            .map(|task| task.exit.as_ref().and_then(|exit| exit.code))
            .collect();
        codes.sort_unstable();
        codes
    };
    let counted = |to: u32| (0..to).map(Some).collect::<Vec<_>>();
    assert_eq!(codes(|task| task.kind == "thread"), counted(6));
    let vforked = |task: &Task| task.was_cloned_with(&["CLONE_VFORK"]) && task.execs.is_empty();
    assert_eq!(codes(vforked), counted(2));
    for task in made(&held).filter(|task| task.kind == "process") {
        let reaper = task.exit.as_ref().and_then(|exit| exit.reaped_by);
        assert_eq!(reaper, Some(held.truth.pid), "{task:#?}");
    }
    let signals = held.report.signals.iter();
    assert_eq!(signals.filter(|signal| signal.name == "SIGCHLD").count(), 1 + 5 + 2 + 4 + 3);
}
