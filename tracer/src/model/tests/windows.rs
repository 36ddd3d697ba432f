//! The parts of a trace add up to the whole.

use std::collections::BTreeMap;

use crate::model::Model;
use crate::model::summary::{Summary, TaskRow};
use crate::model::window::Windowed;

use super::look::{row, states};
use super::random::{Random, script};
use super::script::{DEAD, IDLE, SLEEP, Script};

const A: u32 = 100;

/// The part of it between two times.
fn window(script: &Script, from_ns: Option<u64>, to_ns: Option<u64>, end_ns: u64) -> Summary {
    let mut windowed = Windowed::new(Model::new(&script.start), from_ns, to_ns);
    script.events.iter().for_each(|event| windowed.apply(event));
    windowed.finish(end_ns)
}

/// Three windows that touch.
fn windows(script: &Script, [first, second]: [u64; 2], end_ns: u64) -> [Summary; 3] {
    [(None, Some(first)), (Some(first), Some(second)), (Some(second), None)]
        .map(|(from_ns, to_ns)| window(script, from_ns, to_ns, end_ns))
}

/// What must add up, by the task's number, or for all together where numbers pass on.
fn sums(summaries: &[&Summary], by_tid: bool) -> BTreeMap<(u32, &'static str), u64> {
    let mut sums = BTreeMap::new();
    let mut add = |tid: u32, name: &'static str, ns: u64| {
        *sums.entry((tid, name)).or_default() += ns;
    };
    for row in summaries.iter().flat_map(|summary| &summary.tasks) {
        let tid = if by_tid { row.tid } else { 0 };
        for (name, ns) in row.states_ns.each() {
            add(tid, name, ns);
        }
        let runnable = row.runnable_ns;
        add(tid, "created", runnable.created);
        add(tid, "woken", runnable.woken);
        add(tid, "on CPUs", row.cpus.values().sum());
        add(tid, "observed", row.observed_ns());
        for (name, count) in counts(row) {
            add(tid, name, count);
        }
    }
    sums.retain(|_, sum| *sum > 0);
    sums
}

fn counts(row: &TaskRow) -> [(&'static str, u64); 9] {
    let arrivals = row.time.arrivals;
    [
        ("voluntary", row.switches.voluntary),
        ("involuntary", row.switches.involuntary),
        ("migrations", row.migrations),
        ("missed wakings", row.missed_wakings),
        ("gaps", row.time.arrival_gaps_ns.each().iter().map(|(_, gap)| gap.count).sum()),
        ("gap time", row.time.arrival_gaps_ns.each().iter().map(|(_, gap)| gap.sum).sum()),
        ("delays", row.run_delay_ns.count),
        ("delayed", row.run_delay_ns.sum),
        ("arrivals", arrivals.same_mm + arrivals.cross_mm + arrivals.kernel + arrivals.unknown),
    ]
}

fn cpu_sums(summaries: &[&Summary]) -> BTreeMap<(u16, &'static str), u64> {
    let mut sums = BTreeMap::new();
    for cpu in summaries.iter().flat_map(|summary| &summary.cpus) {
        let rows = [
            ("busy", cpu.busy_ns),
            ("idle", cpu.idle_ns.unwrap_or_default()),
            ("other", cpu.other_ns),
            ("unknown", cpu.unknown_ns),
            ("switches", cpu.switches),
            ("wakings", cpu.wakings),
        ];
        for (name, sum) in rows {
            *sums.entry((cpu.cpu, name)).or_default() += sum;
        }
    }
    sums.retain(|_, sum: &mut u64| *sum > 0);
    sums
}

fn surprises(summaries: &[&Summary]) -> BTreeMap<&'static str, u64> {
    let mut sums = BTreeMap::new();
    for (anomaly, count) in summaries.iter().flat_map(|summary| summary.anomalies.iter()) {
        *sums.entry(anomaly.name()).or_default() += count;
    }
    sums
}

#[test]
fn the_parts_add_up_to_the_whole_whatever_happens() {
    let mut told_apart = 0;
    for seed in 1..300 {
        let mut random = Random(seed * 0x51_7cc1_b727);
        let (script, end_ns) = script(&mut random, seed % 2 == 0);
        let mut cuts = [random.below(end_ns + 1), random.below(end_ns + 1)];
        cuts.sort_unstable();
        let whole = script.finish(end_ns);
        let parts = windows(&script, cuts, end_ns);
        let parts: Vec<&Summary> = parts.iter().collect();
        let by_tid = whole.tasks.iter().all(|row| row.old_tid.is_none());
        told_apart += u32::from(by_tid);
        let case = format!("seed {seed}, cuts {cuts:?}, end {end_ns}");
        assert_eq!(sums(&parts, by_tid), sums(&[&whole], by_tid), "{case}");
        assert_eq!(cpu_sums(&parts), cpu_sums(&[&whole]), "{case}");
        assert_eq!(surprises(&parts), surprises(&[&whole]), "{case}");
        for (part, length) in parts.iter().zip([cuts[0], cuts[1] - cuts[0], end_ns - cuts[1]]) {
            assert_eq!(part.length_ns(), length, "{case}");
            super::random::adds_up(part, &case);
        }
    }
    assert!(told_apart > 20, "numbers passed on in all but {told_apart}");
}

#[test]
fn a_window_without_bounds_is_the_whole() {
    let (script, end_ns) = script(&mut Random(7), true);
    let whole = script.finish(end_ns);
    let mut all = window(&script, None, None, end_ns);
    let told = all.window.take().unwrap();
    assert_eq!((told.from_ns, told.to_ns), (0, end_ns));
    assert_eq!(told.events, script.events.len() as u64);
    let text = |summary: &Summary| serde_json::to_string(summary).unwrap();
    assert_eq!(text(&all), text(&whole));
}

#[test]
fn a_stretch_is_cut_where_later_events_say_that_it_was() {
    // seen asleep ──────── 40 woken ── 50 runs ────── 90 sleeps
    //                25 ─┤ window ├─ 45         window 80 ─┤
    let mut script = Script::new();
    script.asleep(&[A]).waking(40, 0, A).switch(50, 0, (IDLE, 0), A);
    script.switch(90, 0, (A, SLEEP), IDLE);
    let of = |from_ns, to_ns| window(&script, from_ns, to_ns, 100);
    assert_eq!(states(row(&of(Some(25), Some(45)), A)), [("runnable", 5), ("sleeping", 15)]);
    assert_eq!(states(row(&of(Some(45), Some(80)), A)), [("running", 30), ("runnable", 5)]);
    assert_eq!(states(row(&of(Some(80), None), A)), [("running", 10), ("sleeping", 10)]);
    let delays = |summary: &Summary| row(summary, A).run_delay_ns.count;
    assert_eq!(delays(&of(Some(45), Some(80))), 1, "it came onto its CPU in this one");
    assert_eq!(delays(&of(Some(80), None)), 0);
}

#[test]
fn who_is_gone_before_the_begin_is_not_told_and_what_is_known_of_others_is() {
    let mut script = Script::new();
    script.asleep(&[7]).fork(10, 7, A).wakeup_new(11, A).switch(20, 0, (IDLE, 0), A);
    script.rename(25, 0, A, "renamed").thread(26, A, 101).exit(28, 0, A, 0);
    script.switch(30, 0, (A, DEAD), IDLE).free(35, A).wait(38, 7, A);
    let summary = window(&script, Some(36), None, 100);
    let tids: Vec<u32> = summary.tasks.iter().map(|row| row.tid).collect();
    assert_eq!(tids, [7, 101]);
    assert_eq!(summary.anomalies.iter().count(), 0, "{:?}", summary.anomalies);
    let row = row(&summary, 101);
    assert_eq!((row.creator_tid, row.born, row.from_ns, row.to_ns), (Some(A), true, 36, 100));
    assert!(!row.active(), "it was born before and does nothing");
    let summary = window(&script, None, Some(27), 100);
    assert_eq!(super::look::row(&summary, A).comm, "renamed");
    assert_eq!(super::look::row(&summary, A).exit, None, "that comes later");
}

#[test]
fn a_gap_over_the_end_makes_the_figures_before_it_bounds() {
    let mut script = Script::new();
    script.asleep(&[A]).waking(10, 0, A).switch(20, 0, (IDLE, 0), A).gap(0, 30, 60);
    // Long after the gap: no waking that came too early can be in it.
    script.switch(5_000_070, 0, (A, SLEEP), IDLE);
    let [before, within, after] = windows(&script, [40, 65], 5_000_100);
    assert_eq!([&before, &within, &after].map(|part| row(part, A).exact), [false, false, true]);
    assert_eq!(row(&before, A).states_ns.unknown, 10);
    assert_eq!([&before, &within, &after].map(|part| part.cpus[0].lost), [7, 7, 0]);
}

#[test]
fn a_task_that_is_first_seen_later_was_there_already() {
    let mut script = Script::new();
    script.waking(5, 0, 7).seen(60, A, SLEEP, None);
    let [before, within, _] = windows(&script, [20, 50], 100);
    assert_eq!(states(row(&before, A)), [("sleeping", 20)]);
    assert_eq!(states(row(&within, A)), [("sleeping", 30)]);
    assert_eq!(row(&before, A).comm, "task100");
}

#[test]
fn events_are_those_from_the_begin_and_before_the_end() {
    let mut script = Script::new();
    script.asleep(&[A]).waking(10, 0, A).waking(20, 0, A).waking(30, 0, A);
    let events = |from_ns, to_ns| window(&script, from_ns, to_ns, 40).window.unwrap().events;
    assert_eq!(events(Some(10), Some(20)), 1);
    assert_eq!(events(None, Some(20)), 2);
    assert_eq!(events(Some(20), None), 2);
    assert_eq!(events(Some(35), None), 0);
}
