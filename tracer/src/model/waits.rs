//! Who waits for which CPU: from the events to the run-queues and the ledgers of
//! [`super::antagonists`].

use super::Model;
use super::antagonists::queue::Standing;
use super::antagonists::{Ledger, Runner, Who};
use super::cpu::{Before, Occupant};
use super::lives::{Life, LifeId};

/// A wait that goes on.
#[derive(Clone, Copy, Debug)]
pub struct Wait {
    cpu: u16,
    from_ns: u64,
    standing: Standing,
    /// Who got the CPU that was taken from the task.
    preemptor: Option<Runner>,
}

/// The waits of one task.
#[derive(Clone, Debug, Default)]
pub struct Waits {
    /// The one that goes on.
    now: Option<Wait>,
    /// The CPU in whose line for a slot the task is, also if it waits there no longer.
    in_line: Option<u16>,
    /// What it waited for.
    pub ledger: Ledger,
}

impl Waits {
    /// Whether it waits now.
    pub fn waiting(&self) -> bool {
        self.now.is_some()
    }
}

impl Model {
    /// Who that is, for those that wait.
    pub(super) fn runner(&self, occupant: &Occupant) -> Runner {
        match (occupant.life, occupant.tid) {
            _ if !self.all && !occupant.followed => Runner::Other,
            (_, 0) => Runner::Idle,
            (Some(life), tid) => Runner::Task(Who { life, tid, start_ns: occupant.start_ns }),
            (None, _) => Runner::Unknown,
        }
    }

    /// A CPU goes from one task to another; `before` is what that told of the time before.
    pub(super) fn stint_over(
        &mut self,
        (at_ns, cpu): (u64, u16),
        (prev, next): (&Occupant, &Occupant),
        before: &Before,
    ) {
        let seen = before.stranger.is_none() && !before.unseen;
        let was = if seen { self.runner(prev) } else { Runner::Unknown };
        let next = self.runner(next);
        self.cpus.of(cpu).queue.ran(at_ns, was, next);
    }

    /// A task waits for this CPU from this time on, ns, also if it waited before. If the CPU was
    /// taken from it, `preemptor` got it.
    pub(super) fn wait_begins(
        &mut self,
        id: LifeId,
        cpu: u16,
        from_ns: u64,
        preemptor: Option<Runner>,
    ) {
        let Some(life) = self.lives.get_mut(id).filter(|life| life.followed) else { return };
        // A CPU is heard of by its queue, too.
        let queue = &mut self.cpus.of(cpu).queue;
        if !self.keep.antagonists_of(id) {
            return;
        }
        if life.thread.waits.waiting() {
            self.wait_dropped(from_ns, id);
            return self.wait_begins(id, cpu, from_ns, preemptor);
        }
        let waits = &mut life.thread.waits;
        let standing = queue.join(id, from_ns);
        if matches!(standing, Standing::Crowd(_)) && waits.in_line != Some(cpu) && queue.line_up(id)
        {
            waits.in_line = Some(cpu);
        }
        waits.now = Some(Wait { cpu, from_ns, standing, preemptor });
    }

    /// A task waits no longer: notes for what it did. Tells who had preempted it.
    pub(super) fn wait_ends(&mut self, at_ns: u64, id: LifeId) -> Option<Runner> {
        let life = self.lives.get_mut(id)?;
        let wait = life.thread.waits.now.take()?;
        let queue = &mut self.cpus.get_mut(wait.cpu)?.queue;
        life.thread.waits.ledger.take(queue.leave(at_ns, id, wait.standing));
        if queue.has_line() {
            self.slot_free(wait.cpu);
        }
        wait.preemptor
    }

    /// The waits of all tasks are taken apart at this time, ns: what went before is noted. Tells
    /// what goes on.
    pub(super) fn suspend_waits(&mut self, at_ns: u64) -> Vec<(LifeId, Wait)> {
        let ids = self.lives.ids();
        let waits = ids.into_iter().filter_map(|id| {
            let wait = self.lives.get(id)?.thread.waits.now?;
            self.wait_ends(at_ns, id);
            Some((id, wait))
        });
        waits.collect()
    }

    /// They go on.
    pub(super) fn resume_waits(&mut self, at_ns: u64, waits: Vec<(LifeId, Wait)>) {
        for (id, wait) in waits {
            self.wait_begins(id, wait.cpu, at_ns.max(wait.from_ns), wait.preemptor);
        }
    }

    /// A task did not wait after all.
    fn wait_dropped(&mut self, at_ns: u64, id: LifeId) {
        let Some(life) = self.lives.get_mut(id) else { return };
        let Some(wait) = life.thread.waits.now.take() else { return };
        if let Some(cpu) = self.cpus.get_mut(wait.cpu) {
            cpu.queue.leave(at_ns, id, wait.standing);
        }
        self.slot_free(wait.cpu);
    }

    /// A waiting task is moved to another CPU. If its waker did that, it waited for no other.
    pub(super) fn wait_moves(&mut self, at_ns: u64, id: LifeId, to_cpu: u16, by_waker: bool) {
        // That it goes there says that there is such a CPU.
        self.cpus.of(to_cpu);
        let Some(life) = self.lives.get_mut(id) else { return };
        let Some(wait) = life.thread.waits.now else { return };
        if wait.cpu == to_cpu {
            return;
        }
        let mut from_ns = wait.from_ns;
        if !by_waker {
            self.wait_ends(at_ns, id);
            from_ns = at_ns;
        }
        self.wait_begins(id, to_cpu, from_ns, wait.preemptor);
    }

    /// There may be a slot for those that stand in line.
    fn slot_free(&mut self, number: u16) {
        let Some(cpu) = self.cpus.get_mut(number) else { return };
        while let Some(id) = cpu.queue.next_in_line() {
            let Some(life) = self.lives.get_mut(id) else { continue };
            let waits = &mut life.thread.waits;
            if waits.in_line == Some(number) {
                waits.in_line = None;
            }
            if let Some(wait) = &mut waits.now
                && wait.cpu == number
                && let Standing::Crowd(joined) = wait.standing
            {
                wait.standing = cpu.queue.promote(id, wait.from_ns, joined);
            }
        }
    }

    /// The names of a task's antagonists are those that they have now.
    pub(super) fn name_antagonists(&mut self, id: LifeId) {
        let Some(life) = self.lives.get_mut(id) else { return };
        let mut ledger = std::mem::take(&mut life.thread.waits.ledger);
        ledger.rename(|id| {
            let Life { tid, start_ns, .. } = *self.lives.get(id)?;
            Some(Who { life: id, tid, start_ns })
        });
        if let Some(life) = self.lives.get_mut(id) {
            life.thread.waits.ledger = ledger;
        }
    }
}
