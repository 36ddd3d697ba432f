//! Gaps: what is not known of tasks and CPUs while records are missing.

use crate::event::Gap;

use super::Model;
use super::antagonists::Runner;
use super::lives::LifeId;
use super::state::State;

impl Model {
    /// Records of a CPU are missing. What ran there, and which task that was off its CPU has run
    /// there meanwhile, is not known; only a task that was running elsewhere all the time is sure.
    pub(super) fn gap(&mut self, cpu: u16, gap: &Gap) {
        self.lossy = true;
        for id in self.lives.ids() {
            let Some(life) = self.lives.get_mut(id) else { continue };
            let thread = &mut life.thread;
            thread.timeline.dim_mut().shadow(gap.to_ns);
            let (state, since_ns) = thread.timeline.now();
            let elsewhere = matches!(state, State::Running(other) if other != cpu);
            if elsewhere && since_ns <= gap.from_ns {
                continue;
            }
            // A dead one stays that: it will not run again.
            if state == State::Zombie {
                thread.timeline.dim_by(gap.from_ns, gap.to_ns);
                continue;
            }
            thread.lost_sight(gap.from_ns);
            if elsewhere {
                thread.timeline.dim_by(gap.from_ns, gap.to_ns);
            } else {
                self.out_of_sight(gap, id);
            }
        }
        self.futexes.lost_sight(gap.to_ns);
        self.finished.gap(gap);
        let queue = &mut self.cpus.of(cpu).queue;
        queue.ran(gap.from_ns, queue.runner(), Runner::Unknown);
        queue.ran(gap.to_ns, Runner::Unknown, Runner::Unknown);
        self.cpus.of(cpu).gap(gap.from_ns, gap.to_ns, gap.lost);
        self.uthreads.gap(cpu, gap.from_ns, gap.to_ns);
        self.signals.gap();
    }

    fn out_of_sight(&mut self, gap: &Gap, id: LifeId) {
        self.wait_ends(gap.from_ns, id);
        let Some(life) = self.lives.get_mut(id) else { return };
        let before = life.thread.timeline.now().0;
        life.thread.timeline.gap(gap.from_ns, gap.to_ns);
        life.thread.settle_waits();
        if let (Some((ready, ns)), State::Running(cpu)) = (life.thread.count_delay(), before)
            && life.followed
        {
            self.cpus.of(cpu).delays.add(ready, ns);
        }
        if let Some(history) = &mut self.history {
            history.lost(gap.from_ns, gap.to_ns, id);
        }
        self.rephase(gap.from_ns, id);
    }
}
