//! What is compared for each ledger.

use crate::model::bounds::{RUNTIME_NS, RUNTIME_PARTS};
use crate::model::summary::Ledger;

/// One comparison.
pub(super) struct Kind {
    pub(super) name: &'static str,
    pub(super) requires: &'static str,
    pub(super) informational: bool,
    /// The kernel's figure; `None` if this kernel does not keep it.
    pub(super) kernel: fn(&Ledger) -> Option<u64>,
    /// The events' figure.
    pub(super) events: fn(&Ledger) -> u64,
    /// Whether the two agree; the last says whether tasks ran in which BPF programs do not.
    pub(super) agrees: fn(u64, u64, &Ledger, bool) -> bool,
}

pub(super) const CHECKS: [Kind; 7] = [
    Kind {
        name: "switches",
        requires: "switches seen = nvcsw + nivcsw, to the unit",
        informational: false,
        kernel: |ledger| Some(ledger.kernel.nvcsw? + ledger.kernel.nivcsw?),
        events: |ledger| ledger.voluntary + ledger.involuntary,
        agrees: equal,
    },
    Kind {
        name: "voluntary",
        requires: "voluntary switches = nvcsw, to the unit",
        informational: false,
        kernel: |ledger| ledger.kernel.nvcsw,
        events: |ledger| ledger.voluntary,
        agrees: equal,
    },
    Kind {
        name: "involuntary",
        requires: "involuntary switches = nivcsw, to the unit",
        informational: false,
        kernel: |ledger| ledger.kernel.nivcsw,
        events: |ledger| ledger.involuntary,
        agrees: equal,
    },
    Kind {
        name: "migrations",
        requires: "migrations = nr_migrations, to the unit",
        informational: false,
        kernel: |ledger| ledger.kernel.nr_migrations,
        events: |ledger| ledger.migrations,
        agrees: migrations,
    },
    Kind {
        name: "runtime",
        requires: "on-CPU ns = sum_exec_runtime within 1 % or 50 us, interrupts counted or not",
        informational: false,
        kernel: |ledger| ledger.kernel.sum_exec_runtime_ns,
        events: |ledger| ledger.running_ns,
        agrees: runtime,
    },
    Kind {
        name: "run_delay",
        requires: "run delay ns beside sched_info.run_delay, within 10 % or 1 ms",
        informational: true,
        kernel: |ledger| ledger.kernel.run_delay_ns,
        events: |ledger| ledger.run_delay_ns,
        agrees: |kernel, events, _, _| kernel.abs_diff(events) <= (kernel / 10).max(1_000_000),
    },
    Kind {
        name: "cpu_time",
        requires: "on-CPU ns beside utime + stime, which are sampled by ticks, within 10 % or 20 ms",
        informational: true,
        kernel: |ledger| Some(ledger.kernel.utime_ns? + ledger.kernel.stime_ns?),
        events: |ledger| ledger.running_ns,
        agrees: |kernel, events, _, _| kernel.abs_diff(events) <= (kernel / 10).max(20_000_000),
    },
];

fn equal(kernel: u64, events: u64, _: &Ledger, _: bool) -> bool {
    kernel == events
}

/// A migration that was decided while an invisible task ran is not recorded; that it was is seen
/// from where the task turned up. Where nothing is invisible, nothing is made up for.
fn migrations(kernel: u64, events: u64, ledger: &Ledger, hidden: bool) -> bool {
    kernel == events || hidden && kernel == events + ledger.missed_migrations
}

/// The kernel reads its clock a little before the tracepoint of a switch fires, and not always
/// equally so: within [`RUNTIME_NS`] or one part in [`RUNTIME_PARTS`].
/// With `CONFIG_IRQ_TIME_ACCOUNTING` the kernel leaves out interrupts, else it counts them.
fn runtime(kernel: u64, events: u64, ledger: &Ledger, _: bool) -> bool {
    let bound = (kernel / RUNTIME_PARTS).max(RUNTIME_NS);
    let least = events.saturating_sub(ledger.stolen_ns);
    least.saturating_sub(bound) <= kernel && kernel <= events + bound
}
