//! The ledger of a life: created, first woken, first run, exec, exit, zombie, reaped, released,
//! each with its time and the time since what came before it.
//!
//! Waited for and released are two things: `wait4` takes the dead task from its parent's list, and
//! the kernel lets go of it only after an RCU grace period. In the task's states both are `zombie`.

use serde::Serialize;
use tracer_common::record::{Exit, ExitFlags};

use super::Model;
use super::lives::{Life, LifeId};
use super::process::Process;

/// What is noted of a task while it lives.
#[derive(Clone, Copy, Debug, Default)]
pub struct Milestones {
    /// First `wake_up_new_task`, ns.
    pub woken_ns: Option<u64>,
    /// First switch to it, ns.
    pub run_ns: Option<u64>,
    /// Its parent's last thread exited, ns.
    pub orphaned_ns: Option<u64>,
    /// Threads of its group that had not exited when it did; `None` if it did not exit.
    pub left_behind: Option<u32>,
}

/// Times since the milestone before, of those that were seen, ns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Intervals {
    /// To the first wake-up.
    pub woken: Option<u64>,
    /// To the first run.
    pub run: Option<u64>,
    /// To the first exec.
    pub exec: Option<u64>,
    /// To the exit.
    pub exit: Option<u64>,
    /// To the last switch.
    pub zombie: Option<u64>,
    /// To the end of the wait that took it.
    pub reaped: Option<u64>,
    /// To the release.
    pub released: Option<u64>,
}

/// A life in moments of the trace's clock, ns; null where one was not seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LifeRow {
    /// Created.
    pub created_ns: Option<u64>,
    /// First woken: put on a queue by its creator.
    pub woken_ns: Option<u64>,
    /// First on a CPU.
    pub run_ns: Option<u64>,
    /// First program started in its process since it was created, if it is the leader.
    pub exec_ns: Option<u64>,
    /// Began to die.
    pub exit_ns: Option<u64>,
    /// Left its CPU for the last time.
    pub zombie_ns: Option<u64>,
    /// The wait that took it ended.
    pub reaped_ns: Option<u64>,
    /// Who waited for it.
    pub reaped_by: Option<u32>,
    /// Released by the kernel.
    pub released_ns: Option<u64>,
    /// Each since the one before.
    pub since_ns: Intervals,
    /// The last thread of its parent exited.
    pub orphaned_ns: Option<u64>,
    /// Its parent (process id) at its exit, if that was not the first one.
    pub adopted_by: Option<u32>,
    /// Threads of its group that lived on when it exited, itself not counted.
    pub left_behind: Option<u32>,
    /// The last thread of its group exited.
    pub group_dead_ns: Option<u64>,
}

impl LifeRow {
    /// It was waited for, and the wait ended at this time, ns, if that is known.
    pub fn reap(&mut self, by: u32, at_ns: Option<u64>) {
        self.reaped_by = Some(by);
        self.reaped_ns = at_ns;
        self.measure();
    }

    fn measure(&mut self) {
        let mut before = self.created_ns;
        let mut since = |moment: Option<u64>| {
            let ns = moment.zip(before).map(|(at, before)| at.saturating_sub(before));
            // Reaped and released can be told in the wrong order: the later one stays the mark.
            before = moment.max(before);
            ns
        };
        self.since_ns = Intervals {
            woken: since(self.woken_ns),
            run: since(self.run_ns),
            exec: since(self.exec_ns),
            exit: since(self.exit_ns),
            zombie: since(self.zombie_ns),
            reaped: since(self.reaped_ns),
            released: since(self.released_ns),
        };
    }
}

impl Life {
    /// Its ledger, at its release or at the end of the trace.
    pub fn ledger(&self, process: &Process, released_ns: Option<u64>) -> LifeRow {
        let (ending, told) = (self.ending.as_ref(), &self.milestones);
        let parent = ending.map(|ending| ending.exit.parent_tgid);
        // Its birth as the kernel dates it; the record comes a little later.
        let created_ns = self.start_ns.filter(|_| self.born);
        let execs = if self.is_leader() { process.execs.as_slice() } else { &[] };
        let mut row = LifeRow {
            created_ns,
            woken_ns: told.woken_ns,
            run_ns: told.run_ns.filter(|_| self.born),
            exec_ns: execs.first().map(|exec| exec.at_ns),
            exit_ns: ending.map(|ending| ending.exit.header.at_ns),
            zombie_ns: ending.and_then(|ending| ending.last_switch_ns),
            reaped_ns: ending.and_then(|ending| ending.reaped).map(|(_, at_ns)| at_ns),
            reaped_by: ending.and_then(|ending| ending.reaped).map(|(tid, _)| tid),
            released_ns,
            since_ns: Intervals::default(),
            orphaned_ns: told.orphaned_ns,
            adopted_by: parent.filter(|&parent| self.is_leader() && parent != self.parent_tgid),
            left_behind: told.left_behind,
            group_dead_ns: process.dead_ns,
        };
        row.measure();
        row
    }
}

impl Model {
    /// A task exits: who of its group lives on, and who loses a parent.
    pub(super) fn leaves_behind(&mut self, at_ns: u64, id: LifeId, exit: &Exit) {
        let Some(life) = self.lives.get(id) else { return };
        let (process, tgid) = (life.process, life.tgid);
        let known = exit.flags & ExitFlags::GROUP_DEAD_KNOWN != 0;
        let dead = exit.flags & ExitFlags::GROUP_DEAD != 0;
        let living = self.processes.get(process).map_or(0, Process::living);
        let left_behind = if dead { 0 } else { living };
        if let Some(life) = self.lives.get_mut(id) {
            life.milestones.left_behind = Some(left_behind);
        }
        // That looks at every task there is.
        if self.keep.report && (dead || (!known && left_behind == 0)) {
            for life in self.lives.iter_mut().filter(|life| life.parent_tgid == tgid) {
                if life.process != process && life.ending.is_none() {
                    life.milestones.orphaned_ns.get_or_insert(at_ns);
                }
            }
        }
    }
}
