//! Waits that never ended: those in progress when the trace ended, and those that only the death
//! of the waiter ended. Where such waiters wait for each other, that is a deadlock.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::super::lives::LifeId;
use super::chain::LinkRow;
use super::key::Keys;
use super::past::{Blocker, How};

/// A wait that never ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stuck {
    pub(super) tid: u32,
    /// The futex; none for a wait for children.
    pub(super) slot: Option<u32>,
    pub(super) begin_ns: u64,
    /// When the waiter died; none if it waited on.
    pub(super) killed_ns: Option<u64>,
    pub(super) blocker: Option<Blocker>,
    /// The owner's tid in the lock, if it is one: it can have died before.
    pub(super) named: u32,
}

/// A row of `stuck`: a wait that never ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StuckRow {
    /// Who waits for what.
    #[serde(flatten)]
    pub link: LinkRow,
    /// When the waiter was killed in it; null if it waited until the trace ended.
    pub killed_ns: Option<u64>,
}

/// A row of `deadlocks`: tasks each of which waits for the next, and the last for the first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeadlockRow {
    /// Since when the last of them waits; null if since before the trace.
    pub since_ns: Option<u64>,
    /// When the first of them was killed; null if all waited until the trace ended.
    pub killed_ns: Option<u64>,
    /// The cycle.
    pub links: Vec<LinkRow>,
}

/// All waits that never ended, by waiter.
#[derive(Clone, Debug, Default)]
pub(super) struct Ends(BTreeMap<LifeId, Stuck>);

impl Ends {
    /// A wait never ended.
    pub(super) fn stuck(&mut self, id: LifeId, stuck: Stuck) {
        self.0.insert(id, stuck);
    }

    /// Says who those wait for of whom that is not known yet.
    pub(super) fn explain(&mut self, by: impl Fn(LifeId, u32) -> Option<Blocker>) {
        // An owner that was killed can be gone before the wait for it is told.
        let killed = self.0.iter().filter(|(_, stuck)| stuck.killed_ns.is_some());
        let ids: BTreeMap<u32, LifeId> = killed.map(|(&id, stuck)| (stuck.tid, id)).collect();
        for (&id, stuck) in self.0.iter_mut().filter(|(_, stuck)| stuck.blocker.is_none()) {
            let named = ids.get(&stuck.named);
            let named = named.filter(|&&other| other != id && stuck.killed_ns.is_some());
            let named = named.map(|&id| Blocker { tid: stuck.named, id, how: How::OwnerField });
            stuck.blocker = named.or_else(|| by(id, stuck.slot?));
        }
    }

    /// The waits, by begin, and the cycles in them.
    pub(super) fn rows(&self, keys: &Keys) -> (Vec<StuckRow>, Vec<DeadlockRow>) {
        let mut stuck: Vec<&Stuck> = self.0.values().collect();
        stuck.sort_by_key(|stuck| (stuck.begin_ns, stuck.tid));
        let row = |stuck: &&Stuck| StuckRow { link: stuck.link(keys), killed_ns: stuck.killed_ns };
        (stuck.iter().map(row).collect(), self.cycles(keys))
    }

    fn cycles(&self, keys: &Keys) -> Vec<DeadlockRow> {
        let mut rows = Vec::new();
        let mut done = BTreeSet::new();
        for &start in self.0.keys() {
            // Every task waits for one at most: a walk ends, or comes back to where it has been.
            let mut path = Vec::new();
            let mut at = Some(start);
            while let Some(id) = at.filter(|id| self.0.contains_key(id) && !done.contains(id)) {
                done.insert(id);
                path.push(id);
                at = self.0.get(&id).and_then(|stuck| stuck.blocker).map(|by| by.id);
            }
            let Some(first) = path.iter().position(|id| Some(*id) == at) else { continue };
            rows.extend(self.deadlock(&path[first..], keys));
        }
        rows
    }

    fn deadlock(&self, cycle: &[LifeId], keys: &Keys) -> Option<DeadlockRow> {
        let waits: Vec<&Stuck> = cycle.iter().filter_map(|id| self.0.get(id)).collect();
        let since_ns = waits.iter().map(|stuck| stuck.begin_ns).max()?;
        let killed_ns = waits.iter().filter_map(|stuck| stuck.killed_ns).min();
        // They have to have waited at the same time.
        killed_ns.is_none_or(|killed_ns| since_ns < killed_ns).then(|| DeadlockRow {
            since_ns: (since_ns != 0).then_some(since_ns),
            killed_ns,
            links: waits.iter().map(|stuck| stuck.link(keys)).collect(),
        })
    }
}

impl Stuck {
    fn link(&self, keys: &Keys) -> LinkRow {
        LinkRow {
            tid: self.tid,
            key: self.slot.map(|slot| keys.text(slot)),
            from_ns: (self.begin_ns != 0).then_some(self.begin_ns),
            blocked_by: self.blocker.map(|by| by.tid),
            how: self.blocker.map(|by| by.how.name()),
        }
    }
}
