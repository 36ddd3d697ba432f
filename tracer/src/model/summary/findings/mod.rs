//! What stands out of a trace: at most one finding of each kind, from the rows of the report.
//!
//! A finding has figures and names, no words: those are the view's. To add one, write a function
//! from the summary to it, and put it into [`FINDERS`].

use serde::Serialize;

use super::{Summary, TaskRow};

mod find;
#[cfg(test)]
mod tests;

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// Records were lost: `count` of them.
    Lost,
    /// A signal, `what`, killed a process, the first of `count`; `by` sent it.
    Killed,
    /// The same, where the signal was for what a thread of the process, `by`, did.
    Crashed,
    /// `count` tasks wait for each other: the task for `by`, on the futex `what`, and so on.
    Deadlock,
    /// The longest wait for a CPU; `by` had it most of the time in all waits of the task.
    RunDelay,
    /// The longest sleep in one system call, `what`, that is no waiting for work; `by` ended it.
    Sleep,
    /// The longest uninterruptible sleep, in `what`; `by` ended it.
    Uninterruptible,
    /// The lock with most waiting, `what`; `count` waits, the longest of this task for `by`.
    Lock,
    /// A wait on the futex `what`, for `by`, that only the end of the trace or of the task ended;
    /// `count` such waits.
    StillWaiting,
    /// The signal, `what`, that a mask held back for longest.
    Blocked,
    /// The task from which interrupts took most time while it ran.
    Stolen,
    /// The process whose user threads were ready for longest while their carrier slept.
    UthreadStall,
}

/// Something that stands out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it is about.
    pub about: About,
    /// The section of the report that has more of it.
    pub section: &'static str,
    /// The task; null if it is about no single one.
    pub tid: Option<u32>,
    /// Its name.
    pub comm: Option<String>,
    /// The time, all together, ns.
    pub sum_ns: Option<u64>,
    /// The longest single time, ns.
    pub max_ns: Option<u64>,
    /// How many.
    pub count: u64,
    /// The signal, the system call or the futex.
    pub what: Option<String>,
    /// The other task.
    pub by_tid: Option<u32>,
    /// Its name.
    pub by_comm: Option<String>,
    /// Whether times and counts are lower bounds.
    pub at_least: bool,
}

/// A function that finds one.
type Finder = fn(&Summary) -> Option<Finding>;

/// All of them, in the order of the report: first what makes its figures doubtful, then what went
/// wrong, then where the time went.
const FINDERS: [Finder; 11] = [
    find::lost,
    find::killed,
    find::deadlock,
    find::still_waiting,
    find::run_delay,
    find::sleep,
    find::uninterruptible,
    find::lock,
    find::blocked,
    find::stolen,
    find::uthread_stall,
];

impl Finding {
    fn new(about: About, section: &'static str) -> Self {
        Self {
            about,
            section,
            tid: None,
            comm: None,
            sum_ns: None,
            max_ns: None,
            count: 0,
            what: None,
            by_tid: None,
            by_comm: None,
            at_least: false,
        }
    }

    fn of(mut self, task: &TaskRow) -> Self {
        (self.tid, self.comm) = (Some(task.tid), Some(task.comm.clone()));
        self.at_least = !task.exact;
        self
    }

    fn times(mut self, sum_ns: u64, max_ns: Option<u64>, count: u64) -> Self {
        (self.sum_ns, self.max_ns, self.count) = (Some(sum_ns), max_ns, count);
        self
    }

    fn what(mut self, what: impl Into<String>) -> Self {
        self.what = Some(what.into());
        self
    }

    fn by(mut self, tid: Option<u32>, summary: &Summary) -> Self {
        self.by_comm = tid.and_then(|tid| summary.comm(tid)).map(str::to_owned);
        self.by_tid = tid;
        self
    }
}

impl Summary {
    /// What stands out.
    pub fn findings(&self) -> Vec<Finding> {
        FINDERS.iter().filter_map(|find| find(self)).collect()
    }

    /// The name of the latest task of this number, if it is followed.
    pub fn comm(&self, tid: u32) -> Option<&str> {
        let shown = self.tasks.iter().rfind(|task| task.tid == tid).map(|task| &task.comm);
        let other = || self.others.range((tid, None)..=(tid, Some(u64::MAX))).next_back();
        shown.or_else(|| other().map(|(_, comm)| comm)).map(String::as_str)
    }
}
