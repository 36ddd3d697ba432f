//! What a life begins with, and what is told once of a task.

use tracer_common::task::{Identity, Resources};

use crate::event::text;

use super::Model;
use super::kernel_thread::KernelThread;
use super::lives::{Life, LifeId};
use super::lwp::Lwp;
use super::parallel::Phase;
use super::process::ProcessId;
use super::sharing;
use super::state::Timeline;

/// `PF_KTHREAD`
const PF_KTHREAD: u32 = 0x0020_0000;

/// A task has no resources of which anything is known.
const NOTHING: Resources =
    Resources { mm: 0, files: 0, fs: 0, sighand: 0, signal: 0, nsproxy: 0, cred: 0 };

/// What a new life begins with.
pub(super) struct Beginning {
    pub(super) tid: u32,
    pub(super) tgid: u32,
    pub(super) start_ns: Option<u64>,
    pub(super) followed: bool,
    /// Whether it is known to be the first of its group.
    pub(super) first: bool,
    pub(super) timeline: Timeline,
}

impl Model {
    pub(super) fn begin(&mut self, beginning: Beginning) -> LifeId {
        let Beginning { tid, tgid, start_ns, followed, first, mut timeline } = beginning;
        timeline.cut(self.cut);
        if self.told.is_some() {
            timeline.tell_all();
        }
        let mut thread = KernelThread::new(timeline);
        if self.lossy {
            // Whatever is missing can be about it, until its birth says that it is not.
            thread.billing.gap(0);
        }
        let process = self.processes.join(thread.timeline.from_ns(), tgid, first);
        if let Some(process) = self.processes.get_mut(process) {
            process.followed |= followed;
            if tid == tgid {
                process.start_ns = start_ns;
            }
        }
        self.lives.begin(Life {
            tid,
            tgid,
            start_ns,
            old_tid: None,
            at_cut: None,
            born: false,
            followed,
            kernel: false,
            comm: String::new(),
            creator_tid: 0,
            parent_tgid: 0,
            process,
            held: self.objects.hold(&NOTHING, 0),
            resharings: Vec::new(),
            milestones: super::milestones::Milestones::default(),
            resharings_omitted: 0,
            ending: None,
            lwp: None,
            thread,
        })
    }

    /// Everything that is told once of a task.
    pub(super) fn identify(&mut self, id: LifeId, identity: &Identity, fresh: u32) {
        let held = self.objects.hold(&identity.resources, fresh);
        let Some(life) = self.lives.get_mut(id) else { return };
        let mut old = std::mem::replace(&mut life.held, held);
        life.tgid = identity.key.tgid;
        life.comm = text(&identity.comm);
        life.kernel = identity.flags & PF_KTHREAD != 0;
        life.parent_tgid = identity.parent_tgid;
        life.thread.scheduled(identity);
        let (uid, gid) = (identity.uid, identity.gid);
        life.lwp = (!life.kernel).then(|| Lwp { uid, gid, ..Lwp::default() });
        self.objects.let_go(&mut old, sharing::ALL);
        let (leader, followed) = (life.is_leader(), life.followed);
        let process = self.rehome(id, identity.key.tgid);
        let Some(process) = process.and_then(|process| self.processes.get_mut(process)) else {
            return;
        };
        process.followed |= followed;
        if leader || process.comm.is_empty() {
            process.comm = text(&identity.comm);
            process.parent_tgid = identity.parent_tgid;
            process.kernel = identity.flags & PF_KTHREAD != 0;
        }
        if leader {
            process.start_ns = Some(identity.key.start_ns);
        }
    }

    /// The process of a life is this.
    pub(super) fn is_of(&mut self, id: LifeId, tgid: u32) {
        if let Some(life) = self.lives.get_mut(id).filter(|life| life.tgid != tgid) {
            life.tgid = tgid;
            self.rehome(id, tgid);
        }
    }

    /// A life that began with no more than a number was taken for a process of its own.
    fn rehome(&mut self, id: LifeId, tgid: u32) -> Option<ProcessId> {
        let life = self.lives.get_mut(id)?;
        let old = life.process;
        let (from_ns, exited) = (life.thread.timeline.from_ns(), life.ending.is_some());
        if self.processes.get(old)?.tgid == tgid {
            return Some(old);
        }
        let process = self.processes.join(from_ns, tgid, false);
        life.process = process;
        let (phase, since_ns) = (life.thread.phase, life.thread.timeline.now().1);
        if let Some(process) = self.processes.get_mut(process) {
            process.exited += u32::from(exited);
            process.parallel.change(since_ns, Phase::Off, phase);
        }
        self.processes.leave(old, exited);
        Some(process)
    }
}
