//! The row of a CPU.

use serde::Serialize;

use crate::model::bounds::BoundRows;
use crate::model::cpu::{Arrivals, Cpu, Interrupted};
use crate::model::delays::DelayRow;
use crate::model::distribution::Quantiles;
use crate::model::gaps::Gaps;

use super::RunqueueRow;

/// A row of `cpus`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CpuRow {
    /// Its number.
    pub cpu: u16,
    /// Time of followed tasks.
    pub busy_ns: u64,
    /// Time of the idle task; null if not all tasks are followed, for then it is not seen.
    pub idle_ns: Option<u64>,
    /// Time of anything that is not followed, the idle task included.
    pub other_ns: u64,
    /// Time of which is not known to what it went. All four add up to the trace's length.
    pub unknown_ns: u64,
    /// Switches recorded.
    pub switches: u64,
    /// To a task with the address space that was loaded.
    pub same_mm_switches: u64,
    /// To a task with another.
    pub cross_mm_switches: u64,
    /// To a task without one, for which none is loaded.
    pub kernel_switches: u64,
    /// To a task of which that is not known.
    pub unknown_mm_switches: u64,
    /// How long the followed tasks that came onto it had been off their CPUs, by these kinds.
    pub arrival_gaps_ns: Gaps,
    /// Time in hard interrupts, without what was nested in them.
    pub irq_ns: u64,
    /// Time in softirqs, likewise.
    pub softirq_ns: u64,
    /// Hard interrupts.
    pub irqs: u64,
    /// Softirqs.
    pub softirqs: u64,
    /// Of `softirq_ns`, in ksoftirqd.
    pub ksoftirqd_ns: u64,
    /// Of `irq_ns`, while it was idle.
    pub idle_irq_ns: u64,
    /// Of `softirq_ns`, likewise.
    pub idle_softirq_ns: u64,
    /// Wakings decided on it.
    pub wakings: u64,
    /// Records of it that were lost.
    pub lost: u64,
    /// How long the followed tasks that ran on it had waited.
    pub run_delay_ns: Quantiles,
    /// The same by why they were runnable.
    pub run_delays_ns: DelayRow,
    /// Followed tasks waiting for it.
    pub runqueue: RunqueueRow,
    /// How long it was idle at a time; null if not all tasks are followed.
    pub idle_stretches_ns: Option<Quantiles>,
    /// Between what its numbers lie, if records are missing that may be about them.
    pub bounds: BoundRows,
}

impl CpuRow {
    pub(super) fn new(number: u16, cpu: &Cpu, all: bool) -> Self {
        let Cpu { times, queue, delays, gaps, idle_stretches, .. } = cpu;
        let Interrupted { irqs, irq_ns, softirqs, softirq_ns, .. } = times.interrupts;
        let Interrupted { ksoftirqd_ns, idle_irq_ns, idle_softirq_ns, .. } = times.interrupts;
        let Arrivals { same_mm, cross_mm, kernel, unknown } = times.arrivals;
        Self {
            cpu: number,
            busy_ns: times.busy_ns,
            idle_ns: all.then_some(times.idle_ns),
            other_ns: times.other_ns,
            unknown_ns: times.unknown_ns,
            switches: times.switches,
            same_mm_switches: same_mm,
            cross_mm_switches: cross_mm,
            kernel_switches: kernel,
            unknown_mm_switches: unknown,
            arrival_gaps_ns: *gaps,
            irq_ns,
            softirq_ns,
            irqs,
            softirqs,
            ksoftirqd_ns,
            idle_irq_ns,
            idle_softirq_ns,
            wakings: times.wakings,
            lost: times.lost,
            run_delay_ns: delays.all(),
            run_delays_ns: delays.row(),
            runqueue: RunqueueRow::of(queue.load()),
            idle_stretches_ns: all.then(|| idle_stretches.quantiles()),
            bounds: BoundRows::new(),
        }
    }

    /// All its time, ns.
    pub fn total_ns(&self) -> u64 {
        self.busy_ns + self.idle_ns.unwrap_or_default() + self.other_ns + self.unknown_ns
    }
}
