//! Switches, wakings and migrations.

use tracer_common::record::{Context, Migrate, Switch, Waking};

use super::Model;
use super::anomaly::Anomaly;
use super::antagonists::Runner;
use super::cpu::{Arrival, Before, Occupant};
use super::lives::LifeId;
use super::moves::Place;
use super::path::Off;
use super::state::{Cause, Left, Outcome, Ready, State, UNKNOWN_WAIT_NS};
use super::wakeups::Wakeups;

impl Model {
    pub(super) fn switch(&mut self, at_ns: u64, cpu: u16, switch: &Switch) {
        self.take_over_at_switch(cpu, switch.prev_tid);
        let prev = self.last_turn(cpu, switch);
        let prev = prev.or_else(|| self.known(at_ns, switch.prev_tid));
        let next = self.known(at_ns, switch.next_tid);
        let prev = self.occupant(switch.prev_tid, prev);
        let next = self.occupant(switch.next_tid, next);
        if !self.all && !prev.followed && !next.followed {
            // One of the two is followed, and its birth was not seen: which one is not known.
            self.anomalies.count(Anomaly::UnknownTask);
        }
        let before = self.cpus.of(cpu).switch(at_ns, prev, next);
        self.stint_over((at_ns, cpu), (&prev, &next), &before);
        if before.stranger.is_some() || before.unseen {
            self.anomalies.count(Anomaly::SwitchNotSeen);
        }
        if let Some(stranger) = before.stranger {
            self.left_unseen(at_ns, cpu, &stranger);
        }
        let next_waited_ns = self.waiting_ns(at_ns, &next);
        let by = next.life.and_then(|id| self.wait_ends(at_ns, id));
        let preemptor = self.runner(&next);
        self.leave((at_ns, cpu), prev.life, switch, (&before, next_waited_ns, preemptor));
        self.turn_carrier(at_ns, prev.life, Cause::of(switch.prev_state));
        if let Some(id) = next.life {
            self.arrive(at_ns, cpu, id, (before.arrival, by));
            self.turn_carrier(at_ns, next.life, Cause::UNTOLD);
        }
    }

    /// A task comes onto a CPU. If it had been preempted, `preemptor` says by whom.
    fn arrive(
        &mut self,
        at_ns: u64,
        cpu: u16,
        id: LifeId,
        (arrival, preemptor): (Arrival, Option<Runner>),
    ) {
        // Where a CPU goes from a task to the same one, the wait has begun just now.
        let waits = self.lives.get(id).is_some_and(|life| life.thread.waits.waiting());
        let preemptor = if waits { self.wait_ends(at_ns, id) } else { preemptor };
        let Some(life) = self.lives.get_mut(id) else { return };
        life.milestones.run_ns.get_or_insert(at_ns);
        let thread = &mut life.thread;
        thread.acted(at_ns);
        if self.keep.moments {
            thread.past.comes(at_ns);
        }
        let outcome = thread.timeline.switch_in(at_ns, cpu);
        if let (Some(by), Outcome::Waited(ns)) = (preemptor, outcome) {
            thread.waits.ledger.preempted(by, ns);
        }
        thread.settle_waits();
        thread.arrivals.count(arrival);
        let gap_ns = thread.left_ns.take().map(|left_ns| at_ns.saturating_sub(left_ns));
        if let Some(gap_ns) = gap_ns.filter(|_| life.followed && self.keep.report) {
            thread.gaps.add(arrival, gap_ns);
            self.cpus.of(cpu).gaps.add(arrival, gap_ns);
        }
        thread.missed_wakings += u64::from(outcome == Outcome::MissedWaking);
        let fits = thread.is_at(cpu);
        let followed = life.followed;
        self.wakeups.ran(at_ns, life);
        if let Some(history) = &mut self.history {
            history.on(at_ns, id);
        }
        self.surprise(outcome, followed);
        if !fits && followed {
            self.anomalies.count(Anomaly::MissedMigration);
        }
        self.rephase(at_ns, id);
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
        (at_ns, cpu): (u64, u16),
        id: Option<LifeId>,
        switch: &Switch,
        (before, next_waited_ns, next): (&Before, u64, Runner),
    ) {
        let stacks = self.stacks.as_mut().and_then(|pending| pending.take(cpu, switch.prev_tid));
        let Some(id) = id else { return };
        // By what was seen of it, it waits for none.
        if self.lives.get(id).is_some_and(|life| life.thread.waits.waiting()) {
            self.wait_ends(at_ns, id);
        }
        let Some(life) = self.lives.get_mut(id) else { return };
        let thread = &mut life.thread;
        if let Some(stacks) = stacks {
            thread.timeline.leaves_with(stacks);
        }
        thread.acted(at_ns);
        if self.keep.moments {
            thread.past.leaves(at_ns);
        }
        thread.put_at(Some(cpu));
        thread.left_ns = Some(at_ns);
        thread.unseen_switches += u64::from(before.unseen);
        thread.timeline.switch_out(
            at_ns,
            &Left {
                cpu,
                state_bits: switch.prev_state & Switch::TASK_BITS,
                cause: Cause::of(switch.prev_state),
                preempted: switch.prev_state & Switch::PREEMPTED != 0,
                first: before.first,
                not_before_ns: before.since_ns,
                ran_ns: thread.ran_ns(switch),
                next_waited_ns,
            },
        );
        thread.settle_waits();
        let delay = thread.count_delay().filter(|_| life.followed);
        thread.count_switch(switch);
        let (state, since_ns) = thread.timeline.now();
        if let Some(history) = &mut self.history {
            history.off(at_ns, id, off(state, thread.timeline.is_early()));
        }
        if state == State::Zombie {
            thread.finished();
            if let Some(ending) = &mut life.ending {
                ending.last_switch_ns = Some(at_ns);
            }
        }
        if let Some((ready, ns)) = delay.filter(|_| self.keep.report) {
            self.cpus.of(cpu).delays.add(ready, ns);
        }
        if let State::Runnable(ready) = state {
            let preemptor = (ready == Ready::Preempted).then_some(next);
            self.wait_begins(id, cpu, since_ns, preemptor);
        }
        self.rephase(at_ns, id);
    }

    pub(super) fn waking(&mut self, at_ns: u64, cpu: Option<u16>, waking: &Waking, new: bool) {
        if let Some(cpu) = cpu {
            let cpu = self.cpus.of(cpu);
            cpu.times.wakings += 1;
            if !new {
                cpu.wakes(waking.tid, waking.waker_tid);
            }
        }
        if new {
            self.reused_unseen(at_ns, waking.tid);
        }
        let Some(id) = self.known(at_ns, waking.tid) else { return };
        let Some(life) = self.lives.get_mut(id) else { return };
        life.thread.acted(at_ns);
        let by = (waking.context == Context::TASK).then_some(waking.waker_tid);
        if self.keep.moments {
            life.thread.past.woken(at_ns, by);
        }
        if new {
            life.milestones.woken_ns.get_or_insert(at_ns);
            life.thread.put_at(u16::try_from(waking.cpu).ok());
        }
        let placed = if new { u16::try_from(waking.cpu).ok() } else { None };
        life.thread.moves.placed(cpu, placed);
        let (before, since_ns) = life.thread.timeline.now();
        life.thread.waking = Some((waking.waker_tid, at_ns, before));
        let outcome = life.thread.timeline.waking(at_ns, new);
        let followed = life.followed;
        let queue = life.thread.at().or(u16::try_from(waking.cpu).ok());
        let slept_ns = match before {
            State::Sleeping(_) => at_ns.saturating_sub(since_ns),
            _ => 0,
        };
        if !new {
            self.woke(at_ns, id, (waking, slept_ns), outcome);
        }
        self.surprise(outcome, followed);
        if let (Outcome::Fine, Some(queue)) = (outcome, queue) {
            self.wait_begins(id, queue, at_ns, None);
        }
        self.wake_carrier(at_ns, id, outcome);
        self.rephase(at_ns, id);
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

    pub(super) fn migrate(&mut self, at_ns: u64, on: Option<u16>, migrate: &Migrate) {
        if migrate.from_cpu == migrate.to_cpu {
            return;
        }
        let Some(id) = self.known(at_ns, migrate.tid) else { return };
        let Some(place) = self.place(id, on, migrate) else { return };
        self.moved(at_ns, id, migrate.by_tid, place);
        let to_cpu = u16::try_from(migrate.to_cpu).ok();
        if let Some(life) = self.lives.get_mut(id) {
            life.thread.acted(at_ns);
            let fits = u16::try_from(migrate.from_cpu).is_ok_and(|cpu| life.thread.is_at(cpu));
            life.thread.put_at(to_cpu);
            life.thread.counts.migrations += 1;
            if !fits && life.followed {
                self.anomalies.count(Anomaly::MissedMigration);
            }
        }
        if let Some(to_cpu) = to_cpu {
            self.wait_moves(at_ns, id, to_cpu, place == Place::Wakeup);
        }
    }

    /// A task was woken, out of a sleep of this length, ns, or on its way into one.
    fn woke(&mut self, at_ns: u64, id: LifeId, woken: (&Waking, u64), outcome: Outcome) {
        if !matches!(outcome, Outcome::Fine | Outcome::WakingOfRunning) {
            return;
        }
        if let Some(life) = self.lives.get_mut(id) {
            life.thread.counts.wakeups += 1;
        }
        self.wakeups.woken(at_ns, &mut self.lives, id, woken);
        if let Some(history) = &mut self.history {
            let waker = Wakeups::waker(&self.lives, id);
            history.woken(at_ns, id, waker, outcome == Outcome::WakingOfRunning);
        }
    }
}

/// What a history says of a task that has left its CPU.
fn off(state: State, woken_early: bool) -> Off {
    match state {
        State::Zombie => Off::Dead,
        State::Sleeping(_) => Off::Asleep,
        _ if woken_early => Off::Asleep,
        _ => Off::Ready,
    }
}
