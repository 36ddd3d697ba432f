//! What is summed and counted of a CPU.

use serde::Serialize;

/// What a switch means for the address space that is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// The task that comes uses it.
    SameMm,
    /// It uses another.
    CrossMm,
    /// It has none: the one that was loaded stays (lazy TLB).
    Kernel,
    /// Not known.
    Unknown,
}

/// Switches by [`Arrival`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Arrivals {
    /// To a task that uses the address space which was loaded.
    pub same_mm: u64,
    /// To a task that uses another.
    pub cross_mm: u64,
    /// To a task without one.
    pub kernel: u64,
    /// Of which that is not known.
    pub unknown: u64,
}

impl Arrivals {
    /// Counts one.
    pub fn count(&mut self, arrival: Arrival) {
        *match arrival {
            Arrival::SameMm => &mut self.same_mm,
            Arrival::CrossMm => &mut self.cross_mm,
            Arrival::Kernel => &mut self.kernel,
            Arrival::Unknown => &mut self.unknown,
        } += 1;
    }
}

/// The interrupts of a CPU. Times are without what was nested in them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Interrupted {
    /// Hard interrupts.
    pub irqs: u64,
    /// Their time, ns.
    pub irq_ns: u64,
    /// Softirqs.
    pub softirqs: u64,
    /// Their time, ns.
    pub softirq_ns: u64,
    /// Of that, in ksoftirqd, ns.
    pub ksoftirqd_ns: u64,
    /// Of `irq_ns`, while the CPU was idle, ns.
    pub idle_irq_ns: u64,
    /// Of `softirq_ns`, likewise, ns.
    pub idle_softirq_ns: u64,
}

/// The times and counts of a CPU.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CpuTimes {
    /// Time of tasks that are followed, ns; when all are, of all but the idle task.
    pub busy_ns: u64,
    /// Time of the idle task, ns; only when all tasks are followed.
    pub idle_ns: u64,
    /// Time of whatever is not followed, ns.
    pub other_ns: u64,
    /// Time of which is not known to what it went, ns.
    pub unknown_ns: u64,
    /// Switches recorded.
    pub switches: u64,
    /// The same by what became of the loaded address space.
    pub arrivals: Arrivals,
    /// Its interrupts.
    pub interrupts: Interrupted,
    /// Records that were lost.
    pub lost: u64,
    /// Wakings decided here.
    pub wakings: u64,
}
