//! The user threads and carriers of one process, and what each probe does to them.

use std::collections::BTreeMap;

use super::carrier::{Begin, Carrier, Counts, On, Wait};
use super::rows::{Finished, THREADS_MAX};
use super::thread::{CarrierNo, Place, Slot, Thread, Threads};
use super::time::Kernel;
use crate::model::distribution::Distribution;
use crate::model::lives::LifeId;
use crate::model::state::Cause;
use crate::model::syscall::Machine;

/// Where and when a probe was passed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Here {
    pub(super) at_ns: u64,
    pub(super) life: LifeId,
    /// The carrier; `None` for a kernel thread that is none.
    pub(super) carrier: Option<CarrierNo>,
}

/// One process.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    pub(super) tgid: u32,
    pub(super) comm: String,
    pub(super) threads: Threads,
    pub(super) carriers: Vec<Carrier>,
    /// By kernel threads that are no carriers, or not yet.
    pub(super) outside: BTreeMap<LifeId, Counts>,
    /// Times from being ready to being current.
    pub(super) ready: Distribution,
    pub(super) made: u64,
    pub(super) peak: usize,
    /// Events of user threads beyond [`THREADS_MAX`].
    pub(super) untracked: u64,
    /// Times that the probes contradicted each other, though nothing was lost.
    pub(super) surprises: u64,
    pub(super) exact: bool,
    /// When it ended, ns: then nothing more happens to it.
    pub(super) ended: bool,
}

impl Group {
    pub(super) fn new(tgid: u32, comm: &str) -> Self {
        Self { tgid, comm: comm.to_owned(), exact: true, ..Self::default() }
    }

    /// All accounts begin anew at this time, ns.
    pub(super) fn restart(&mut self, at_ns: u64) {
        for carrier in &mut self.carriers {
            carrier.restart(at_ns, &mut self.threads);
        }
        for slot in self.threads.slots() {
            let Some(thread) = self.threads.get_mut(slot) else { continue };
            let home = match thread.place {
                Place::Ready(Some(home)) => self.carriers.get(home),
                _ => None,
            };
            thread.restart(at_ns, home.map_or(0, |home| home.asleep_ns));
        }
        self.outside.clear();
        self.ready = Distribution::default();
        (self.untracked, self.surprises) = (0, 0);
        self.peak = self.threads.len();
        self.made = self.peak as u64;
        self.exact = true;
    }

    /// One more carrier.
    pub(super) fn carrier(&mut self, begin: Begin) -> CarrierNo {
        let number = self.carriers.len();
        let before = self.outside.remove(&begin.life).unwrap_or_default();
        let mut carrier = Carrier::new(number, begin);
        carrier.counts = before;
        self.carriers.push(carrier);
        number
    }

    /// What is counted for who passed a probe.
    pub(super) fn counts(&mut self, here: Here) -> &mut Counts {
        match here.carrier.and_then(|carrier| self.carriers.get_mut(carrier)) {
            Some(carrier) => &mut carrier.counts,
            None => self.outside.entry(here.life).or_default(),
        }
    }

    /// `by` is current on the carrier: resolves what is not told yet. Zero is no user thread, and
    /// who wakes or makes others as zero can have one all the same.
    pub(super) fn acts(&mut self, here: Here, by: u64) {
        let Some(carrier) = here.carrier.filter(|_| by != 0) else { return };
        self.tell(here.at_ns, carrier, by);
        if let Some(carrier) = self.carriers.get_mut(carrier)
            && carrier.wait != Wait::No
        {
            // It goes on, so it does not wait.
            carrier.advance(here.at_ns, &mut self.threads);
            carrier.wait = Wait::No;
        }
    }

    pub(super) fn switch(&mut self, at_ns: u64, carrier: CarrierNo, from: u64, to: u64) {
        self.tell(at_ns, carrier, from);
        self.leave(at_ns, carrier);
        let come = if to == 0 { On::Itself } else { self.come(at_ns, carrier, to) };
        let Some(found) = self.carriers.get_mut(carrier) else { return };
        found.counts.switches += 1;
        found.ended = None;
        found.on = come;
        found.wait = Wait::No;
        found.untold_ns = at_ns;
        found.note_stall(at_ns, &self.threads);
    }

    /// The carrier's current user thread leaves it.
    fn leave(&mut self, at_ns: u64, carrier: CarrierNo) {
        let Some(found) = self.carriers.get(carrier) else { return };
        let On::Thread(slot) = found.on else { return };
        let parks = found.wait == Wait::Parked;
        if parks {
            if let Some(thread) = self.threads.get_mut(slot) {
                thread.skip(at_ns);
                thread.place = Place::Parked;
            }
            return;
        }
        let caught = found.wait == Wait::Caught;
        if let Some(found) = self.carriers.get_mut(carrier) {
            found.counts.yields += u64::from(!caught);
        }
        if let Some(thread) = self.threads.get_mut(slot) {
            thread.counts.yields += u64::from(!caught);
            thread.skip(at_ns);
        }
        self.enter_ready(at_ns, slot, Some(carrier));
    }

    /// A user thread comes onto a carrier.
    fn come(&mut self, at_ns: u64, carrier: CarrierNo, id: u64) -> On {
        let Some(slot) = self.find_or_make(at_ns, id, Place::On(carrier)) else {
            self.untracked += 1;
            return On::Untold;
        };
        self.leave_wait(at_ns, slot);
        if let Some(thread) = self.threads.get_mut(slot) {
            thread.skip(at_ns);
            thread.place = Place::On(carrier);
            thread.counts.switches += 1;
            thread.carried_by(carrier);
        }
        On::Thread(slot)
    }

    /// A user thread stops waiting, for whatever it waited.
    pub(super) fn leave_wait(&mut self, at_ns: u64, slot: Slot) {
        let Some(thread) = self.threads.get_mut(slot) else { return };
        // Had it been parked, the unpark would have been seen.
        thread.settle(Place::Ready(None));
        match thread.place {
            Place::Ready(_) => self.leave_ready(at_ns, slot),
            Place::Parked => {
                thread.advance(at_ns);
                thread.owed = true;
            }
            Place::On(other) => self.torn(at_ns, other, slot),
            Place::Unknown => thread.advance(at_ns),
        }
    }

    pub(super) fn enter_ready(&mut self, at_ns: u64, slot: Slot, home: Option<CarrierNo>) {
        let mut mark = 0;
        if let Some(carrier) = home.and_then(|home| self.carriers.get_mut(home)) {
            carrier.advance(at_ns, &mut self.threads);
            mark = carrier.asleep_ns;
            carrier.ready += 1;
            carrier.note_stall(at_ns, &self.threads);
        }
        if let Some(thread) = self.threads.get_mut(slot) {
            thread.place = Place::Ready(home);
            thread.behind_mark = mark;
            thread.ready_since = at_ns;
        }
    }

    fn leave_ready(&mut self, at_ns: u64, slot: Slot) {
        let Some(thread) = self.threads.get_mut(slot) else { return };
        let ns = at_ns.saturating_sub(thread.ready_since);
        thread.waited(ns);
        self.ready.add(ns);
        self.leave_queue(at_ns, slot);
    }

    /// It is no longer in the queue of a carrier.
    pub(super) fn leave_queue(&mut self, at_ns: u64, slot: Slot) {
        let Some(thread) = self.threads.get_mut(slot) else { return };
        thread.advance(at_ns);
        let Place::Ready(Some(home)) = thread.place else { return };
        let mark = thread.behind_mark;
        let Some(carrier) = self.carriers.get_mut(home) else { return };
        carrier.advance(at_ns, &mut self.threads);
        let behind_ns = carrier.asleep_ns.saturating_sub(mark);
        carrier.ready = carrier.ready.saturating_sub(1);
        carrier.note_stall(at_ns, &self.threads);
        if let Some(thread) = self.threads.get_mut(slot) {
            // Where this is about a time past, the carrier's clock may have gone on since.
            thread.behind_ns = (thread.behind_ns + behind_ns).min(thread.times.ready);
            thread.place = Place::Ready(None);
        }
    }

    /// The user thread of this number; a new one if it is not known.
    pub(super) fn find_or_make(&mut self, at_ns: u64, id: u64, place: Place) -> Option<Slot> {
        if let Some(slot) = self.threads.find(id) {
            return Some(slot);
        }
        if self.threads.len() >= THREADS_MAX {
            return None;
        }
        self.made += 1;
        let slot = self.threads.insert(Thread::new(id, at_ns, place));
        self.peak = self.peak.max(self.threads.len());
        Some(slot)
    }

    /// A carrier is on this CPU, whether or not it was seen to come.
    pub(super) fn runs(&mut self, at_ns: u64, carrier: CarrierNo, cpu: u16) {
        let known = self.carriers.get(carrier).map(|found| found.kernel);
        if known != Some(Kernel::Running(cpu)) {
            self.turn(at_ns, carrier, Kernel::Running(cpu), Cause::UNTOLD);
        }
    }

    /// A carrier that seemed to be runnable slept.
    pub(super) fn slept(&mut self, carrier: CarrierNo) {
        if let Some(found) = self.carriers.get_mut(carrier)
            && found.kernel == Kernel::Runnable
        {
            found.kernel = Kernel::Blocked;
        }
    }

    /// The kernel does something else with a carrier.
    pub(super) fn turn(&mut self, at_ns: u64, carrier: CarrierNo, kernel: Kernel, cause: Cause) {
        let Some(found) = self.carriers.get_mut(carrier) else { return };
        found.advance(at_ns, &mut self.threads);
        let waited_ns = found.turn(at_ns, kernel, cause);
        found.note_stall(at_ns, &self.threads);
        if let (Some(ns), On::Thread(slot)) = (waited_ns, found.on)
            && let Some(thread) = self.threads.get_mut(slot)
        {
            thread.waited(ns);
            self.ready.add(ns);
        }
    }

    /// A carrier's kernel thread is gone, and with it whom it had.
    pub(super) fn carrier_ends(&mut self, at_ns: u64, carrier: CarrierNo) {
        let Some(found) = self.carriers.get_mut(carrier) else { return };
        found.advance(at_ns, &mut self.threads);
        found.end_stall(at_ns, &self.threads);
        found.times.unknown += std::mem::take(&mut found.untold).total();
        found.gone = true;
        let on = std::mem::replace(&mut found.on, On::Itself);
        if let On::Thread(slot) = on
            && let Some(thread) = self.threads.get_mut(slot)
        {
            thread.skip(at_ns);
            thread.place = Place::Unknown;
        }
    }

    /// The process is over, or the trace: nothing is open afterwards.
    pub(super) fn end(&mut self, at_ns: u64, machine: Machine, finished: &mut Finished) {
        for carrier in 0..self.carriers.len() {
            if !self.carriers[carrier].gone {
                self.carrier_ends(at_ns, carrier);
            }
        }
        for slot in self.threads.slots() {
            self.finish(at_ns, slot, false, finished);
        }
        self.ended = true;
        finished.group(self, machine);
    }

    /// A user thread has ended, or is cut off by its process's end or the trace's.
    pub(super) fn finish(&mut self, at_ns: u64, slot: Slot, ended: bool, finished: &mut Finished) {
        self.leave_queue(at_ns, slot);
        if let Some(Place::On(carrier)) = self.threads.get(slot).map(|thread| thread.place) {
            self.torn(at_ns, carrier, slot);
        }
        let Some(mut thread) = self.threads.remove(slot) else { return };
        thread.advance(at_ns);
        thread.skip(at_ns);
        self.surprises += u64::from(thread.owed);
        finished.thread(self, &thread, ended);
    }
}
