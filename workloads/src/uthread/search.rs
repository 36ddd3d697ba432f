//! Where a carrier finds who is to run next: its own queue, the injector, the timers, and the other
//! carriers' queues.

use core::iter;

use super::carrier::Carrier;
use super::count::bump;
use super::fiber::Live;
use super::idle::Last;
use super::probe;
use crate::clock;
use crate::futex::Deadline;
use crate::shim::{spin_loop, spins};

/// Every so many looks the shared things come first, so that busy user threads keep nobody waiting
/// for ever. Go's number: a prime, so that it does not beat with a period of the program.
const FAIR: u32 = 61;

/// How often a searcher looks everywhere before it goes to sleep, if there are others to take from;
/// a sleep and its wake cost some microseconds.
const LOOKS: u32 = 4;

/// Pauses between two looks: below a microsecond.
const PAUSES: u32 = 16;

impl Carrier {
    /// A carrier's life: until no user thread is left.
    pub(super) fn live(&self) {
        let idle = &self.runtime.idle;
        idle.search();
        loop {
            if let Some(next) = self.search() {
                idle.found(|| self.runtime.has_work());
                self.carry(next);
                while let Some(next) = self.next() {
                    self.carry(next);
                }
                idle.search();
            } else if self.runtime.is_over() {
                return;
            } else {
                idle.sleep(self.index, || self.last());
            }
        }
    }

    /// The next one, without looking far.
    pub(super) fn next(&self) -> Option<Live> {
        let ticks = self.ticks.get().wrapping_add(1);
        self.ticks.set(ticks);
        if ticks.is_multiple_of(FAIR) {
            self.fire();
            if let Some(next) = self.runtime.injector.pop() {
                return Some(next);
            }
        }
        self.runtime.queues[self.index].pop().or_else(|| self.runtime.injector.pop())
    }

    /// Lets those go on whose time has come.
    fn fire(&self) {
        let timers = &self.runtime.timers;
        if timers.next().is_some_and(|at| at <= clock::now_ns()) {
            for sleeper in timers.due(clock::now_ns()) {
                sleeper.grant();
            }
        }
    }

    /// The next one, from wherever.
    fn search(&self) -> Option<Live> {
        let looks = if self.runtime.queues.len() > 1 { 1 + spins(LOOKS) } else { 1 };
        for look in 0..looks {
            if look > 0 {
                iter::repeat_n((), PAUSES as usize).for_each(|()| spin_loop());
            }
            self.fire();
            if let Some(next) = self.next().or_else(|| self.steal()) {
                return Some(next);
            }
        }
        None
    }

    /// Takes half of the first queue that has something, from a place that changes; the oldest of
    /// them is for now.
    fn steal(&self) -> Option<Live> {
        let queues = &self.runtime.queues;
        let first = self.ticks.get() as usize;
        let victims = (0..queues.len()).map(|next| (first + next) % queues.len());
        let taken = victims
            .filter(|victim| *victim != self.index)
            .find_map(|victim| queues[victim].take_half().map(|batch| (victim, batch)));
        let (victim, batch) = taken?;
        let mut next = None;
        for fiber in batch {
            bump(&self.tally.steals);
            probe::steal(self.runtime.tid(victim), fiber.id, self.tid);
            match next {
                None => next = Some(fiber),
                Some(_) => self.enqueue(fiber),
            }
        }
        next
    }

    /// Looks a last time before it goes to sleep.
    fn last(&self) -> Last {
        if self.runtime.has_work() || self.runtime.is_over() {
            return Last::Work;
        }
        let now = clock::now_ns();
        match self.runtime.timers.next() {
            None => Last::Nothing,
            Some(at) if at <= now => Last::Work,
            Some(at) => Last::Until(Deadline::after(core::time::Duration::from_nanos(at - now))),
        }
    }

    /// Adds one at the end of its own queue. If that is full, half of it goes to the injector.
    pub(super) fn enqueue(&self, fiber: Live) {
        let queue = &self.runtime.queues[self.index];
        if let Err(fiber) = queue.push(fiber) {
            let half = queue.take_half().into_iter().flatten();
            self.runtime.injector.push(half.chain(iter::once(fiber)));
        }
    }
}
