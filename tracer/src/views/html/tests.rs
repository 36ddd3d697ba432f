//! The page without a browser: what is written is what the report says. With one: `tests/tests/html.rs`.

use std::collections::BTreeMap;

use tracer_common::record::Stack;

use super::*;
use crate::event::What;
use crate::model::Model;
use crate::model::interrupts::Own;
use crate::model::summary::Summary;
use crate::model::tests::busy::{END, busy, us};
use crate::model::tests::look::header;
use crate::model::tests::random::{Random, script};
use crate::model::tests::script::{IDLE, SLEEP, Script};
use crate::model::window::Windowed;
use crate::stacks::Which;

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

/// The tracks on each CPU.
type Runs = BTreeMap<u64, Vec<u64>>;

/// The stretches, the tracks on each CPU, and the numbers of stacks with the codes of their stretches.
fn read(bytes: &[u8]) -> (Stretches, Runs, Vec<(u64, u64)>) {
    let mut numbers = Numbers(bytes.iter());
    assert_eq!(numbers.next(), 2);
    let heads: Vec<[u64; 3]> =
        (0..numbers.next()).map(|_| [(); 3].map(|()| numbers.next())).collect();
    let mut stacks = Vec::new();
    let mut track = |[row, mut at_ns, count]: [u64; 3]| {
        let stretch = |_| {
            let (code, ns) = (numbers.next(), numbers.next());
            if code & 16 > 0 {
                stacks.push((code & 15, numbers.next()));
            }
            let code = code & 15;
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
    (read, runs, stacks)
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
    let (read, runs, stacks) = read(&written(&summary, &tracks));
    let by_row: BTreeMap<u64, &Vec<Read>> = read.iter().map(|(row, all)| (*row, all)).collect();
    let place = read.iter().position(|(row, _)| *row == 1).unwrap() as u64;
    let sleep = (5, 0, 10, None, None);
    let by_irq = (3, 10, 10, Some(1), Some(0));
    let [ran, slept] = [(0, 20, 60, Some(0), None), (5, 80, 20, None, None)];
    assert_eq!(*by_row[&1], [sleep, by_irq, ran, slept]);
    let by_task = (3, 30, 20, Some(3 + 2 * place), Some(0));
    assert_eq!(*by_row[&2], [(5, 0, 30, None, None), by_task, (0, 50, 50, Some(1), None)]);
    assert_eq!(runs, BTreeMap::from([(0, vec![place]), (1, vec![1 - place])]));
    assert_eq!(stacks, []);
}

#[test]
fn the_stretches_add_up_to_the_report() {
    for seed in 1..=40 {
        let (kernel, end_ns) = script(&mut Random(seed * 0x9e37_79b9), true);
        let (summary, tracks) = tracks(&kernel, end_ns);
        let (read, runs, _) = read(&written(&summary, &tracks));
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
    write(&mut page, &Report::new((), summary), &tracks, &Table::default()).unwrap();
    let page = String::from_utf8(page).unwrap();
    assert!(!page.contains("/*{") && page.trim_end().ends_with("</html>"));
    for outside in ["http:", "https:", "src=", "@import", "url(", "fetch(", "import("] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(page.contains("default-src 'none'"));
}

#[test]
fn a_stretch_has_the_stacks_with_which_it_began() {
    let mut kernel = Script::new();
    kernel.start.stacks = Some(Which::All);
    kernel.fork(5, 1, 100).wakeup_new(6, 100).switch(10, 0, (IDLE, 0), 100);
    let sleep = |kernel: &mut Script, at_ns, id| {
        let stack = Stack { header: header(at_ns), tid: 100, tgid: 100, kernel: id, user: -14 };
        kernel.push(at_ns, Some(0), What::Stack(stack)).switch(at_ns, 0, (100, SLEEP), IDLE);
        kernel.waking(at_ns + 5, 0, 100).switch(at_ns + 8, 0, (IDLE, 0), 100);
    };
    for (at_ns, id) in [(20, 7), (40, 8), (60, 7)] {
        sleep(&mut kernel, at_ns, id);
    }
    kernel.switch(80, 0, (100, SLEEP), IDLE).waking(85, 0, 100).switch(88, 0, (IDLE, 0), 100);
    let (summary, tracks) = tracks(&kernel, 100);
    let (_, _, stacks) = read(&written(&summary, &tracks));
    // The runnable stretches after them have the same, which is not said again.
    assert_eq!(stacks, [(5, 1), (5, 2), (5, 1)]);
    let names = ["wait", "poll"].map(str::to_owned).to_vec();
    let table = Table { names, kernel: [(7, vec![0]), (8, vec![1, 0])].into(), ..Table::default() };
    let mut json = Vec::new();
    tracks.stacks.write(&mut json, &table).unwrap();
    let expected = r#"{"names":["wait","poll"],"stacks":[[[0],[]],[[1,0],[]]]}"#;
    assert_eq!(String::from_utf8(json).unwrap(), expected);
}

/// Count and time of each interrupt by CPU, class and number.
fn interrupts(summary: &Summary, tracks: &Tracks) -> BTreeMap<(u64, u64, u64), (u64, u64)> {
    let mut bytes = Vec::new();
    tracks.interrupts.write(&mut bytes, summary).unwrap();
    let mut numbers = Numbers(bytes.iter());
    let kinds: Vec<(u64, u64)> = (0..numbers.next())
        .map(|_| {
            let kind = (numbers.next(), numbers.next());
            (0..numbers.next()).for_each(|_| assert!(numbers.0.next().is_some()));
            kind
        })
        .collect();
    let mut sums = BTreeMap::new();
    for _ in 0..numbers.next() {
        let cpu = numbers.next();
        for _ in 0..numbers.next() {
            let (class, id) = kinds[usize::try_from(numbers.next()).unwrap()];
            let _begin = numbers.next();
            let (ns, nested) = (numbers.next(), numbers.next());
            let sum: &mut (u64, u64) = sums.entry((cpu, class, id)).or_default();
            *sum = (sum.0 + 1, sum.1 + ns.saturating_sub(nested));
        }
    }
    assert_eq!(numbers.0.len(), 0, "nothing is left");
    sums
}

#[test]
fn interrupts_add_up_to_the_report_of_any_part() {
    let script = busy();
    for (from_ns, to_ns) in [(0, END), (us(25), us(12_000)), (us(450), END), (0, us(300))] {
        let mut tracks = Tracks::default();
        let model = Model::new(&script.start);
        tracks.begin(model.start_ns(), from_ns.max(model.start_ns()), to_ns);
        let mut window = Windowed::new(model, Some(from_ns), Some(to_ns));
        for event in &script.events {
            tracks.event(event, window.model());
            window.apply(event);
        }
        let summary = window.finish(END);
        let mut rows = BTreeMap::new();
        let mut add = |cpu: u16, class: u64, id: u32, own: &Own| {
            let sum: &mut (u64, u64) = rows.entry((cpu.into(), class, id.into())).or_default();
            *sum = (sum.0 + own.count, sum.1 + own.total_ns);
        };
        summary.irqs.iter().for_each(|row| add(row.cpu, 0, row.irq, &row.own));
        summary.softirqs.iter().for_each(|row| add(row.cpu, 1, row.vec, &row.own));
        summary.vectors.iter().for_each(|row| add(row.cpu, 2, row.vector, &row.own));
        assert_eq!(interrupts(&summary, &tracks), rows, "{from_ns} {to_ns}");
        assert!(!rows.is_empty(), "{from_ns} {to_ns}");
    }
}
