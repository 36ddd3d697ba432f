//! Futex calls: each is looked up by its caller and its key, and told to those who count.

use tracer_common::record::{Futex, Wait};

use super::super::Model;
use super::deadlock::Stuck;
use super::key::Space;
use super::operation::{Operation, Role};
use super::past::{Blocker, How, LastWait, Try};
use super::usage::InProgress;
use super::{Call, EAGAIN, ERESTARTSYS, blocker};

impl Model {
    pub(in crate::model) fn futex(&mut self, at_ns: u64, in_progress: bool, futex: &Futex) {
        let operation = Operation::of(futex);
        let id = self.lives.current(futex.tid);
        let life = id.and_then(|id| self.lives.get(id));
        let space = life.map(|life| life.held.space()).unwrap_or_default();
        let space = Space { number: space.0, identity: space.1 };
        let slot = self.futexes.keys.slot(futex, operation.private, space);
        let call = Call { at_ns, futex, operation, id, slot };
        if in_progress {
            self.in_progress(&call);
            return;
        }
        let used = self.futexes.used(slot);
        *used.operations.entry(operation.name).or_default() += 1;
        if futex.ret < 0 {
            *used.errors.entry(futex.ret.unsigned_abs()).or_default() += 1;
        }
        match operation.role {
            Role::Wait => {
                used.waits += 1;
                used.user(futex.tid).waits += 1;
                if futex.begin_ns != 0 {
                    self.waited(&call);
                }
            }
            Role::Wake => {
                let past = life.map(|life| &life.thread.past);
                self.futexes.woke(&call, space, past);
                if let Some(life) = id.and_then(|id| self.lives.get_mut(id)) {
                    life.thread.past.wakes(slot);
                    if let Some(lwp) = life.lwp.as_mut() {
                        lwp.futex_wakes += 1;
                    }
                }
            }
            Role::Other => {}
        }
    }

    fn waited(&mut self, call: &Call<'_>) {
        let Call { at_ns, futex, operation, id, slot } = *call;
        let owner = blocker::owner(&self.lives, call);
        let now = Try { slot, val: futex.val, end_ns: at_ns, woken: futex.ret == 0 };
        // Who has waited well for a lock of the kernel's has it.
        let vainly = operation.takes && (futex.ret == -EAGAIN || futex.ret == 0 && !operation.pi);
        let life = id.and_then(|id| self.lives.get_mut(id));
        let retry = life.and_then(|life| life.thread.past.tries(futex.begin_ns, now, vainly));
        if let Some(retry) = retry {
            self.futexes.retried(&self.lives, call, &retry, owner);
        }
        if futex.ret != -EAGAIN {
            self.slept(call, owner);
        }
    }

    /// A wait ended that found the word as expected.
    fn slept(&mut self, call: &Call<'_>, owner: Option<Blocker>) {
        let Call { at_ns, futex, id, slot, .. } = *call;
        let begin_ns = futex.begin_ns;
        let blocker = owner.or_else(|| blocker::waker(&self.lives, call));
        let (end_ns, ret, named) = (at_ns, futex.ret, blocker::named(&self.lives, call));
        let wait = LastWait { slot, begin_ns, end_ns, ret, blocker, named };
        let life = id.and_then(|id| self.lives.get(id));
        let woken =
            life.and_then(|life| life.thread.past.woken).filter(|woken| woken.at_ns >= begin_ns);
        self.futexes.waited(&self.lives, call, &wait);
        let used = self.futexes.used(slot);
        if let Some(ran_ns) = woken.and_then(|woken| woken.ran_ns?.checked_sub(woken.at_ns)) {
            used.wake_to_run.add(ran_ns);
        }
        // A wait that a signal ended goes on, or is listed as one that never ended.
        if let Some(id) = id.filter(|_| futex.ret > -ERESTARTSYS) {
            self.futexes.chains.ended(&self.lives, (futex.tid, id), &wait);
        }
        if let Some(life) = id.and_then(|id| self.lives.get_mut(id)) {
            life.thread.past.wait = Some(wait);
            if let Some(lwp) = life.lwp.as_mut() {
                lwp.futex_waits.add(wait.end_ns.saturating_sub(begin_ns));
            }
        }
    }

    fn in_progress(&mut self, call: &Call<'_>) {
        let Call { at_ns, futex, operation, id, slot } = *call;
        let waits = operation.role == Role::Wait;
        let blocker = blocker::owner(&self.lives, call);
        let used = self.futexes.used(slot);
        if waits {
            used.user(futex.tid).waiting += 1;
            if futex.begin_ns != 0 {
                used.queue.waited(futex.begin_ns, at_ns, false);
            }
        }
        used.in_progress.push(InProgress {
            tid: futex.tid,
            operation: operation.name,
            begin_ns: (futex.begin_ns != 0).then_some(futex.begin_ns),
        });
        if let Some(id) = id.filter(|_| waits) {
            let stuck = Stuck {
                tid: futex.tid,
                slot: Some(slot),
                begin_ns: futex.begin_ns,
                killed_ns: None,
                blocker,
                named: blocker::named(&self.lives, call),
            };
            self.futexes.ends.stuck(id, stuck);
        }
    }

    /// A wait for a child that had not ended when the trace did.
    pub(in crate::model) fn child_wait(&mut self, wait: &Wait) {
        let Some(id) = self.lives.current(wait.tid) else { return };
        let child = u32::try_from(wait.which).ok().filter(|&child| child > 0);
        let by = child.and_then(|tid| {
            let id = self.lives.current(tid)?;
            Some(Blocker { tid, id, how: How::Child })
        });
        let (tid, begin_ns) = (wait.tid, wait.begin_ns);
        let stuck = Stuck { tid, slot: None, begin_ns, killed_ns: None, blocker: by, named: 0 };
        self.futexes.ends.stuck(id, stuck);
    }
}
