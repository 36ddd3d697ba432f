//! One user thread: where it is, and how long it was there.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use super::time::{Shares, UthreadStates};
use crate::model::lives::NumberHasher;

/// Number of a carrier in its group.
pub(super) type CarrierNo = usize;

/// Where a user thread is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Current on a carrier, which does its accounts meanwhile.
    On(CarrierNo),
    /// It can run; in the queue of this carrier, as far as events show.
    Ready(Option<CarrierNo>),
    /// It waits to be unparked.
    Parked,
    /// Not known; since `since_ns` nothing that would tell was lost, so that the next event tells
    /// what it was.
    Unknown,
}

/// What was counted of a user thread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ThreadCounts {
    /// Times a carrier switched to it.
    pub(super) switches: u64,
    /// Times it left its carrier and could go on.
    pub(super) yields: u64,
    pub(super) parks: u64,
    pub(super) unparks: u64,
    pub(super) steals: u64,
    /// Times it came onto another carrier than the one before.
    pub(super) migrations: u64,
}

/// One user thread, from its making to its end.
#[derive(Clone, Debug)]
pub(super) struct Thread {
    /// The program's number for it.
    pub(super) id: u64,
    pub(super) from_ns: u64,
    /// Its times are summed up to here.
    pub(super) since_ns: u64,
    pub(super) place: Place,
    /// Who made it; `None` if that was not seen.
    pub(super) spawned_by: Option<u64>,
    pub(super) times: UthreadStates,
    pub(super) counts: ThreadCounts,
    pub(super) carriers: Shares<CarrierNo>,
    pub(super) cpus: Shares<u16>,
    pub(super) last_carrier: Option<CarrierNo>,
    pub(super) ready_max_ns: u64,
    /// Time it was ready while the carrier in whose queue it was slept with another one.
    pub(super) behind_ns: u64,
    /// That carrier's clock of such time when this one came into its queue.
    pub(super) behind_mark: u64,
    /// When it became ready.
    pub(super) ready_since: u64,
    /// It went on though it was parked, and the unpark has not been heard of: a runtime can pass that
    /// probe after the thread could be taken.
    pub(super) owed: bool,
    pub(super) exact: bool,
}

impl Thread {
    /// One that is heard of now.
    pub(super) fn new(id: u64, at_ns: u64, place: Place) -> Self {
        Self {
            id,
            from_ns: at_ns,
            since_ns: at_ns,
            place,
            spawned_by: None,
            times: UthreadStates::default(),
            counts: ThreadCounts::default(),
            carriers: Shares::default(),
            cpus: Shares::default(),
            last_carrier: None,
            ready_max_ns: 0,
            behind_ns: 0,
            behind_mark: 0,
            ready_since: at_ns,
            owed: false,
            exact: true,
        }
    }

    /// All accounts begin anew at this time, ns, up to which its carrier has summed up. `mark` is
    /// that of the carrier in whose queue it is.
    pub(super) fn restart(&mut self, at_ns: u64, mark: u64) {
        self.advance(at_ns);
        self.from_ns = self.from_ns.max(at_ns);
        self.since_ns = self.since_ns.max(at_ns);
        self.times = UthreadStates::default();
        self.counts = ThreadCounts::default();
        self.carriers = Shares::default();
        self.cpus = Shares::default();
        (self.ready_max_ns, self.behind_ns, self.behind_mark) = (0, 0, mark);
        self.exact = true;
    }

    /// Sums up its time off carriers until now.
    pub(super) fn advance(&mut self, at_ns: u64) {
        let at_ns = at_ns.max(self.since_ns);
        let ns = at_ns - self.since_ns;
        match self.place {
            // By its carrier.
            Place::On(_) => return,
            Place::Ready(_) => self.times.ready += ns,
            Place::Parked => self.times.parked += ns,
            Place::Unknown => self.times.unknown += ns,
        }
        self.since_ns = at_ns;
    }

    /// Nothing is known of it until now.
    pub(super) fn skip(&mut self, at_ns: u64) {
        let at_ns = at_ns.max(self.since_ns);
        self.times.unknown += at_ns - self.since_ns;
        self.since_ns = at_ns;
    }

    /// What it did since it was last known is now known to be this.
    pub(super) fn settle(&mut self, place: Place) {
        if self.place == Place::Unknown {
            self.place = place;
            self.ready_since = self.since_ns;
        }
    }

    /// It came onto a carrier.
    pub(super) fn carried_by(&mut self, carrier: CarrierNo) {
        self.counts.migrations += u64::from(self.last_carrier.is_some_and(|last| last != carrier));
        self.last_carrier = Some(carrier);
    }

    /// It was ready for this long.
    pub(super) fn waited(&mut self, ns: u64) {
        self.ready_max_ns = self.ready_max_ns.max(ns);
    }
}

/// Where a user thread is in [`Threads`].
pub(super) type Slot = usize;

/// The user threads of one process that have not ended.
#[derive(Clone, Debug, Default)]
pub(super) struct Threads {
    slots: Vec<Option<Thread>>,
    vacant: Vec<Slot>,
    /// Never iterated: its order means nothing.
    by_id: HashMap<u64, Slot, BuildHasherDefault<NumberHasher>>,
}

impl Threads {
    /// How many.
    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// The one with this number.
    pub(super) fn find(&self, id: u64) -> Option<Slot> {
        self.by_id.get(&id).copied()
    }

    /// One of them.
    pub(super) fn get_mut(&mut self, slot: Slot) -> Option<&mut Thread> {
        self.slots.get_mut(slot)?.as_mut()
    }

    /// One of them.
    pub(super) fn get(&self, slot: Slot) -> Option<&Thread> {
        self.slots.get(slot)?.as_ref()
    }

    /// One more; another with its number has ended.
    pub(super) fn insert(&mut self, thread: Thread) -> Slot {
        let id = thread.id;
        let slot = if let Some(slot) = self.vacant.pop() {
            self.slots[slot] = Some(thread);
            slot
        } else {
            self.slots.push(Some(thread));
            self.slots.len() - 1
        };
        self.by_id.insert(id, slot);
        slot
    }

    /// One fewer.
    pub(super) fn remove(&mut self, slot: Slot) -> Option<Thread> {
        let thread = self.slots.get_mut(slot)?.take()?;
        self.vacant.push(slot);
        if self.by_id.get(&thread.id) == Some(&slot) {
            self.by_id.remove(&thread.id);
        }
        Some(thread)
    }

    /// All of them.
    pub(super) fn slots(&self) -> Vec<Slot> {
        (0..self.slots.len()).filter(|&slot| self.slots[slot].is_some()).collect()
    }
}
