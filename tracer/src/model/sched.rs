//! Switches, wakings, migrations, and the gaps between them.

use tracer_common::record::{Context, Migrate, Switch, Waking};

use crate::event::Gap;

use super::Model;
use super::anomaly::Anomaly;
use super::cpu::{Before, Occupant};
use super::lives::LifeId;
use super::state::{Left, Outcome, State, UNKNOWN_WAIT_NS};

impl Model {
    pub(super) fn switch(&mut self, at_ns: u64, cpu: u16, switch: &Switch) {
        self.take_over_at_switch(cpu, switch.prev_tid);
        let prev = self.known(at_ns, switch.prev_tid);
        let next = self.known(at_ns, switch.next_tid);
        let prev = self.occupant(switch.prev_tid, prev);
        let next = self.occupant(switch.next_tid, next);
        if !self.all && !prev.followed && !next.followed {
            // One of the two is followed, and its birth was not seen: which one is not known.
            self.anomalies.count(Anomaly::UnknownTask);
        }
        let before = self.cpu(cpu).switch(at_ns, prev, next);
        if before.stranger.is_some() || before.unseen {
            self.anomalies.count(Anomaly::SwitchNotSeen);
        }
        if let Some(stranger) = before.stranger {
            self.left_unseen(at_ns, cpu, &stranger);
        }
        let next_waited_ns = self.waiting_ns(at_ns, &next);
        self.leave(at_ns, cpu, switch, (&before, next_waited_ns));
        if let Some(life) = next.life.and_then(|id| self.lives.get_mut(id)) {
            life.thread.acted(at_ns);
            life.thread.past.comes(at_ns);
            let outcome = life.thread.timeline.switch_in(at_ns, cpu);
            life.thread.missed_wakings += u64::from(outcome == Outcome::MissedWaking);
            let followed = life.followed;
            let fits = life.thread.is_at(cpu);
            self.surprise(outcome, followed);
            if !fits && followed {
                self.anomalies.count(Anomaly::MissedMigration);
            }
        }
    }

    fn occupant(&self, tid: u32, life: Option<LifeId>) -> Occupant {
        let known = life.and_then(|id| self.lives.get(id));
        let told = known.filter(|known| known.born || known.accounts().is_some());
        let mm = match told {
            Some(known) => Some(known.held.shares().mm.unwrap_or(0)),
            None if tid == 0 => Some(0),
            None => None,
        };
        Occupant { tid, life, followed: known.is_some_and(|known| known.followed), mm }
    }

    fn left_unseen(&mut self, at_ns: u64, cpu: u16, stranger: &Occupant) {
        let life = stranger.life.and_then(|id| self.lives.get_mut(id));
        // Where else it has been seen since, that is what is known of it.
        if let Some(life) = life
            && life.thread.timeline.now().0 == State::Running(cpu)
        {
            life.thread.timeline.left_unseen(at_ns);
            life.thread.unseen_switches += 1;
        }
    }

    /// How long a task has been waiting for the CPU it comes onto, ns, at the most.
    fn waiting_ns(&self, at_ns: u64, next: &Occupant) -> u64 {
        match next.life.and_then(|id| self.lives.get(id)) {
            _ if next.tid == 0 => UNKNOWN_WAIT_NS,
            Some(life) if life.followed => {
                life.thread.timeline.waiting_ns(at_ns).unwrap_or(UNKNOWN_WAIT_NS)
            }
            _ => UNKNOWN_WAIT_NS,
        }
    }

    fn leave(
        &mut self,
        at_ns: u64,
        cpu: u16,
        switch: &Switch,
        (before, next_waited_ns): (&Before, u64),
    ) {
        let Some(id) = self.lives.current(switch.prev_tid) else { return };
        let Some(life) = self.lives.get_mut(id) else { return };
        life.thread.past.leaves(at_ns);
        let thread = &mut life.thread;
        thread.acted(at_ns);
        thread.put_at(Some(cpu));
        thread.unseen_switches += u64::from(before.unseen);
        thread.timeline.switch_out(
            at_ns,
            &Left {
                cpu,
                state_bits: switch.prev_state & !Switch::PREEMPTED,
                preempted: switch.prev_state & Switch::PREEMPTED != 0,
                first: before.first,
                not_before_ns: before.since_ns,
                ran_ns: thread.ran_ns(switch),
                next_waited_ns,
            },
        );
        thread.count_delay();
        thread.count_switch(switch);
        if thread.timeline.now().0 == State::Zombie {
            thread.finished();
            if let Some(ending) = &mut life.ending {
                ending.last_switch_ns = Some(at_ns);
            }
        }
    }

    pub(super) fn waking(&mut self, at_ns: u64, cpu: Option<u16>, waking: &Waking, new: bool) {
        if let Some(cpu) = cpu {
            self.cpu(cpu).times.wakings += 1;
        }
        let Some(id) = self.known(at_ns, waking.tid) else { return };
        let Some(life) = self.lives.get_mut(id) else { return };
        life.thread.acted(at_ns);
        let by = (waking.context == Context::TASK).then_some(waking.waker_tid);
        life.thread.past.woken(at_ns, by);
        if new {
            life.thread.put_at(u16::try_from(waking.cpu).ok());
        }
        let outcome = life.thread.timeline.waking(at_ns, new);
        let followed = life.followed;
        self.surprise(outcome, followed);
    }

    /// Of tasks that are not followed too little is recorded to be surprised.
    fn surprise(&mut self, outcome: Outcome, followed: bool) {
        let anomaly = match outcome {
            Outcome::Fine | Outcome::Waited(_) => return,
            Outcome::MissedWaking => Anomaly::MissedWaking,
            Outcome::WakingOfRunning => Anomaly::WakingOfRunning,
            Outcome::WakingOfRunnable => Anomaly::WakingOfRunnable,
            Outcome::RunningTwice => Anomaly::RunningTwice,
            Outcome::DeadActed => Anomaly::DeadActed,
        };
        if followed {
            self.anomalies.count(anomaly);
        }
    }

    pub(super) fn migrate(&mut self, at_ns: u64, migrate: &Migrate) {
        if migrate.from_cpu == migrate.to_cpu {
            return;
        }
        let Some(id) = self.known(at_ns, migrate.tid) else { return };
        if let Some(life) = self.lives.get_mut(id) {
            life.thread.acted(at_ns);
            let fits = u16::try_from(migrate.from_cpu).is_ok_and(|cpu| life.thread.is_at(cpu));
            life.thread.put_at(u16::try_from(migrate.to_cpu).ok());
            life.thread.counts.migrations += 1;
            if !fits && life.followed {
                self.anomalies.count(Anomaly::MissedMigration);
            }
        }
    }

    /// Records of a CPU are missing. What ran there, and which task that was off its CPU has run
    /// there meanwhile, is not known; only a task that was running elsewhere all the time is sure.
    pub(super) fn gap(&mut self, cpu: u16, gap: &Gap) {
        for id in self.lives.ids() {
            let Some(life) = self.lives.get_mut(id) else { continue };
            let thread = &mut life.thread;
            let (state, since_ns) = thread.timeline.now();
            let elsewhere = matches!(state, State::Running(other) if other != cpu);
            if elsewhere && since_ns <= gap.from_ns {
                continue;
            }
            thread.lost_sight();
            if elsewhere {
                continue;
            }
            if state == State::Zombie {
                // It stays one: it will not run again.
                continue;
            }
            thread.timeline.gap(gap.from_ns, gap.to_ns);
        }
        self.futexes.lost_sight();
        self.cpu(cpu).gap(gap.from_ns, gap.to_ns, gap.lost);
    }
}
