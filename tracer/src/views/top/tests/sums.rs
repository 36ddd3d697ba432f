//! Whatever happens, a row adds up to its interval, and intervals to what the report says.

use std::collections::BTreeMap;

use crate::model::tests::random::{Random, script};
use crate::model::tests::script::{DEAD, IDLE, SLEEP, Script};
use crate::views::shares_of;

use super::super::rows::advance;
use super::*;

#[test]
fn what_is_new_adds_up_and_catches_up() {
    let mut random = Random(7);
    for _ in 0..200 {
        let (mut now, mut shown, mut total) = ([0_u64; 5], [0_u64; 5], 0);
        for _ in 0..50 {
            // Time passes, and some of it turns out to have been something else.
            let room = random.below(1000);
            let part = usize::try_from(random.below(5)).unwrap();
            now[part] += room;
            let (from, to) = (random.of(&[0, 1, 2, 3, 4]), random.of(&[0, 1, 2, 3, 4]));
            let moved = random.below(now[from] / 2 + 1);
            now[from] -= moved;
            now[to] += moved;
            let new = advance(&mut shown, now, room);
            assert_eq!(new.iter().sum::<u64>(), room);
            total += room;
            assert_eq!(shown.iter().sum::<u64>(), total);
        }
        // What was shown too much of a state is owed by what comes of it.
        for sum in &mut now {
            *sum += 1 << 40;
        }
        advance(&mut shown, now, 5 << 40);
        let owed: u64 = now.iter().zip(&shown).map(|(now, shown)| now.abs_diff(*shown)).sum();
        assert_eq!(owed, 0, "{now:?} {shown:?}");
    }
}

#[test]
fn what_is_from_before_the_interval_is_never_shown() {
    let mut shown = [0; 2];
    assert_eq!(advance(&mut shown, [500, 30], 100), [70, 30]);
    assert_eq!(shown, [500, 30]);
    assert_eq!(advance(&mut shown, [500, 40], 100), [0, 10]);
}

#[test]
fn every_row_of_whatever_happens_adds_up_to_its_interval() {
    for seed in 1..150 {
        let mut random = Random(seed * 0x9e37_79b9);
        let (script, end) = script(&mut random, true);
        let mut model = Model::new(&script.start);
        model.watch();
        let mut rows = Rows::new(0);
        let mut next = 1 + random.below(200);
        for event in &script.events {
            while event.at_ns >= next {
                check(&rows.take(&mut model, next), seed);
                next += 1 + random.below(200);
            }
            model.apply(event);
        }
        check(&rows.take(&mut model, end.max(next)), seed);
    }
}

fn check(interval: &Interval, seed: u64) {
    let length_ns = interval.length_ns();
    for row in &interval.rows {
        assert_eq!(row.parts.iter().sum::<u64>(), length_ns, "seed {seed}: {row:?}");
        assert_eq!(shares_of(row.parts).iter().sum::<u64>(), 1000, "seed {seed}: {row:?}");
    }
}

/// ```text
/// cpu 0   0 -in 10- A -out 40- idle ------- A in 70 - out 90 dead, freed 95
/// ```
fn one_task() -> Script {
    let mut script = Script::new();
    script.asleep(&[10]);
    script.waking(5, 0, 10).switch(10, 0, (IDLE, 0), 10).switch(40, 0, (10, SLEEP), IDLE);
    script.waking(65, 0, 10).switch(70, 0, (IDLE, 0), 10);
    script.exit(80, 0, 10, 0).switch(90, 0, (10, DEAD), IDLE).free(95, 10);
    script
}

#[test]
fn intervals_add_up_to_the_report() {
    let script = one_task();
    let mut model = Model::new(&script.start);
    model.watch();
    let mut rows = Rows::new(0);
    let mut sums: BTreeMap<u32, [u64; PARTS]> = BTreeMap::new();
    let mut counts = (0, 0);
    let mut note = |interval: Interval| {
        for row in interval.rows {
            let sum = sums.entry(row.task.tid).or_default();
            (0..PARTS).for_each(|part| sum[part] += row.parts[part]);
            counts.0 += row.task.figures.voluntary;
            counts.1 += row.task.figures.wakeups;
        }
    };
    let mut next = 30;
    for event in &script.events {
        while event.at_ns >= next {
            note(rows.take(&mut model, next));
            next += 30;
        }
        model.apply(event);
    }
    note(rows.take(&mut model, 120));
    let summary = script.finish(120);
    let row = crate::model::tests::look::row(&summary, 10);
    let report = row.states_ns.each().map(|(_, ns)| ns);
    assert_eq!(sums[&10][..GONE], report);
    assert_eq!(sums[&10][GONE], 25);
    assert_eq!(counts, (row.switches.voluntary, 2));
}

#[test]
fn the_dead_leave_after_their_interval() {
    let script = one_task();
    let mut model = after(&script);
    let mut rows = Rows::new(0);
    let first = rows.take(&mut model, 100);
    assert!(first.rows[0].task.ended && first.rows[0].parts[GONE] == 5, "{first:?}");
    assert_eq!(first.rows[0].letter(), 'X');
    let second = rows.take(&mut model, 200);
    assert_eq!((second.rows.len(), rows.remembered()), (0, 0));
}

#[test]
fn missing_records_are_said_and_their_time_is_unknown() {
    let mut script = Script::new();
    script.asleep(&[10]).gap(0, 20, 60);
    let mut model = after(&script);
    let interval = Rows::new(0).take(&mut model, 100);
    assert!(interval.lost > 0 && interval.is_lossy());
    assert!(interval.rows[0].parts[super::super::rows::UNKNOWN] >= 40, "{interval:?}");
    let unknown: u64 = interval.cpus.iter().map(|cpu| cpu.unknown_ns).sum();
    assert!(unknown >= 40, "{interval:?}");
}

#[test]
fn the_row_of_a_moment_is_that_of_a_report_at_that_moment() {
    let mut script = Script::new();
    script.asleep(&[10]);
    script.waking(5, 0, 10).switch(10, 0, (IDLE, 0), 10).switch(40, 0, (10, SLEEP), IDLE);
    let model = after(&script);
    let id = model.clone().glimpses(90)[0].id;
    let now = model.row_at(id, 90).unwrap();
    assert_eq!(&now, crate::model::tests::look::row(&script.finish(90), 10));
    assert_eq!(model.wakers_of(id).iter().map(|row| row.count).sum::<u64>(), 1);
}
