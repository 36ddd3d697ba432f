//! Who is on a CPU: records name tasks by their numbers there, and numbers are used again.

use tracer_common::record::Switch;

use super::Model;
use super::cpu::{Cpu, Occupant};
use super::lives::LifeId;
use super::state::State;

impl Model {
    pub(super) fn occupant(&self, tid: u32, life: Option<LifeId>) -> Occupant {
        let known = life.and_then(|id| self.lives.get(id));
        let told = known.filter(|known| known.born || known.accounts().is_some());
        let mm = match told {
            Some(known) => Some(known.held.shares().mm.unwrap_or(0)),
            None if tid == 0 => Some(0),
            None => None,
        };
        let followed = known.is_some_and(|known| known.followed);
        Occupant { tid, life, followed, mm, start_ns: known.and_then(|known| known.start_ns) }
    }

    /// Who leaves a CPU, if its number is another's by now: whoever waits for a task can release the
    /// number while the task is still on its way off its CPU. Who is on a CPU is known, but behind a
    /// gap: there it is the old one if it dies there and the new one does not.
    pub(super) fn last_turn(&self, cpu: u16, switch: &Switch) -> Option<LifeId> {
        let mut outlived = self.lives.outlived(switch.prev_tid);
        if let Some(on) = self.cpus.get(cpu).and_then(Cpu::current) {
            return outlived.find(|&id| on.life == Some(id));
        }
        let exits = |id| self.lives.get(id).is_some_and(|life| life.ending.is_some());
        let dies = State::off_cpu(switch.prev_state & Switch::TASK_BITS) == State::Zombie;
        if !dies || self.lives.current(switch.prev_tid).is_some_and(exits) {
            return None;
        }
        outlived.find(|&id| {
            let life = self.lives.get(id);
            life.is_some_and(|life| life.thread.timeline.now().0 == State::Running(cpu))
        })
    }

    /// This task is on the CPU. If another was taken for it that had its number before, that one
    /// has left unseen.
    pub(super) fn is_on(&mut self, at_ns: u64, cpu: u16, id: LifeId) {
        let Some(life) = self.lives.get_mut(id) else { return };
        life.thread.timeline.ran_unseen(at_ns);
        let tid = Some(life.tid);
        let Some(on) = self.cpus.get(cpu).and_then(Cpu::current) else { return };
        if on.life.is_some_and(|old| old != id) && tid == Some(on.tid) {
            self.left_unseen(at_ns, cpu, &on);
            let occupant = self.occupant(on.tid, Some(id));
            self.cpus.of(cpu).taken_by(occupant);
        }
    }

    /// A task has left a CPU at this time, ns, at the latest.
    pub(super) fn left_unseen(&mut self, at_ns: u64, cpu: u16, stranger: &Occupant) {
        let life = stranger.life.and_then(|id| self.lives.get_mut(id));
        // Where else it has been seen since, that is what is known of it.
        if let Some(life) = life
            && life.thread.timeline.now().0 == State::Running(cpu)
        {
            life.thread.timeline.left_unseen(at_ns);
            life.thread.unseen_switches += 1;
        }
        if let Some(id) = stranger.life {
            self.rephase(at_ns, id);
        }
    }
}
