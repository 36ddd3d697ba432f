//! Causes of sleep, kinds of delay, parallelism, migrations by what decided them.

use tracer_common::record::{Affinity, SleepCall, Switch};

use crate::event::What;
use crate::model::moves::MoveRow;
use crate::model::syscall::Class;

use super::look::{header, in_call, row};
use super::script::{DISK, IDLE, SLEEP, Script};

const A: u32 = 100;
const B: u32 = 200;
const STOPPER: u32 = 15;

#[test]
fn sleeps_are_divided_by_the_call_they_are_in() {
    // cpu 0  A 0──10 futex   40 A ──50 read, in D   70 A ──80 page fault   A never woken
    let mut script = Script::new();
    script.seen(0, A, 0, Some(0)).asleep(&[B]);
    script.switch(10, 0, (A, in_call(SLEEP, 202)), IDLE).waking(35, 1, A);
    script.switch(40, 0, (IDLE, 0), A).switch(50, 0, (A, in_call(DISK, 0)), IDLE);
    script.waking(70, 1, A).switch(70, 0, (IDLE, 0), A);
    let fault = SLEEP | SleepCall::NONE << SleepCall::SHIFT;
    script.switch(80, 0, (A, fault), IDLE);
    let summary = script.finish(100);
    let asleep = &row(&summary, A).time.sleep_causes_ns;
    let times: Vec<_> = asleep
        .iter()
        .map(|(name, cause)| (&**name, cause.class, cause.count, cause.sum, cause.max))
        .collect();
    let expected = [("futex", Class::Futex, 1, 25, 25), ("no_call", Class::Fault, 1, 20, 20)];
    assert_eq!(times, expected);
    let deep = &row(&summary, A).time.uninterruptible_causes_ns["read"];
    assert_eq!((deep.class, deep.sum), (Class::Io, 20));
    assert_eq!(row(&summary, B).time.sleep_causes_ns["unknown"].sum, 100);
}

#[test]
fn a_sleep_that_was_looked_at_has_a_cause_too() {
    let mut script = Script::new();
    script.seen(5, A, in_call(SLEEP, 232), None).waking(30, 0, A);
    let summary = script.finish(50);
    let cause = &row(&summary, A).time.sleep_causes_ns["epoll_wait"];
    assert_eq!((cause.class, cause.sum), (Class::Poll, 30));
}

#[test]
fn a_waking_before_the_sleep_leaves_no_cause_behind() {
    // Woken on its way into the futex; the next sleep is of another kind and seen by its end only.
    let mut script = Script::new();
    script.seen(0, A, 0, Some(0)).waking(9, 1, A);
    script.switch(10, 0, (A, in_call(SLEEP, 202)), IDLE).switch(15, 0, (IDLE, 0), A);
    script.gap(0, 20, 30).waking(45, 1, A);
    let summary = script.finish(60);
    let row = row(&summary, A);
    assert_eq!(row.states_ns.sleeping, 15);
    assert_eq!(row.time.sleep_causes_ns.keys().collect::<Vec<_>>(), ["unknown"]);
    // Without a gap, a second waking says that it did sleep there.
    let mut script = Script::new();
    script.seen(0, A, 0, Some(0)).waking(9, 1, A);
    script.switch(10, 0, (A, in_call(SLEEP, 202)), IDLE).waking(25, 1, A);
    let summary = script.finish(60);
    assert_eq!(super::look::row(&summary, A).time.sleep_causes_ns["futex"].sum, 15);
}

#[test]
fn delays_are_told_apart_by_why() {
    let mut script = Script::new();
    script.seen(0, B, 0, Some(0)).fork(1, 7, A).wakeup_new(5, A);
    script.switch(10, 0, (B, Switch::PREEMPTED), A).switch(30, 0, (A, SLEEP), B);
    script.waking(35, 1, A).switch(50, 0, (B, SLEEP), A).switch(60, 0, (A, SLEEP), IDLE);
    let summary = script.finish(70);
    let of = |tid| {
        let delays = &row(&summary, tid).time.run_delays_ns;
        [delays.new.sum, delays.woken.sum, delays.preempted.sum]
    };
    assert_eq!((of(A), of(B)), ([5, 15, 0], [0, 0, 20]));
    let cpu = &summary.cpus[0];
    assert_eq!((cpu.run_delay_ns.count, cpu.run_delay_ns.sum), (3, 40));
    assert_eq!(cpu.run_delays_ns.histogram, [0, 0, 0, 1, 1, 1]);
    assert_eq!(cpu.idle_stretches_ns.map(|idle| idle.count), Some(0), "the only one goes on");
}

#[test]
fn threads_that_run_at_the_same_time_are_counted() {
    // cpu 0  A 0─────────────────40 S
    // cpu 1      idle 10  thread ──30 S
    let thread = 101;
    let mut script = Script::new();
    script.seen(0, A, 0, Some(0)).thread(5, A, thread).wakeup_new_on(8, thread, 1);
    script.switch(10, 1, (IDLE, 0), thread).switch(30, 1, (thread, SLEEP), IDLE);
    script.switch(40, 0, (A, SLEEP), IDLE);
    let summary = script.finish(50);
    let process = summary.processes.iter().find(|process| process.tgid == A).unwrap();
    assert_eq!(process.parallelism.times.running_ns, [10, 20, 20]);
    assert_eq!(process.parallelism.times.runnable_ns, [10, 18, 22]);
    assert_eq!(process.parallelism.running_milli, 1200);
}

fn moves(script: &Script) -> MoveRow {
    let summary = script.finish(100);
    let row = row(&summary, A);
    let all: u64 = row.time.migrations_by.each().iter().map(|(_, count)| count).sum();
    assert_eq!(all, row.migrations);
    row.time.migrations_by
}

#[test]
fn migrations_are_told_apart_by_what_decided_them() {
    let call = |number| number + SleepCall::FIRST;
    let mut script = Script::new();
    script.asleep(&[A, STOPPER]).rename(0, 1, STOPPER, "migration/0");
    // The waker chooses; the balancer pulls what waits.
    script.waking(10, 0, A).migrate(11, A, 0, 1).migrate_by(20, (A, 1, 0), B, call(0));
    assert_eq!(moves(&script), MoveRow { wakeup: 1, balance: 1, ..MoveRow::default() });
    let kernel = |script: &mut Script| {
        for event in &mut script.events {
            if let What::TaskSeen(seen) = &mut event.what
                && seen.identity.key.tid == STOPPER
            {
                seen.identity.flags = 0x0020_0000;
            }
        }
    };
    kernel(&mut script);
    script.migrate_by(30, (A, 0, 1), STOPPER, call(59));
    script.migrate_by(40, (A, 1, 0), STOPPER, call(203));
    script.migrate_by(50, (A, 0, 1), STOPPER, SleepCall::NONE);
    let expected = MoveRow { wakeup: 1, balance: 1, stopper: 1, exec: 1, affinity: 1 };
    assert_eq!(moves(&script), expected);
    // The waker's CPU went on before it pulled the task.
    script.waking(60, 0, A).waking(61, 0, B).migrate(62, A, 0, 1);
    assert_eq!(moves(&script), MoveRow { balance: 2, ..expected });
}

#[test]
fn a_call_moves_who_it_binds() {
    let bound = |begin_ns, target| {
        let mut script = Script::new();
        script.asleep(&[A]).waking(10, 1, A).migrate_by(40, (A, 0, 1), B, 0);
        let affinity = Affinity { header: header(50), begin_ns, mask: 2, ret: 0, tid: B, target };
        script.push(50, Some(1), What::Affinity(affinity));
        moves(&script)
    };
    assert_eq!(bound(30, A).affinity, 1);
    assert_eq!(bound(45, A).balance, 1, "the call began after the move");
    assert_eq!(bound(30, 0).balance, 1, "it bound another");
}

#[test]
fn a_birth_tells_where_the_child_is_put() {
    let mut script = Script::new();
    script.fork(1, 7, A).wakeup_new_on(2, A, 1).fork(3, 7, B).wakeup_new_on(4, B, 0);
    let summary = script.finish(10);
    let placed = [A, B].map(|tid| row(&summary, tid).time.placed_elsewhere);
    assert_eq!(placed, [Some(true), Some(false)]);
}

#[test]
fn switches_to_a_task_are_counted_by_address_space() {
    let mut script = Script::new();
    script.asleep(&[A, B]).switch(1, 0, (7, SLEEP), A).switch(5, 0, (A, SLEEP), B);
    script.switch(10, 0, (B, SLEEP), IDLE).switch(20, 0, (IDLE, 0), B);
    script.switch(30, 0, (B, SLEEP), A);
    let summary = script.finish(40);
    let of = |tid| {
        let arrivals = row(&summary, tid).time.arrivals;
        (arrivals.same_mm, arrivals.cross_mm, arrivals.unknown)
    };
    assert_eq!((of(A), of(B)), ((0, 1, 1), (1, 1, 0)));
    let idle = summary.cpus[0].idle_stretches_ns.unwrap();
    assert_eq!((idle.count, idle.sum), (1, 10));
}
