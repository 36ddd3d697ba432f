//! Time off CPUs by the stacks with which tasks left them.

use std::borrow::Cow;
use std::cmp::Reverse;

use serde::Serialize;

use crate::model::kernel_thread::KernelThread;
use crate::model::state::{Cause, OffCpu};
use crate::model::syscall::Machine;
use crate::stacks::{StackKey, Table};

use super::time::cause_of;
use super::{Summary, TaskRow};

/// The time of a task off its CPU with stacks that have no names yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackUse {
    /// The stacks; `None` for those beyond what is told apart.
    pub key: Option<StackKey>,
    /// In what it slept, as in [`StackRow`].
    pub cause: Option<Cow<'static, str>>,
    /// How often.
    pub count: u64,
    /// How long, by state.
    pub states_ns: OffCpu,
    /// The longest, ns.
    pub max_ns: u64,
}

/// A row of `stacks`: a task, and stacks with which it left its CPU.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StackRow {
    /// The task.
    pub tid: u32,
    /// Its start, by which tasks with the same number differ; null if not known.
    pub start_ns: Option<u64>,
    /// Its process.
    pub tgid: u32,
    /// Its name.
    pub comm: String,
    /// The system call in which it slept, or another cause as in `sleep_causes_ns`; null if it did
    /// not sleep.
    pub cause: Option<Cow<'static, str>>,
    /// How often.
    pub count: u64,
    /// How long, by state, until it ran again.
    pub states_ns: OffCpu,
    /// All of them together.
    pub total_ns: u64,
    /// The longest.
    pub max_ns: u64,
    /// Functions of the kernel, innermost first; null if the stack is not known.
    pub kernel: Option<Vec<String>>,
    /// Functions of the program, likewise; null also for tasks of the kernel's own.
    pub user: Option<Vec<String>>,
}

impl StackUse {
    pub(super) fn of(thread: &KernelThread, machine: Machine, kernel: bool) -> Vec<Self> {
        let Some(stacks) = thread.timeline.stacks() else { return Vec::new() };
        let uses = stacks.rows().into_iter().map(|row| {
            let slept = row.off_ns.sleeping + row.off_ns.uninterruptible > 0;
            let told = slept && (kernel || row.cause != Cause::UNTOLD);
            Self {
                key: row.key,
                cause: told.then(|| cause_of(row.cause, machine, kernel).0),
                count: row.count,
                states_ns: row.off_ns,
                max_ns: row.max_ns,
            }
        });
        uses.collect()
    }
}

impl Summary {
    /// Gives the stacks their names, and makes the rows of them.
    pub fn name_stacks(&mut self, table: &Table) {
        if let Some(counts) = &mut self.stack_counts {
            counts.unnamed_programs = table.gone;
        }
        for wait in &mut self.longest_waits {
            if let Some(key) = wait.key {
                (wait.kernel, wait.user) = (names(table.kernel(&key)), names(table.user(&key)));
            }
        }
        let rows = self.tasks.iter_mut().flat_map(|task| {
            let uses = std::mem::take(&mut task.stacks);
            let task = &*task;
            uses.into_iter().map(|of| row(task, of, table)).collect::<Vec<_>>()
        });
        self.stacks = rows.collect();
        self.stacks.sort_by_key(|row| Reverse((row.total_ns, row.max_ns)));
    }
}

fn names(names: Vec<&str>) -> Option<Vec<String>> {
    let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
    (!names.is_empty()).then_some(names)
}

fn row(task: &TaskRow, of: StackUse, table: &Table) -> StackRow {
    let StackUse { key, cause, count, states_ns, max_ns } = of;
    StackRow {
        tid: task.tid,
        start_ns: task.start_ns,
        tgid: task.tgid,
        comm: task.comm.clone(),
        cause,
        count,
        states_ns,
        total_ns: states_ns.total(),
        max_ns,
        kernel: key.and_then(|key| names(table.kernel(&key))),
        user: key.and_then(|key| names(table.user(&key))),
    }
}
