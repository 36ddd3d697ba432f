//! The row of a task.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::bounds::{BoundRows, Sight};
use crate::model::distribution::Quantiles;
use crate::model::kernel_thread::Counts;
use crate::model::milestones::LifeRow;
use crate::model::process::ExecRow;
use crate::model::sharing::{By, Shares};
use crate::model::signals::KilledBy;
use crate::model::state::{RunnableSums, StateSums};

use super::{Kernel, Ledger, StackUse, TaskTime};

/// What kind of task it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Leader of its thread group.
    Process,
    /// Another thread of a group.
    Thread,
    /// A task of the kernel's own (`PF_KTHREAD`).
    Kernel,
}

/// Switches away from the task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SwitchRow {
    /// That it asked for.
    pub voluntary: u64,
    /// That it did not ask for; `sched_yield` is one of them by the kernel's account.
    pub involuntary: u64,
}

impl SwitchRow {
    pub(in crate::model) fn of(counts: &Counts) -> Self {
        Self { voluntary: counts.voluntary, involuntary: counts.involuntary }
    }
}

/// A change of what a task uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ResharingRow {
    /// When.
    pub at_ns: u64,
    /// What it used until then.
    pub before: Shares,
    /// What changed it.
    pub by: By,
}

/// The end of a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExitRow {
    /// When it began to die.
    pub at_ns: u64,
    /// Exit status; null if a signal killed it. For a process the status that wait reports,
    /// which another thread than the leader can have set.
    pub code: Option<u32>,
    /// The signal that killed it.
    pub signal: Option<u32>,
    /// Its name.
    pub signal_name: Option<String>,
    /// That signal's origin; null if none killed it, or its generation was not seen.
    pub killed_by: Option<KilledBy>,
    /// Core was dumped.
    pub core: bool,
    /// The whole group exits: by `exit_group` or a signal.
    pub group: bool,
    /// The last live thread of its group; null if the kernel did not say.
    pub last: Option<bool>,
    /// Who was its parent then (process id).
    pub parent_tid: u32,
    /// When it left its CPU for the last time.
    pub last_switch_ns: Option<u64>,
    /// Who waited for it. Null if nobody did, as for all threads but the leader.
    pub reaped_by: Option<u32>,
    /// When that wait ended.
    pub reaped_ns: Option<u64>,
    /// When the kernel released it.
    pub released_ns: Option<u64>,
}

/// A row of `tasks`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TaskRow {
    /// Its number; the last one, if it took over its leader's by `exec`.
    pub tid: u32,
    /// Its thread group: what users call the process id.
    pub tgid: u32,
    /// Its number before it took over its leader's.
    pub old_tid: Option<u32>,
    /// Its number in its creator's pid namespace; zero if not known.
    pub ns_tid: u32,
    /// Its start by the kernel's clock, which can be before the trace; null if not known.
    pub start_ns: Option<u64>,
    /// When it was released; null if it was still there at the end.
    pub end_ns: Option<u64>,
    /// From when on it was observed.
    pub from_ns: u64,
    /// Until when: `states_ns` adds up to exactly `to_ns` - `from_ns`.
    pub to_ns: u64,
    /// Whether its birth was recorded.
    pub born: bool,
    /// The same, and in the part of the trace that is told.
    #[serde(skip)]
    pub appeared: bool,
    /// Its name.
    pub comm: String,
    /// What kind of task it is.
    pub kind: Kind,
    /// Its parent (process id) as first told; see `exit` for the last one.
    pub parent_tid: u32,
    /// The thread that created it; null if that was not seen.
    pub creator_tid: Option<u32>,
    /// The flags of its creation; null if that was not seen.
    pub clone_flags: Option<Vec<&'static str>>,
    /// The same as a number.
    pub clone_flags_raw: Option<u64>,
    /// What it shared with its creator at birth.
    pub shared_at_birth: Vec<&'static str>,
    /// What it uses, by number: tasks with the same number share it.
    pub shares: Shares,
    /// How that changed: the first times, and always the last.
    pub resharings: Vec<ResharingRow>,
    /// Changes before the last one that are not listed.
    pub resharings_omitted: u64,
    /// User stack pointer at birth; null if none or not known.
    pub stack: Option<u64>,
    /// TLS base at birth; null if none or not known.
    pub tls: Option<u64>,
    /// Programs started in its process, if it is the leader.
    pub execs: Vec<ExecRow>,
    /// Time in each state.
    pub states_ns: StateSums,
    /// The parts of the runnable time.
    pub runnable_ns: RunnableSums,
    /// What its time in the states was made of.
    #[serde(flatten)]
    pub time: TaskTime,
    /// Its time off its CPU by stack: rows of `stacks` that have no names yet.
    #[serde(skip)]
    pub stacks: Vec<StackUse>,
    /// Switches away from it.
    pub switches: SwitchRow,
    /// Moves to another CPU.
    pub migrations: u64,
    /// Moves that must have been but were not recorded.
    pub missed_migrations: u64,
    /// Running time by CPU.
    pub cpus: BTreeMap<u16, u64>,
    /// Times between becoming runnable and running.
    pub run_delay_ns: Quantiles,
    /// Wakings that must have been but were not seen: the run delay begins in the sleep before
    /// each, by how long is not known.
    pub missed_wakings: u64,
    /// Time hard interrupts took while it ran.
    pub irq_stolen_ns: u64,
    /// Time softirqs took while it ran.
    pub softirq_stolen_ns: u64,
    /// Running time without what interrupts took of it, as far as they are recorded.
    pub own_running_ns: u64,
    /// Time in futex calls that waited.
    pub futex_wait_ns: Quantiles,
    /// Futex calls that woke.
    pub futex_wakes: u64,
    /// Signals it took.
    pub signals: u64,
    /// Calls that changed its signal mask.
    pub mask_changes: u64,
    /// Calls it made that set affinity.
    pub affinity_calls: u64,
    /// Calls it made that set policy or priority.
    pub policy_calls: u64,
    /// `SCHED_*`, as last told.
    pub policy: String,
    /// `task_struct.prio`, as last told.
    pub prio: i32,
    /// Its ledger, from creation to release.
    pub life: LifeRow,
    /// Its exit; null if it did not.
    pub exit: Option<ExitRow>,
    /// The kernel's latest accounts of its whole life; null if it was never told.
    pub kernel: Option<Kernel>,
    /// The kernel's accounts against the events, where both are known; else null.
    pub ledger: Option<Ledger>,
    /// Times it came onto or left a CPU unseen though no record was lost.
    pub unseen_switches: u64,
    /// False if records that may be about it are missing: then `bounds` says how far its numbers
    /// can be off.
    pub exact: bool,
    /// Between what its numbers lie, if it is not exact.
    pub bounds: BoundRows,
    /// What that is made from.
    #[serde(skip)]
    pub sight: Sight,
}

impl TaskRow {
    /// How long it was observed, ns.
    pub fn observed_ns(&self) -> u64 {
        self.to_ns.saturating_sub(self.from_ns)
    }

    /// Whether it did anything but sleep, or was born or died.
    pub fn active(&self) -> bool {
        self.states_ns.running > 0
            || self.switches.voluntary + self.switches.involuntary > 0
            || self.appeared
            || self.exit.as_ref().is_some_and(|exit| exit.at_ns >= self.from_ns)
    }
}
