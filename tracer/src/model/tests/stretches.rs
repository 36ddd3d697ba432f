//! What is told of closed stretches is what the report's sums are made of.

use std::collections::BTreeMap;

use crate::event::What;
use crate::model::Model;
use crate::model::lives::LifeId;
use crate::model::state::{Ready, State};
use crate::model::stretches::{Stretch, Told, Whole};
use crate::model::summary::{Summary, TaskRow};
use crate::model::window::Windowed;

use super::look::row;
use super::random::{Random, script};
use super::script::{IDLE, SLEEP, Script};

const A: u32 = 100;

type Sums = BTreeMap<String, u64>;

/// What was told, by task.
#[derive(Default)]
struct Heard {
    open: BTreeMap<LifeId, Vec<Stretch>>,
    over: Vec<(Whole, Vec<Stretch>)>,
}

impl Heard {
    fn hear(&mut self, told: Told) {
        match told {
            Told::Stretch(stretch) => self.open.entry(stretch.life).or_default().push(stretch),
            Told::Over(whole) => {
                let stretches = self.open.remove(&whole.life).unwrap_or_default();
                self.over.push((whole, stretches));
            }
            Told::Never(life) => {
                self.open.remove(&life);
            }
        }
    }
}

/// The report, and what was told on the way, of a part of it.
fn hear(script: &Script, part: [Option<u64>; 2], end_ns: u64) -> (Summary, Heard) {
    let mut heard = Heard::default();
    let mut model = Model::new(&script.start);
    model.tell_stretches();
    let mut windowed = Windowed::new(model, part[0], part[1]);
    for event in &script.events {
        windowed.apply(event);
        windowed.take_told().for_each(|told| heard.hear(told));
    }
    let (summary, rest) = windowed.finish_telling(end_ns);
    for told in rest {
        heard.hear(told);
    }
    (summary, heard)
}

/// Sums of told stretches, as a row of the report has them.
fn told_sums(stretches: &[Stretch]) -> Sums {
    let mut sums = Sums::new();
    for stretch in stretches {
        let ns = stretch.to_ns - stretch.from_ns;
        *sums.entry(stretch.state.name().to_owned()).or_default() += ns;
        match stretch.state {
            State::Running(cpu) => *sums.entry(format!("cpu {cpu}")).or_default() += ns,
            State::Runnable(ready) => *sums.entry(format!("{ready:?}")).or_default() += ns,
            _ => {}
        }
    }
    sums
}

fn row_sums(row: &TaskRow) -> Sums {
    let mut sums: Sums =
        row.states_ns.each().into_iter().map(|(name, ns)| (name.to_owned(), ns)).collect();
    let parts = row.runnable_ns;
    for (ready, ns) in [
        (Ready::Created, parts.created),
        (Ready::New, parts.new),
        (Ready::Woken, parts.woken),
        (Ready::Preempted, parts.preempted),
    ] {
        sums.insert(format!("{ready:?}"), ns);
    }
    sums.extend(row.cpus.iter().map(|(cpu, ns)| (format!("cpu {cpu}"), *ns)));
    sums.retain(|_, ns| *ns > 0);
    sums
}

/// Each row's sums are those of what was told of it, without a hole; the two are as many.
fn agree(summary: &Summary, heard: &Heard, case: &str) {
    assert!(heard.open.is_empty(), "{case}: {:?}", heard.open);
    let told = heard.over.iter().filter(|(task, _)| task.followed);
    let mut told: Vec<_> = told
        .map(|(task, stretches)| {
            let sums = told_sums(stretches);
            (task.tid, task.start_ns, task.from_ns, task.to_ns, sums)
        })
        .collect();
    let rows = summary.tasks.iter();
    let mut rows: Vec<_> =
        rows.map(|row| (row.tid, row.start_ns, row.from_ns, row.to_ns, row_sums(row))).collect();
    told.sort();
    rows.sort();
    assert_eq!(told, rows, "{case}");
    for (task, stretches) in &heard.over {
        let mut at_ns = task.from_ns;
        for stretch in stretches {
            assert_eq!(stretch.from_ns, at_ns, "{case}: {stretch:?}");
            at_ns = stretch.to_ns;
        }
        assert_eq!(at_ns, task.to_ns, "{case}");
    }
}

#[test]
fn what_is_told_adds_up_to_the_report() {
    for seed in 1..300 {
        let (script, end_ns) = script(&mut Random(seed * 0x9e37_79b9), true);
        let (summary, heard) = hear(&script, [None, None], end_ns);
        agree(&summary, &heard, &format!("seed {seed}"));
    }
}

/// All that was told, together.
fn told_together(heard: &Heard) -> Sums {
    let tasks = heard.over.iter().filter(|(task, _)| task.followed);
    let stretches: Vec<Stretch> = tasks.flat_map(|(_, told)| told.iter().copied()).collect();
    told_sums(&stretches)
}

#[test]
fn what_is_told_of_parts_that_touch_is_what_is_told_of_the_whole() {
    for seed in 1..300 {
        let mut random = Random(seed * 0x9e37_79b9);
        let (script, end_ns) = script(&mut random, true);
        let first = random.below(end_ns);
        let second = first + 1 + random.below(end_ns - first);
        let parts = [[None, Some(first)], [Some(first), Some(second)], [Some(second), None]];
        let mut sums = Sums::new();
        for part in parts {
            let (summary, heard) = hear(&script, part, end_ns);
            agree(&summary, &heard, &format!("seed {seed}: {part:?} of {end_ns}"));
            for (state, ns) in told_together(&heard) {
                *sums.entry(state).or_default() += ns;
            }
        }
        let whole = told_together(&hear(&script, [None, None], end_ns).1);
        assert_eq!(sums, whole, "seed {seed}: {first}, {second} of {end_ns}");
    }
}

#[test]
fn a_stint_that_began_earlier_is_told_once_and_as_it_was() {
    // Woken at 10, seen to come at 25; billed for 27 ns at 40: it began at 13.
    let mut script = Script::new();
    script.asleep(&[A]).waking(10, 0, A).switch(25, 0, (IDLE, 0), A);
    script.switch(40, 0, (A, SLEEP), IDLE);
    let Some(What::Switch(switch)) = script.events.last_mut().map(|event| &mut event.what) else {
        unreachable!()
    };
    switch.prev_runtime_ns += 12;
    let (summary, heard) = hear(&script, [None, None], 50);
    agree(&summary, &heard, "billed");
    assert_eq!(row(&summary, A).states_ns.running, 27);
    let told: Vec<_> =
        heard.over[0].1.iter().map(|s| (s.state.name(), s.from_ns, s.to_ns)).collect();
    let running = told.iter().find(|(name, ..)| *name == "running");
    assert_eq!(running, Some(&("running", 13, 40)), "{told:?}");
}
