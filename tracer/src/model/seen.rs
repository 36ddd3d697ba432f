//! What the task iterator reads: tasks that are there when the tracing begins and when it ends.

use tracer_common::record::{Switch, TaskSeen};
use tracer_common::task::Identity;

use super::Model;
use super::beginning::Beginning;
use super::lives::LifeId;
use super::parallel::Phase;
use super::state::{Cause, State, Timeline};

impl Model {
    pub(super) fn task_seen(&mut self, at_ns: u64, seen: &TaskSeen) {
        let Identity { key, .. } = seen.identity;
        self.look.any = true;
        self.look.process_one |= key.tgid == 1;
        let state = match u16::try_from(seen.cpu) {
            Ok(cpu) if seen.on_cpu != 0 => State::Running(cpu),
            _ => State::off_cpu(seen.state & Switch::TASK_BITS),
        };
        let id = match self.lives.find(key.tid, key.start_ns) {
            Some(id) => {
                if let Some(life) = self.lives.get_mut(id) {
                    life.followed |= seen.followed != 0;
                    life.thread.timeline.look(state, Cause::of(seen.state));
                }
                self.lives.dated(id, key.start_ns);
                id
            }
            // Nothing was told of it before, so it is in that state since the beginning; unless it
            // was born since, and that record was lost, or any record was.
            None => self.begin(Beginning {
                tid: key.tid,
                tgid: key.tgid,
                start_ns: Some(key.start_ns),
                followed: seen.followed != 0 || self.all,
                first: false,
                timeline: if key.start_ns > self.origin_ns {
                    Timeline::found(
                        (key.start_ns.min(at_ns), at_ns),
                        self.cut,
                        state,
                        Cause::of(seen.state),
                    )
                } else {
                    let since_ns = if self.lossy { at_ns } else { self.origin_ns.min(at_ns) };
                    Timeline::seen(since_ns, state, Cause::of(seen.state))
                },
            }),
        };
        let known = self.lives.get(id).is_some_and(|life| life.accounts().is_some() || life.born);
        if !known {
            self.identify(id, &seen.identity, 0);
        }
        let asleep = seen.on_cpu == 0 && matches!(state, State::Sleeping(_));
        if let Some(life) = self.lives.get_mut(id) {
            if !known && seen.on_cpu == 0 {
                life.thread.put_at(u16::try_from(seen.cpu).ok());
            }
            life.thread.seen(at_ns, &seen.accounts, asleep);
            if !known && self.held_tid == Some(key.tid) {
                life.thread.held();
            }
        }
        self.rephase_seen(id, seen.cpu);
    }

    /// What the task iterator read holds since the open stretch began.
    fn rephase_seen(&mut self, id: LifeId, cpu: u32) {
        let Some(life) = self.lives.get(id) else { return };
        let (state, since_ns) = life.thread.timeline.now();
        let unqueued = Phase::of(state) == Phase::Waiting && !life.thread.waits.waiting();
        self.rephase(since_ns, id);
        if let (true, Ok(cpu)) = (unqueued, u16::try_from(cpu)) {
            self.wait_begins(id, cpu, since_ns, None);
        }
    }
}
