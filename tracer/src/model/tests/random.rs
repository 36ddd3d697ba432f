//! Whatever the events say, nothing panics and every sum adds up.

use tracer_common::record::Switch;

use super::script::{DEAD, DISK, IDLE, SLEEP, Script};

/// xorshift64*: a test is the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % limit
    }

    fn of<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.below(from.len() as u64)).unwrap()]
    }
}

fn step(script: &mut Script, random: &mut Random, at: u64) {
    const TIDS: [u32; 6] = [1, 10, 11, 12, 20, 21];
    const STATES: [u32; 8] =
        [0, SLEEP, DISK, 4, 8, DEAD, Switch::PREEMPTED, DISK | Switch::PREEMPTED];
    let (tid, other) = (random.of(&TIDS), random.of(&TIDS));
    let cpu = random.of(&[0, 1]);
    match random.below(14) {
        0..5 => {
            let (prev, next) = (random.of(&[tid, IDLE]), random.of(&[other, IDLE]));
            script.switch(at, cpu, (prev, random.of(&STATES)), next)
        }
        5..8 => script.waking(at, cpu, tid),
        8 => script.fork(at, other, tid),
        9 => script.thread(at, 10, tid),
        10 => script.exit_group(at, cpu, tid, 9),
        11 => script.free(at, tid).wait(at, other, tid),
        12 => script.gap(cpu, at.saturating_sub(random.below(30)), at),
        _ if random.below(2) == 0 => script.take_over(tid, 10).exec(at, cpu, 10, tid),
        _ => script.seen(at, tid, random.of(&STATES), None),
    };
}

#[test]
fn whatever_happens_the_sums_add_up() {
    for seed in 1..300 {
        let mut random = Random(seed * 0x9e37_79b9);
        let mut script = Script::new();
        let mut at = 0;
        for _ in 0..200 {
            at += random.below(4) * random.below(40);
            step(&mut script, &mut random, at);
        }
        let end = at + random.below(50);
        let summary = script.finish(end);
        for row in &summary.tasks {
            assert_eq!(row.states_ns.total(), row.observed_ns(), "seed {seed}: {row:?}");
            let on_cpus: u64 = row.cpus.values().sum();
            assert_eq!(row.states_ns.running, on_cpus, "seed {seed}: {row:?}");
            assert!(row.from_ns <= row.to_ns && row.to_ns <= end, "seed {seed}: {row:?}");
        }
        for cpu in &summary.cpus {
            assert_eq!(cpu.total_ns(), end, "seed {seed}: {cpu:?}");
            let kinds = cpu.same_mm_switches
                + cpu.cross_mm_switches
                + cpu.kernel_switches
                + cpu.unknown_mm_switches;
            assert_eq!(kinds, cpu.switches, "seed {seed}: {cpu:?}");
        }
    }
}

#[test]
fn the_same_events_give_the_same_report() {
    let mut random = Random(42);
    let mut script = Script::new();
    (0..500).for_each(|at| step(&mut script, &mut random, at * 10));
    let report = || serde_json::to_string(&script.finish(6000)).unwrap();
    assert_eq!(report(), report());
}
