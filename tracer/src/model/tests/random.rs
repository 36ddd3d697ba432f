//! Whatever the events say, nothing panics and every sum adds up.

use tracer_common::record::Switch;

use crate::model::delays::DelayRow;
use crate::model::distribution::Quantiles;
use crate::model::summary::{Summary, TaskRow};

use super::look::in_call;
use super::script::{DEAD, DISK, IDLE, SLEEP, Script};

/// xorshift64*: a test is the same each time.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % limit
    }

    pub(crate) fn of<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.below(from.len() as u64)).unwrap()]
    }
}

fn step(script: &mut Script, random: &mut Random, at: u64, takeovers: bool) {
    const TIDS: [u32; 6] = [1, 10, 11, 12, 20, 21];
    let states = [
        0,
        SLEEP,
        in_call(SLEEP, 202),
        in_call(SLEEP, 0),
        in_call(DISK, 0),
        DISK,
        4,
        8,
        DEAD,
        Switch::PREEMPTED,
        DISK | Switch::PREEMPTED,
    ];
    let (tid, other) = (random.of(&TIDS), random.of(&TIDS));
    let cpu = random.of(&[0, 1]);
    match random.below(18) {
        0..5 => {
            let (prev, next) = (random.of(&[tid, IDLE]), random.of(&[other, IDLE]));
            script.switch(at, cpu, (prev, random.of(&states)), next)
        }
        5..8 => script.waking(at, cpu, tid),
        8 => script.fork(at, other, tid),
        9 => script.thread(at, 10, tid),
        10 => script.exit_group(at, cpu, tid, 9),
        11 => script.free(at, tid).wait(at, other, tid),
        12 => {
            let (from, to) = (random.of(&[0, 1]), random.of(&[0, 1, 2]));
            script.migrate_by(at, (tid, from, to), other, random.of(&[0, 1, 61, 205]))
        }
        15..18 => {
            let begin_ns = at.saturating_sub(random.below(60));
            let took = (begin_ns, random.below(60));
            match random.below(3) {
                0 => script.irq(at, cpu, took, random.of(&[tid, IDLE, 99])),
                1 => script.softirq(at, cpu, took, tid),
                _ => script.timer(at, cpu, took, tid),
            }
        }
        13 => script.gap(cpu, at.saturating_sub(random.below(30)), at),
        _ if takeovers && random.below(2) == 0 => script.take_over(tid, 10).exec(at, cpu, 10, tid),
        _ => script.seen(at, tid, random.of(&states), None),
    };
}

#[test]
fn whatever_happens_the_sums_add_up() {
    for seed in 1..300 {
        let (script, end) = script(&mut Random(seed * 0x9e37_79b9), true);
        adds_up(&script.finish(end), &format!("seed {seed}"));
    }
}

/// What happens by chance, and when it ends; with threads that take over their leaders' numbers, or
/// without.
pub(crate) fn script(random: &mut Random, takeovers: bool) -> (Script, u64) {
    let mut script = Script::new();
    let mut at = 0;
    for _ in 0..200 {
        at += random.below(4) * random.below(40);
        step(&mut script, random, at, takeovers);
    }
    (script, at + random.below(50))
}

/// Every sum is that of its parts.
pub(super) fn adds_up(summary: &Summary, case: &str) {
    for row in &summary.tasks {
        assert_eq!(row.states_ns.total(), row.observed_ns(), "{case}: {row:?}");
        let on_cpus: u64 = row.cpus.values().sum();
        assert_eq!(row.states_ns.running, on_cpus, "{case}: {row:?}");
        assert!(row.from_ns <= row.to_ns && row.to_ns <= summary.end_ns, "{case}: {row:?}");
        parts_add_up(row);
    }
    for cpu in &summary.cpus {
        assert_eq!(cpu.total_ns(), summary.length_ns(), "{case}: {cpu:?}");
        let kinds = cpu.same_mm_switches
            + cpu.cross_mm_switches
            + cpu.kernel_switches
            + cpu.unknown_mm_switches;
        assert_eq!(kinds, cpu.switches, "{case}: {cpu:?}");
    }
    groups_add_up(summary);
}

/// Each of a task's times is the sum of its parts.
fn parts_add_up(row: &TaskRow) {
    let states = row.states_ns;
    let stolen_ns = row.irq_stolen_ns + row.softirq_stolen_ns;
    assert_eq!(row.own_running_ns + stolen_ns, states.running, "{row:?}");
    assert_eq!(row.time.antagonists.total_ns(), states.runnable, "{row:?}");
    let causes = [&row.time.sleep_causes_ns, &row.time.uninterruptible_causes_ns]
        .map(|causes| causes.values().map(|cause| cause.sum).sum::<u64>());
    assert_eq!(causes, [states.sleeping, states.uninterruptible], "{row:?}");
    let moves: u64 = row.time.migrations_by.each().iter().map(|(_, count)| count).sum();
    assert_eq!(moves, row.migrations, "{row:?}");
    let DelayRow { new, woken, preempted, .. } = &row.time.run_delays_ns;
    let delays = [new, woken, preempted];
    let all = &row.run_delay_ns;
    assert_eq!(delays.map(|kind| kind.sum).iter().sum::<u64>(), all.sum, "{row:?}");
    assert_eq!(delays.map(|kind| kind.count).iter().sum::<u64>(), all.count, "{row:?}");
}

/// What CPUs and processes say is what their tasks say.
fn groups_add_up(summary: &Summary) {
    let delays = |of: fn(&Quantiles) -> u64| {
        let tasks: u64 = summary.tasks.iter().map(|row| of(&row.run_delay_ns)).sum();
        let cpus: u64 = summary.cpus.iter().map(|cpu| of(&cpu.run_delay_ns)).sum();
        (tasks, cpus)
    };
    let counts = delays(|delays| delays.count);
    assert_eq!(counts.0, counts.1);
    let sums = delays(|delays| delays.sum);
    assert_eq!(sums.0, sums.1);
    for process in &summary.processes {
        let times = &process.parallelism.times;
        let [running, runnable] =
            [&times.running_ns, &times.runnable_ns].map(|times| times.iter().sum::<u64>());
        assert_eq!(running, runnable, "{process:?}");
        if let Some(end_ns) = process.end_ns {
            assert_eq!(running, end_ns - process.from_ns, "{process:?}");
        }
    }
}

#[test]
fn the_same_events_give_the_same_report() {
    let mut random = Random(42);
    let mut script = Script::new();
    (0..500).for_each(|at| step(&mut script, &mut random, at * 10, true));
    let report = || serde_json::to_string(&script.finish(6000)).unwrap();
    assert_eq!(report(), report());
}
