//! Timelines of carriers and their user threads. Tasks 10 to 12 are threads of process 10; `u1` is
//! user thread 1.

mod odd;
mod random;

use tracer_common::record::Usdt;
use tracer_common::usdt::ARGS;

use super::{CarrierRow, CarrierStates, UthreadRow, UthreadStates, UthreadsRow};
use crate::event::What;
use crate::model::tests::look::{header, in_call};
use crate::model::tests::script::{IDLE, SLEEP, Script};
use crate::usdt::Probe;

const NAMES: [&str; 6] = ["switch", "park", "unpark", "steal", "spawn", "exit"];

fn start() -> Script {
    let mut script = Script::new();
    let probe = |name: &str| Probe {
        provider: "uthread".to_owned(),
        name: name.to_owned(),
        sites: 1,
        ..Probe::default()
    };
    script.start.usdt = NAMES.map(probe).to_vec();
    script
}

fn usdt(tid: u32, name: &str, args: [u64; ARGS]) -> What {
    let probe = NAMES.iter().position(|&known| known == name).unwrap_or(NAMES.len());
    let probe = u16::try_from(probe).unwrap();
    What::Usdt(Usdt { header: header(0), args, tid, probe, known: 0b111 })
}

/// A probe that task `tid` passes on a CPU.
trait Passes {
    fn pass(&mut self, at: u64, on: (u16, u32), name: &str, args: (u64, u64)) -> &mut Self;
}

impl Passes for Script {
    fn pass(&mut self, at: u64, on: (u16, u32), name: &str, args: (u64, u64)) -> &mut Self {
        let (cpu, tid) = on;
        self.push(at, Some(cpu), usdt(tid, name, [args.0, args.1, u64::from(tid)]))
    }
}

/// Task 10 runs on CPU 0 since 100.
fn carrier_10() -> Script {
    let mut script = start();
    script.fork(100, 1, 10).wakeup_new(100, 10).switch(100, 0, (IDLE, 0), 10);
    script
}

/// And task 11 on CPU 1.
fn carriers() -> Script {
    let mut script = carrier_10();
    script.thread(100, 10, 11).wakeup_new_on(100, 11, 1).switch(100, 1, (IDLE, 0), 11);
    script
}

fn rows(script: &Script, end: u64) -> UthreadsRow {
    let rows = script.finish(end).uthreads;
    check(&rows, end);
    rows
}

/// What holds whatever happens.
fn check(rows: &UthreadsRow, end: u64) {
    for row in &rows.threads {
        assert!(row.from_ns <= row.to_ns && row.to_ns <= end, "{row:?}");
        assert_eq!(row.states_ns.total(), row.to_ns - row.from_ns, "{row:?}");
        assert!(row.cpus.values().sum::<u64>() >= row.states_ns.running, "{row:?}");
        assert!(row.carriers_ns.values().sum::<u64>() <= row.states_ns.current(), "{row:?}");
        assert!(row.ready_behind_ns <= row.states_ns.ready, "{row:?}");
    }
    for row in &rows.carriers {
        assert!(row.from_ns <= row.to_ns && row.to_ns <= end, "{row:?}");
        assert_eq!(row.states_ns.total(), row.to_ns - row.from_ns, "{row:?}");
        assert!(row.stalls.max <= row.stalls.sum && row.stalls.sum <= row.states_ns.blocked);
    }
}

fn thread(rows: &UthreadsRow, id: u64) -> &UthreadRow {
    let mut found = rows.threads.iter().filter(|row| row.id == id);
    let row = found.next().unwrap();
    assert!(found.next().is_none(), "two lives of {id}");
    row
}

fn carrier(rows: &UthreadsRow, tid: u32) -> &CarrierRow {
    rows.carriers.iter().find(|row| row.tid == tid).unwrap()
}

// 0 | 100 own loop | 110 u1 ....... | 150 u2 ...... | 190 u1 ... | 200 loop
#[test]
fn two_take_turns_on_one_carrier() {
    let mut script = carrier_10();
    script
        .pass(102, (0, 10), "spawn", (0, 1))
        .pass(105, (0, 10), "spawn", (0, 2))
        .pass(110, (0, 10), "switch", (0, 1))
        .pass(150, (0, 10), "switch", (1, 2))
        .pass(180, (0, 10), "exit", (2, 1))
        .pass(190, (0, 10), "switch", (2, 1))
        .pass(195, (0, 10), "exit", (1, 0))
        .pass(200, (0, 10), "switch", (1, 0));
    let rows = rows(&script, 300);
    let one = thread(&rows, 1);
    assert_eq!((one.from_ns, one.to_ns, one.ended), (102, 195, true));
    assert_eq!((one.states_ns.running, one.states_ns.ready), (45, 48));
    assert_eq!((one.switches, one.yields, one.ready_max_ns), (2, 1, 40));
    assert_eq!((one.spawned_by, one.carriers_ns[&10], one.cpus[&0]), (Some(0), 45, 45));
    let two = thread(&rows, 2);
    assert_eq!((two.to_ns, two.states_ns.running, two.states_ns.ready), (180, 30, 45));
    let carrier = carrier(&rows, 10);
    assert_eq!(carrier.from_ns, 100);
    let states = CarrierStates { running: 75, own_running: 125, ..CarrierStates::default() };
    assert_eq!(carrier.states_ns, states);
    let group = &rows.processes[0];
    assert_eq!(
        (group.model, group.carriers, group.uthreads, group.uthreads_peak),
        ("many-to-one", 1, 2, 2)
    );
    assert_eq!((group.counts.switches, group.counts.yields, group.counts.exits), (4, 1, 2));
    assert_eq!((group.surprises, group.exact, group.untracked), (0, true, 0));
    assert_eq!(rows.probes.iter().map(|row| row.hits).collect::<Vec<_>>(), [4, 0, 0, 0, 2, 2]);
}

// u1 runs 110..120, its carrier is preempted 120..150, runs, sleeps in a call 160..200, is woken
// at 200 and runs at 230. u2 is ready from 105 until the end.
#[test]
fn a_ready_one_waits_while_its_carrier_sleeps() {
    let mut script = carrier_10();
    script
        .pass(102, (0, 10), "switch", (0, 1))
        .pass(105, (0, 10), "spawn", (1, 2))
        .switch(120, 0, (10, 0), 20)
        .switch(150, 0, (20, SLEEP), 10)
        .switch(160, 0, (10, in_call(SLEEP, 0)), IDLE)
        .waking(200, 1, 10)
        .switch(230, 0, (IDLE, 0), 10)
        .pass(240, (0, 10), "switch", (1, 2));
    let rows = rows(&script, 300);
    let states = UthreadStates {
        running: 38,
        carrier_runnable: 60,
        carrier_blocked: 40,
        ready: 60,
        ..UthreadStates::default()
    };
    assert_eq!(thread(&rows, 1).states_ns, states);
    let two = thread(&rows, 2);
    assert_eq!((two.states_ns.ready, two.ready_behind_ns, two.ready_max_ns), (135, 40, 135));
    let carrier = carrier(&rows, 10);
    assert_eq!((carrier.stalls.count, carrier.stalls.sum, carrier.stalls.max), (1, 40, 40));
    let longest = carrier.longest_stall.as_ref().unwrap();
    assert_eq!((longest.at_ns, longest.by), (160, 1));
    assert_eq!(longest.call.as_deref(), Some("read"));
    assert_eq!(carrier.states_ns.blocked, 40);
    assert_eq!(rows.processes[0].stalls.sum, 40);
}

// u1 parks on 10 at 120; 11 unparks it at 150 and sleeps with u3 from 160 to 190; 10 steals u1 at
// 180 and runs it from 185.
#[test]
fn one_is_unparked_by_another_carrier_and_stolen_back() {
    let mut script = carriers();
    script
        .pass(110, (0, 10), "switch", (0, 1))
        .pass(110, (1, 11), "switch", (0, 3))
        .pass(119, (0, 10), "park", (1, 0))
        .pass(120, (0, 10), "switch", (1, 0))
        .pass(150, (1, 11), "unpark", (3, 1))
        .switch(160, 1, (11, SLEEP), IDLE)
        .pass(180, (0, 10), "steal", (11, 1))
        .pass(185, (0, 10), "switch", (0, 1))
        .waking(190, 0, 11)
        .switch(195, 1, (IDLE, 0), 11);
    let rows = rows(&script, 200);
    let one = thread(&rows, 1);
    assert_eq!((one.states_ns.running, one.states_ns.parked, one.states_ns.ready), (25, 30, 35));
    assert_eq!((one.parks, one.unparks, one.steals, one.migrations), (1, 1, 1, 0));
    assert_eq!((one.ready_behind_ns, one.ready_max_ns), (20, 35));
    let slow = carrier(&rows, 11);
    assert_eq!((slow.stalls.count, slow.stalls.sum), (1, 20), "until the theft");
    assert_eq!((carrier(&rows, 10).counts.steals, slow.counts.unparks), (1, 1));
    assert_eq!(rows.processes[0].model, "many-to-many");
    assert_eq!(rows.processes[0].ready_ns.count, 1);
}

#[test]
fn one_that_is_unparked_before_it_has_left_is_ready_at_once() {
    let mut script = carriers();
    script
        .pass(110, (0, 10), "switch", (0, 1))
        .pass(119, (0, 10), "park", (1, 0))
        .pass(120, (1, 11), "unpark", (0, 1))
        .pass(121, (0, 10), "switch", (1, 0))
        .pass(125, (1, 11), "steal", (10, 1))
        .pass(130, (1, 11), "switch", (0, 1));
    let rows = rows(&script, 140);
    let one = thread(&rows, 1);
    assert_eq!((one.states_ns.running, one.states_ns.ready, one.states_ns.parked), (21, 9, 0));
    assert_eq!((one.yields, one.migrations), (0, 1));
    assert_eq!(
        one.carriers_ns.iter().map(|(&k, &v)| (k, v)).collect::<Vec<_>>(),
        [(10, 11), (11, 10)]
    );
}

#[test]
fn an_unpark_can_be_told_after_the_one_went_on() {
    let mut script = carriers();
    script
        .pass(110, (0, 10), "switch", (0, 1))
        .pass(119, (0, 10), "park", (1, 0))
        .pass(120, (0, 10), "switch", (1, 0))
        .pass(125, (0, 10), "switch", (0, 1))
        .pass(127, (1, 11), "unpark", (0, 1))
        .pass(130, (0, 10), "park", (1, 0))
        .pass(131, (0, 10), "switch", (1, 0))
        .pass(135, (0, 10), "switch", (0, 1))
        .pass(140, (0, 10), "park", (1, 0));
    let rows = rows(&script, 150);
    let one = thread(&rows, 1);
    assert_eq!((one.states_ns.parked, one.parks, one.unparks), (9, 3, 1));
    assert_eq!(rows.processes[0].surprises, 1, "the second one never came");
}

// Each has its kernel thread. u1 parks on 10 at 120, sleeps from 125, is unparked by u2 at 150,
// woken at 155 and runs at 170. Nothing is ever switched.
#[test]
fn one_to_one_the_kernel_thread_sleeps_for_its_user_thread() {
    let mut script = carriers();
    script
        .pass(110, (1, 11), "spawn", (2, 1))
        .pass(120, (0, 10), "park", (1, 0))
        .switch(125, 0, (10, SLEEP), IDLE)
        .pass(150, (1, 11), "unpark", (2, 1))
        .waking(155, 1, 10)
        .switch(170, 0, (IDLE, 0), 10)
        .pass(190, (0, 10), "exit", (1, 0));
    let rows = rows(&script, 200);
    let states = UthreadStates {
        running: 25,
        ready: 20,
        parked: 25,
        unknown: 20,
        ..UthreadStates::default()
    };
    let one = thread(&rows, 1);
    assert_eq!(one.states_ns, UthreadStates { unknown: 10, ..states }, "made after its carrier");
    let group = &rows.processes[0];
    assert_eq!((group.model, group.carriers, group.stalls.count), ("one-to-one", 2, 0));
    assert_eq!(group.ready_ns.max, 20);
    let carrier = carrier(&rows, 10);
    assert_eq!((carrier.states_ns.idle, carrier.states_ns.own_runnable), (30, 15));
    assert_eq!(carrier.states_ns.blocked, 0);
}

#[test]
fn what_a_carrier_did_before_it_carried_is_its_own() {
    let mut script = carriers();
    script.pass(110, (0, 10), "spawn", (0, 1)).pass(115, (1, 11), "spawn", (0, 2)).pass(
        120,
        (0, 10),
        "switch",
        (0, 1),
    );
    let rows = rows(&script, 130);
    assert_eq!(carrier(&rows, 10).counts.spawns, 1);
    assert_eq!((rows.carriers.len(), rows.processes[0].outside.spawns), (1, 1));
    assert_eq!(rows.processes[0].counts.spawns, 2);
}

#[test]
fn the_first_event_tells_what_was_before_it() {
    let mut script = start();
    script
        .fork(100, 1, 10)
        .wakeup_new(110, 10)
        .switch(120, 0, (IDLE, 0), 10)
        .switch(140, 0, (10, SLEEP), IDLE)
        .waking(150, 0, 10)
        .switch(160, 0, (IDLE, 0), 10)
        .pass(180, (0, 10), "park", (1, 0));
    let rows = rows(&script, 180);
    let states = UthreadStates {
        running: 40,
        carrier_runnable: 30,
        carrier_blocked: 10,
        ..UthreadStates::default()
    };
    assert_eq!((thread(&rows, 1).from_ns, thread(&rows, 1).states_ns), (100, states));
}
