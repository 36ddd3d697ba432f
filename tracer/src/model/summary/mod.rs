//! What a trace comes to: plain rows, in the words and the order of `tracer report --json`
//! (`docs/json.md`). Times are ns of the trace's clock, durations ns.

use serde::Serialize;

use super::Model;
use super::anomaly::Anomalies;
use super::cpu::{Arrivals, Cpu};
use super::delays::DelayRow;
use super::distribution::Quantiles;
use super::futexes::FutexRow;
use super::gaps::Gaps;
use super::interrupts::{IrqRow, SoftirqRow, VectorRow};
use super::path::CriticalPath;
use super::sharing::{SharingRow, groups};
use super::signals::{SignalRow, SignalTotal};
use super::uthreads::UthreadsRow;
use super::wakeups::{LongWait, WakeupRow};

mod account;
mod finished;
mod row;
mod task;
mod time;

pub use account::{Kernel, Ledger};
pub use finished::Finished;
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
}

impl CpuRow {
    fn new(number: u16, cpu: &Cpu, all: bool) -> Self {
        let Cpu { times, queue, delays, gaps, idle_stretches, .. } = cpu;
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
            irq_ns: times.irq_ns,
            softirq_ns: times.softirq_ns,
            wakings: times.wakings,
            lost: times.lost,
            run_delay_ns: delays.all(),
            run_delays_ns: delays.row(),
            runqueue: RunqueueRow::of(queue.load()),
            idle_stretches_ns: all.then(|| idle_stretches.quantiles()),
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
        let Model { origin_ns, start_ns, all, look, cpus, signals, interrupts, .. } = model;
        let Model { futexes, uthreads, wakeups, history, held_tid, anomalies, .. } = model;
        let (mut tasks, mut processes) = model.finished.rows();
        tasks.sort_by_key(|row| (row.start_ns.unwrap_or(row.from_ns), row.tid, row.from_ns));
        processes.sort_by_key(|row| (row.start_ns.unwrap_or(row.from_ns), row.tgid, row.from_ns));
        let cpu_row = |(number, cpu): (u16, &Cpu)| CpuRow::new(number, cpu, all);
        Self {
            origin_ns,
            start_ns,
            end_ns,
            window: None,
            follows_all: all,
            hides_tasks: look.any && !look.process_one,
            sharing: groups(&tasks, start_ns),
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
            critical_path: history
                .and_then(|history| history.of_command(held_tid?, start_ns, end_ns)),
            anomalies,
        }
    }

    /// Length of the trace, or of the window, ns.
    pub fn length_ns(&self) -> u64 {
        self.end_ns.saturating_sub(self.start_ns)
    }
}
