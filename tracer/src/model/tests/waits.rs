//! Who had the CPU for which a task waited.

use tracer_common::record::Switch;

use crate::model::summary::{Summary, TaskRow};
use crate::source::recording::Follow;

use super::look::row;
use super::script::{DEAD, IDLE, SLEEP, Script};

const A: u32 = 100;
const B: u32 = 200;
const C: u32 = 300;

fn by(row: &TaskRow) -> Vec<(u32, u64)> {
    assert_eq!(row.time.antagonists.total_ns(), row.states_ns.runnable, "{row:?}");
    row.time.antagonists.tasks.iter().map(|by| (by.tid, by.ns)).collect()
}

/// Two tasks run in turns on CPU 0 while a third waits.
fn three(script: &mut Script) -> Summary {
    // cpu 0  A 0────10 preempted  B ────30 S   A ──40 S   C 40──50
    //           C woken 5
    script.asleep(&[B, C]).seen(0, A, 0, Some(0)).waking(5, 1, C).waking(8, 1, B);
    script.switch(10, 0, (A, Switch::PREEMPTED), B).switch(30, 0, (B, SLEEP), A);
    script.switch(40, 0, (A, SLEEP), C);
    script.finish(50)
}

#[test]
fn antagonists_are_those_who_ran_meanwhile() {
    let summary = three(&mut Script::new());
    assert_eq!(by(row(&summary, C)), [(B, 20), (A, 15)]);
    assert_eq!(by(row(&summary, A)), [(B, 20)]);
    assert_eq!(by(row(&summary, B)), [(A, 2)]);
    let preempted = &row(&summary, A).time.antagonists.tasks[0];
    assert_eq!((preempted.preemptions, preempted.preempted_ns), (1, 20));
    assert_eq!(row(&summary, C).time.antagonists.tasks[0].preemptions, 0);
    let queue = summary.cpus[0].runqueue;
    assert_eq!((queue.max, queue.sum_ns), (2, 35 + 2 + 20));
}

#[test]
fn a_free_cpu_and_a_hole_are_told_apart() {
    // cpu 0  idle 0────────20 A   (gap 30..40)  B leaves 60
    //          A woken 12                  B woken 25, switched in 60
    let mut script = Script::new();
    script.asleep(&[A, B]).switch(5, 0, (7, SLEEP), IDLE).waking(12, 1, A);
    script.switch(20, 0, (IDLE, 0), A).waking(25, 1, B).gap(0, 30, 40);
    script.switch(60, 0, (A, SLEEP), B);
    let summary = script.finish(70);
    let antagonists = &row(&summary, A).time.antagonists;
    assert_eq!((antagonists.idle_ns, antagonists.unknown_ns), (8, 0));
    // Before the hole A ran; after it B is known to have been runnable, and nothing of its CPU.
    assert_eq!(by(row(&summary, B)), [(A, 5)]);
    assert_eq!(row(&summary, B).time.antagonists.unknown_ns, 20);
}

#[test]
fn a_new_task_waits_for_no_cpu_until_it_is_on_a_queue() {
    let mut script = Script::new();
    script.seen(0, B, 0, Some(1)).switch(1, 0, (7, SLEEP), IDLE);
    script.fork(5, B, A).wakeup_new_on(15, A, 1).switch(35, 1, (B, SLEEP), A);
    let summary = script.finish(50);
    assert_eq!(by(row(&summary, A)), [(B, 20)]);
    assert_eq!(row(&summary, A).time.antagonists.created_ns, 10);
}

#[test]
fn who_is_moved_waits_elsewhere() {
    // cpu 0  A 0──────────────────
    // cpu 1  B 0──────────────50 C
    // C woken 10 on 0; moved to 1 in 30
    let mut script = Script::new();
    script.asleep(&[C]).seen(0, A, 0, Some(0)).seen(0, B, 0, Some(1));
    script.switch(2, 0, (A, 0), A).switch(3, 1, (B, 0), B);
    script.waking(10, 1, C).migrate_by(30, (C, 0, 1), B, 0).switch(50, 1, (B, SLEEP), C);
    let summary = script.finish(60);
    assert_eq!(by(row(&summary, C)), [(A, 20), (B, 20)]);
    // The waker's own choice of a CPU is no move from a queue: it never waited on the first.
    let mut script = Script::new();
    script.asleep(&[C]).seen(0, A, 0, Some(0)).seen(0, B, 0, Some(1));
    script.switch(2, 0, (A, 0), A).switch(3, 1, (B, 0), B);
    script.waking(10, 0, C).migrate(12, C, 0, 1).switch(50, 1, (B, SLEEP), C);
    assert_eq!(by(row(&script.finish(60), C)), [(B, 40)]);
}

#[test]
fn the_scheduler_s_own_times_are_taken_back_from_who_had_the_cpu() {
    // A leaves in 30 by the tracepoint; C, woken in 20, is billed from 25 on.
    let mut script = Script::new();
    script.asleep(&[C]).seen(0, A, 0, Some(0)).switch(1, 0, (A, 0), A).waking(20, 1, C);
    script.switch(30, 0, (A, SLEEP), C).switch(40, 0, (C, SLEEP), IDLE);
    if let Some(crate::event::Event { what: crate::event::What::Switch(last), .. }) =
        script.events.last_mut()
    {
        last.prev_runtime_ns = 15;
    }
    let summary = script.finish(50);
    let row = row(&summary, C);
    assert_eq!((row.states_ns.running, row.states_ns.runnable), (15, 5));
    assert_eq!(by(row), [(A, 5)]);
}

#[test]
fn the_dead_are_named_and_strangers_are_not() {
    // B ends while C waits, and its number is used again by another.
    let mut script = Script::new();
    script.asleep(&[C]).fork(1, 7, B).wakeup_new(2, B).switch(5, 0, (7, SLEEP), B);
    script.waking(10, 1, C).exit(20, 0, B, 0).switch(25, 0, (B, DEAD), IDLE).free(27, B);
    script.fork(28, 7, B).switch(30, 0, (IDLE, 0), C);
    let summary = script.finish(40);
    let antagonists = &row(&summary, C).time.antagonists;
    assert_eq!((antagonists.tasks[0].tid, antagonists.tasks[0].start_ns), (B, Some(1)));
    assert_eq!((antagonists.tasks[0].ns, antagonists.idle_ns), (15, 5));
    // Where not all are followed, who is not is nobody.
    let mut script = Script::following(Follow::Pids(vec![A]));
    script.asleep(&[A]).switch(3, 0, (A, SLEEP), IDLE).waking(5, 0, A);
    script.switch(20, 0, (8, SLEEP), A);
    let summary = script.finish(30);
    let antagonists = &row(&summary, A).time.antagonists;
    assert_eq!((antagonists.other_ns, antagonists.idle_ns, antagonists.tasks.len()), (15, 0, 0));
}

#[test]
fn a_crowd_is_counted_though_not_told_apart() {
    let mut script = Script::new();
    let crowd: Vec<u32> = (1000..1020).collect();
    script.asleep(&crowd).seen(0, A, 0, Some(0));
    for &tid in &crowd {
        script.waking(10, 1, tid);
    }
    let mut prev = A;
    for (step, &tid) in (1..).zip(&crowd) {
        script.switch(10 + step * 10, 0, (prev, SLEEP), tid);
        prev = tid;
    }
    let summary = script.finish(300);
    for &tid in &crowd {
        by(row(&summary, tid));
    }
    let last = row(&summary, 1019);
    assert_eq!((last.states_ns.runnable, last.time.antagonists.rest_ns > 0), (200, true));
    assert_eq!(last.time.antagonists.by_tasks_ns(), 200);
    assert_eq!(summary.cpus[0].runqueue.max, 20);
}
