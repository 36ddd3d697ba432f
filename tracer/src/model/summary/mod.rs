//! What a trace comes to: plain rows, in the words and the order of `tracer report --json`
//! (`docs/json.md`). Times are ns of the trace's clock, durations ns.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Model;
use super::anomaly::Anomalies;
use super::bounds::{self, BoundRows};
use super::cpu::Cpu;
use super::futexes::{self, ChainRow, DeadlockRow, FutexRow, StuckRow};
use super::interrupts::{IrqRow, SoftirqRow, TotalRow, VectorRow};
use super::path::CriticalPath;
use super::sharing::{SharingRow, groups};
use super::signals::{SignalRow, SignalTotal};
use super::stacks::StackCounts;
use super::tally::Tally;
use super::uthreads::UthreadsRow;
use super::wakeups::{LongWait, WakeupRow};

mod account;
mod cpu;
pub mod findings;
mod finished;
mod gap;
mod only;
mod report;
mod row;
mod stacks;
mod task;
mod time;

pub(super) use self::row::Around;
pub(super) use self::time::cause_of;
pub use account::{Kernel, Ledger};
pub use cpu::CpuRow;
pub use finished::Finished;
pub use only::Only;
pub use report::{Report, SCHEMA, Selection};
pub use stacks::{StackRow, StackUse};
pub use task::{ExitRow, Kind, ResharingRow, SwitchRow, TaskRow};
pub use time::{CauseRow, CauseRows, ParallelismRow, RunqueueRow, TaskTime};

/// What a trace says.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// When the trace began, ns: times of day are told from then on.
    #[serde(skip)]
    pub origin_ns: u64,
    /// When what is told began, ns: with the trace, or with the window.
    #[serde(skip)]
    pub start_ns: u64,
    /// When it ended, ns.
    #[serde(skip)]
    pub end_ns: u64,
    /// Which part of the trace this is; null if it is the whole.
    pub window: Option<WindowRow>,
    /// Whether every task was followed.
    pub follows_all: bool,
    /// Whether this kernel hides tasks from BPF: the task iterator did not show process 1. No
    /// program runs in such a task, and what it does to others is not recorded.
    pub hides_tasks: bool,
    /// Followed tasks, by start; those without a known start by when they were first seen.
    pub tasks: Vec<TaskRow>,
    /// Names of the followed tasks that are not in `tasks`, by number and start: those that
    /// [`Summary::keep_only`] left out.
    #[serde(skip)]
    pub others: BTreeMap<(u32, Option<u64>), String>,
    /// Followed processes, likewise.
    pub processes: Vec<ProcessRow>,
    /// Groups of tasks that share something.
    pub sharing: Vec<SharingRow>,
    /// CPUs.
    pub cpus: Vec<CpuRow>,
    /// Signals one by one, in the order of generation.
    pub signals: Vec<SignalRow>,
    /// Signals that are in `signal_totals` only.
    pub signals_omitted: u64,
    /// All signals by number.
    pub signal_totals: Vec<SignalTotal>,
    /// Hard interrupts of devices.
    pub irqs: Vec<IrqRow>,
    /// Softirqs.
    pub softirqs: Vec<SoftirqRow>,
    /// Hard interrupts of the CPUs' own.
    pub vectors: Vec<VectorRow>,
    /// Interrupts on all CPUs together, the most time first.
    pub interrupt_totals: Vec<TotalRow>,
    /// When the interrupts began, as far as it is kept, for `tracer verify`.
    #[serde(skip)]
    pub tally: Tally,
    /// Futexes.
    pub futexes: Vec<FutexRow>,
    /// User-level threads.
    pub uthreads: UthreadsRow,
    /// Who woke whom, most sleep ended first.
    pub wakeups: Vec<WakeupRow>,
    /// Wakings by pairs beyond those that are kept.
    pub wakeups_omitted: u64,
    /// The longest sleeps that a waking ended.
    pub longest_waits: Vec<LongWait>,
    /// The critical path, if it was asked for and there is a task to follow.
    pub critical_path: Option<CriticalPath>,
    /// Waits for tasks that waited themselves: those of named owners first, and the longest.
    pub lock_chains: Vec<ChainRow>,
    /// Waits that never ended, by begin.
    pub stuck: Vec<StuckRow>,
    /// Tasks that wait for each other.
    pub deadlocks: Vec<DeadlockRow>,
    /// Time off CPUs by task and stack, the most first; empty if no stacks were recorded, and
    /// until [`Summary::name_stacks`].
    pub stacks: Vec<StackRow>,
    /// What was told of stacks; null if none were recorded.
    pub stack_counts: Option<StackCounts>,
    /// What was surprising, by name.
    pub anomalies: Anomalies,
}

/// The part of a trace that is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct WindowRow {
    /// Its begin.
    pub from_ns: u64,
    /// Its end.
    pub to_ns: u64,
    /// Events from its begin on and before its end.
    pub events: u64,
}

/// A row of `processes`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProcessRow {
    /// The process id.
    pub tgid: u32,
    /// Start of its leader; null if not known.
    pub start_ns: Option<u64>,
    /// When it was first heard of.
    pub from_ns: u64,
    /// Release of its last thread; null if it was still there at the end.
    pub end_ns: Option<u64>,
    /// Name of its leader.
    pub comm: String,
    /// Whether it is a task of the kernel's own.
    pub kernel: bool,
    /// Its parent when it was first heard of.
    pub parent_tgid: u32,
    /// Its parent at its last exit; another than `parent_tgid` if it was orphaned.
    pub parent_at_exit: Option<u32>,
    /// Threads it had, those before the trace not counted.
    pub threads: u32,
    /// Most at a time.
    pub threads_peak: u32,
    /// Programs started in it.
    pub execs: usize,
    /// When its last thread exited; null if that was not seen.
    pub dead_ns: Option<u64>,
    /// How many of its threads ran at the same time.
    pub parallelism: ParallelismRow,
    /// Between what its numbers lie, if records are missing that may be about them.
    pub bounds: BoundRows,
}

impl Summary {
    /// The command was waited for by tracer itself, whose own calls are not recorded.
    pub fn command_reaped(&mut self, command: u32, tracer: u32) {
        let of_command = |row: &&mut TaskRow| row.tid == command && row.tgid == command;
        for task in self.tasks.iter_mut().filter(of_command) {
            let Some(exit) = &mut task.exit else { continue };
            if exit.reaped_by.is_none() {
                exit.reaped_by = Some(tracer);
                task.life.reap(tracer, None);
            }
        }
    }

    pub(super) fn new(model: Model, end_ns: u64) -> Self {
        let Model { origin_ns, start_ns, all, look, cpus, signals, interrupts, .. } = model;
        let Model { futexes, uthreads, wakeups, stacks, history, held_tid, anomalies, .. } = model;
        let (mut tasks, mut processes) = model.finished.rows();
        tasks.sort_by_key(|row| (row.start_ns.unwrap_or(row.from_ns), row.tid, row.from_ns));
        processes.sort_by_key(|row| (row.start_ns.unwrap_or(row.from_ns), row.tgid, row.from_ns));
        let futexes::Rows { futexes, chains, stuck, deadlocks } = futexes.rows();
        let cpu_row = |(number, cpu): (u16, &Cpu)| CpuRow::new(number, cpu, all);
        let mut summary = Self {
            origin_ns,
            start_ns,
            end_ns,
            window: None,
            follows_all: all,
            hides_tasks: look.any && !look.process_one,
            sharing: groups(&tasks, start_ns),
            tasks,
            others: BTreeMap::new(),
            processes,
            cpus: cpus.iter().map(cpu_row).collect(),
            signals_omitted: signals.omitted(),
            signal_totals: signals.totals(),
            signals: signals.rows(),
            irqs: interrupts.irqs(),
            softirqs: interrupts.softirqs(),
            vectors: interrupts.vectors(),
            interrupt_totals: interrupts.totals(),
            tally: interrupts.tally,
            futexes,
            lock_chains: chains,
            stuck,
            deadlocks,
            uthreads: uthreads.rows(),
            wakeups: wakeups.rows(),
            wakeups_omitted: wakeups.omitted(),
            longest_waits: wakeups.longest(),
            critical_path: history
                .and_then(|history| history.of_command(held_tid?, start_ns, end_ns)),
            stacks: Vec::new(),
            stack_counts: stacks.map(|pending| pending.counts),
            anomalies,
        };
        bounds::bound(&mut summary);
        summary
    }

    /// Length of the trace, or of the window, ns.
    pub fn length_ns(&self) -> u64 {
        self.end_ns.saturating_sub(self.start_ns)
    }
}
