//! Births, reuse of numbers, take-over by exec.

use tracer_common::task::TaskKey;

use crate::model::anomaly::Anomaly;
use crate::model::summary::{Kind, TaskRow};

use super::look::{row, rows, states};
use super::script::{DEAD, IDLE, SLEEP, Script};

const A: u32 = 100;

#[test]
fn a_number_can_be_reused_before_its_last_task_is_released() {
    // cpu 0  parent ──10 A ──20 dead  parent    born again 30   released 40 (the first)
    let mut script = Script::new();
    script.asleep(&[7]).fork(5, 7, A).wakeup_new(6, A).switch(10, 0, (7, SLEEP), A);
    script.exit(15, 0, A, 0).switch(20, 0, (A, DEAD), IDLE);
    script.fork(30, 7, A).wakeup_new(31, A);
    script.free_key(40, TaskKey { tid: A, tgid: A, start_ns: 5 });
    script.switch(50, 0, (IDLE, 0), A);
    let summary = script.finish(60);
    let lives = rows(&summary, A);
    assert_eq!(lives.len(), 2);
    assert_eq!(states(lives[0]), [("running", 10), ("runnable", 5), ("zombie", 20)]);
    assert_eq!((lives[0].start_ns, lives[0].end_ns), (Some(5), Some(40)));
    assert_eq!(states(lives[1]), [("running", 10), ("runnable", 20)]);
    assert_eq!((lives[1].start_ns, lives[1].end_ns), (Some(30), None));
    assert_ne!(lives[0].shares.mm, lives[1].shares.mm);
    assert_eq!(summary.processes.iter().filter(|row| row.tgid == A).count(), 2);
    assert_eq!(summary.anomalies.iter().count(), 0, "{:?}", summary.anomalies);
}

#[test]
fn a_number_can_be_reused_before_its_last_task_has_left_its_cpu() {
    // cpu 0  parent ──10 A ──15 exits ─────────────40 dead
    // cpu 1                  parent 20  born again 30 ──35 the second A ──50 S
    let mut script = Script::new();
    script.asleep(&[7]).fork(5, 7, A).wakeup_new(6, A).switch(10, 0, (7, SLEEP), A);
    script.exit(15, 0, A, 0).woken_by(16, 0, 7, A).migrate(17, 7, 0, 1);
    script.switch(20, 1, (IDLE, 0), 7).fork(30, 7, A).wakeup_new_on(31, A, 1).switch(
        35,
        1,
        (7, SLEEP),
        A,
    );
    let first = TaskKey { tid: A, tgid: A, start_ns: 5 };
    script.last_switch(40, 0, first, 30).free_key(45, first);
    script.switch(50, 1, (A, SLEEP), IDLE);
    let summary = script.finish(60);
    let lives = rows(&summary, A);
    assert_eq!(states(lives[0]), [("running", 30), ("runnable", 5), ("zombie", 5)]);
    assert_eq!(lives[1].states_ns.sleeping, 10);
    for life in lives {
        assert_eq!(life.switches.voluntary + life.switches.involuntary, 1);
    }
    assert_eq!(summary.anomalies.iter().count(), 0, "{:?}", summary.anomalies);
}

#[test]
fn a_number_reused_in_a_gap_is_his_who_names_himself() {
    // cpu 0  parent ──10 A ──15 exits ─[16 ... the second A 22]── switches in 23 ──26 exits ──28 dead
    let mut script = Script::new();
    script.asleep(&[7]).fork(5, 7, A).wakeup_new(6, A).switch(10, 0, (7, SLEEP), A);
    script.exit(15, 0, A, 0).fork(18, 7, A);
    script.events.pop();
    script.gap(0, 16, 22).switch(23, 0, (7, SLEEP), A).exit(26, 0, A, 0);
    script.last_switch(28, 0, TaskKey { tid: A, tgid: A, start_ns: 18 }, 5);
    let summary = script.finish(60);
    let lives = rows(&summary, A);
    let last = |row: &TaskRow| row.exit.as_ref().and_then(|exit| exit.last_switch_ns);
    assert_eq!(lives.iter().map(|row| row.start_ns).collect::<Vec<_>>(), [Some(5), Some(18)]);
    assert_eq!(lives.iter().map(|row| last(row)).collect::<Vec<_>>(), [None, Some(28)]);
    assert!(lives.iter().all(|row| !row.exact));
}

#[test]
fn a_number_reused_by_an_unseen_death_is_a_surprise() {
    let mut script = Script::new();
    script.fork(5, 7, A).fork(30, 7, A);
    let summary = script.finish(60);
    assert_eq!(summary.anomalies.of(Anomaly::ReusedAlive), 1);
    let lives = rows(&summary, A);
    assert_eq!((lives[0].exact, lives[1].exact), (false, true));
    assert_eq!(states(lives[0]), [("unknown", 25)]);
}

#[test]
fn a_birth_that_was_not_seen_begins_with_the_first_event() {
    let late = 200_000_000;
    let mut script = Script::new();
    script.waking(late, 0, A).exit(late + 10, 0, A, 0);
    let summary = script.finish(late + 20);
    assert_eq!(summary.anomalies.of(Anomaly::UnknownTask), 1);
    let row = row(&summary, A);
    assert_eq!((row.start_ns, row.from_ns, row.born), (Some(0), late, false));
    assert_eq!(states(row), [("runnable", 20)]);
}

#[test]
fn the_iterator_can_see_a_task_before_its_birth_is_told() {
    let mut script = Script::new();
    script.fork(5, 7, A);
    let birth = script.events.pop().unwrap();
    script.seen(5, A, 0x800, None).events.push(birth);
    let summary = script.finish(60);
    assert!(row(&summary, A).born);
}

#[test]
fn a_thread_that_is_known_by_number_only_finds_its_group_later() {
    // Its first event comes before the iterator comes to it.
    let mut script = Script::new();
    script.waking(1, 0, 101);
    script.thread(0, A, 101).events.pop();
    script.seen(2, A, SLEEP, None).seen(3, 101, SLEEP, None);
    let summary = script.finish(60);
    assert_eq!(row(&summary, 101).tgid, A);
    assert_eq!(states(row(&summary, 101)), [("runnable", 59), ("sleeping", 1)]);
    assert_eq!(summary.processes.len(), 1);
    assert_eq!(summary.processes[0].threads, 2);
}

/// ```text
/// cpu 0  leader ──20 exits ──24 dead
/// cpu 1  thread ───────────(exec: takes over at 30)── leaves as the leader 40 S … 60 exec
/// ```
fn take_over() -> Script {
    let mut script = Script::new();
    script.seen(0, A, 0, Some(0)).thread(5, A, 101).wakeup_new_on(6, 101, 1);
    script.switch(10, 1, (IDLE, 0), 101).exit(20, 0, A, 0);
    script.switch(24, 0, (A, DEAD), IDLE);
    script
}

fn assert_taken_over(script: &Script) {
    let summary = script.finish(100);
    let (new, old) = (row(&summary, A), row(&summary, 101));
    assert_eq!((new.old_tid, new.start_ns, new.kind), (Some(101), Some(0), Kind::Process));
    assert_eq!((new.from_ns, new.born, new.exit.is_none()), (5, true, true));
    assert_eq!((old.start_ns, old.kind, old.exit.is_some()), (Some(0), Kind::Thread, true));
    assert_eq!(new.execs.len(), 1);
    assert_eq!((new.execs[0].filename.as_str(), new.execs[0].old_tid), ("/bin/ls", 101));
    assert_eq!(summary.anomalies.iter().count(), 0, "{:?}", summary.anomalies);
    for row in [new, old] {
        assert_eq!(row.states_ns.total(), row.observed_ns());
        assert_eq!(row.states_ns.unknown, 0, "{row:?}");
    }
}

#[test]
fn a_thread_that_execs_goes_by_the_leaders_number_from_its_next_switch() {
    let mut script = take_over();
    script.take_over(101, A);
    script.switch(40, 1, (A, SLEEP), IDLE).free(45, 101).waking(50, 0, A);
    script.switch(55, 1, (IDLE, 0), A).exec(60, 1, A, 101);
    assert_taken_over(&script);
    assert_eq!(row(&script.finish(100), 101).end_ns, Some(45));
    assert_eq!(row(&script.finish(100), A).states_ns.running, 30 + 45);
}

#[test]
fn or_from_its_exec_if_it_does_not_switch() {
    let mut script = take_over();
    script.take_over(101, A).exec(60, 1, A, 101);
    assert_taken_over(&script);
}

#[test]
fn or_from_a_rename_in_between() {
    let mut script = take_over();
    script.take_over(101, A).rename(50, 1, A, "new").exec(60, 1, A, 101);
    assert_taken_over(&script);
}

#[test]
fn the_leader_can_leave_its_cpu_under_the_threads_number() {
    let mut script = Script::new();
    script.seen(0, A, 0, Some(0)).thread(5, A, 101).wakeup_new_on(6, 101, 1);
    script.switch(10, 1, (IDLE, 0), 101).exit(20, 0, A, 0);
    script.take_over(101, A).switch(24, 0, (101, DEAD), IDLE);
    script.exec(60, 1, A, 101);
    assert_taken_over(&script);
}
