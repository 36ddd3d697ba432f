//! How tasks end: exit, the last switch, release, and who waited for them.

use std::collections::BTreeSet;

use tracer_common::record::{Dead, Exit, Free, Wait, WaitCall};

use super::Model;
use super::anomaly::Anomaly;
use super::lives::{Ending, Life, LifeId};
use super::parallel::Phase;
use super::sharing;
use super::state::State;
use super::summary::Around;

/// `WNOWAIT`: the child can be waited for again.
const WNOWAIT: u32 = 0x0100_0000;

impl Model {
    pub(super) fn exit(&mut self, at_ns: u64, cpu: Option<u16>, exit: &Exit) {
        let id = self.acting(at_ns, cpu, &exit.key);
        let Some(life) = self.lives.get_mut(id) else { return };
        if life.ending.is_some() {
            self.anomalies.count(Anomaly::DeadActed);
            return;
        }
        self.uthreads.task_exits(at_ns, id);
        life.ending = Some(Ending { exit: *exit, last_switch_ns: None, reaped: None });
        life.thread.accounts = Some(exit.accounts);
        self.objects.let_go(&mut life.held, sharing::DROPPED_AT_EXIT);
        self.futexes.exit(at_ns, id, life);
        if let Some(process) = self.processes.get_mut(life.process) {
            process.exit(at_ns, exit);
        }
        self.signals_at_exit(at_ns, exit);
        self.leaves_behind(at_ns, id, exit);
    }

    pub(super) fn dead(&mut self, at_ns: u64, cpu: Option<u16>, dead: &Dead) {
        let id = self.acting(at_ns, cpu, &dead.key);
        if let Some(life) = self.lives.get_mut(id) {
            life.thread.final_accounts(at_ns, &dead.accounts);
        }
    }

    pub(super) fn free(&mut self, at_ns: u64, free: &Free) {
        match self.lives.find(free.key.tid, free.key.start_ns) {
            Some(id) => self.settle(id, at_ns, true),
            None => self.anomalies.count(Anomaly::FreeOfUnknown),
        }
    }

    pub(super) fn wait(&mut self, at_ns: u64, in_progress: bool, wait: &Wait) {
        let reported = match wait.call {
            WaitCall::WAITID => wait.ret == 0,
            _ => wait.ret > 0,
        };
        if in_progress {
            self.child_wait(wait);
        }
        if in_progress || !reported || wait.child == 0 || wait.options & WNOWAIT != 0 {
            return;
        }
        let tgid = self.task(wait.tid).map_or(wait.tid, |caller| caller.tgid);
        let reaper = (wait.tid, at_ns);
        if let Some(id) = self.waited_for(wait.child, tgid) {
            if let Some(ending) = self.lives.get_mut(id).and_then(|life| life.ending.as_mut()) {
                ending.reaped = Some(reaper);
            }
        } else if !self.finished.reaped(wait.child, tgid, reaper)
            && self.task(wait.child).is_none_or(|child| child.ending.is_some())
        {
            // Else the child lives, and was reported to have stopped or to go on.
            self.anomalies.count(Anomaly::WaitOfUnknown);
        }
    }

    /// The dead child of this process that has this number for the process, which need not be
    /// its number in the initial pid namespace.
    fn waited_for(&self, child: u32, tgid: u32) -> Option<LifeId> {
        let dead_child_of = |life: &Life| {
            let ending = life.ending.as_ref();
            ending.is_some_and(|end| end.reaped.is_none() && end.exit.parent_tgid == tgid)
        };
        let number = |life: &Life| life.lwp.as_ref().map_or(0, |lwp| lwp.ns_tid);
        let plain = self.lives.current(child);
        let fits = |id: &LifeId| {
            let life = self.lives.get(*id);
            life.is_some_and(|life| dead_child_of(life) && [0, child].contains(&number(life)))
        };
        plain.filter(fits).or_else(|| {
            let mut dead: Vec<(u64, LifeId)> = self
                .lives
                .ids()
                .into_iter()
                .filter_map(|id| Some((id, self.lives.get(id)?)))
                .filter(|(_, life)| dead_child_of(life))
                .filter(|(_, life)| number(life) == child || life.tid == child)
                .map(|(id, life)| (life.ending.map_or(0, |end| end.exit.header.at_ns), id))
                .collect();
            dead.sort_unstable();
            dead.first().map(|&(_, id)| id)
        })
    }

    /// Takes back that a life ever was.
    pub(super) fn forget(&mut self, at_ns: u64, id: LifeId) {
        self.wait_ends(at_ns, id);
        let Some(mut life) = self.lives.end(id) else { return };
        let exited = life.ending.is_some();
        self.tell_never(id);
        self.hindsight_of(id, None);
        self.phase_off(at_ns, &life);
        self.objects.let_go(&mut life.held, sharing::ALL);
        self.processes.leave(life.process, exited);
    }

    /// Ends a life: released now, or still there at the end of the trace.
    pub(super) fn settle(&mut self, id: LifeId, at_ns: u64, released: bool) {
        self.wait_ends(at_ns, id);
        self.name_antagonists(id);
        let Some(mut life) = self.lives.end(id) else { return };
        let exited = life.ending.is_some();
        if let Some((ready, ns)) = life.thread.count_delay()
            && let State::Running(cpu) = life.thread.timeline.now().0
            && life.followed
        {
            self.cpus.of(cpu).delays.add(ready, ns);
        }
        if released {
            life.thread.timeline.ran_unseen(at_ns);
        }
        life.thread.timeline.end(at_ns);
        if !released {
            life.thread.timeline.dim_mut().unreleased(at_ns);
        }
        self.tell_last(id, &mut life, released);
        self.hindsight_of(id, Some(&mut life));
        life.thread.settle_waits();
        self.phase_off(at_ns, &life);
        self.objects.let_go(&mut life.held, sharing::ALL);
        // The number can be another task's by now, whose signals are still to come.
        if self.lives.current(life.tid).is_none() {
            self.signals.forget_thread(at_ns, life.tid, life.ending.is_some());
        }
        let until_ns = life.thread.timeline.now().1;
        if let Some(history) = &mut self.history {
            history.ended(id, life.tid, &life.comm);
        }
        if let Some(watch) = &mut self.watch {
            watch.ends(id, &life, until_ns);
        } else if let Some(process) = self.processes.get(life.process)
            && life.followed
            && self.keep.rows
        {
            let killed_by = |sig| self.signals.killed_by(life.tgid, sig);
            let around = Around { process, machine: self.machine, killed_by: &killed_by };
            let row = life.row(&around, until_ns, released);
            self.finished.task(row, &life.thread.delays);
        }
        self.uthreads.task_exits(until_ns, id);
        if let Some(process) = self.processes.leave(life.process, exited) {
            self.uthreads.process_ends(process.dead_ns.unwrap_or(until_ns), life.process);
            if self.processes.current(process.tgid).is_none() {
                let gone = released || process.dead_ns.is_some();
                self.signals.forget_process(at_ns, process.tgid, gone);
            }
            if process.followed && self.watch.is_none() && self.keep.rows {
                self.finished.process(&process, until_ns, released);
            }
        }
    }

    /// A task is gone for its process.
    pub(super) fn phase_off(&mut self, at_ns: u64, life: &Life) {
        if let Some(process) = self.processes.get_mut(life.process) {
            process.parallel.change(at_ns, life.thread.phase, Phase::Off);
        }
    }

    /// Nothing is open after this time, ns.
    pub(super) fn close(&mut self, end_ns: u64) {
        let mut taken = BTreeSet::new();
        let ids = self.lives.ids();
        for &id in &ids {
            self.name_antagonists(id);
        }
        for id in ids {
            let state = self.lives.get(id).map(|life| life.thread.timeline.now().0);
            if let Some(State::Running(cpu)) = state {
                taken.insert(cpu);
            }
            self.settle(id, end_ns, false);
        }
        for (number, cpu) in self.cpus.iter_mut() {
            cpu.queue.end(end_ns);
            cpu.end(end_ns, taken.contains(&number));
        }
    }
}
