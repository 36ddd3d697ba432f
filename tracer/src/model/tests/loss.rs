//! What bounds say of numbers that a gap has touched.

use crate::event::{Event, Gap, What};
use crate::model::bounds::Bounds;
use crate::model::summary::{Summary, TaskRow};

use super::look::{row, rows};
use super::script::{DEAD, IDLE, SLEEP, Script};

const A: u32 = 10;

/// Without the events of a CPU after one time and before another; the end is the trace's.
fn without(mut script: Script, cpu: u16, (from_ns, to_ns): (u64, u64), end_ns: u64) -> Summary {
    let inside =
        |event: &Event| event.cpu == Some(cpu) && (from_ns + 1..to_ns).contains(&event.at_ns);
    let lost = script.events.iter().filter(|event| inside(event)).count() as u64;
    script.events.retain(|event| !inside(event));
    let place = script.events.iter().position(|event| event.at_ns >= to_ns);
    let gap = What::Gap(Gap { from_ns, to_ns, lost });
    let place = place.unwrap_or(script.events.len());
    script.events.insert(place, Event { at_ns: to_ns, cpu: Some(cpu), what: gap });
    script.finish(end_ns)
}

fn bounds(row: &TaskRow, name: &str) -> (u64, Option<u64>) {
    let Bounds { at_least, at_most } = row.bounds[name];
    (at_least, at_most)
}

/// cpu 0  A 10──20 sleeps  30──40 sleeps  50──60 sleeps
/// cpu 1    wakes A at 28 and 48
fn thrice() -> Script {
    let mut script = Script::new();
    script.fork(1, 7, A).wakeup_new(2, A);
    script.switch(10, 0, (IDLE, 0), A).switch(20, 0, (A, SLEEP), IDLE);
    script.waking(28, 1, A).switch(30, 0, (IDLE, 0), A).switch(40, 0, (A, SLEEP), IDLE);
    script.waking(48, 1, A).switch(50, 0, (IDLE, 0), A).switch(60, 0, (A, SLEEP), IDLE);
    script
}

#[test]
fn without_a_loss_there_are_no_bounds() {
    let summary = thrice().finish(100);
    assert!(summary.tasks.iter().all(|row| row.exact && row.bounds.is_empty()));
    assert!(summary.cpus.iter().all(|cpu| cpu.bounds.is_empty()));
}

#[test]
fn the_next_switch_tells_what_a_gap_hid() {
    let summary = without(thrice(), 0, (20, 50), 100);
    let row = row(&summary, A);
    assert_eq!((row.switches.voluntary, row.states_ns.running), (2, 20));
    assert_eq!(bounds(row, "switches.voluntary"), (3, Some(3)));
    assert_eq!(bounds(row, "states_ns.running").1, Some(30));
    assert_eq!(bounds(row, "switches.involuntary"), (0, None));
}

#[test]
fn who_ended_inside_a_gap_is_not_exact() {
    // A dies at 70 on cpu 0; a gap on cpu 1 from 5 to 90 comes to light at 90.
    let mut script = thrice();
    script.switch(62, 0, (IDLE, 0), A).exit(65, 0, A, 0).switch(70, 0, (A, DEAD), IDLE);
    script.free(80, A).waking(90, 1, 7);
    let whole = script.finish(100);
    assert!(row(&whole, A).exact);
    let summary = without(script, 1, (5, 90), 100);
    let row = row(&summary, A);
    assert!(!row.exact && row.end_ns == Some(80));
    let runnable = row.bounds["states_ns.runnable"];
    assert!(runnable.hold(rows(&whole, A)[0].states_ns.runnable), "{row:?}");
}

#[test]
fn the_dead_do_not_act_whoever_has_their_number_does() {
    // The release of the first and the birth of the second are lost.
    let mut script = Script::new();
    script.fork(1, 7, A).wakeup_new(2, A).switch(10, 1, (IDLE, 0), A);
    script.exit(15, 1, A, 0).switch(20, 1, (A, DEAD), IDLE);
    script.gap(0, 21, 29).switch(30, 1, (IDLE, 0), A).switch(40, 1, (A, SLEEP), IDLE);
    let summary = script.finish(100);
    let lives = rows(&summary, A);
    let ran: Vec<u64> = lives.iter().map(|row| row.states_ns.running).collect();
    assert_eq!(ran, [10, 10]);
    assert_eq!((lives[0].born, lives[1].born), (true, false));
}

#[test]
fn who_is_found_dead_at_the_end_has_not_been_so_all_its_life() {
    let mut script = Script::new();
    script.gap(0, 0, 50).fork(10, 7, A);
    script.events.pop();
    script.seen(90, A, DEAD, None);
    let summary = script.finish(100);
    let row = row(&summary, A);
    assert_eq!((row.states_ns.unknown, row.states_ns.zombie, row.exact), (80, 10, false));
    assert_eq!(bounds(row, "states_ns.running"), (0, Some(90)));
}

#[test]
fn who_is_heard_of_behind_a_gap_was_not_there_all_the_time() {
    // A runs 15 to 20, which is lost, and 45 to 50; the task iterator comes to it at 60.
    let mut script = Script::new();
    script.waking(12, 0, A).switch(15, 0, (IDLE, 0), A).switch(20, 0, (A, SLEEP), IDLE);
    script.waking(40, 1, A).switch(45, 0, (IDLE, 0), A).switch(50, 0, (A, SLEEP), IDLE);
    script.seen(60, A, SLEEP, None);
    let summary = without(script, 0, (10, 30), 100);
    let row = row(&summary, A);
    assert!(!row.exact);
    for (name, truth) in
        [("switches.voluntary", 2), ("states_ns.running", 10), ("states_ns.sleeping", 77)]
    {
        assert!(row.bounds[name].hold(truth), "{name}: {:?}", row.bounds[name]);
    }
}

#[test]
fn who_exits_did_not_wait_for_a_cpu_until_then() {
    // It was not seen to come onto cpu 0, where it exits at 60; its last switch is lost.
    let mut script = Script::new();
    script.fork(1, 7, A).wakeup_new(2, A).exit(60, 0, A, 0).free(90, A).gap(0, 61, 95);
    let summary = script.finish(100);
    let row = row(&summary, A);
    assert!(!row.exact);
    assert!(row.bounds["states_ns.runnable"].hold(3), "{:?}", row.bounds["states_ns.runnable"]);
}
