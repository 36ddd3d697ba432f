//! What is over while the trace goes on.

use std::collections::BTreeMap;

use crate::model::bounds::BoundRows;
use crate::model::delays::Delays;
use crate::model::process::Process;

use super::{Kind, ParallelismRow, ProcessRow, TaskRow};

/// Rows of what is over.
#[derive(Clone, Debug, Default)]
pub struct Finished {
    /// Whether the distributions of run delays are kept.
    pub(in crate::model) keep_delays: bool,
    pub(super) tasks: Vec<TaskRow>,
    /// How many of them are not told.
    untold: usize,
    processes: Vec<ProcessRow>,
    /// Latest ended process leader of each number that nobody was seen to wait for: its row.
    unreaped: BTreeMap<u32, usize>,
    /// The same by parent and by number in the parent's pid namespace.
    unreaped_of: BTreeMap<(u32, u32), usize>,
}

impl Finished {
    /// What is over so far is not told. Its rows stay, for it can still be waited for.
    pub fn restart(&mut self) {
        self.untold = self.tasks.len();
        self.processes.clear();
    }

    /// The rows to tell.
    pub fn rows(mut self) -> (Vec<TaskRow>, Vec<ProcessRow>) {
        self.tasks.drain(..self.untold);
        (self.tasks, self.processes)
    }

    /// A task is over.
    pub fn task(&mut self, mut row: TaskRow, delays: &Delays) {
        row.time.delays = self.keep_delays.then(|| Box::new(delays.merged()));
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
        let Some(task) = row.and_then(|row| self.tasks.get_mut(row)) else { return false };
        let exit = task.exit.as_mut();
        let Some(exit) = exit.filter(|exit| exit.reaped_by.is_none()) else { return false };
        task.life.reap(reaper.0, Some(reaper.1));
        exit.reaped_by = Some(reaper.0);
        exit.reaped_ns = Some(reaper.1);
        true
    }
}
