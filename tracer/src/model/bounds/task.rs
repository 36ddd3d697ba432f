//! Bounds of the numbers of a task.

use std::borrow::Cow;

use crate::model::cpu::Arrivals;
use crate::model::state::Dim;
use crate::model::summary::{Ledger, TaskRow};

use super::{BoundRows, Bounds, RUNTIME_NS, RUNTIME_PARTS, Sight, quantiles, sum};

/// What was loaded before a task came is told by the task before it.
pub(super) fn arrivals(task: &mut TaskRow) {
    let Arrivals { same_mm, cross_mm, kernel, unknown } = task.time.arrivals;
    let all = task.exact.then_some(same_mm + cross_mm + kernel + unknown);
    for kind in ["same_mm", "cross_mm", "kernel", "unknown"] {
        task.bounds.insert(format!("arrivals.{kind}").into(), Bounds::new(0, all));
    }
}

/// All others.
pub(super) fn of_task(task: &TaskRow) -> BoundRows {
    let mut rows = BoundRows::new();
    let mut put = |name: &'static str, bounds| {
        rows.insert(Cow::Borrowed(name), bounds);
    };
    let running = times(task, &mut put);
    counts(task, &mut put);
    let dim = &task.sight.dim;
    let runnable_ns = part_of_life(task, task.states_ns.runnable, dim.sleep_ns).at_most;
    let doubted_ns = sum([dim.doubted_ns, off_ns(task)]);
    let delays = [
        ["run_delay_ns.count", "run_delay_ns.sum", "run_delay_ns.max"],
        ["run_delays_ns.new.count", "run_delays_ns.new.sum", "run_delays_ns.new.max"],
        ["run_delays_ns.woken.count", "run_delays_ns.woken.sum", "run_delays_ns.woken.max"],
        [
            "run_delays_ns.preempted.count",
            "run_delays_ns.preempted.sum",
            "run_delays_ns.preempted.max",
        ],
    ];
    let kinds = &task.time.run_delays_ns;
    let seen = [&task.run_delay_ns, &kinds.new, &kinds.woken, &kinds.preempted];
    for ([count, total, max], seen) in delays.into_iter().zip(seen) {
        put(count, Bounds::new(seen.count, None));
        put(total, Bounds::new(seen.sum.saturating_sub(doubted_ns), runnable_ns));
        put(max, Bounds::new(seen.max.saturating_sub(doubted_ns), runnable_ns));
    }
    put("own_running_ns", Bounds::new(0, running.at_most));
    // No more is taken than a task ran: what is in doubt of that may have made room for it.
    let room_ns = task.states_ns.running.saturating_sub(running.at_least);
    let stolen = |ns: u64| Bounds::new(ns.saturating_sub(room_ns), running.at_most);
    put("irq_stolen_ns", stolen(task.irq_stolen_ns));
    put("softirq_stolen_ns", stolen(task.softirq_stolen_ns));
    quantiles("futex_wait_ns", &task.futex_wait_ns, &mut rows);
    for (&cpu, &ns) in &task.cpus {
        // The total is billed, and not the CPU.
        let least_ns = ns.saturating_sub(sum([unbilled_ns(task), dim.doubted_ns]));
        rows.insert(format!("cpus.{cpu}").into(), Bounds::new(least_ns, running.at_most));
    }
    rows
}

/// How far the kernel's clock, which bounds the stints of tasks, and the tracepoints can differ, ns.
fn off_ns(task: &TaskRow) -> u64 {
    let running_ns = task.states_ns.running;
    (running_ns / RUNTIME_PARTS).max(RUNTIME_NS).min(running_ns)
}

/// Time that was taken for running and may not have been, ns.
fn unbilled_ns(task: &TaskRow) -> u64 {
    let Sight { hidden, dim, .. } = &task.sight;
    // What a late tracepoint adds, time on a CPU that was not seen can hide.
    let further_ns = if hidden.all { 0 } else { sum([hidden.untold_ns, dim.late_ns]) };
    sum([hidden.unbilled_ns, off_ns(task), further_ns])
}

/// Bounds of a time in a state: besides what is unknown, `further_ns` may be of another.
fn part_of_life(task: &TaskRow, ns: u64, further_ns: u64) -> Bounds {
    let Sight { dim, unborn_ns, .. } = &task.sight;
    let doubted_ns = sum([dim.doubted_ns, further_ns, off_ns(task)]);
    let unseen_ns =
        sum([task.states_ns.unknown, *unborn_ns, unbilled_ns(task), dim.late_ns, dim.zombie_ns]);
    Bounds::new(ns.saturating_sub(doubted_ns), sum([ns, doubted_ns, unseen_ns]))
}

/// The times in the states; gives the bounds of running.
fn times(task: &TaskRow, put: &mut impl FnMut(&'static str, Bounds)) -> Bounds {
    let states = &task.states_ns;
    let Dim { zombie_ns, ready_ns, sleep_ns, outlived, .. } = task.sight.dim;
    let mut running = part_of_life(task, states.running, 0);
    running.at_least = states.running.saturating_sub(unbilled_ns(task));
    let hidden = &task.sight.hidden;
    // What no count tells is bounded by its life alone.
    let life_ns = sum([task.observed_ns(), task.sight.unborn_ns]);
    let billed_ns = sum([states.running, hidden.running_ns]);
    running.at_most = match (hidden.all, outlived) {
        (true, _) => Some(billed_ns),
        (false, true) => None,
        (false, false) => Some(life_ns.max(running.at_least)),
    };
    put("states_ns.running", running);
    let runnable = &task.runnable_ns;
    // Where its birth is missing it may have been new from its start on, or only created.
    let unborn_ns = if task.born { 0 } else { sum([runnable.new, runnable.woken]) };
    let others = [
        ("states_ns.runnable", states.runnable, sleep_ns),
        ("states_ns.sleeping", states.sleeping, sleep_ns),
        ("states_ns.uninterruptible", states.uninterruptible, sleep_ns),
        ("states_ns.stopped", states.stopped, sleep_ns),
        ("states_ns.traced", states.traced, sleep_ns),
        ("states_ns.zombie", states.zombie, zombie_ns),
        ("runnable_ns.created", runnable.created, unborn_ns),
        ("runnable_ns.new", runnable.new, sum([ready_ns, sleep_ns, unborn_ns])),
        ("runnable_ns.woken", runnable.woken, sum([ready_ns, sleep_ns])),
        ("runnable_ns.preempted", runnable.preempted, sum([ready_ns, sleep_ns])),
    ];
    for (name, ns, further_ns) in others {
        put(name, part_of_life(task, ns, further_ns));
    }
    if outlived {
        put("states_ns.zombie", Bounds::new(0, None));
    }
    running
}

/// What is counted: at most what the kernel's own accounts say, where they were read at both ends
/// of all gaps.
fn counts(task: &TaskRow, put: &mut impl FnMut(&'static str, Bounds)) {
    let Sight { dim, hidden, guessed, .. } = &task.sight;
    let ledger = task.ledger.as_ref().filter(|ledger| {
        dim.gaps > 0
            && ledger.from_ns <= dim.from_ns
            && (task.exit.is_some() || dim.to_ns <= ledger.to_ns)
    });
    let by_account = |seen: u64, kernel: fn(&Ledger) -> Option<u64>, events: fn(&Ledger) -> u64| {
        let ledger = ledger?;
        Some(sum([kernel(ledger)?, seen.saturating_sub(events(ledger))]))
    };
    let voluntary = task.switches.voluntary;
    let told = Some(hidden)
        .filter(|hidden| hidden.all)
        .and_then(|hidden| voluntary.checked_add_signed(hidden.voluntary))
        .or_else(|| by_account(voluntary, |ledger| ledger.kernel.nvcsw, |ledger| ledger.voluntary));
    put(
        "switches.voluntary",
        match told {
            Some(told) => Bounds::new(told, told),
            None => Bounds::new(voluntary.saturating_sub(*guessed), None),
        },
    );
    let involuntary = task.switches.involuntary;
    let told = by_account(involuntary, |ledger| ledger.kernel.nivcsw, |ledger| ledger.involuntary);
    put(
        "switches.involuntary",
        match told {
            Some(told) => Bounds::new(told.saturating_sub(*guessed), sum([told, *guessed])),
            None => Bounds::new(involuntary.saturating_sub(*guessed), None),
        },
    );
    let migrations = by_account(
        task.migrations,
        |ledger| ledger.kernel.nr_migrations,
        |ledger| ledger.migrations,
    );
    put("migrations", Bounds::new(task.migrations, migrations));
    let by = &task.time.migrations_by;
    put("migrations_by.wakeup", Bounds::new(by.wakeup, migrations));
    put("migrations_by.balance", Bounds::new(0, migrations));
    put("migrations_by.stopper", Bounds::new(0, migrations));
    put("migrations_by.exec", Bounds::new(by.exec, migrations));
    put("migrations_by.affinity", Bounds::new(by.affinity, migrations));
    let seen = [
        ("futex_wakes", task.futex_wakes),
        ("signals", task.signals),
        ("mask_changes", task.mask_changes),
        ("affinity_calls", task.affinity_calls),
        ("policy_calls", task.policy_calls),
    ];
    for (name, count) in seen {
        put(name, Bounds::new(count, None));
    }
}
