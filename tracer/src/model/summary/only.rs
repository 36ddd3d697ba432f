//! The rows of some tasks only.
//!
//! A row that belongs to several tasks stays if one of them is wanted: a signal by sender, target
//! or taker, a waking by waker or woken, a futex by who used it, a chain or a cycle of waits by who
//! is in it, a group by its members. What belongs to a CPU stays whole: CPUs, interrupts, and the
//! sums of signals by number.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::futexes::{FutexRow, LinkRow};
use crate::model::signals::SignalRow;
use crate::model::uthreads::UthreadsRow;

use super::{Summary, TaskRow};

/// Which tasks are wanted: those of one of these numbers or names. Without any, all are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Only {
    /// Numbers.
    pub tids: Vec<u32>,
    /// Names, in full.
    pub comms: Vec<String>,
}

/// The wanted tasks.
struct Chosen {
    tids: BTreeSet<u32>,
    tgids: BTreeSet<u32>,
}

impl Only {
    /// Whether all tasks are wanted.
    pub fn is_all(&self) -> bool {
        self.tids.is_empty() && self.comms.is_empty()
    }

    fn wants(&self, task: &TaskRow) -> bool {
        self.tids.contains(&task.tid) || self.comms.contains(&task.comm)
    }

    /// The first number or name that no task has, in words.
    pub fn unknown(&self, summary: &Summary) -> Option<String> {
        let has = |of: &dyn Fn(&TaskRow) -> bool| summary.tasks.iter().any(of);
        let tid = self.tids.iter().find(|&&tid| !has(&|task| task.tid == tid));
        let comm = self.comms.iter().find(|&comm| !has(&|task| &task.comm == comm));
        match (tid, comm) {
            (Some(tid), _) => Some(format!("no task has the number {tid}")),
            (None, Some(comm)) => Some(format!("no task has the name '{comm}'")),
            (None, None) => None,
        }
    }
}

impl Summary {
    /// Keeps the rows of the wanted tasks.
    pub fn keep_only(&mut self, only: &Only) {
        if only.is_all() {
            return;
        }
        let (kept, others): (Vec<TaskRow>, Vec<TaskRow>) =
            std::mem::take(&mut self.tasks).into_iter().partition(|task| only.wants(task));
        self.others = names(others);
        self.tasks = kept;
        let chosen = Chosen {
            tids: self.tasks.iter().map(|task| task.tid).collect(),
            tgids: self.tasks.iter().map(|task| task.tgid).collect(),
        };
        self.processes.retain(|process| chosen.tgids.contains(&process.tgid));
        self.sharing.retain(|group| group.members.iter().any(|member| chosen.has(member.tid)));
        self.signals.retain(|signal| chosen.signal(signal));
        self.futexes.retain(|futex| chosen.futex(futex));
        let part = |links: &[LinkRow]| chosen.any(links.iter().map(|link| link.tid));
        self.lock_chains.retain(|row| part(&row.links));
        self.deadlocks.retain(|row| part(&row.links));
        self.stuck.retain(|row| chosen.has(row.link.tid) || chosen.any(row.link.blocked_by));
        self.wakeups.retain(|row| chosen.any(row.waker_tid) || chosen.has(row.woken_tid));
        self.longest_waits.retain(|wait| {
            chosen.has(wait.tid) || chosen.any(wait.chain.first().and_then(|link| link.tid))
        });
        self.stacks.retain(|row| chosen.has(row.tid));
        if let Some(path) = &mut self.critical_path {
            path.shares.retain(|share| chosen.has(share.tid));
            path.longest.retain(|segment| chosen.has(segment.tid));
        }
        chosen.uthreads(&mut self.uthreads);
    }
}

fn names(tasks: Vec<TaskRow>) -> BTreeMap<(u32, Option<u64>), String> {
    tasks.into_iter().map(|task| ((task.tid, task.start_ns), task.comm)).collect()
}

impl Chosen {
    fn has(&self, tid: u32) -> bool {
        self.tids.contains(&tid)
    }

    fn any(&self, tids: impl IntoIterator<Item = u32>) -> bool {
        tids.into_iter().any(|tid| self.has(tid))
    }

    fn signal(&self, row: &SignalRow) -> bool {
        self.has(row.target_tid) || self.any(row.sender_tid) || self.any(row.delivered_tid)
    }

    fn futex(&self, row: &FutexRow) -> bool {
        let waiting = row.in_progress.iter().map(|call| call.tid);
        self.any(row.users.iter().map(|user| user.tid).chain(waiting))
    }

    /// A user thread stays if a wanted task carried it.
    fn uthreads(&self, rows: &mut UthreadsRow) {
        rows.processes.retain(|row| self.tgids.contains(&row.tgid));
        rows.carriers.retain(|row| self.has(row.tid));
        rows.threads.retain(|row| self.any(row.carriers_ns.keys().copied()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::tests::busy::{A, B, END, SHELL, busy};

    fn kept(only: &Only) -> Summary {
        let mut summary = busy().finish(END);
        summary.keep_only(only);
        summary
    }

    fn tids(summary: &Summary) -> Vec<u32> {
        summary.tasks.iter().map(|task| task.tid).collect()
    }

    #[test]
    fn without_a_wish_all_rows_stay() {
        let all = busy().finish(END);
        assert_eq!(tids(&kept(&Only::default())), tids(&all));
        assert!(kept(&Only::default()).others.is_empty());
    }

    #[test]
    fn rows_stay_of_which_a_wanted_task_has_a_part() {
        let of_b = kept(&Only { tids: vec![B], comms: vec![] });
        assert_eq!(tids(&of_b), [B]);
        let woken: Vec<_> = of_b.wakeups.iter().map(|row| (row.waker_tid, row.woken_tid)).collect();
        assert_eq!(woken, [(Some(B), A)]);
        assert_eq!((of_b.futexes.len(), of_b.signals.len()), (1, 0));
        assert_eq!(of_b.processes.iter().map(|row| row.tgid).collect::<Vec<_>>(), [A]);
        assert_eq!((of_b.uthreads.carriers.len(), of_b.uthreads.threads.len()), (0, 0));
        // What is of CPUs, and names of others.
        assert_eq!((of_b.cpus.len(), of_b.irqs.len(), of_b.softirqs.len()), (2, 1, 1));
        assert_eq!(
            (of_b.comm(B), of_b.comm(A), of_b.comm(7)),
            (Some("task101"), Some("task100"), None)
        );

        let of_shell = kept(&Only { tids: vec![], comms: vec!["task50".to_owned()] });
        assert_eq!(tids(&of_shell), [SHELL]);
        assert_eq!((of_shell.signals.len(), of_shell.futexes.len()), (1, 0));
    }

    #[test]
    fn numbers_and_names_are_added_up_and_unknown_ones_are_named() {
        let both = Only { tids: vec![A], comms: vec!["task101".to_owned()] };
        assert_eq!(tids(&kept(&both)), [A, B]);
        let summary = busy().finish(END);
        assert_eq!(both.unknown(&summary), None);
        let unknown = |tids: &[u32], comms: &[&str]| {
            let comms = comms.iter().map(|&comm| comm.to_owned()).collect();
            Only { tids: tids.to_vec(), comms }.unknown(&summary)
        };
        assert_eq!(unknown(&[A, 9], &["x"]).as_deref(), Some("no task has the number 9"));
        assert_eq!(unknown(&[A], &["task"]).as_deref(), Some("no task has the name 'task'"));
    }
}
