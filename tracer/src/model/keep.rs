//! What a model keeps beside the states and the counts of every task, which it always keeps.
//!
//! A report tells everything, and wants all of it. A view that is drawn again and again while the
//! events come shows little of that, and nobody waits for the rest: each tracker that is left out
//! is memory of every task that no event touches. What is left out is empty or zero in a summary.

use super::Model;
use super::lives::LifeId;
use super::parallel::Phase;

/// What is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// What only a report tells: latencies of wakings by pair, run delays of CPUs, gaps between
    /// switches, parallelism of processes, whom a task leaves behind, and when interrupts began.
    pub report: bool,
    /// The last moments of every task, which calls that waited are explained by.
    pub moments: bool,
    /// Whose antagonists.
    pub antagonists: Whose,
    /// Futexes, signals one by one, and the rows of tasks and processes that are over: memory that
    /// grows with births.
    pub rows: bool,
}

/// The antagonists of whom: who had the CPU that these waited for. Those of others are all in what
/// is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Of all tasks.
    All,
    /// Of one, since it is looked at.
    Of(Option<Watched>),
}

/// A task that is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watched {
    /// Which.
    pub id: LifeId,
    /// Since when, ns.
    pub since_ns: u64,
    /// How long it had waited for CPUs by then without its being kept for whom, ns.
    pub untold_ns: u64,
}

impl Keep {
    /// Everything.
    pub const ALL: Self = Self { report: true, moments: true, antagonists: Whose::All, rows: true };

    /// What the told stretches are made of, and no row of the summary of whoever is over.
    pub const STRETCHES: Self =
        Self { report: false, moments: false, antagonists: Whose::Of(None), rows: false };

    /// What is shown while it happens; `calls` if calls that waited are shown, too.
    pub const fn live(calls: bool) -> Self {
        Self { report: false, moments: calls, antagonists: Whose::Of(None), rows: true }
    }

    /// Whether it is kept who had the CPU that this task waits for.
    pub(super) fn antagonists_of(&self, id: LifeId) -> bool {
        match self.antagonists {
            Whose::All => true,
            Whose::Of(watched) => watched.is_some_and(|watched| watched.id == id),
        }
    }
}

impl Model {
    /// Keeps no more than this from now on: to be said before the first event.
    pub fn keep(&mut self, keep: Keep) {
        self.keep = keep;
        self.wakeups.keep(keep.report);
        self.interrupts.tally.keep(keep.report);
        self.signals.keep_rows(keep.rows);
    }

    /// Keeps the antagonists of this task from now on, if it does not those of all; of no other
    /// one any more.
    pub fn look_at(&mut self, id: Option<LifeId>) {
        let Whose::Of(before) = self.keep.antagonists else { return };
        if before.map(|watched| watched.id) == id {
            return;
        }
        let since_ns = self.last_ns;
        if let Some(watched) = before {
            self.wait_ends(since_ns, watched.id);
        }
        let life = id.and_then(|id| self.lives.get_mut(id));
        let watched = id.zip(life).map(|(id, life)| {
            life.thread.settle_waits();
            let untold_ns = life.thread.waits.ledger.unknown_ns();
            Watched { id, since_ns, untold_ns }
        });
        self.keep.antagonists = Whose::Of(watched);
        // It may be waiting just now.
        let waits = watched.and_then(|Watched { id, .. }| {
            let thread = &self.lives.get(id)?.thread;
            let waits = Phase::of(thread.timeline.now().0) == Phase::Waiting;
            thread.at().filter(|_| waits).map(|cpu| (id, cpu))
        });
        if let Some((id, cpu)) = waits {
            self.wait_begins(id, cpu, since_ns, None);
        }
    }

    /// Since when the antagonists of this task are kept, if not since its begin.
    pub fn looked_at(&self, id: LifeId) -> Option<Watched> {
        match self.keep.antagonists {
            Whose::Of(Some(watched)) if watched.id == id => Some(watched),
            _ => None,
        }
    }
}
