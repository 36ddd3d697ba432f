//! The contests, and what the kernel promises in each.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use crate::failure::{Failure, ensure};
use crate::sched::Policy;

use super::work::{PERIODS, be_woken, share, spend, wake};
use super::{Contest, Ran, Rules, Task};

/// What a task can get beyond its time in a period before the kernel notices: a tick, of the slowest
/// clock that a kernel is built with. It is held against the next periods.
const TICK_NS: u64 = 10_000_000;

/// All of them, from the usual to the rare.
pub fn all(rules: Rules) -> Vec<Contest> {
    let Rules { nice, priority, burst_ns, .. } = rules;
    let runtime = Duration::from_nanos(burst_ns);
    let period = runtime * PERIODS;
    let deadline = Policy::Deadline { runtime, deadline: period, period };
    let usual = Policy::Other { nice: 0 };
    Vec::from([
        fair("other", [usual, Policy::Other { nice }]),
        fair("batch", [Policy::Batch { nice: 0 }, Policy::Batch { nice }]),
        fair("idle", [usual, Policy::Idle]),
        Contest {
            name: "fifo",
            tasks: Vec::from([
                Task { role: "low", policy: Policy::Fifo { priority }, work: wake },
                Task {
                    role: "high",
                    policy: Policy::Fifo { priority: priority + 1 },
                    work: be_woken,
                },
            ]),
            pinned: true,
            check: higher_goes_first,
        },
        Contest {
            name: "rr",
            tasks: Vec::from([
                Task { role: "first", policy: Policy::RoundRobin { priority }, work: wake },
                Task { role: "second", policy: Policy::RoundRobin { priority }, work: be_woken },
            ]),
            pinned: true,
            check: turns_are_kept,
        },
        Contest {
            name: "deadline",
            tasks: Vec::from([Task { role: "task", policy: deadline, work: spend }]),
            // The kernel wants it to be free to run on every CPU.
            pinned: false,
            check: periods_are_kept,
        },
    ])
}

fn fair(name: &'static str, [heavy, light]: [Policy; 2]) -> Contest {
    let tasks = [("heavy", heavy), ("light", light)];
    let tasks = tasks.map(|(role, policy)| Task { role, policy, work: share });
    Contest { name, tasks: Vec::from(tasks), pinned: true, check: heavier_gets_more }
}

/// Two that always want the CPU get it by their weights, which differ by a factor of three at least:
/// whatever else there is takes from both.
fn heavier_gets_more(_: Rules, ran: &[Ran]) -> Result<(), Failure> {
    let [heavy, light] = ran else { return missing() };
    ensure(heavy.cpu_ns > light.cpu_ns, || {
        format!("the heavier task had {} ns, and the lighter {}", heavy.cpu_ns, light.cpu_ns)
    })
}

/// A task of higher priority takes the CPU when it is woken, and keeps it.
fn higher_goes_first(_: Rules, ran: &[Ran]) -> Result<(), Failure> {
    let [low, high] = ran else { return missing() };
    ensure(high.to_ns <= low.moment_ns, || {
        let early_ns = high.to_ns - low.moment_ns;
        format!("the lower priority ran {early_ns} ns before the higher had finished")
    })
}

/// A task of the same priority waits for its turn, which comes when the other's is over.
fn turns_are_kept(rules: Rules, ran: &[Ran]) -> Result<(), Failure> {
    let [first, second] = ran else { return missing() };
    let (burst_ns, turn_ns) = (u128::from(rules.burst_ns), first.turn_ns);
    let apart = second.moment_ns >= first.to_ns;
    // Turns are counted in ticks: between these it can come out either way.
    let short = burst_ns * 2 <= turn_ns;
    let long = burst_ns >= turn_ns * 2;
    ensure(!short || apart, || {
        format!("the second ran before the first's {turn_ns} ns were over")
    })?;
    ensure(!long || !apart, || format!("the first ran for longer than its {turn_ns} ns"))
}

/// A task gets no more than its time in each period; what it overran is taken off later.
fn periods_are_kept(rules: Rules, ran: &[Ran]) -> Result<(), Failure> {
    let [task] = ran else { return missing() };
    let period_ns = rules.burst_ns * u64::from(PERIODS);
    // What it used was given in the first period and in so many more, which must have begun.
    let more = task.cpu_ns.saturating_sub(rules.burst_ns + TICK_NS) / rules.burst_ns;
    let (took_ns, least_ns) = (task.to_ns - task.from_ns, period_ns * more.saturating_sub(1));
    ensure(took_ns >= least_ns, || {
        format!("{} ns of CPU time took {took_ns} ns, not {least_ns}", task.cpu_ns)
    })
}

fn missing() -> Result<(), Failure> {
    Err(Failure::Broken(String::from("a task is missing")))
}
