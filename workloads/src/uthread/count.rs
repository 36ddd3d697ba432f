//! What user threads did, counted where it happens: by each carrier for itself, without atomics.

use core::cell::Cell;
use core::iter::Sum;
use core::ops::AddAssign;

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Stacks left for another one: passes through the probe `switch`. One to one there are none.
    pub switches: u64,
    /// Calls to yield, also those with nobody to yield to.
    pub yields: u64,
    /// User threads that stopped until somebody lets them go on: passes through `park`.
    pub parks: u64,
    /// User threads that had stopped and may go on: passes through `unpark`.
    pub unparks: u64,
    /// User threads taken from another carrier's queue: passes through `steal`.
    pub steals: u64,
    /// User threads made: passes through `spawn`.
    pub spawns: u64,
    /// User threads that ended: passes through `exit`.
    pub exits: u64,
}

impl Counts {
    /// Each by its name.
    pub fn named(&self) -> [(&'static str, u64); 7] {
        let Self { switches, yields, parks, unparks, steals, spawns, exits } = *self;
        [
            ("switches", switches),
            ("yields", yields),
            ("parks", parks),
            ("unparks", unparks),
            ("steals", steals),
            ("spawns", spawns),
            ("exits", exits),
        ]
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        let Self { switches, yields, parks, unparks, steals, spawns, exits } = other;
        self.switches += switches;
        self.yields += yields;
        self.parks += parks;
        self.unparks += unparks;
        self.steals += steals;
        self.spawns += spawns;
        self.exits += exits;
    }
}

impl Sum for Counts {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), |mut sum, count| {
            sum += count;
            sum
        })
    }
}

/// The counts of one carrier, for itself.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) switches: Cell<u64>,
    pub(super) yields: Cell<u64>,
    pub(super) parks: Cell<u64>,
    pub(super) unparks: Cell<u64>,
    pub(super) steals: Cell<u64>,
    pub(super) spawns: Cell<u64>,
    pub(super) exits: Cell<u64>,
}

impl Tally {
    /// As they stand.
    pub(super) fn counts(&self) -> Counts {
        Counts {
            switches: self.switches.get(),
            yields: self.yields.get(),
            parks: self.parks.get(),
            unparks: self.unparks.get(),
            steals: self.steals.get(),
            spawns: self.spawns.get(),
            exits: self.exits.get(),
        }
    }
}

/// One more.
#[inline]
pub(super) fn bump(count: &Cell<u64>) {
    count.set(count.get() + 1);
}
