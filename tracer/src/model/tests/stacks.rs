//! Whose time off a CPU is told of which stack.

use std::collections::BTreeMap;

use tracer_common::record::Stack;

use crate::event::{Event, Gap, What};
use crate::model::Model;
use crate::model::offstacks::OffStacks;
use crate::model::stacks::StackCounts;
use crate::model::summary::{Summary, TaskRow};
use crate::model::window::Windowed;
use crate::stacks::{StackKey, Table, UserStack, Which};

use super::look::{header, in_call, row};
use super::random::{self, Random};
use super::script::{DEAD, IDLE, SLEEP, Script};

const A: u32 = 100;

fn with_stacks() -> Script {
    let mut script = Script::new();
    script.start.stacks = Some(Which::Waits);
    script
}

fn stack(at_ns: u64, tid: u32, kernel: i32, user: i32) -> What {
    What::Stack(Stack { header: header(at_ns), tid, tgid: tid, kernel, user })
}

/// Kernel stack 1 is of `wait`; user stack 2 is `main` at first and `other` after an exec at 300.
fn table() -> Table {
    let user = |since_ns, name| UserStack { tgid: A, since_ns, id: 2, frames: vec![name] };
    Table {
        names: ["wait", "main", "other"].map(str::to_owned).to_vec(),
        kernel: BTreeMap::from([(1, vec![0])]),
        user: vec![user(10, 1), user(300, 2)],
        gone: 3,
    }
}

// CPU 0: IDLE 20 A 100 IDLE, woken at 150, 160 A 300 exec 400 IDLE, woken 450, 455 A 500 IDLE ...
fn two_sleeps() -> Script {
    let mut script = with_stacks();
    script.fork(10, 1, A).wakeup_new(15, A).switch(20, 0, (IDLE, 0), A);
    script.push(100, Some(0), stack(100, A, 1, 2));
    script.switch(100, 0, (A, in_call(SLEEP, 202)), IDLE).waking(150, 0, A);
    script.switch(160, 0, (IDLE, 0), A).exec(300, 0, A, A);
    script.push(400, Some(0), stack(400, A, 1, 2));
    script.switch(400, 0, (A, in_call(SLEEP, 202)), IDLE).waking(450, 0, A);
    script.switch(455, 0, (IDLE, 0), A);
    script
}

#[test]
fn time_off_a_cpu_belongs_to_the_stack_with_which_it_began() {
    let mut script = two_sleeps();
    // One that was not told, and one whose switch was not: neither is mistaken for another.
    script.switch(500, 0, (A, SLEEP), IDLE).waking(550, 0, A).switch(560, 0, (IDLE, 0), A);
    script.push(600, Some(0), stack(600, A + 1, 1, 2));
    script.switch(600, 0, (A, SLEEP), IDLE).waking(650, 0, A).switch(660, 0, (IDLE, 0), A);
    script.push(700, Some(0), stack(700, A, Stack::COLLISION, Stack::FAULT));
    script.push(710, Some(0), What::Gap(Gap { from_ns: 700, to_ns: 710, lost: 1 }));
    let mut summary = script.finish(1000);
    assert!(summary.stacks.is_empty());
    summary.name_stacks(&table());
    let rows: Vec<_> = summary
        .stacks
        .iter()
        .map(|row| {
            let name = |names: &Option<Vec<String>>| names.as_ref().unwrap().join(" ");
            let (states, cause) = (row.states_ns, row.cause.as_deref());
            let times = (row.count, states.sleeping, states.runnable, row.total_ns, row.max_ns);
            (row.tid, cause, name(&row.kernel), name(&row.user), times)
        })
        .collect();
    let row = |user: &str, times| (A, Some("futex"), "wait".to_owned(), user.to_owned(), times);
    assert_eq!(rows, [row("main", (1, 50, 10, 60, 60)), row("other", (1, 50, 5, 55, 55))]);
    let counts = StackCounts { told: 4, collisions: 1, failed: 1, unnamed_programs: 3 };
    assert_eq!(summary.stack_counts, Some(counts));
}

#[test]
fn without_stacks_there_is_no_account_of_them() {
    let mut script = two_sleeps();
    script.start.stacks = None;
    let mut summary = script.finish(1000);
    summary.name_stacks(&table());
    assert_eq!((summary.stacks.len(), summary.stack_counts), (0, None));
}

/// Every switch of these with a stack, of few.
fn stacked(script: &Script, random: &mut Random) -> Vec<Event> {
    let mut events = Vec::new();
    for event in &script.events {
        if let What::Switch(switch) = &event.what
            && switch.prev_tid != IDLE
            && switch.prev_state & DEAD == 0
        {
            let kernel = i32::try_from(random.below(3)).unwrap();
            let what = stack(event.at_ns, switch.prev_tid, kernel, Stack::KERNEL_THREAD);
            events.push(Event { what, ..*event });
        }
        events.push(*event);
    }
    events
}

fn window(script: &Script, events: &[Event], (from_ns, to_ns): (u64, u64), end_ns: u64) -> Summary {
    let model = Model::new(&script.start);
    let mut windowed = Windowed::new(model, Some(from_ns), Some(to_ns));
    for event in events {
        windowed.apply(event);
    }
    windowed.finish(end_ns)
}

/// Times by stack and state, of all tasks together: numbers of tasks pass on.
fn sums(summaries: &[&Summary]) -> BTreeMap<(Option<StackKey>, &'static str), u64> {
    let mut sums = BTreeMap::new();
    for task in summaries.iter().flat_map(|summary| &summary.tasks) {
        for of in &task.stacks {
            for (state, ns) in of.states_ns.each() {
                *sums.entry((of.key, state)).or_default() += ns;
            }
            *sums.entry((of.key, "count")).or_default() += of.count;
        }
    }
    sums.retain(|_, sum| *sum > 0);
    sums
}

#[test]
fn windows_add_up_and_no_stack_has_more_than_the_states() {
    let mut any = 0;
    for seed in 1..150 {
        let mut random = Random(seed);
        let (mut script, end_ns) = random::script(&mut random, false);
        script.start.stacks = Some(Which::All);
        let events = stacked(&script, &mut random);
        let middle = random.below(end_ns) + 1;
        let whole = window(&script, &events, (0, u64::MAX), end_ns);
        let parts =
            [(0, middle), (middle, u64::MAX)].map(|part| window(&script, &events, part, end_ns));
        assert_eq!(sums(&[&whole]), sums(&[&parts[0], &parts[1]]), "seed {seed}");
        for task in &whole.tasks {
            let of = |name: &str| -> u64 {
                let each = task.stacks.iter().flat_map(|of| of.states_ns.each());
                each.filter(|(state, _)| *state == name).map(|(_, ns)| ns).sum()
            };
            for (state, ns) in task.states_ns.each() {
                assert!(of(state) <= ns, "seed {seed}: {state} of {}", task.tid);
                any += of(state);
            }
            for of in &task.stacks {
                assert!(of.max_ns <= of.states_ns.total(), "seed {seed}");
            }
        }
    }
    assert!(any > 0);
}

#[test]
fn all_of_the_time_is_told_where_every_switch_is() {
    let mut script = two_sleeps();
    script.push(500, Some(0), stack(500, A, 1, Stack::FAULT));
    script.switch(500, 0, (A, SLEEP), IDLE);
    let summary = script.finish(600);
    let task = row(&summary, A);
    let slept: u64 = task.stacks.iter().map(|of| of.states_ns.sleeping).sum();
    assert_eq!((slept, task.states_ns.sleeping), (200, 200));
}

#[test]
fn stretches_are_told_with_the_stacks_whose_sums_they_make() {
    let mut any = 0;
    for seed in 1..150 {
        let mut random = Random(seed);
        let (mut script, end_ns) = random::script(&mut random, false);
        script.start.stacks = Some(Which::All);
        let mut model = Model::new(&script.start);
        model.tell_stretches();
        let mut off = OffStacks::default();
        for event in &stacked(&script, &mut random) {
            model.apply(event);
            model.take_told().for_each(|told| off.hear(told));
        }
        let (summary, rest) = model.finish_telling(end_ns);
        for told in rest {
            off.hear(told);
        }
        let mut told: BTreeMap<(Option<StackKey>, &str), u64> = BTreeMap::new();
        let mut states: BTreeMap<&str, u64> = BTreeMap::new();
        for row in off.rows(&summary, true) {
            *states.entry(row.state).or_default() += row.ns;
            if row.key.is_some() {
                *told.entry((row.key, row.state)).or_default() += row.ns;
            }
        }
        let mut sums = sums(&[&summary]);
        sums.retain(|(_, what), _| *what != "count");
        assert_eq!(told, sums, "seed {seed}");
        for (state, ns) in states {
            let of =
                |task: &TaskRow| task.states_ns.each().into_iter().find(|(name, _)| *name == state);
            let sum: u64 = summary.tasks.iter().filter_map(of).map(|(_, ns)| ns).sum();
            assert_eq!(ns, sum, "seed {seed}: {state}");
            any += ns;
        }
    }
    assert!(any > 0);
}
