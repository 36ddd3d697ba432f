//! Futexes: who waited for whom, and how long.
//!
//! A futex has no object in the kernel. What makes two calls meet is the key: for a private one
//! the address space and the address in it, for a shared one the object that is mapped and the
//! offset there. There is one row for each key that was ever used.
//!
//! The record of a call comes at its end. Who the caller waited for is looked up then: the owner
//! that the lock itself named when the call began, else the task that woke the caller.

use tracer_common::record::{Futex, Wait};

use super::Model;
use super::lives::{Life, LifeId, Lives};

mod blocker;
mod chain;
mod deadlock;
mod holder;
mod key;
pub mod operation;
mod past;
mod queue;
#[cfg(test)]
mod tests;
mod usage;

pub use chain::{ChainRow, LinkRow};
pub use deadlock::{DeadlockRow, StuckRow};
pub use key::Key;
pub use past::Past;
pub use queue::{ConvoyRow, QueueRow};
pub use usage::{FutexRow, HolderRow, InProgress, LongestRow, RequeueRow, UserRow};

use chain::Chains;
use deadlock::{Ends, Stuck};
use key::{Keys, Space};
use operation::{Operation, Role};
use past::{Blocker, How, LastWait};
use usage::Use;

/// `EAGAIN`: the word was not as expected, and the call did not sleep.
const EAGAIN: i64 = 11;
/// `ERESTARTSYS` and above: a signal ended the call. If the caller exits next, it was killed.
const ERESTARTSYS: i64 = 512;

/// A wait that follows another on the same futex after the task ran for at most so long, ns, did
/// not get what it had waited for.
const AT_ONCE_NS: u64 = 20_000;

/// All futexes that were used.
#[derive(Clone, Debug, Default)]
pub struct Futexes {
    keys: Keys,
    uses: Vec<Use>,
    chains: Chains,
    ends: Ends,
    touched_by_gap: bool,
}

/// What is said of all futexes.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// Futexes, by key.
    pub futexes: Vec<FutexRow>,
    /// Waits for tasks that waited themselves, the one that stood longest first.
    pub chains: Vec<ChainRow>,
    /// Waits that never ended, by begin.
    pub stuck: Vec<StuckRow>,
    /// Tasks that wait for each other.
    pub deadlocks: Vec<DeadlockRow>,
}

/// A call that is looked at.
#[derive(Clone, Copy, Debug)]
struct Call<'a> {
    at_ns: u64,
    futex: &'a Futex,
    operation: Operation,
    id: Option<LifeId>,
    slot: u32,
}

impl Futexes {
    /// What there is to report.
    pub fn rows(mut self) -> Rows {
        let uses = &self.uses;
        self.ends.explain(|id, slot| blocker::at_the_end(uses.get(slot as usize)?, id));
        let (stuck, deadlocks) = self.ends.rows(&self.keys);
        let exact = !self.touched_by_gap;
        let mut futexes = Vec::with_capacity(self.uses.len());
        for (key, slot) in self.keys.sorted() {
            if let Some(used) = self.uses.get_mut(slot as usize) {
                futexes.push(std::mem::take(used).row(key, &self.keys, exact));
            }
        }
        Rows { futexes, chains: self.chains.rows(&self.keys), stuck, deadlocks }
    }

    /// Records are missing.
    pub fn lost_sight(&mut self) {
        self.touched_by_gap = true;
        for used in &mut self.uses {
            used.holder.lost_sight();
        }
    }

    /// A task exits. If a signal had ended its last wait, it is that wait which it dies in.
    pub fn exit(&mut self, at_ns: u64, id: LifeId, life: &Life) {
        if let Some(wait) = life.past.wait.filter(|wait| wait.ret <= -ERESTARTSYS) {
            let (tid, slot) = (life.tid, Some(wait.slot));
            let (begin_ns, killed_ns, named) = (wait.begin_ns, Some(at_ns), wait.named);
            let blocker = wait.blocker.filter(|by| by.how != How::LastWaker);
            self.ends.stuck(id, Stuck { tid, slot, begin_ns, killed_ns, blocker, named });
        }
    }

    fn used(&mut self, slot: u32) -> &mut Use {
        let slot = slot as usize;
        if slot >= self.uses.len() {
            self.uses.resize_with(slot + 1, Use::default);
        }
        &mut self.uses[slot]
    }

    fn woke(&mut self, call: &Call<'_>, space: Space, past: Option<&Past>) {
        let Call { futex, operation, slot, .. } = *call;
        let moves = operation.moves.then(|| self.keys.second(futex, operation.private, space));
        let done = u64::try_from(futex.ret).unwrap_or_default();
        let used = self.used(slot);
        used.wakes += 1;
        used.user(futex.tid).wakes += 1;
        used.woken += done;
        let woken = if operation.moves { done.min(u64::from(futex.val)) } else { done };
        if woken > 1 {
            used.queue.broadcast(futex.begin_ns, woken);
        }
        // Who wakes many gives no lock to one.
        if (futex.val == 1 || operation.pi) && futex.ret >= 0 && futex.begin_ns != 0 {
            if let Some(held) = used.holder.woke(futex.tid, futex.begin_ns) {
                used.was_held(futex.tid, past, held);
            }
        }
        if let Some(to) = moves {
            let moved = used.requeues.entry(to).or_default();
            *moved = (moved.0 + 1, moved.1 + (done - woken));
            self.used(to);
        }
    }

    /// Takes in a wait that slept, and when the one before it had ended if that got nothing, ns.
    fn waited(&mut self, lives: &Lives, call: &Call<'_>, wait: &LastWait, again: Option<u64>) {
        let Call { at_ns, futex, operation, id, slot } = *call;
        let waited_ns = at_ns.saturating_sub(wait.begin_ns);
        let used = self.used(slot);
        used.wait_ns.add(waited_ns);
        used.user(futex.tid).waited_ns += waited_ns;
        if let Some(returned_ns) = again {
            used.rewaits += 1;
            used.holder.not_acquired(futex.tid);
            used.queue.back(returned_ns);
        }
        used.queue.waited(wait.begin_ns, at_ns, futex.ret == 0);
        if used.longest.is_none_or(|(_, _, longest_ns, _)| waited_ns > longest_ns) {
            used.longest = Some((futex.tid, wait.begin_ns, waited_ns, wait.blocker));
        }
        if let Some((owner, held)) = named(used, wait) {
            used.was_held(owner.tid, lives.get(owner.id).map(|life| &life.past), held);
        }
        if let Some(id) = id.filter(|_| futex.ret == 0 && operation.takes) {
            let how = if operation.pi { How::PiWord } else { How::LastAcquirer };
            used.holder.acquired(Blocker { tid: futex.tid, id, how }, at_ns);
        }
    }
}

/// The hold that a wait knows of, if it names the owner: it goes on while the wait does.
fn named(used: &mut Use, wait: &LastWait) -> Option<(Blocker, (u64, u64))> {
    let owner = wait.blocker.filter(|by| by.how < How::Exit)?;
    Some((owner, used.holder.named(owner, wait.begin_ns)?))
}

impl Model {
    pub(super) fn futex(&mut self, at_ns: u64, in_progress: bool, futex: &Futex) {
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
                if futex.ret != -EAGAIN && futex.begin_ns != 0 {
                    self.waited(&call);
                }
            }
            Role::Wake => {
                let past = life.map(|life| &life.past);
                self.futexes.woke(&call, space, past);
                if let Some(life) = id.and_then(|id| self.lives.get_mut(id)) {
                    if let Some(wait) = life.past.wait.as_mut().filter(|wait| wait.slot == slot) {
                        wait.woke = true;
                    }
                    if let Some(lwp) = life.lwp.as_mut() {
                        lwp.futex_wakes += 1;
                    }
                }
            }
            Role::Other => {}
        }
    }

    fn waited(&mut self, call: &Call<'_>) {
        let Call { at_ns, futex, id, slot, .. } = *call;
        let begin_ns = futex.begin_ns;
        let blocker = blocker::of(&self.lives, call);
        let wait = LastWait {
            slot,
            val: futex.val,
            begin_ns,
            end_ns: at_ns,
            ret: futex.ret,
            blocker,
            named: futex.word,
            woke: false,
        };
        let life = id.and_then(|id| self.lives.get(id));
        let last = life.and_then(|life| life.past.wait);
        let again = last.filter(|last| {
            let same = last.slot == slot && last.val == futex.val && last.ret == 0 && !last.woke;
            let ran = |life: &Life| life.past.ran_ns(last.end_ns, begin_ns);
            same && life.and_then(ran).unwrap_or(u64::MAX) <= AT_ONCE_NS
        });
        let woken = life.and_then(|life| life.past.woken).filter(|woken| woken.at_ns >= begin_ns);
        let again = again.map(|last| last.end_ns);
        self.futexes.waited(&self.lives, call, &wait, again);
        let used = self.futexes.used(slot);
        if let Some(ran_ns) = woken.and_then(|woken| woken.ran_ns?.checked_sub(woken.at_ns)) {
            used.wake_to_run.add(ran_ns);
        }
        // A wait that a signal ended goes on, or is listed as one that never ended.
        if let Some(id) = id.filter(|_| futex.ret > -ERESTARTSYS) {
            self.futexes.chains.ended(&self.lives, (futex.tid, id), &wait);
        }
        if let Some(life) = id.and_then(|id| self.lives.get_mut(id)) {
            life.past.wait = Some(wait);
            if let Some(lwp) = life.lwp.as_mut() {
                lwp.futex_waits.add(wait.end_ns.saturating_sub(begin_ns));
            }
        }
    }

    fn in_progress(&mut self, call: &Call<'_>) {
        let Call { at_ns, futex, operation, id, slot } = *call;
        let waits = operation.role == Role::Wait;
        let blocker = blocker::of(&self.lives, call);
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
                named: futex.word,
            };
            self.futexes.ends.stuck(id, stuck);
        }
    }

    /// A wait for a child that had not ended when the trace did.
    pub(super) fn child_wait(&mut self, wait: &Wait) {
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
