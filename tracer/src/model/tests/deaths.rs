//! Exits, orphans, and who waits for whom.

use crate::model::anomaly::Anomaly;

use super::look::row;
use super::script::{DEAD, IDLE, Script};

const SHELL: u32 = 50;
const A: u32 = 100;
const THREAD: u32 = 101;

#[test]
fn a_parent_reaps_its_child_and_nobody_its_thread() {
    let mut script = Script::new();
    script.asleep(&[SHELL]).fork(5, SHELL, A).wakeup_new(6, A);
    script.switch(10, 0, (IDLE, 0), A).thread(12, A, THREAD).wakeup_new(13, THREAD);
    script.switch(15, 1, (IDLE, 0), THREAD).exit_group(20, 1, THREAD, 3 << 8);
    script.switch(22, 1, (THREAD, DEAD), IDLE).free(25, THREAD);
    script.exit_group(30, 0, A, 3 << 8).switch(32, 0, (A, DEAD), IDLE);
    script.wait(40, SHELL, A).free(45, A);
    let summary = script.finish(60);
    let exit = row(&summary, A).exit.as_ref().unwrap();
    assert_eq!((exit.code, exit.group, exit.reaped_by), (Some(3), true, Some(SHELL)));
    assert_eq!((exit.reaped_ns, exit.released_ns), (Some(40), Some(45)));
    let exit = row(&summary, THREAD).exit.as_ref().unwrap();
    assert_eq!((exit.reaped_by, exit.released_ns), (None, Some(25)));
    assert_eq!(summary.processes.iter().filter(|row| row.tgid == A).count(), 1);
}

#[test]
fn the_release_can_be_told_before_the_end_of_the_wait() {
    let mut script = Script::new();
    script.asleep(&[SHELL]).fork(5, SHELL, A).exit(20, 0, A, 9 | 0x80);
    script.free(30, A).wait(40, SHELL, A);
    let summary = script.finish(60);
    let exit = row(&summary, A).exit.as_ref().unwrap();
    assert_eq!((exit.code, exit.signal, exit.core), (None, Some(9), true));
    assert_eq!((exit.reaped_by, exit.reaped_ns), (Some(SHELL), Some(40)));
    assert_eq!(summary.anomalies.of(Anomaly::WaitOfUnknown), 0);
}

#[test]
fn a_process_ends_with_the_status_of_its_group_though_its_leader_left_first() {
    // The leader calls pthread_exit, a thread exit_group(4) later.
    let mut script = Script::new();
    script.asleep(&[SHELL]).fork(5, SHELL, A).thread(6, A, THREAD);
    script.exit(10, 0, A, 0).exit_group(20, 1, THREAD, 4 << 8);
    script.free(30, THREAD).wait(40, SHELL, A).free(50, A);
    let summary = script.finish(60);
    let exit = row(&summary, A).exit.as_ref().unwrap();
    assert_eq!((exit.code, exit.group, exit.at_ns), (Some(4), false, 10));
    assert_eq!(row(&summary, THREAD).end_ns, Some(30));
}

#[test]
fn an_orphan_is_reaped_by_who_adopted_it() {
    let mut script = Script::new();
    script.asleep(&[1, SHELL]).fork(5, SHELL, A).adopt(A, 1);
    script.exit(20, 0, A, 0).wait(30, 1, A).free(31, A);
    let summary = script.finish(60);
    let row = row(&summary, A);
    let exit = row.exit.as_ref().unwrap();
    assert_eq!((row.parent_tid, exit.parent_tid, exit.reaped_by), (SHELL, 1, Some(1)));
    let process = summary.processes.iter().find(|row| row.tgid == A).unwrap();
    assert_eq!((process.parent_tgid, process.parent_at_exit), (SHELL, Some(1)));
}

#[test]
fn a_child_is_found_by_its_number_in_the_parents_namespace() {
    // In the namespace of the parent, child 100 goes by 2.
    let mut script = Script::new();
    script.asleep(&[2, SHELL]).fork(5, SHELL, A);
    if let Some(crate::event::Event { what: crate::event::What::Newtask(birth), .. }) =
        script.events.last_mut()
    {
        birth.ns_tid = 2;
    }
    script.exit(20, 0, A, 0).wait(30, SHELL, 2);
    assert_eq!(row(&script.finish(60), A).exit.as_ref().unwrap().reaped_by, Some(SHELL));
}

#[test]
fn the_status_of_a_process_is_that_of_the_thread_that_took_it_over_by_exec() {
    let mut script = Script::new();
    script.asleep(&[SHELL]).fork(5, SHELL, A).thread(6, A, THREAD).wakeup_new_on(7, THREAD, 1);
    script.switch(10, 1, (IDLE, 0), THREAD).exit(20, 0, A, 0);
    script.take_over(THREAD, A).adopt(A, SHELL).exec(30, 1, A, THREAD);
    script.exit_group(40, 1, A, 5 << 8).switch(42, 1, (A, DEAD), IDLE).wait(50, SHELL, A);
    let summary = script.finish(60);
    let reaped = |tid| row(&summary, tid).exit.as_ref().unwrap().reaped_by;
    assert_eq!((row(&summary, A).old_tid, reaped(A)), (Some(THREAD), Some(SHELL)));
    assert_eq!(reaped(THREAD), None, "the leader, which died for the exec");
}

#[test]
fn a_wait_for_nobody_known_is_a_surprise_and_one_for_a_stopped_child_is_not() {
    let mut script = Script::new();
    script.asleep(&[SHELL, A]).wait(10, SHELL, A).wait(20, SHELL, 999);
    let summary = script.finish(60);
    assert_eq!(summary.anomalies.of(Anomaly::WaitOfUnknown), 1);
    assert_eq!(super::look::states(row(&summary, A)), [("sleeping", 60)]);
}
