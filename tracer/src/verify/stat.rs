//! The times of CPUs against `/proc/stat`, which counts in clock ticks.

use crate::model::summary::{CpuRow, Summary};
use crate::source::recording::StatTable;

use super::counts::{Counter, Counters, Standing};
use super::{Check, Failure, empty};

/// How far a reading of the idle time is off at each end, in clock ticks.
const TICKS: u64 = 1;

/// What the kernel does between a switch to the idle task and idling, and back, ns.
const TO_IDLE_NS: u64 = 10_000;

/// The times of CPUs. Those of tasks are sampled at each tick and only told.
pub(super) fn stat(summary: &Summary, counters: &Counters<'_>) -> (Counter, [Check; 2]) {
    let mut row = Counter::new("/proc/stat", Standing::Compared);
    let mut idle = empty(
        "cpu_idle",
        "idle ns = idle + iowait of /proc/stat within 2 ticks, 2 %, interrupts and 10 us an idling",
    );
    let mut busy = empty(
        "cpu_busy",
        "busy ns beside user + nice + system + irq + softirq + steal, which are sampled by ticks",
    );
    busy.informational = true;
    let both = counters.both(|counts| counts.stat.as_ref());
    row.standing = match both {
        Err(standing) => standing,
        Ok(_) if !summary.follows_all => Standing::NotAllTasks,
        Ok(_) if !counters.has("sched_switch") => Standing::NotRecorded,
        Ok(_) => Standing::Compared,
    };
    let (Standing::Compared, Ok((begin, end))) = (row.standing, both) else {
        return (row, [idle, busy]);
    };
    let tick_ns = 1_000_000_000_u64.checked_div(end.ticks_per_second).unwrap_or_default();
    let outside_ns =
        begin.at_ns.saturating_sub(summary.start_ns) + summary.end_ns.saturating_sub(end.at_ns);
    for cpu in &summary.cpus {
        let Some((kernel_idle, kernel_busy)) = ticks(begin, end, cpu.cpu) else { continue };
        let (kernel_idle, kernel_busy) = (kernel_idle * tick_ns, kernel_busy * tick_ns);
        let slack_ns = 2 * TICKS * tick_ns + outside_ns;
        let (low, high) = idle_bounds(cpu, slack_ns);
        let failure = |kernel, events| {
            move || Failure { tid: 0, comm: format!("cpu {}", cpu.cpu), kernel, events }
        };
        let events = cpu.idle_ns.unwrap_or_default();
        let agrees = (low..=high).contains(&kernel_idle);
        row.compared += 1;
        *if agrees { &mut row.within } else { &mut row.differ } += 1;
        idle.note(kernel_idle.abs_diff(events), agrees, failure(kernel_idle, events));
        let difference = kernel_busy.abs_diff(cpu.busy_ns);
        let near = difference <= slack_ns + kernel_busy / 10 + cpu.unknown_ns;
        busy.note(difference, near, failure(kernel_busy, cpu.busy_ns));
    }
    (row, [idle, busy])
}

/// Idle and busy ticks of a CPU in between.
fn ticks(begin: &StatTable, end: &StatTable, cpu: u16) -> Option<(u64, u64)> {
    let line = |table: &StatTable| table.cpus.iter().find(|line| line.cpu == cpu).copied();
    let (begin, end) = (line(begin)?, line(end)?);
    Some((end.idle.saturating_sub(begin.idle), end.busy.saturating_sub(begin.busy)))
}

/// Least and most idle time that the kernel can have for a CPU, ns: it does not count interrupts
/// as idle, nor the way in and out.
fn idle_bounds(cpu: &CpuRow, slack_ns: u64) -> (u64, u64) {
    let idle_ns = cpu.idle_ns.unwrap_or_default();
    let slack_ns = slack_ns + idle_ns / 50;
    let times = cpu.idle_stretches_ns.map(|stretches| stretches.count).unwrap_or_default();
    let not_idle_ns = cpu.idle_irq_ns + cpu.idle_softirq_ns + times * TO_IDLE_NS + slack_ns;
    (idle_ns.saturating_sub(not_idle_ns), idle_ns + cpu.unknown_ns + slack_ns)
}
