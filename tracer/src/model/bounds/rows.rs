//! Bounds of the numbers of CPUs, processes and futexes.

use std::borrow::Cow;

use crate::model::futexes::FutexRow;
use crate::model::summary::{CpuRow, ProcessRow};

use super::{BoundRows, Bounds, quantiles, sum};

/// `doubted_ns`: what is in doubt of all tasks' waits.
pub(super) fn of_cpu(cpu: &CpuRow, all: bool, doubted_ns: u64) -> BoundRows {
    let mut rows = BoundRows::new();
    let mut put = |name: &'static str, bounds| {
        rows.insert(Cow::Borrowed(name), bounds);
    };
    // A task whose birth is lost is not known to be followed.
    let strange_ns = if all { 0 } else { cpu.other_ns };
    let most = |ns: u64| sum([ns, cpu.unknown_ns]);
    put("busy_ns", Bounds::new(cpu.busy_ns, most(sum([cpu.busy_ns, strange_ns]))));
    put("other_ns", Bounds::new(cpu.other_ns - strange_ns, most(cpu.other_ns)));
    if let (Some(idle_ns), Some(stretches)) = (cpu.idle_ns, &cpu.idle_stretches_ns) {
        put("idle_ns", Bounds::new(idle_ns, most(idle_ns)));
        put("idle_stretches_ns.count", Bounds::new(stretches.count, None));
        put("idle_stretches_ns.sum", Bounds::new(stretches.sum, most(idle_ns)));
        put("idle_stretches_ns.max", Bounds::new(stretches.max, most(idle_ns)));
    }
    let kinds = ["same_mm_switches", "cross_mm_switches", "kernel_switches", "unknown_mm_switches"];
    for name in kinds {
        put(name, Bounds::new(0, (cpu.lost == 0).then_some(cpu.switches)));
    }
    if cpu.lost > 0 {
        let seen = [
            ("switches", cpu.switches),
            ("wakings", cpu.wakings),
            ("irq_ns", cpu.irq_ns),
            ("softirq_ns", cpu.softirq_ns),
            ("irqs", cpu.irqs),
            ("softirqs", cpu.softirqs),
        ];
        for (name, number) in seen {
            put(name, Bounds::new(number, None));
        }
    }
    let delays = &cpu.run_delay_ns;
    put("run_delay_ns.count", Bounds::new(delays.count, None));
    put("run_delay_ns.sum", Bounds::new(delays.sum.saturating_sub(doubted_ns), None));
    put("run_delay_ns.max", Bounds::new(delays.max.saturating_sub(doubted_ns), None));
    put("runqueue.max", Bounds::new(0, None));
    put("runqueue.sum_ns", Bounds::new(0, None));
    rows
}

pub(super) fn of_process(process: &ProcessRow) -> BoundRows {
    let mut rows = BoundRows::new();
    rows.insert("threads".into(), Bounds::new(1, None));
    // One whose end is lost is counted on, and two with one number may be taken for one.
    rows.insert("threads_peak".into(), Bounds::new(1, None));
    rows.insert("execs".into(), Bounds::new(process.execs as u64, None));
    rows
}

pub(super) fn of_futex(futex: &FutexRow) -> BoundRows {
    let mut rows = BoundRows::new();
    for (name, count) in [("waits", futex.waits), ("wakes", futex.wakes), ("woken", futex.woken)] {
        rows.insert(name.into(), Bounds::new(count, None));
    }
    quantiles("wait_ns", &futex.wait_ns, &mut rows);
    rows
}
