//! One task from birth to release: what is known of it, and where its parts are.

use tracer_common::record::Exit;
use tracer_common::task::Accounts;

use super::kernel_thread::KernelThread;
use super::lwp::Lwp;
use super::milestones::Milestones;
use super::process::ProcessId;
use super::sharing::{By, Held, Shares};

/// A change of what a task shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resharing {
    /// When, ns.
    pub at_ns: u64,
    /// What it used until then.
    pub before: Shares,
    /// What changed it.
    pub by: By,
}

/// Changes of what a task shares that are kept.
pub const RESHARINGS_MAX: usize = 64;

/// A task's exit.
#[derive(Clone, Copy, Debug)]
pub struct Ending {
    /// The record; `at_ns` is in its header.
    pub exit: Exit,
    /// When it left its CPU for the last time, ns.
    pub last_switch_ns: Option<u64>,
    /// Who waited for it, and when that call ended, ns.
    pub reaped: Option<(u32, u64)>,
}

/// One task, from birth to release.
#[derive(Clone, Debug)]
pub struct Life {
    /// Its number now.
    pub tid: u32,
    /// Its thread group.
    pub tgid: u32,
    /// Start by the kernel's clock, ns; `None` if its birth was not seen and nobody said.
    pub start_ns: Option<u64>,
    /// Its number before it took over the leader's by `exec`.
    pub old_tid: Option<u32>,
    /// Its number and start at the end of the window that is told, once that is over.
    pub at_cut: Option<(u32, Option<u64>)>,
    /// Whether its birth was recorded.
    pub born: bool,
    /// Whether it is one of those that are traced.
    pub followed: bool,
    /// Whether it is a kernel thread (`PF_KTHREAD`).
    pub kernel: bool,
    /// Its name.
    pub comm: String,
    /// The thread that created it; zero if not known.
    pub creator_tid: u32,
    /// `real_parent->tgid`, as first told.
    pub parent_tgid: u32,
    /// Its process.
    pub process: ProcessId,
    /// What it uses.
    pub held: Held,
    /// Changes of that: the first ones, and always the last.
    pub resharings: Vec<Resharing>,
    /// The first times it did things.
    pub milestones: Milestones,
    /// Changes before the last one that are not listed.
    pub resharings_omitted: u64,
    /// Its exit, if it began.
    pub ending: Option<Ending>,
    /// Its user side; none for a kernel thread.
    pub lwp: Option<Lwp>,
    /// Its scheduler's side.
    pub thread: KernelThread,
}

impl Life {
    /// Whether it is the leader of its group.
    pub fn is_leader(&self) -> bool {
        self.tid == self.tgid
    }

    /// What it uses has changed.
    pub fn reshared(&mut self, change: Resharing) {
        if self.resharings.len() >= RESHARINGS_MAX {
            self.resharings.pop();
            self.resharings_omitted += 1;
        }
        self.resharings.push(change);
    }

    /// Its group, and its number in a pid namespace, if that is another one.
    pub(super) fn inner_key(&self) -> Option<(u32, u32)> {
        let ns_tid = self.lwp.as_ref().map_or(0, |lwp| lwp.ns_tid);
        (ns_tid != 0 && ns_tid != self.tid).then_some((self.tgid, ns_tid))
    }

    /// It has this number in a pid namespace from now on; zero if that is not known.
    pub(super) fn goes_by(&mut self, ns_tid: u32) {
        if let Some(lwp) = &mut self.lwp {
            lwp.ns_tid = ns_tid;
        }
    }

    /// Latest accounts told by the kernel.
    pub fn accounts(&self) -> Option<&Accounts> {
        self.thread.accounts.as_ref()
    }
}
