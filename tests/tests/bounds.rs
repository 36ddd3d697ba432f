//! Numbers that a gap has touched say so: whatever is taken out of a recording, each number of its
//! report is the true one or has bounds that contain it.

use tests::removal::{Compared, Removal, Whole, adds_up, compare};
use tests::{Trace, can_trace};

/// Times that something is taken out of each recording.
const TIMES: u64 = 60;

/// Numbers that are wrong of which it is told.
const TOLD: usize = 20;

/// A generator of numbers that are the same in every run (xorshift64*).
struct Random(u64);

impl Random {
    fn below(&mut self, end: u32) -> u32 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32;
        u32::try_from(number % u64::from(end.max(1))).unwrap_or_default()
    }

    fn of<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(u32::try_from(from.len()).unwrap_or(u32::MAX)) as usize]
    }

    /// Up to eight runs of records, short or long, of any CPU.
    fn removal(&mut self, whole: &Whole) -> Removal {
        let cpus: Vec<(u16, u32)> = whole.records.iter().map(|(&cpu, &seen)| (cpu, seen)).collect();
        let longest = self.of(&[1, 3, 30, 300]);
        let run = |random: &mut Self| {
            let (cpu, count) = random.of(&cpus);
            let from = random.below(count);
            (cpu, from..from + 1 + random.below(longest))
        };
        (0..=self.below(8)).map(|_| run(self)).collect()
    }
}

/// Takes records out of this trace, again and again.
fn holds(trace: Trace) {
    if !can_trace() {
        return;
    }
    let traced = trace.run().exited(0);
    let whole = Whole::read(&traced.file());
    let truth = whole.without(&Removal::new());
    assert!(truth.cpus.iter().all(|cpu| cpu.lost == 0), "the trace itself misses records");
    let mut all = compare(&truth, &truth);
    for seed in 1..=TIMES {
        let removal = Random(seed * 0x9e37_79b9).removal(&whole);
        let lossy = whole.without(&removal);
        adds_up(&lossy);
        let mut compared = compare(&lossy, &truth);
        let told = |wrong: String| format!("{wrong} (without {removal:?})");
        compared.wrong = compared.wrong.into_iter().map(told).collect();
        all.add(compared);
    }
    let Compared { bounded, exact, wrong, .. } = &all;
    assert!(
        wrong.is_empty(),
        "{} of {bounded}: {:#?}",
        wrong.len(),
        &wrong[..wrong.len().min(TOLD)]
    );
    assert!(*bounded > 0 && *exact > 0, "{all:?}");
}

#[test]
fn of_processes_that_end_in_any_order() {
    holds(Trace::of_workload("tree", &[]));
}

#[test]
fn of_threads_at_a_lock() {
    holds(Trace::of_workload("lock", &[]));
}

#[test]
fn of_signals() {
    holds(Trace::of_workload("signals", &[]));
}

#[test]
fn of_the_whole_machine() {
    holds(Trace::of_workload("spawn", &["--processes", "20"]).with(["-a"]));
}
