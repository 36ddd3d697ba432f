//! What a trace comes to: plain rows, in the words and the order of `tracer report --json`
//! (`docs/json.md`). Times are ns of the trace's clock, durations ns.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Model;
use super::anomaly::Anomalies;
use super::bounds::{self, BoundRows};
use super::cpu::{Arrivals, Cpu};
use super::delays::DelayRow;
use super::distribution::Quantiles;
use super::futexes::FutexRow;
use super::interrupts::{IrqRow, SoftirqRow, VectorRow};
use super::path::CriticalPath;
use super::process::Process;
use super::signals::{SignalRow, SignalTotal};
use super::uthreads::UthreadsRow;
use super::wakeups::{LongWait, WakeupRow};

mod account;
mod gap;
mod row;
mod task;
mod time;

pub use account::{Kernel, Ledger};
pub use task::{ExitRow, Kind, ResharingRow, SwitchRow, TaskRow};
pub use time::{CauseRow, CauseRows, ParallelismRow, RunqueueRow, TaskTime};

/// The version of the report's JSON. Fields are only ever added.
pub const SCHEMA: u32 = 1;

/// A whole report: how it was captured, and what it says.
#[derive(Clone, Debug, Serialize)]
pub struct Report<C: Serialize> {
    /// [`SCHEMA`].
    pub schema: u32,
    /// How the trace was captured, and what was lost.
    pub capture: C,
    /// Everything else.
    #[serde(flatten)]
    pub summary: Summary,
}

impl<C: Serialize> Report<C> {
    /// Joins both.
    pub fn new(capture: C, summary: Summary) -> Self {
        Self { schema: SCHEMA, capture, summary }
    }
}

/// What a trace says.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// When the trace began, ns.
    #[serde(skip)]
    pub start_ns: u64,
    /// When it ended, ns.
    #[serde(skip)]
    pub end_ns: u64,
    /// Whether every task was followed.
    pub follows_all: bool,
    /// Whether this kernel hides tasks from BPF: the task iterator did not show process 1. No
    /// program runs in such a task, and what it does to others is not recorded.
    pub hides_tasks: bool,
    /// Followed tasks, by start; those without a known start by when they were first seen.
    pub tasks: Vec<TaskRow>,
    /// Followed processes, likewise.
    pub processes: Vec<ProcessRow>,
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
    /// What was surprising, by name.
    pub anomalies: Anomalies,
}

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
    /// Time in hard interrupts, without what was nested in them.
    pub irq_ns: u64,
    /// Time in softirqs, likewise.
    pub softirq_ns: u64,
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
    fn new(number: u16, cpu: &Cpu, all: bool) -> Self {
        let Cpu { times, queue, delays, idle_stretches, .. } = cpu;
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
            irq_ns: times.irq_ns,
            softirq_ns: times.softirq_ns,
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

/// Rows of what is over.
#[derive(Clone, Debug, Default)]
pub struct Finished {
    tasks: Vec<TaskRow>,
    processes: Vec<ProcessRow>,
    /// Latest ended process leader of each number that nobody was seen to wait for: its row.
    unreaped: BTreeMap<u32, usize>,
    /// The same by parent and by number in the parent's pid namespace.
    unreaped_of: BTreeMap<(u32, u32), usize>,
}

impl Finished {
    /// A task is over.
    pub fn task(&mut self, row: TaskRow) {
        if let Some(exit) = &row.exit
            && exit.reaped_by.is_none()
            && row.kind == Kind::Process
        {
            self.unreaped.insert(row.tid, self.tasks.len());
            self.unreaped_of.insert((exit.parent_tid, row.ns_tid), self.tasks.len());
        }
        self.tasks.push(row);
    }

    /// A process is over, or still there when the trace ended.
    pub fn process(&mut self, process: &Process, until_ns: u64, released: bool) {
        self.processes.push(ProcessRow {
            tgid: process.tgid,
            start_ns: process.start_ns,
            from_ns: process.from_ns,
            end_ns: released.then_some(until_ns),
            comm: process.comm.clone(),
            kernel: process.kernel,
            parent_tgid: process.parent_tgid,
            parent_at_exit: process.parent_at_exit,
            threads: process.threads_total,
            threads_peak: process.threads_peak,
            execs: process.execs.len(),
            dead_ns: process.dead_ns,
            parallelism: ParallelismRow::of(&process.parallel, until_ns),
            bounds: BoundRows::new(),
        });
    }

    /// A child of this process was waited for whose release was recorded before the end of the
    /// wait: notes who did; false if there is no such child.
    pub fn reaped(&mut self, child: u32, parent: u32, reaper: (u32, u64)) -> bool {
        let row =
            self.unreaped_of.remove(&(parent, child)).or_else(|| self.unreaped.remove(&child));
        let exit = row.and_then(|row| self.tasks.get_mut(row)).and_then(|row| row.exit.as_mut());
        let Some(exit) = exit.filter(|exit| exit.reaped_by.is_none()) else { return false };
        exit.reaped_by = Some(reaper.0);
        exit.reaped_ns = Some(reaper.1);
        true
    }
}

impl Summary {
    /// The command was waited for by tracer itself, whose own calls are not recorded.
    pub fn command_reaped(&mut self, command: u32, tracer: u32) {
        let of_command = |row: &&mut TaskRow| row.tid == command && row.tgid == command;
        let exits = self.tasks.iter_mut().filter(of_command).filter_map(|row| row.exit.as_mut());
        for exit in exits {
            exit.reaped_by.get_or_insert(tracer);
        }
    }

    pub(super) fn new(model: Model, end_ns: u64) -> Self {
        let Model { start_ns, all, look, cpus, signals, interrupts, .. } = model;
        let Model { futexes, uthreads, wakeups, history, held_tid, anomalies, .. } = model;
        let Finished { mut tasks, mut processes, .. } = model.finished;
        tasks.sort_by_key(|row| (row.start_ns.unwrap_or(row.from_ns), row.tid, row.from_ns));
        processes.sort_by_key(|row| (row.start_ns.unwrap_or(row.from_ns), row.tgid, row.from_ns));
        let cpu_row = |(number, cpu): (u16, &Cpu)| CpuRow::new(number, cpu, all);
        let mut summary = Self {
            start_ns,
            end_ns,
            follows_all: all,
            hides_tasks: look.any && !look.process_one,
            tasks,
            processes,
            cpus: cpus.iter().map(cpu_row).collect(),
            signals_omitted: signals.omitted(),
            signal_totals: signals.totals(),
            signals: signals.rows().to_vec(),
            irqs: interrupts.irqs(),
            softirqs: interrupts.softirqs(),
            vectors: interrupts.vectors(),
            futexes: futexes.rows(),
            uthreads: uthreads.rows(),
            wakeups: wakeups.rows(),
            wakeups_omitted: wakeups.omitted(),
            longest_waits: wakeups.longest(),
            critical_path: history.and_then(|history| history.of_command(held_tid?, end_ns)),
            anomalies,
        };
        bounds::bound(&mut summary);
        summary
    }

    /// Length of the trace, ns.
    pub fn length_ns(&self) -> u64 {
        self.end_ns.saturating_sub(self.start_ns)
    }
}
