//! The kernel's accounts of a task, and how far they can be held against the events.

use serde::Serialize;
use tracer_common::task::Accounts;

use crate::model::kernel_thread::Mark;

/// The kernel's own accounts; null what this kernel does not keep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Kernel {
    /// Time on a CPU.
    pub sum_exec_runtime_ns: Option<u64>,
    /// Voluntary switches.
    pub nvcsw: Option<u64>,
    /// Involuntary switches.
    pub nivcsw: Option<u64>,
    /// Migrations.
    pub nr_migrations: Option<u64>,
    /// Time runnable without running.
    pub run_delay_ns: Option<u64>,
    /// User time.
    pub utime_ns: Option<u64>,
    /// System time.
    pub stime_ns: Option<u64>,
    /// Page faults without I/O.
    pub min_flt: Option<u64>,
    /// Page faults with I/O.
    pub maj_flt: Option<u64>,
}

impl Kernel {
    pub(super) fn of(accounts: &Accounts) -> Self {
        Self::since(accounts, None)
    }

    /// What was added since `begin`.
    fn since(end: &Accounts, begin: Option<&Accounts>) -> Self {
        let kept = |of: fn(&Accounts) -> u64| {
            let end = Some(of(end)).filter(|&end| end != Accounts::UNKNOWN)?;
            end.checked_sub(begin.map_or(0, of))
        };
        Self {
            sum_exec_runtime_ns: kept(|of| of.sum_exec_runtime_ns),
            nvcsw: kept(|of| of.nvcsw),
            nivcsw: kept(|of| of.nivcsw),
            nr_migrations: kept(|of| of.nr_migrations),
            run_delay_ns: kept(|of| of.run_delay_ns),
            utime_ns: kept(|of| of.utime_ns),
            stime_ns: kept(|of| of.stime_ns),
            min_flt: kept(|of| of.min_flt),
            maj_flt: kept(|of| of.maj_flt),
        }
    }
}

/// A stretch of a task's life over which both the kernel's accounts and the events are known,
/// with what each says of it. What `tracer verify` compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Ledger {
    /// Begin: birth, or a look at the sleeping task.
    pub from_ns: u64,
    /// End: the last switch, or a look at the sleeping task.
    pub to_ns: u64,
    /// What the kernel says of that time.
    pub kernel: Kernel,
    /// Voluntary switches by the events.
    pub voluntary: u64,
    /// Involuntary switches by the events.
    pub involuntary: u64,
    /// Migrations by the events.
    pub migrations: u64,
    /// Migrations that must have been but were not recorded, because they were decided while a
    /// task ran in which BPF programs do not.
    pub missed_migrations: u64,
    /// Time on a CPU by the events, interrupts included.
    pub running_ns: u64,
    /// Time of interrupts in it, which some kernels do not count as the task's.
    pub stolen_ns: u64,
    /// Time between becoming runnable and running, by the events.
    pub run_delay_ns: u64,
}

impl Ledger {
    pub(super) fn between(opening: &Mark, closing: &Mark) -> Self {
        let counts = |of: fn(&Mark) -> u64| of(closing).saturating_sub(of(opening));
        Self {
            from_ns: opening.at_ns,
            to_ns: closing.at_ns,
            kernel: Kernel::since(&closing.accounts, Some(&opening.accounts)),
            voluntary: counts(|mark| mark.counts.voluntary),
            involuntary: counts(|mark| mark.counts.involuntary),
            migrations: counts(|mark| mark.counts.migrations),
            missed_migrations: counts(|mark| mark.counts.missed_migrations),
            running_ns: counts(|mark| mark.running_ns),
            stolen_ns: counts(|mark| mark.stolen_ns),
            run_delay_ns: counts(|mark| mark.run_delay_ns),
        }
    }
}
