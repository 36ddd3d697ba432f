//! Where the time of tasks, processes and CPUs went: rows of what the trackers of it know.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::antagonists::AntagonistsRow;
use crate::model::antagonists::queue::Load;
use crate::model::cpu::Arrivals;
use crate::model::delays::DelayRow;
use crate::model::distribution::Distribution;
use crate::model::gaps::Gaps;
use crate::model::kernel_thread::KernelThread;
use crate::model::moves::MoveRow;
use crate::model::parallel::{Parallel, ParallelRow};
use crate::model::state::{Cause, CauseKind, Causes};
use crate::model::syscall::{Class, Machine};

/// Sleeps by cause: the name of the system call, or `no_call`, `kernel_thread`, `unknown`, `rest`.
pub type CauseRows = BTreeMap<Cow<'static, str>, CauseRow>;

/// The sleeps of a task for one cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct CauseRow {
    /// What it sleeps for.
    pub class: Class,
    /// How often.
    pub count: u64,
    /// How long together, ns.
    pub sum: u64,
    /// The longest, ns.
    pub max: u64,
}

/// What the time of a task in its states was made of: a part of a row of `tasks`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TaskTime {
    /// The parts of the sleeping time, by the system call it slept in.
    pub sleep_causes_ns: CauseRows,
    /// The parts of the uninterruptible time, likewise.
    pub uninterruptible_causes_ns: CauseRows,
    /// The run delays by why it was runnable.
    pub run_delays_ns: DelayRow,
    /// All run delays with their shape, if that was asked for
    /// ([`crate::model::Model::keep_delays`]).
    #[serde(skip)]
    pub delays: Option<Box<Distribution>>,
    /// Who had the CPUs meanwhile.
    pub antagonists: AntagonistsRow,
    /// Switches to it, by what became of the loaded address space.
    pub arrivals: Arrivals,
    /// The gaps between switch-out and switch-in that these ended.
    pub arrival_gaps_ns: Gaps,
    /// The migrations by what decided them.
    pub migrations_by: MoveRow,
    /// Whether its first queue was on another CPU than its creator's; null if that was not seen.
    pub placed_elsewhere: Option<bool>,
}

impl TaskTime {
    pub(super) fn of(thread: &KernelThread, machine: Machine, kernel: bool) -> Self {
        let [sleep_causes_ns, uninterruptible_causes_ns] =
            causes(thread.timeline.causes(), machine, kernel);
        let created_ns = thread.timeline.sums().runnable().created;
        Self {
            sleep_causes_ns,
            uninterruptible_causes_ns,
            run_delays_ns: thread.delays.row(),
            delays: None,
            antagonists: thread.waits.ledger.row(created_ns),
            arrivals: thread.arrivals,
            arrival_gaps_ns: thread.gaps,
            migrations_by: thread.moves.row,
            placed_elsewhere: thread.moves.placed_elsewhere,
        }
    }
}

/// The interruptible and the uninterruptible sleeps of a task by cause.
fn causes(causes: &Causes, machine: Machine, kernel: bool) -> [CauseRows; 2] {
    let mut rows = [CauseRows::new(), CauseRows::new()];
    for slept in causes.rows() {
        let (name, class) = cause_of(slept.cause, machine, kernel);
        let row = rows[usize::from(slept.uninterruptible)].entry(name);
        let row = row.or_insert(CauseRow { class, count: 0, sum: 0, max: 0 });
        row.count += slept.count;
        row.sum += slept.sum_ns;
        row.max = row.max.max(slept.max_ns);
    }
    rows
}

/// What a cause is called, and what it is for.
pub(in crate::model) fn cause_of(
    cause: Cause,
    machine: Machine,
    kernel: bool,
) -> (Cow<'static, str>, Class) {
    match cause.kind() {
        _ if kernel => ("kernel_thread".into(), Class::Kernel),
        CauseKind::Untold => ("unknown".into(), Class::Unknown),
        CauseKind::NoCall => ("no_call".into(), Class::Fault),
        CauseKind::Crowd => ("rest".into(), Class::Other),
        CauseKind::Call(number) => {
            let name = machine.call(number);
            let class = Class::of(&name);
            (name, class)
        }
    }
}

/// A CPU's run-queue over time, as far as events show it: the task that runs is not in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RunqueueRow {
    /// Most tasks waiting at a time.
    pub max: u32,
    /// Tasks waiting, summed over the time: divided by the length of the trace the mean.
    pub sum_ns: u64,
}

impl RunqueueRow {
    pub(super) fn of(load: Load) -> Self {
        Self { max: load.max, sum_ns: load.sum_ns }
    }
}

/// How many threads of a process run at the same time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ParallelismRow {
    /// The times.
    #[serde(flatten)]
    pub times: ParallelRow,
    /// Threads on a CPU on average, in thousandths.
    pub running_milli: u64,
    /// Threads on a CPU or on a queue for one on average, in thousandths.
    pub runnable_milli: u64,
}

impl ParallelismRow {
    pub(super) fn of(parallel: &Parallel, end_ns: u64) -> Self {
        let times = parallel.row(end_ns);
        let (running_milli, runnable_milli) = (times.mean_milli(), times.runnable_mean_milli());
        Self { times, running_milli, runnable_milli }
    }
}
