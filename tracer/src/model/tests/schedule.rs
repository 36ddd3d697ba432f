//! A scheduler that keeps the truth: who ran while whom waited, for how long.

use std::collections::{BTreeMap, BTreeSet};

use tracer_common::record::Switch;

use crate::model::summary::{Summary, TaskRow};

use super::look::row;
use super::random::Random;
use super::script::{IDLE, SLEEP, Script};

const FIRST: u32 = 1000;

/// Two CPUs with their queues, and what comes of them.
struct Machine {
    script: Script,
    at: u64,
    on: [u32; 2],
    queues: [Vec<u32>; 2],
    asleep: BTreeSet<u32>,
    /// By waiting task and by who ran.
    truth: BTreeMap<(u32, u32), u64>,
    preemptions: BTreeMap<(u32, u32), u64>,
}

impl Machine {
    fn new(tasks: u32) -> Self {
        let asleep: BTreeSet<u32> = (FIRST..FIRST + tasks).collect();
        let mut script = Script::new();
        script.asleep(&asleep.iter().copied().collect::<Vec<_>>());
        for cpu in 0..2 {
            script.switch(0, cpu, (IDLE, 0), IDLE);
        }
        let (truth, preemptions) = (BTreeMap::new(), BTreeMap::new());
        let (on, queues) = ([IDLE; 2], [Vec::new(), Vec::new()]);
        Self { script, at: 0, on, queues, asleep, truth, preemptions }
    }

    /// Time passes: whoever waits waits for whoever runs.
    fn pass(&mut self, ns: u64) {
        for (queue, on) in self.queues.iter().zip(self.on) {
            for &waiting in queue {
                *self.truth.entry((waiting, on)).or_default() += ns;
            }
        }
        self.at += ns;
    }

    fn wake(&mut self, random: &mut Random) {
        let asleep: Vec<u32> = self.asleep.iter().copied().collect();
        if asleep.is_empty() {
            return;
        }
        let tid = random.of(&asleep);
        let cpu = random.of(&[0, 1]);
        self.asleep.remove(&tid);
        self.queues[cpu].push(tid);
        let cpu = u32::try_from(cpu).unwrap();
        // Its waker moves it there, if it was elsewhere.
        self.script.waking(self.at, 0, tid).migrate(self.at, tid, 1 - cpu, cpu);
    }

    fn switch(&mut self, random: &mut Random) {
        let cpu = random.of(&[0, 1]);
        let prev = self.on[cpu];
        let next = match self.queues[cpu].len() as u64 {
            0 => IDLE,
            some => self.queues[cpu].remove(usize::try_from(random.below(some)).unwrap()),
        };
        let preempted = prev != IDLE && next != IDLE && random.below(2) == 0;
        if prev == next {
            return;
        }
        if preempted {
            self.queues[cpu].push(prev);
            *self.preemptions.entry((prev, next)).or_default() += 1;
        } else if prev != IDLE {
            self.asleep.insert(prev);
        }
        let state = if preempted { Switch::PREEMPTED } else { SLEEP };
        self.on[cpu] = next;
        self.script.switch(self.at, u16::try_from(cpu).unwrap(), (prev, state), next);
    }

    fn balance(&mut self, random: &mut Random) {
        let from = random.of(&[0, 1]);
        if let Some(tid) = self.queues[from].pop() {
            self.queues[1 - from].insert(0, tid);
            let cpu = u32::try_from(from).unwrap();
            self.script.migrate_by(self.at, (tid, cpu, 1 - cpu), IDLE, 0);
        }
    }

    fn run(tasks: u32, steps: u64, seed: u64) -> (Self, Summary) {
        let mut random = Random(seed * 0x9e37_79b9);
        let mut machine = Self::new(tasks);
        for _ in 0..steps {
            machine.pass(1 + random.below(50));
            match random.below(10) {
                0..4 => machine.wake(&mut random),
                4..9 => machine.switch(&mut random),
                _ => machine.balance(&mut random),
            }
        }
        machine.pass(random.below(50));
        let summary = machine.script.finish(machine.at);
        (machine, summary)
    }

    fn waited_for(&self, tid: u32, on: u32) -> u64 {
        self.truth.get(&(tid, on)).copied().unwrap_or_default()
    }

    /// Nothing is told too high, and everything adds up to the truth.
    fn check(&self, row: &TaskRow) {
        let all = |of: &dyn Fn(&TaskRow) -> u64| of(row);
        let waits = self.truth.iter().filter(|((tid, _), _)| *tid == row.tid);
        assert_eq!(row.states_ns.runnable, waits.map(|(_, ns)| ns).sum::<u64>());
        assert_eq!(all(&|row| row.time.antagonists.total_ns()), row.states_ns.runnable);
        assert_eq!(row.time.antagonists.idle_ns, self.waited_for(row.tid, IDLE), "{row:?}");
        assert_eq!(row.time.antagonists.unknown_ns, 0, "{row:?}");
        for by in &row.time.antagonists.tasks {
            assert!(by.ns <= self.waited_for(row.tid, by.tid), "{by:?} of {row:?}");
        }
    }
}

#[test]
fn with_few_tasks_the_antagonists_are_the_truth() {
    for seed in 1..100 {
        let (machine, summary) = Machine::run(8, 300, seed);
        for tid in FIRST..FIRST + 8 {
            let row = row(&summary, tid);
            machine.check(row);
            assert_eq!(row.time.antagonists.rest_ns, 0);
            for by in &row.time.antagonists.tasks {
                assert_eq!(by.ns, machine.waited_for(tid, by.tid), "seed {seed}: {row:?}");
                let preemptions = machine.preemptions.get(&(tid, by.tid)).copied();
                // One that still waits when the trace ends is not counted yet.
                let most = preemptions.unwrap_or_default();
                assert!((most.saturating_sub(1)..=most).contains(&by.preemptions), "{row:?}");
            }
        }
    }
}

#[test]
fn in_a_crowd_nothing_is_told_too_high() {
    for seed in 1..40 {
        let (machine, summary) = Machine::run(60, 2000, seed);
        for tid in FIRST..FIRST + 60 {
            machine.check(row(&summary, tid));
        }
        let crowded = summary.tasks.iter().filter(|row| row.time.antagonists.rest_ns > 0).count();
        assert!(crowded > 20, "seed {seed}: {crowded}");
    }
}
