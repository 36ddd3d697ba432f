//! Ends, gaps, and events that cannot be.

use tracer_common::usdt::ARGS;

use super::{Passes as _, carrier, carrier_10, carriers, rows, start, thread, usdt};
use crate::model::tests::script::IDLE;
use crate::source::recording::Attached;

#[test]
fn an_exec_is_the_end_of_all_user_threads() {
    let mut script = carrier_10();
    script.pass(110, (0, 10), "switch", (0, 1)).exec(120, 0, 10, 10).pass(
        130,
        (0, 10),
        "switch",
        (0, 1),
    );
    let rows = rows(&script, 150);
    let lives: Vec<_> =
        rows.threads.iter().map(|row| (row.from_ns, row.to_ns, row.ended)).collect();
    assert_eq!(lives, [(110, 120, false), (130, 150, false)]);
    assert_eq!((rows.processes.len(), rows.carriers.len()), (2, 2));
    assert_eq!(rows.carriers[1].from_ns, 130, "what was before the exec is nobody's");
}

#[test]
fn the_end_of_a_process_ends_what_is_left() {
    let mut script = carriers();
    script
        .pass(110, (0, 10), "switch", (0, 1))
        .pass(115, (0, 10), "spawn", (1, 2))
        .pass(120, (1, 11), "switch", (0, 3))
        .exit_group(130, 1, 11, 0)
        .switch(135, 1, (11, 0x80), IDLE)
        .free(140, 11)
        .exit_group(150, 0, 10, 0)
        .switch(155, 0, (10, 0x80), IDLE)
        .free(160, 10)
        .fork(170, 1, 10);
    let rows = rows(&script, 200);
    let three = thread(&rows, 3);
    assert_eq!((three.states_ns.running, three.states_ns.unknown, three.ended), (10, 30, false));
    assert_eq!(thread(&rows, 1).to_ns, 160);
    assert_eq!(thread(&rows, 2).states_ns.ready, 45);
    assert_eq!(carrier(&rows, 10).to_ns, 150);
    assert_eq!(carrier(&rows, 11).to_ns, 130);
}

// Records of CPU 0 are missing from 130 to 160. Carrier 11 ran on CPU 1 all the time.
#[test]
fn a_gap_hides_all_but_what_ran_elsewhere() {
    let mut script = carriers();
    script
        .pass(110, (0, 10), "switch", (0, 1))
        .pass(111, (1, 11), "switch", (0, 3))
        .pass(112, (1, 11), "spawn", (3, 2))
        .gap(0, 130, 160)
        .pass(170, (0, 10), "switch", (2, 1))
        .pass(180, (1, 11), "switch", (3, 0));
    let rows = rows(&script, 200);
    let one = thread(&rows, 1);
    assert_eq!((one.states_ns.running, one.states_ns.unknown, one.exact), (50, 30, false));
    assert_eq!(one.states_ns.ready, 10, "since the gap: else the next event would be another");
    let two = thread(&rows, 2);
    assert_eq!(two.states_ns.unknown, 40, "what it did since the gap, and in it");
    assert_eq!(two.states_ns.ready, 18 + 30);
    let three = thread(&rows, 3);
    assert_eq!((three.states_ns.running, three.states_ns.unknown), (69, 0));
    assert!(!three.exact, "counts may miss something");
    assert_eq!(carrier(&rows, 10).states_ns.unknown, 40);
    assert!(carrier(&rows, 11).exact && !carrier(&rows, 10).exact);
    assert!(!rows.processes[0].exact);
}

#[test]
fn without_switches_it_is_unknown_what_the_kernel_did() {
    let mut script = start();
    script.start.attached =
        vec![Attached { family: "usdt".to_owned(), program: "uthread:switch".to_owned() }];
    script.fork(100, 1, 10).pass(110, (0, 10), "switch", (0, 1)).pass(
        150,
        (0, 10),
        "switch",
        (1, 0),
    );
    let rows = rows(&script, 200);
    assert_eq!(thread(&rows, 1).states_ns.unknown, 40);
    assert_eq!(thread(&rows, 1).states_ns.current(), 0);
}

#[test]
fn contradictions_are_counted_and_cost_nothing() {
    let mut script = carriers();
    script
        .pass(110, (0, 10), "switch", (0, 1))
        .pass(120, (0, 10), "switch", (7, 2))
        .pass(130, (1, 11), "switch", (0, 2))
        .pass(140, (0, 10), "switch", (0, 1))
        .pass(150, (0, 10), "exit", (9, 0))
        .pass(160, (0, 99), "switch", (1, 2))
        .push(165, Some(0), usdt(10, "none", [0; ARGS]))
        .pass(170, (1, 11), "spawn", (2, 2))
        .pass(180, (1, 11), "steal", (0, 77))
        .pass(190, (0, 10), "unpark", (0, 55));
    let rows = rows(&script, 200);
    assert!(rows.processes[0].surprises > 2, "{:?}", rows.processes[0]);
}
