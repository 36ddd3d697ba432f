//! The ledger of a life.

use crate::model::milestones::Intervals;

use super::look::row;
use super::script::{DEAD, IDLE, Script};

const SHELL: u32 = 50;
const A: u32 = 100;
const THREAD: u32 = 101;

#[test]
fn each_moment_has_the_time_since_the_one_before() {
    // A  5 created ─ 6 woken ─ 10 run ─ 14 exec ─ 30 exit ─ 32 zombie ─ 40 reaped ─ 45 released
    let mut script = Script::new();
    script.asleep(&[SHELL]).fork(5, SHELL, A).wakeup_new(6, A).switch(10, 0, (IDLE, 0), A);
    script.exec(14, 0, A, A).switch(20, 0, (A, 0), IDLE).switch(25, 0, (IDLE, 0), A);
    script.exit(30, 0, A, 0).switch(32, 0, (A, DEAD), IDLE).wait(40, SHELL, A).free(45, A);
    let summary = script.finish(60);
    let life = &row(&summary, A).life;
    assert_eq!((life.created_ns, life.run_ns, life.released_ns), (Some(5), Some(10), Some(45)));
    assert_eq!((life.reaped_by, life.adopted_by), (Some(SHELL), None));
    let since = [1, 4, 4, 16, 2, 8, 5].map(Some);
    let [woken, run, exec, exit, zombie, reaped, released] = since;
    let expected = Intervals { woken, run, exec, exit, zombie, reaped, released };
    assert_eq!(life.since_ns, expected);
    assert_eq!(row(&summary, SHELL).life.created_ns, None, "it is older than the trace");
}

#[test]
fn what_was_not_seen_leaves_no_gap() {
    let mut script = Script::new();
    script.asleep(&[SHELL]).fork(5, SHELL, A).exit(30, 0, A, 0).free(45, A).wait(50, SHELL, A);
    let life = row(&script.finish(60), A).life;
    assert_eq!((life.since_ns.exit, life.since_ns.zombie), (Some(25), None));
    assert_eq!((life.reaped_ns, life.since_ns.reaped), (Some(50), Some(20)));
    assert_eq!(life.since_ns.released, Some(0), "told before the end of the wait");
}

#[test]
fn a_leader_can_leave_its_threads_and_its_children_behind() {
    let mut script = Script::new();
    script.asleep(&[1, SHELL]).fork(5, SHELL, A).thread(6, A, THREAD).fork(7, A, 102);
    script.exit(10, 0, A, 0).exit_last(20, 0, THREAD).adopt(102, 1).exit(30, 0, 102, 0);
    let summary = script.finish(60);
    let (leader, thread) = (&row(&summary, A).life, &row(&summary, THREAD).life);
    assert_eq!((leader.left_behind, thread.left_behind), (Some(1), Some(0)));
    assert_eq!((leader.group_dead_ns, leader.orphaned_ns), (Some(20), None));
    let child = &row(&summary, 102).life;
    assert_eq!((child.orphaned_ns, child.adopted_by), (Some(20), Some(1)));
}

#[test]
fn a_reused_number_has_a_ledger_of_its_own() {
    let mut script = Script::new();
    script.asleep(&[SHELL]).fork(5, SHELL, A).wakeup_new(6, A).exit(8, 0, A, 0);
    script
        .fork(10, SHELL, A)
        .free_key(12, tracer_common::task::TaskKey { tid: A, tgid: A, start_ns: 5 });
    let summary = script.finish(60);
    let lives = super::look::rows(&summary, A);
    let woken: Vec<_> = lives.iter().map(|row| row.life.woken_ns).collect();
    let created: Vec<_> = lives.iter().map(|row| row.life.created_ns).collect();
    assert_eq!((woken, created), (vec![Some(6), None], vec![Some(5), Some(10)]));
}
