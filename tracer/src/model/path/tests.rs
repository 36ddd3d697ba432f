//! Known programs and their known paths.

use crate::model::path::CriticalPath;
use crate::model::path::Kind::{self, Interrupt, Runnable, Running, Sleeping, Unknown};
use crate::model::summary::Summary;
use crate::model::tests::script::{DEAD, IDLE, SLEEP, Script};
use crate::source::recording::Follow;

const A: u32 = 100;
const B: u32 = 200;
const C: u32 = 300;

/// The command is task A.
fn script() -> Script {
    let mut script = Script::following(Follow::Command { argv: vec!["a".to_owned()], pid: A });
    script.asleep(&[A]);
    script
}

fn path(script: &Script, end_ns: u64) -> CriticalPath {
    let mut model = crate::model::Model::new(&script.start);
    model.keep_history();
    script.events.iter().for_each(|event| model.apply(event));
    let summary: Summary = model.finish(end_ns);
    let path = summary.critical_path.expect("a path of the command");
    let sum: u64 = path.shares.iter().map(|share| share.ns).sum();
    assert_eq!(sum, path.to_ns - path.from_ns, "{path:#?}");
    path
}

fn shares(path: &CriticalPath) -> Vec<(u32, Kind, u64)> {
    let mut shares: Vec<_> =
        path.shares.iter().map(|share| (share.tid, share.kind, share.ns)).collect();
    shares.sort_unstable();
    shares
}

fn stretches(path: &CriticalPath) -> Vec<(u64, u64, u32, Kind)> {
    let longest = path.longest.iter();
    longest.map(|part| (part.from_ns, part.to_ns, part.tid, part.kind)).collect()
}

#[test]
fn a_sleep_is_spent_in_the_waker() {
    // cpu 0  A 10────20 S                 50 ready  55────70 dead
    // cpu 1  B      15──────────────50 wakes A ──60 S
    let mut script = script();
    script.seen(0, B, SLEEP, None);
    script.woken_by_irq(5, 0, A).switch(10, 0, (IDLE, 0), A).woken_by(12, 0, B, A);
    script.switch(15, 1, (IDLE, 0), B).switch(20, 0, (A, SLEEP), IDLE);
    script.woken_by(50, 1, A, B).switch(55, 0, (IDLE, 0), A).switch(60, 1, (B, SLEEP), IDLE);
    script.exit(65, 0, A, 0).switch(70, 0, (A, DEAD), IDLE);
    let path = path(&script, 100);
    let expected = [
        (5, 10, A, Runnable),
        (10, 20, A, Running),
        (20, 50, B, Running),
        (50, 55, A, Runnable),
        (55, 70, A, Running),
    ];
    assert_eq!((path.from_ns, path.to_ns, path.segments), (5, 70, 5));
    assert_eq!(stretches(&path), expected);
    assert_eq!(shares(&path), [(A, Running, 25), (A, Runnable, 10), (B, Running, 30)]);
}

#[test]
fn a_pipeline_is_as_slow_as_its_slowest_stage() {
    // A waits for B, which waits for C, which computes from 30 on; before that B computed.
    // cpu 0  A 10─20 S                                             92─100 dead
    // cpu 1  B   12────40 S                          80 woken 82──90 wakes A ─95 S
    // cpu 0  C       30──────────────────────────80 wakes B ─91 S
    let mut script = script();
    script.seen(0, B, SLEEP, None).seen(0, C, SLEEP, None);
    script.woken_by_irq(10, 0, A).switch(10, 0, (IDLE, 0), A).woken_by(11, 0, B, A);
    script.switch(12, 1, (IDLE, 0), B).switch(20, 0, (A, SLEEP), IDLE).woken_by(25, 1, C, B);
    script.switch(30, 0, (IDLE, 0), C).switch(40, 1, (B, SLEEP), IDLE).woken_by(80, 0, B, C);
    script.switch(82, 1, (IDLE, 0), B).woken_by(90, 1, A, B).switch(91, 0, (C, SLEEP), A);
    script.switch(95, 1, (B, SLEEP), IDLE).switch(100, 0, (A, DEAD), IDLE);
    let path = path(&script, 100);
    let expected = [
        (10, 20, A, Running),
        (20, 40, B, Running),
        (40, 80, C, Running),
        (80, 82, B, Runnable),
        (82, 90, B, Running),
        (90, 91, A, Runnable),
        (91, 100, A, Running),
    ];
    assert_eq!(stretches(&path), expected);
}

#[test]
fn a_waker_runs_also_where_its_switch_in_is_hidden() {
    // cpu 0  A 10──20 S                                    60 woken 65──70 dead
    // cpu 1  B          22 woken ? its switch-in is hidden 60 wakes A ──68 S
    let mut script = script();
    script.seen(0, B, SLEEP, None);
    script.woken_by_irq(10, 0, A).switch(10, 0, (IDLE, 0), A).woken_by(18, 0, B, A);
    script.switch(20, 0, (A, SLEEP), IDLE).woken_by(60, 1, A, B).switch(65, 0, (IDLE, 0), A);
    script.switch(68, 1, (B, SLEEP), IDLE).switch(70, 0, (A, DEAD), IDLE);
    let expected = [
        (10, 20, A, Running),
        // It waited for its CPU and ran, in unknown parts.
        (20, 60, B, Unknown),
        (60, 65, A, Runnable),
        (65, 70, A, Running),
    ];
    assert_eq!(stretches(&path(&script, 100)), expected);
}

#[test]
fn timers_and_those_that_nobody_wakes_are_told_apart() {
    // cpu 0  A 10─20 S  40 by an interrupt  45─50 S  (never again)
    let mut script = script();
    script.woken_by_irq(10, 0, A).switch(10, 0, (IDLE, 0), A).switch(20, 0, (A, SLEEP), IDLE);
    script.woken_by_irq(40, 0, A).switch(45, 0, (IDLE, 0), A).switch(50, 0, (A, SLEEP), IDLE);
    let path = path(&script, 90);
    assert_eq!(path.to_ns, 90);
    let expected = [(A, Running, 15), (A, Runnable, 5), (A, Interrupt, 20), (A, Sleeping, 40)];
    assert_eq!(shares(&path), expected);
}

#[test]
fn a_birth_goes_on_in_the_creator() {
    // cpu 0  A 10──────20 creates B ──30 S                60 woken ─70 dead
    // cpu 1                            B 25──60 wakes A, S
    let mut script = script();
    script.woken_by_irq(10, 0, A).switch(10, 0, (IDLE, 0), A).fork(20, A, B);
    script.wakeup_new_on(21, B, 1).switch(25, 1, (IDLE, 0), B).switch(30, 0, (A, SLEEP), IDLE);
    script.woken_by(60, 1, A, B).switch(60, 0, (IDLE, 0), A).switch(61, 1, (B, DEAD), IDLE);
    script.switch(70, 0, (A, DEAD), IDLE);
    let mut model = crate::model::Model::new(&script.start);
    model.keep_history();
    script.events.iter().for_each(|event| model.apply(event));
    let history = model.history.clone().unwrap();
    // The path of B up to its end is its own, and before its birth A's.
    let mut ended = history.clone();
    for id in model.lives.ids() {
        let life = model.lives.get(id).unwrap();
        ended.ended(id, life.tid, &life.comm);
    }
    let path = ended.critical_path(ended.first(B).unwrap(), 10, 60).unwrap();
    let expected = [(10, 20, A, Running), (20, 25, B, Runnable), (25, 60, B, Running)];
    assert_eq!(stretches(&path), expected);
}

#[test]
fn a_waking_before_the_switch_out_is_no_sleep() {
    let mut script = script();
    script.seen(0, B, 0, Some(1)).woken_by_irq(10, 0, A).switch(10, 0, (IDLE, 0), A);
    script.woken_by(28, 1, A, B).switch(30, 0, (A, SLEEP), IDLE).switch(35, 0, (IDLE, 0), A);
    script.switch(50, 0, (A, DEAD), IDLE);
    let path = path(&script, 60);
    assert_eq!(shares(&path), [(A, Running, 35), (A, Runnable, 5)]);
}

#[test]
fn wakings_in_a_circle_end() {
    // Both wake each other at one time, and both are said to have run before.
    let mut script = script();
    script.seen(0, B, SLEEP, None).woken_by_irq(5, 0, A).woken_by_irq(5, 1, B);
    script.switch(10, 0, (IDLE, 0), A).switch(10, 1, (IDLE, 0), B);
    script.switch(20, 0, (A, SLEEP), IDLE).switch(20, 1, (B, SLEEP), IDLE);
    script.woken_by(30, 0, A, B).woken_by(30, 1, B, A);
    script.switch(30, 0, (IDLE, 0), A).switch(30, 1, (IDLE, 0), B);
    script.switch(40, 0, (A, DEAD), IDLE);
    let path = path(&script, 40);
    assert_eq!(shares(&path), [(A, Running, 20), (A, Runnable, 5), (B, Unknown, 10)]);
}

#[test]
fn what_is_lost_is_unknown() {
    let mut script = script();
    script.woken_by_irq(10, 0, A).switch(10, 0, (IDLE, 0), A).gap(0, 20, 50);
    script.switch(60, 0, (A, DEAD), IDLE);
    let path = path(&script, 60);
    let unknown: u64 =
        path.shares.iter().filter(|share| share.kind == Unknown).map(|share| share.ns).sum();
    assert!((30..=40).contains(&unknown), "{path:#?}");
}
