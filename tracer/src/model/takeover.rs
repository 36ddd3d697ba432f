//! A thread that is not the leader calls `exec`: all others of its group die, and it takes over
//! number and start of the leader (`de_thread`). No record says when. From then on it goes by the
//! leader's number, in records that come before the one of the exec; and the leader, dead but
//! perhaps not off its CPU yet, by the thread's.

use tracer_common::task::TaskKey;

use super::Model;
use super::cpu::Cpu;
use super::lives::LifeId;

impl Model {
    /// A switch on this CPU is made by a task of this number, though another was switched in: it
    /// may be the same task under its new number, or the leader under the thread's old one.
    pub(super) fn take_over_at_switch(&mut self, cpu: u16, prev_tid: u32) {
        let Some(on) = self.cpus.get(cpu).and_then(Cpu::current) else { return };
        let Some(life) = on.life.and_then(|id| self.lives.get(id)) else { return };
        if life.tid == prev_tid {
            return;
        }
        let (tid, tgid, exiting) = (life.tid, life.tgid, life.ending.is_some());
        if prev_tid == tgid && !exiting {
            self.take_over_by(tid, tgid);
        } else if tid == tgid && exiting && self.tgid_of(prev_tid) == Some(tgid) {
            self.take_over_by(prev_tid, tgid);
        }
    }

    /// The thread of this number goes by the number of its group from now on, if that is still to
    /// be noted.
    pub(super) fn take_over_by(&mut self, tid: u32, tgid: u32) {
        let Some(thread) = self.lives.current(tid) else { return };
        let Some(life) = self.lives.get(thread) else { return };
        // A leader that does not exit is not taken over: then the events are at odds.
        let leader = self.lives.current(tgid).filter(|&leader| leader != thread);
        let gone = leader
            .and_then(|leader| self.lives.get(leader))
            .is_none_or(|leader| leader.ending.is_some() || leader.thread.ever_touched_by_gap);
        if life.tgid != tgid || life.is_leader() || life.ending.is_some() || !gone {
            return;
        }
        let leader = leader.filter(|&leader| self.tgid(leader) == Some(tgid));
        self.lives.take_over(thread, leader);
        for (_, cpu) in self.cpus.iter_mut() {
            cpu.rename(thread, tgid);
            if let Some(leader) = leader {
                cpu.rename(leader, tid);
            }
        }
    }

    /// The life of the task that made a record in which it names itself.
    pub(super) fn acting(&mut self, at_ns: u64, cpu: Option<u16>, key: &TaskKey) -> LifeId {
        let on = cpu
            .and_then(|cpu| self.cpus.get(cpu))
            .and_then(Cpu::current)
            .and_then(|on| on.life)
            .and_then(|id| self.lives.get(id));
        if let Some(on) = on
            && on.tid != key.tid
            && on.tgid == key.tgid
        {
            let (tid, tgid) = (on.tid, on.tgid);
            if key.tid == tgid {
                self.take_over_by(tid, tgid);
            } else if tid == tgid {
                self.take_over_by(key.tid, tgid);
            }
        }
        // Where nothing is known of the CPU, the leader's start tells it from the thread.
        let leader = self.lives.find(key.tgid, key.start_ns).and_then(|id| self.lives.get(id));
        let dated = leader.is_some_and(|leader| leader.start_ns == Some(key.start_ns));
        if key.tid != key.tgid && dated {
            self.take_over_by(key.tid, key.tgid);
        }
        let id = self.named(at_ns, key);
        if let Some(cpu) = cpu {
            self.is_on(at_ns, cpu, id);
        }
        id
    }

    fn tgid_of(&self, tid: u32) -> Option<u32> {
        self.tgid(self.lives.current(tid)?)
    }

    fn tgid(&self, id: LifeId) -> Option<u32> {
        self.lives.get(id).map(|life| life.tgid)
    }
}
