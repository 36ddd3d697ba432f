//! Which events are shown: those in which a task has a part.

use crate::event::{What, text};

use super::known::Known;

/// Which tasks are wanted: those of one of these numbers or names. Without any, all are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Numbers.
    pub tids: Vec<u32>,
    /// Names, in full: those that the tasks have by then.
    pub comms: Vec<String>,
}

impl Filter {
    /// Whether all events are wanted.
    pub fn is_all(&self) -> bool {
        self.tids.is_empty() && self.comms.is_empty()
    }

    /// Names as they are known.
    pub(super) fn fit(mut self, fit: impl Fn(&str) -> String) -> Self {
        self.comms = self.comms.iter().map(|comm| fit(comm)).collect();
        self
    }

    /// Whether a wanted task has a part in it. Lost events may be anybody's.
    pub(super) fn wants(&self, what: &What, known: &Known) -> bool {
        self.is_all()
            || matches!(what, What::Gap(_))
            || tasks(what).into_iter().flatten().any(|tid| self.has(tid, known))
            || new_name(what).is_some_and(|comm| self.comms.contains(&known.fit(&text(comm))))
    }

    fn has(&self, tid: u32, known: &Known) -> bool {
        let named = |comm: &str| self.comms.iter().any(|wanted| wanted == comm);
        self.tids.contains(&tid) || tid != 0 && known.comm(tid).is_some_and(named)
    }
}

/// A name that is only about to be known.
fn new_name(what: &What) -> Option<&[u8]> {
    match what {
        What::TaskSeen(seen) => Some(&seen.identity.comm),
        What::Newtask(born) => Some(&born.identity.comm),
        What::Exec(exec) => Some(&exec.identity.comm),
        What::Rename(rename) => Some(&rename.comm),
        _ => None,
    }
}

/// The tasks that have a part in an event.
fn tasks(what: &What) -> [Option<u32>; 2] {
    let one = |tid| [Some(tid), None];
    let two = |a, b| [Some(a), Some(b)];
    match what {
        What::TaskSeen(seen) => one(seen.identity.key.tid),
        What::Newtask(born) => two(born.creator_tid, born.identity.key.tid),
        What::Fork(fork) => two(fork.parent_tid, fork.child_tid),
        What::Exec(exec) => two(exec.identity.key.tid, exec.old_tid),
        What::Rename(rename) => one(rename.key.tid),
        What::Resources(now) => one(now.identity.key.tid),
        What::Exit(exit) => one(exit.key.tid),
        What::Dead(dead) => one(dead.key.tid),
        What::Free(free) => one(free.key.tid),
        What::Switch(switch) => two(switch.prev_tid, switch.next_tid),
        What::Waking(waking) | What::WakeupNew(waking) => two(waking.tid, waking.waker_tid),
        What::Migrate(migrate) => two(migrate.tid, migrate.by_tid),
        What::SignalGenerate(signal) => two(signal.target_tid, signal.sender_tid),
        What::SignalDeliver(signal) => one(signal.tid),
        What::Irq(irq) => one(irq.tid),
        What::Softirq(softirq) => one(softirq.tid),
        What::Vector(vector) => one(vector.tid),
        What::Futex(futex) => one(futex.tid),
        What::SigMask(mask) => one(mask.tid),
        What::SigReturn(sigreturn) => one(sigreturn.tid),
        What::Affinity(affinity) => one(affinity.tid),
        What::Policy(policy) => one(policy.tid),
        What::Wait(wait) => one(wait.tid),
        What::Stack(stack) => one(stack.tid),
        What::Usdt(usdt) => one(usdt.tid),
        What::Gap(_) => [None; 2],
    }
}
