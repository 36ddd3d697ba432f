//! The page without a browser: what is written is what the report says. With one: `tests/tests/html.rs`.

use std::collections::BTreeMap;

use super::*;
use crate::model::Model;
use crate::model::summary::Summary;
use crate::model::tests::random::{Random, script};
use crate::model::tests::script::{IDLE, SLEEP, Script};

/// The report of a script, and the stretches on the way to it.
fn tracks(script: &Script, end_ns: u64) -> (Summary, Tracks) {
    let mut tracks = Tracks::default();
    let mut model = Model::new(&script.start);
    model.tell_stretches();
    for event in &script.events {
        tracks.event(event, &model);
        model.apply(event);
        model.take_told().for_each(|told| tracks.told(told));
    }
    let (summary, rest) = model.finish_telling(end_ns);
    for told in rest {
        tracks.told(told);
    }
    (summary, tracks)
}

/// Reads what `data.js` reads.
struct Numbers<'a>(std::slice::Iter<'a, u8>);

impl Numbers<'_> {
    fn next(&mut self) -> u64 {
        let mut number = 0;
        for shift in (0..).step_by(7) {
            let byte = *self.0.next().expect("a whole number");
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                break;
            }
        }
        number
    }
}

/// A stretch: its code, begin and length, ns; and its CPU, or by whom it was woken and how long
/// before.
type Read = (u64, u64, u64, Option<u64>, Option<u64>);

/// The stretches of each track with its place in the report.
type Stretches = Vec<(u64, Vec<Read>)>;

/// The stretches, and the tracks on each CPU.
fn read(bytes: &[u8]) -> (Stretches, BTreeMap<u64, Vec<u64>>) {
    let mut numbers = Numbers(bytes.iter());
    assert_eq!(numbers.next(), 1);
    let heads: Vec<[u64; 3]> =
        (0..numbers.next()).map(|_| [(); 3].map(|()| numbers.next())).collect();
    let mut track = |[row, mut at_ns, count]: [u64; 3]| {
        let stretch = |_| {
            let (code, ns) = (numbers.next(), numbers.next());
            let begin_ns = at_ns;
            at_ns += ns;
            let who = matches!(code, 0 | 2 | 3).then(|| numbers.next());
            let early = (code != 0 && who.is_some_and(|by| by > 0)).then(|| numbers.next());
            (code, begin_ns, ns, who, early)
        };
        (row, (0..count).map(stretch).collect())
    };
    let read = heads.into_iter().map(&mut track).collect();
    let runs = (0..numbers.next()).map(|_| {
        let cpu = numbers.next();
        (cpu, (0..numbers.next()).map(|_| numbers.next()).collect())
    });
    let runs = runs.collect();
    assert_eq!(numbers.0.len(), 0, "nothing is left");
    (read, runs)
}

fn written(summary: &Summary, tracks: &Tracks) -> Vec<u8> {
    let mut bytes = Vec::new();
    tracks.write(&mut bytes, summary).unwrap();
    bytes
}

#[test]
fn a_waking_knows_who_woke() {
    let mut kernel = Script::new();
    kernel.asleep(&[100, 200]);
    kernel.woken_by_irq(10, 0, 100).switch(20, 0, (IDLE, 0), 100);
    kernel.woken_by(30, 0, 200, 100).switch(50, 1, (IDLE, 0), 200);
    kernel.switch(80, 0, (100, SLEEP), IDLE);
    let (summary, tracks) = tracks(&kernel, 100);
    let (read, runs) = read(&written(&summary, &tracks));
    let by_row: BTreeMap<u64, &Vec<Read>> = read.iter().map(|(row, all)| (*row, all)).collect();
    let place = read.iter().position(|(row, _)| *row == 1).unwrap() as u64;
    let sleep = (5, 0, 10, None, None);
    let by_irq = (3, 10, 10, Some(1), Some(0));
    let [ran, slept] = [(0, 20, 60, Some(0), None), (5, 80, 20, None, None)];
    assert_eq!(*by_row[&1], [sleep, by_irq, ran, slept]);
    let by_task = (3, 30, 20, Some(3 + 2 * place), Some(0));
    assert_eq!(*by_row[&2], [(5, 0, 30, None, None), by_task, (0, 50, 50, Some(1), None)]);
    assert_eq!(runs, BTreeMap::from([(0, vec![place]), (1, vec![1 - place])]));
}

#[test]
fn the_stretches_add_up_to_the_report() {
    for seed in 1..=40 {
        let (kernel, end_ns) = script(&mut Random(seed * 0x9e37_79b9), true);
        let (summary, tracks) = tracks(&kernel, end_ns);
        let (read, runs) = read(&written(&summary, &tracks));
        let told = |row: u64| summary.tasks.get(usize::try_from(row).unwrap() - 1);
        let mut rows = 0;
        for (row, stretches) in read.iter().filter(|(row, _)| *row > 0) {
            let task = told(*row).unwrap();
            let sum = |codes: &[u64]| -> u64 {
                let of = |one: &&Read| codes.contains(&one.0);
                stretches.iter().filter(of).map(|one| one.2).sum()
            };
            let states = task.states_ns.each().map(|(_, ns)| ns);
            let codes: [&[u64]; 8] =
                [&[0], &[1, 2, 3, 4], &[5, 7, 8], &[6], &[9], &[10], &[11], &[12]];
            assert_eq!(codes.map(sum), states, "seed {seed}, task {}", task.tid);
            assert_eq!(sum(&[13]), 0, "no time is in no state");
            rows += 1;
        }
        let silent = summary.tasks.iter().filter(|task| task.observed_ns() == 0).count();
        assert!(rows + silent >= summary.tasks.len(), "seed {seed}: every task is there");
        let ran: usize = runs.values().map(Vec::len).sum();
        let running = read.iter().flat_map(|(_, all)| all).filter(|one| one.0 == 0).count();
        assert_eq!(ran, running, "seed {seed}");
    }
}

#[test]
fn the_page_is_whole_and_loads_nothing() {
    let mut kernel = Script::new();
    kernel.asleep(&[100]).woken_by_irq(10, 0, 100).switch(20, 0, (IDLE, 0), 100);
    let (summary, tracks) = tracks(&kernel, 100);
    let mut page = Vec::new();
    write(&mut page, &Report::new((), summary), &tracks).unwrap();
    let page = String::from_utf8(page).unwrap();
    assert!(!page.contains("/*{") && page.trim_end().ends_with("</html>"));
    for outside in ["http:", "https:", "src=", "@import", "url(", "fetch(", "import("] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(page.contains("default-src 'none'"));
}
