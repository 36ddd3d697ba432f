//! Futexes: who waited for whom, and how long.
//!
//! A futex has no object in the kernel. What makes two calls meet is the key: for a private one
//! the address space and the address in it, for a shared one the object that is mapped and the
//! offset there. There is one row for each key that was ever used.
//!
//! The record of a call comes at its end. Who the caller waited for is looked up then: the owner
//! that the lock itself named when the call began, else the task that woke the caller.

use tracer_common::record::Futex;

use super::lives::{Life, LifeId, Lives};

mod blocker;
mod call;
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
mod used;

pub use chain::{ChainRow, LinkRow};
pub use deadlock::{DeadlockRow, StuckRow};
pub use key::Key;
pub use past::Past;
pub use queue::{ConvoyRow, QueueRow};
pub use usage::{FutexRow, HolderRow, InProgress, LongestRow, RequeueRow, UserRow};
pub use used::UsedRow;

use chain::Chains;
use deadlock::{Ends, Stuck};
use holder::Return;
use key::{Keys, Space};
use operation::Operation;
use past::{Blocker, How, LastWait, Retry};
use usage::Use;

/// `EAGAIN`: the word was not as expected, and the call did not sleep.
const EAGAIN: i64 = 11;
/// `ERESTARTSYS` and above: a signal ended the call. If the caller exits next, it was killed.
const ERESTARTSYS: i64 = 512;

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
    /// Waits for tasks that waited themselves: those of named owners first, and the longest.
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
    /// All accounts begin anew. Who holds what stays known.
    pub fn restart(&mut self) {
        self.uses.iter_mut().for_each(Use::restart);
        self.chains = Chains::default();
        self.touched_by_gap = false;
    }

    /// What there is to report.
    pub fn rows(mut self) -> Rows {
        let uses = &self.uses;
        self.ends.explain(|id, slot| blocker::at_the_end(uses.get(slot as usize)?, id));
        let (stuck, deadlocks) = self.ends.rows(&self.keys);
        let exact = !self.touched_by_gap;
        let mut futexes = Vec::with_capacity(self.uses.len());
        for (key, slot) in self.keys.sorted() {
            let used = self.uses.get_mut(slot as usize);
            if let Some(used) = used.filter(|used| !used.is_idle()) {
                futexes.push(std::mem::take(used).row(key, &self.keys, exact));
            }
        }
        Rows { futexes, chains: self.chains.rows(&self.keys), stuck, deadlocks }
    }

    /// Records up to this time, ns, are missing.
    pub fn lost_sight(&mut self, to_ns: u64) {
        self.touched_by_gap = true;
        for used in &mut self.uses {
            used.holder.lost_sight(to_ns);
        }
    }

    /// The trace ends, with these alive.
    pub fn end(&mut self, lives: &Lives) {
        self.uses.iter_mut().for_each(|used| used.holder.end(lives));
    }

    /// A task exits. If a signal had ended its last wait, it is that wait which it dies in.
    pub fn exit(&mut self, at_ns: u64, id: LifeId, life: &Life) {
        if let Some(wait) = life.thread.past.wait.filter(|wait| wait.ret <= -ERESTARTSYS) {
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
        let Call { at_ns, futex, operation, slot, .. } = *call;
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
        let hands_on = (futex.val == 1 || operation.pi) && futex.ret >= 0 && futex.begin_ns != 0;
        if !hands_on {
            used.holder.freed(futex.begin_ns.min(at_ns));
        } else if let Some(held) = used.holder.woke(futex.tid, futex.begin_ns) {
            used.was_held(held, past);
        }
        if let Some(to) = moves {
            let moved = used.requeues.entry(to).or_default();
            *moved = (moved.0 + 1, moved.1 + (done - woken));
            self.used(to);
        }
    }

    /// Takes in a call that would wait and comes after one that got nothing: what its caller did
    /// in between was running without progress.
    fn retried(&mut self, lives: &Lives, call: &Call<'_>, retry: &Retry, owner: Option<Blocker>) {
        let begin_ns = call.futex.begin_ns;
        let used = self.used(call.slot);
        used.retries += 1;
        used.retried_ns += retry.ran_ns;
        let owner = owner.filter(|by| by.how < How::Exit).and_then(|by| lives.get(by.id));
        if let Some(ran_ns) =
            owner.and_then(|life| life.thread.past.ran_ns(retry.from_ns, begin_ns))
        {
            let time_ns = begin_ns.saturating_sub(retry.from_ns);
            used.retried_holder_off_ns += time_ns.saturating_sub(ran_ns).min(retry.ran_ns);
        }
        if retry.woken {
            used.rewaits += 1;
            used.queue.back(retry.from_ns);
        }
    }

    /// Takes in a wait that slept.
    fn waited(&mut self, lives: &Lives, call: &Call<'_>, wait: &LastWait) {
        let Call { at_ns, futex, operation, id, slot } = *call;
        let waited_ns = at_ns.saturating_sub(wait.begin_ns);
        let used = self.used(slot);
        used.wait_ns.add(waited_ns);
        used.user(futex.tid).waited_ns += waited_ns;
        used.holder.waits(futex.tid);
        used.queue.waited(wait.begin_ns, at_ns, futex.ret == 0);
        if used.longest.is_none_or(|(_, _, longest_ns, _)| waited_ns > longest_ns) {
            used.longest = Some((futex.tid, wait.begin_ns, waited_ns, wait.blocker));
        }
        if let Some(id) = id.filter(|_| futex.ret == 0 && operation.takes) {
            let how = if operation.pi { How::PiWord } else { How::LastAcquirer };
            let owner = wait.blocker.filter(|by| by.how < How::Exit);
            let back = Return { begin_ns: wait.begin_ns, end_ns: at_ns, owner };
            if let Some(held) = used.holder.acquired(Blocker { tid: futex.tid, id, how }, back) {
                let holder = lives.current(held.tid).and_then(|id| lives.get(id));
                used.was_held(held, holder.map(|life| &life.thread.past));
            }
        }
    }
}
