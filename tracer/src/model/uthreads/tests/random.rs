//! Whatever the events say, nothing panics and every sum adds up.

use super::{NAMES, Passes as _, check, start};
use crate::model::Model;
use crate::model::tests::script::{IDLE, SLEEP, Script};
use crate::model::window::Windowed;
use crate::testing::Random;

#[test]
fn whatever_happens_the_sums_add_up() {
    for seed in 1..400 {
        let mut random = Random(seed * 0x9e37_79b9);
        let mut script = start();
        script.fork(0, 1, 10).thread(0, 10, 11).thread(0, 10, 12);
        let mut at = 0;
        for _ in 0..300 {
            at += random.below(3) * random.below(30);
            step(&mut script, &mut random, at);
        }
        let end = at + random.below(50);
        check(&script.finish(end).uthreads, end);
    }
}

fn step(script: &mut Script, random: &mut Random, at: u64) {
    let tid = 10 + u32::try_from(random.below(4)).unwrap();
    let cpu = u16::try_from(random.below(2)).unwrap();
    let args = (random.below(5), random.below(5));
    let name = NAMES[usize::try_from(random.below(6)).unwrap()];
    match random.below(20) {
        0..2 => script.switch(at, cpu, (tid, [0, SLEEP][usize::from(cpu)]), IDLE),
        2..4 => script.switch(at, cpu, (IDLE, 0), tid),
        4 => script.waking(at, cpu, tid),
        5 => script.gap(cpu, at.saturating_sub(random.below(30)), at),
        6 if random.below(9) == 0 => script.exit_group(at, cpu, tid, 9),
        7 if random.below(9) == 0 => script.free(at, tid),
        8 if random.below(9) == 0 => script.exec(at, cpu, 10, 10),
        9 if random.below(9) == 0 => script.thread(at, 10, tid),
        _ => script.pass(at.saturating_sub(random.below(5)), (cpu, tid), name, args),
    };
}

#[test]
fn the_same_events_give_the_same_rows() {
    let mut random = Random(42);
    let mut script = start();
    (0..2000).for_each(|at| step(&mut script, &mut random, at * 10));
    let rows = || serde_json::to_string(&script.finish(30_000).uthreads).unwrap();
    assert_eq!(rows(), rows());
}

#[test]
fn they_add_up_in_windows_too() {
    for seed in 1..200 {
        let mut random = Random(seed * 0x51_7cc1_b727);
        let mut script = start();
        script.fork(0, 1, 10).thread(0, 10, 11).thread(0, 10, 12);
        let mut at = 0;
        for _ in 0..300 {
            at += random.below(3) * random.below(30);
            step(&mut script, &mut random, at);
        }
        let (from, to) = (random.below(at / 2), at / 2 + random.below(at / 2));
        let mut windowed = Windowed::new(Model::new(&script.start), Some(from), Some(to));
        script.events.iter().for_each(|event| windowed.apply(event));
        let rows = windowed.finish(at).uthreads;
        check(&rows, to);
        let begins = rows.threads.iter().map(|row| row.from_ns);
        let begins = begins.chain(rows.carriers.iter().map(|row| row.from_ns));
        assert!(begins.min().is_none_or(|begin| begin >= from), "seed {seed}: {rows:?}");
    }
}
