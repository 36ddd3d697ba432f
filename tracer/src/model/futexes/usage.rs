//! What is known of one futex, and its row in the report.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::bounds::BoundRows;
use super::super::distribution::{Distribution, Quantiles};
use super::super::names;
use super::holder::{Held, Holder};
use super::key::{Key, Keys};
use super::past::{Blocker, Past};
use super::queue::{ConvoyRow, Queue, QueueRow};

/// A call that had not ended when the trace did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InProgress {
    /// The caller.
    pub tid: u32,
    /// What it called.
    pub operation: &'static str,
    /// When, ns; null if before the trace began.
    pub begin_ns: Option<u64>,
}

/// What one task did with a futex.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct UserRow {
    /// The task.
    pub tid: u32,
    /// Calls that would wait and ended.
    pub waits: u64,
    /// Calls that waited and had not ended when the trace did.
    pub waiting: u64,
    /// Time in those that did wait and ended.
    pub waited_ns: u64,
    /// Calls that wake or move waiters.
    pub wakes: u64,
    /// Times it is known to have held it.
    pub holds: u64,
    /// Time of these.
    pub holds_ns: u64,
}

/// Who has a lock when the trace ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct HolderRow {
    /// The task.
    pub tid: u32,
    /// How that is known.
    pub how: &'static str,
}

/// The longest wait for a futex.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LongestRow {
    /// Who waited.
    pub tid: u32,
    /// From when on.
    pub from_ns: u64,
    /// How long.
    pub waited_ns: u64,
    /// For whom; null if that is not known.
    pub blocked_by: Option<u32>,
    /// How that is known.
    pub how: Option<&'static str>,
}

/// Waiters that were moved to another futex.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RequeueRow {
    /// Where to.
    pub to: String,
    /// Calls.
    pub calls: u64,
    /// Waiters moved.
    pub moved: u64,
}

/// What is known of one futex.
#[derive(Clone, Debug, Default)]
pub(super) struct Use {
    pub(super) waits: u64,
    pub(super) wakes: u64,
    pub(super) woken: u64,
    pub(super) wait_ns: Distribution,
    pub(super) wake_to_run: Distribution,
    pub(super) errors: BTreeMap<u64, u64>,
    pub(super) operations: BTreeMap<&'static str, u64>,
    pub(super) users: BTreeMap<u32, UserRow>,
    pub(super) in_progress: Vec<InProgress>,
    pub(super) queue: Queue,
    pub(super) holder: Holder,
    pub(super) rewaits: u64,
    pub(super) retries: u64,
    pub(super) retried_ns: u64,
    pub(super) retried_holder_off_ns: u64,
    pub(super) requeues: BTreeMap<u32, (u64, u64)>,
    pub(super) longest: Option<(u32, u64, u64, Option<Blocker>)>,
    pub(super) followed_ns: u64,
    pub(super) holder_off_ns: u64,
}

impl Use {
    /// All accounts begin anew.
    pub(super) fn restart(&mut self) {
        *self = Self { holder: std::mem::take(&mut self.holder), ..Self::default() };
    }

    /// Whether nothing is told of it.
    pub(super) fn is_idle(&self) -> bool {
        self.operations.is_empty() && self.in_progress.is_empty() && self.longest.is_none()
    }
}

/// A row of `futexes`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FutexRow {
    /// What makes calls meet, as text.
    pub key: String,
    /// Whether only threads of one address space can use it.
    pub private: bool,
    /// Calls that would wait, those included that found the word changed.
    pub waits: u64,
    /// Calls that wake or move waiters.
    pub wakes: u64,
    /// Waiters these calls say they woke or moved.
    pub woken: u64,
    /// Time in calls that waited and ended; not of those that found the word changed.
    pub wait_ns: Quantiles,
    /// How many of these are of each length, by powers of two.
    pub wait_histogram: Vec<u64>,
    /// Time from the waking of a waiter to its coming onto a CPU.
    pub wake_to_run_ns: Quantiles,
    /// Times that a task is known to have held it: at least.
    pub held_ns: Quantiles,
    /// How many of these are known from begin to end.
    pub held_whole: u64,
    /// Those: they are exact but for the way to the kernel and back.
    pub held_whole_ns: Quantiles,
    /// Who has it at the end, as far as that is known.
    pub holder: Option<HolderRow>,
    /// Time of `held_ns` of which it is known when the holder ran.
    pub held_followed_ns: u64,
    /// How much of that time the holder was off its CPU.
    pub holder_off_ns: u64,
    /// The longest wait.
    pub longest: Option<LongestRow>,
    /// How many waited at a time.
    pub queue: QueueRow,
    /// Hand-overs in a row while others waited.
    pub convoys: ConvoyRow,
    /// Calls that woke many of whom all but one waited again at once.
    pub herds: u64,
    /// Waits that began at once after one that had ended well, for the same value.
    pub rewaits: u64,
    /// Calls that came at once after one that had got nothing: those, and those after one that
    /// found the word changed.
    pub retries: u64,
    /// Time that the callers ran between two such calls: without progress.
    pub retried_ns: u64,
    /// How much of that the owner that the lock named is known to have been off its CPU.
    pub retried_holder_off_ns: u64,
    /// Waiters that were moved away, by where to.
    pub requeues: Vec<RequeueRow>,
    /// Errors of all calls, by name: `EAGAIN` is a wait that found the word changed.
    pub errors: BTreeMap<String, u64>,
    /// Calls by operation.
    pub operations: BTreeMap<&'static str, u64>,
    /// Tasks that waited.
    pub waiters: Vec<u32>,
    /// Tasks that woke.
    pub wakers: Vec<u32>,
    /// Tasks that did anything with it.
    pub users: Vec<UserRow>,
    /// Calls that had not ended.
    pub in_progress: Vec<InProgress>,
    /// Between what its numbers lie, if records are missing that may be about them.
    pub bounds: BoundRows,
    /// False if records that may be about it are missing: counts and times are lower bounds then.
    pub exact: bool,
}

impl Use {
    /// What one task did with it.
    pub(super) fn user(&mut self, tid: u32) -> &mut UserRow {
        self.users.entry(tid).or_insert(UserRow { tid, ..UserRow::default() })
    }

    /// A task is known to have held it.
    pub(super) fn was_held(&mut self, held: Held, past: Option<&Past>) {
        let Held { tid, from_ns, to_ns } = held;
        let held_ns = to_ns.saturating_sub(from_ns);
        let user = self.user(tid);
        user.holds += 1;
        user.holds_ns += held_ns;
        if let Some(ran_ns) = past.and_then(|past| past.ran_ns(from_ns, to_ns)) {
            self.followed_ns += held_ns;
            self.holder_off_ns += held_ns.saturating_sub(ran_ns);
        }
    }

    pub(super) fn row(self, key: Key, keys: &Keys, exact: bool) -> FutexRow {
        let (queue, convoys, herds) = self.queue.rows();
        let with = |of: fn(&UserRow) -> u64| {
            self.users.values().filter(|user| of(user) > 0).map(|user| user.tid).collect()
        };
        FutexRow {
            key: key.text(),
            private: matches!(key, Key::Private(..)),
            waits: self.waits,
            wakes: self.wakes,
            woken: self.woken,
            wait_ns: self.wait_ns.quantiles(),
            wait_histogram: self.wait_ns.octaves(),
            wake_to_run_ns: self.wake_to_run.quantiles(),
            held_ns: self.holder.held.quantiles(),
            held_whole: self.holder.whole.quantiles().count,
            held_whole_ns: self.holder.whole.quantiles(),
            holder: self.holder.now().map(|by| HolderRow { tid: by.tid, how: by.how.name() }),
            held_followed_ns: self.followed_ns,
            holder_off_ns: self.holder_off_ns,
            longest: self.longest.map(longest),
            queue,
            convoys,
            herds,
            rewaits: self.rewaits,
            retries: self.retries,
            retried_ns: self.retried_ns,
            retried_holder_off_ns: self.retried_holder_off_ns,
            requeues: self
                .requeues
                .iter()
                .map(|(&to, &counts)| requeue(keys, to, counts))
                .collect(),
            errors: self
                .errors
                .iter()
                .map(|(&errno, &count)| (names::errno(errno), count))
                .collect(),
            operations: self.operations,
            waiters: with(|user| user.waits + user.waiting),
            wakers: with(|user| user.wakes),
            users: self.users.into_values().collect(),
            in_progress: self.in_progress,
            bounds: BoundRows::new(),
            exact,
        }
    }
}

fn longest((tid, from_ns, waited_ns, by): (u32, u64, u64, Option<Blocker>)) -> LongestRow {
    let (blocked_by, how) = (by.map(|by| by.tid), by.map(|by| by.how.name()));
    LongestRow { tid, from_ns, waited_ns, blocked_by, how }
}

fn requeue(keys: &Keys, to: u32, (calls, moved): (u64, u64)) -> RequeueRow {
    RequeueRow { to: keys.text(to), calls, moved }
}
