//! How tasks come to be known, and how they become others.

use tracer_common::record::{Exec, Newtask, Rename};
use tracer_common::task::{Identity, Resources, Shared, TaskKey};

use crate::event::text;

use super::Model;
use super::anomaly::Anomaly;
use super::beginning::Beginning;
use super::lives::{LifeId, Resharing};
use super::lwp::Lwp;
use super::sharing::{self, By};
use super::state::{Ready, State, Timeline};

impl Model {
    pub(super) fn newtask(&mut self, at_ns: u64, newtask: &Newtask) {
        let (key, mask) = (newtask.identity.key, self.signals_at_birth(at_ns, newtask));
        if let Some(old) = self.lives.current(key.tid) {
            self.displace(at_ns, old, key.start_ns);
        }
        let id = self.begin(Beginning {
            tid: key.tid,
            tgid: key.tgid,
            start_ns: Some(key.start_ns),
            followed: true,
            first: key.tid == key.tgid,
            timeline: Timeline::new(at_ns, State::Runnable(Ready::Created)),
        });
        self.identify(id, &newtask.identity, !newtask.shared & sharing::ALL);
        if let Some(history) = &mut self.history {
            history.born(at_ns, id, self.lives.current(newtask.creator_tid));
        }
        let Some(life) = self.lives.get_mut(id) else { return };
        life.born = true;
        life.creator_tid = newtask.creator_tid;
        life.thread.born(at_ns);
        life.lwp = (!life.kernel).then(|| Lwp { mask, ..Lwp::born(newtask) });
        self.lives.numbered(id);
    }

    /// The number of this life is given to a task with this start.
    fn displace(&mut self, at_ns: u64, old: LifeId, start_ns: u64) {
        let Some(life) = self.lives.get_mut(old) else { return };
        if life.start_ns == Some(start_ns) {
            // The task iterator came between the task's becoming visible and this record.
            self.forget(at_ns, old);
            return;
        }
        if life.ending.is_some() {
            return;
        }
        // Its end was not recorded, and nothing is known of it between its last event and now.
        life.thread.lost_sight(at_ns);
        life.thread.timeline.left_unseen(at_ns);
        life.thread.timeline.dim_mut().displaced(at_ns);
        if life.followed {
            self.anomalies.count(Anomaly::ReusedAlive);
        }
        self.settle(old, at_ns, false);
    }

    pub(super) fn exec(&mut self, at_ns: u64, cpu: Option<u16>, exec: &Exec) {
        let key = exec.identity.key;
        if exec.old_tid != key.tid {
            self.take_over_by(exec.old_tid, key.tgid);
        }
        let id = self.acting(at_ns, cpu, &key);
        self.reshare(at_ns, id, &exec.identity.resources, By::Exec);
        let Some(life) = self.lives.get_mut(id) else { return };
        life.comm = text(&exec.identity.comm);
        life.thread.scheduled(&exec.identity);
        life.lwp.get_or_insert_default().mask.exec();
        let (process, mm, comm) = (life.process, life.held.shares().mm, life.comm.clone());
        self.uthreads.process_ends(at_ns, process);
        if let Some(process) = self.processes.get_mut(process) {
            process.exec(at_ns, exec);
            process.comm = comm;
        }
        if let Some(cpu) = cpu {
            self.cpus.of(cpu).load(mm);
        }
    }

    pub(super) fn rename(&mut self, at_ns: u64, cpu: Option<u16>, rename: &Rename) {
        let id = self.acting(at_ns, cpu, &rename.key);
        let Some(life) = self.lives.get_mut(id) else { return };
        life.comm = text(&rename.comm);
        let (leader, process, comm) = (life.is_leader(), life.process, life.comm.clone());
        if leader && let Some(process) = self.processes.get_mut(process) {
            process.comm = comm;
        }
    }

    pub(super) fn resources(&mut self, at_ns: u64, cpu: Option<u16>, identity: &Identity) {
        let id = self.acting(at_ns, cpu, &identity.key);
        self.reshare(at_ns, id, &identity.resources, By::Call);
        let Some(life) = self.lives.get_mut(id) else { return };
        life.thread.scheduled(identity);
        if let Some(lwp) = life.lwp.as_mut() {
            lwp.uid = identity.uid;
            lwp.gid = identity.gid;
        }
    }

    /// The newest life of a number, or one that begins with this event; none for the idle task,
    /// and none for a number that is not known to be followed.
    pub(super) fn known(&mut self, at_ns: u64, tid: u32) -> Option<LifeId> {
        if tid == 0 {
            return None;
        }
        if let Some(id) = self.alive(tid) {
            return Some(id);
        }
        if !self.all {
            return None;
        }
        Some(self.begin_unborn(at_ns, tid))
    }

    /// A new task is woken. One that has run is none: its number is another's, whose birth was not
    /// recorded.
    pub(super) fn reused_unseen(&mut self, at_ns: u64, tid: u32) {
        let ran = |id: &LifeId| {
            let life = self.lives.get(*id);
            life.is_some_and(|life| {
                life.milestones.run_ns.is_some() || life.thread.timeline.sums().running() > 0
            })
        };
        if let Some(old) = self.lives.current(tid).filter(ran) {
            self.displace(at_ns, old, u64::MAX);
        }
    }

    /// The newest life of a number, unless it is dead: then who acts is another task, whose birth
    /// was not recorded, as the release before it.
    pub(super) fn alive(&self, tid: u32) -> Option<LifeId> {
        let id = self.lives.current(tid)?;
        let life = self.lives.get(id)?;
        let dead = life.thread.timeline.now().0 == State::Zombie;
        // The number of a leader is kept for its threads, and goes to one that calls `exec`.
        let kept = || {
            let process = self.processes.get(life.process);
            process.is_some_and(|process| process.threads > 1 && process.dead_ns.is_none())
        };
        (!dead || life.is_leader() && kept()).then_some(id)
    }

    /// The life that an event names in full; it begins with the event if it is not known.
    pub(super) fn named(&mut self, at_ns: u64, key: &TaskKey) -> LifeId {
        if let Some(id) = self.lives.find(key.tid, key.start_ns) {
            self.lives.dated(id, key.start_ns);
            self.is_of(id, key.tgid);
            return id;
        }
        let timeline = Timeline::new(self.unborn_since(at_ns), State::Unknown);
        self.count_unknown(at_ns);
        let (tid, tgid) = (key.tid, key.tgid);
        let start_ns = Some(key.start_ns);
        let other = self.lives.current(tid);
        let newer =
            other.filter(|&id| self.lives.get(id).is_some_and(|life| life.start_ns > start_ns));
        if let (Some(older), None) = (other, newer) {
            self.displace(at_ns, older, key.start_ns);
        }
        // The leader of a group that is known has another start: it leads another group.
        let led = self.processes.current(tgid).and_then(|process| self.processes.get(process));
        let first = tid == tgid && newer.is_none() && led.is_some_and(|led| led.start_ns.is_some());
        let id = self.begin(Beginning { tid, tgid, start_ns, followed: true, first, timeline });
        if let Some(newer) = newer {
            self.lives.renew(newer);
        }
        id
    }

    fn begin_unborn(&mut self, at_ns: u64, tid: u32) -> LifeId {
        self.count_unknown(at_ns);
        // Its group is not known yet.
        let tgid = tid;
        // Another had its number until now.
        let first = self.lives.current(tid).is_some();
        let since_ns = if first { at_ns } else { self.unborn_since(at_ns) };
        let timeline = Timeline::new(since_ns, State::Unknown);
        self.begin(Beginning { tid, tgid, start_ns: None, followed: true, first, timeline })
    }

    /// In the first moments the task iterator has not come to all tasks yet; their being unknown
    /// is no surprise, and their first event tells what they did since the beginning, unless records
    /// are missing since.
    fn early(&self, at_ns: u64) -> bool {
        const ITERATED_NS: u64 = 100_000_000;
        self.all && !self.lossy && at_ns < self.origin_ns + ITERATED_NS
    }

    fn unborn_since(&self, at_ns: u64) -> u64 {
        if self.early(at_ns) { self.origin_ns } else { at_ns }
    }

    fn count_unknown(&mut self, at_ns: u64) {
        if !self.early(at_ns) {
            self.anomalies.count(Anomaly::UnknownTask);
        }
    }

    fn reshare(&mut self, at_ns: u64, id: LifeId, resources: &Resources, by: By) {
        // The program's address space is a new one whatever its address was used for before.
        let fresh = if by == By::Exec { Shared::MM } else { 0 };
        let held = self.objects.hold(resources, fresh);
        let Some(life) = self.lives.get_mut(id) else { return };
        let mut old = std::mem::replace(&mut life.held, held);
        let before = old.shares();
        if before != held.shares() {
            life.reshared(Resharing { at_ns, before, by });
        }
        self.objects.let_go(&mut old, sharing::ALL);
    }
}
