//! What a probe says, and what a gap takes away.

use super::carrier::{On, Wait};
use super::group::{Group, Here};
use super::rows::Finished;
use super::thread::{CarrierNo, Place, Slot};
use super::time::Kernel;

/// What a probe of the provider means, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// `switch(from, to, carrier)`
    Switch,
    /// `park(who, next, carrier)`
    Park,
    /// `unpark(by, who, tid)`
    Unpark,
    /// `steal(from carrier, who, thief)`
    Steal,
    /// `spawn(by, who, tid)`
    Spawn,
    /// `exit(who, next, carrier)`
    Exit,
    /// Nothing that is known: it is counted.
    Other,
}

impl Role {
    /// Of a probe.
    pub(super) fn of(provider: &str, name: &str) -> Self {
        match name {
            _ if provider != crate::usdt::UTHREAD => Self::Other,
            "switch" => Self::Switch,
            "park" => Self::Park,
            "unpark" => Self::Unpark,
            "steal" => Self::Steal,
            "spawn" => Self::Spawn,
            "exit" => Self::Exit,
            _ => Self::Other,
        }
    }

    /// The user thread that must be current on the carrier, if it is not zero. Of a steal and of
    /// other probes that is not told.
    pub(super) fn actor(self, [first, ..]: [u64; 2]) -> u64 {
        match self {
            Self::Steal | Self::Other => 0,
            _ => first,
        }
    }

    /// Whether who passes it is a carrier for certain.
    pub(super) fn carries(self, args: [u64; 2]) -> bool {
        matches!(self, Self::Switch | Self::Steal) || self.actor(args) != 0
    }
}

impl Group {
    /// A probe was passed.
    pub(super) fn probe(
        &mut self,
        here: Here,
        role: Role,
        args: [u64; 2],
        finished: &mut Finished,
    ) {
        let [first, second] = args;
        self.exact &= !self.ended;
        match role {
            Role::Switch => {
                if let Some(carrier) = here.carrier {
                    self.switch(here.at_ns, carrier, first, second);
                }
            }
            Role::Park => self.park(here, first),
            Role::Unpark => self.unpark(here, first, second),
            Role::Steal => self.steal(here, second),
            Role::Spawn => self.spawn(here, first, second, finished),
            Role::Exit => self.exit(here, first, finished),
            Role::Other => {}
        }
    }

    fn park(&mut self, here: Here, who: u64) {
        self.counts(here).parks += 1;
        self.acts(here, who);
        let Some(carrier) = here.carrier.and_then(|carrier| self.carriers.get_mut(carrier)) else {
            return;
        };
        let On::Thread(slot) = carrier.on else { return };
        carrier.wait = Wait::Parked;
        if let Some(thread) = self.threads.get_mut(slot) {
            thread.counts.parks += 1;
            self.surprises += u64::from(std::mem::take(&mut thread.owed));
        }
    }

    fn unpark(&mut self, here: Here, by: u64, who: u64) {
        self.counts(here).unparks += 1;
        self.acts(here, by);
        let Some(slot) = self.find_or_make(here.at_ns, who, Place::Unknown) else {
            self.untracked += 1;
            return;
        };
        let Some(thread) = self.threads.get_mut(slot) else { return };
        thread.counts.unparks += 1;
        // Had it been ready, a park would have been seen.
        thread.settle(Place::Parked);
        match thread.place {
            Place::Parked => {
                thread.advance(here.at_ns);
                self.enter_ready(here.at_ns, slot, self.queue(here));
            }
            Place::On(_) if thread.owed => thread.owed = false,
            Place::On(carrier) => self.unpark_current(here.at_ns, carrier),
            // It goes on already.
            Place::Ready(_) | Place::Unknown => {}
        }
    }

    /// It has not left its carrier: it is about to, or its kernel thread waits for it.
    fn unpark_current(&mut self, at_ns: u64, carrier: CarrierNo) {
        let Some(found) = self.carriers.get_mut(carrier) else { return };
        if found.wait != Wait::Parked {
            return;
        }
        found.advance(at_ns, &mut self.threads);
        found.wait = match found.kernel {
            Kernel::Running(_) => Wait::Caught,
            _ => Wait::Woken(at_ns),
        };
        found.note_stall(at_ns, &self.threads);
    }

    /// Where one goes that is made to run here: kernel threads that have only one user thread have
    /// no queue.
    fn queue(&self, here: Here) -> Option<CarrierNo> {
        let multiplexes = |&carrier: &CarrierNo| {
            self.carriers.get(carrier).is_some_and(super::carrier::Carrier::multiplexes)
        };
        here.carrier.filter(multiplexes)
    }

    fn steal(&mut self, here: Here, who: u64) {
        self.counts(here).steals += 1;
        let (Some(thief), Some(slot)) = (here.carrier, self.threads.find(who)) else { return };
        let Some(thread) = self.threads.get_mut(slot) else { return };
        thread.counts.steals += 1;
        thread.settle(Place::Ready(None));
        if !matches!(thread.place, Place::Ready(_)) {
            return;
        }
        let since_ns = thread.ready_since;
        self.leave_queue(here.at_ns, slot);
        self.enter_ready(here.at_ns, slot, Some(thief));
        if let Some(thread) = self.threads.get_mut(slot) {
            thread.ready_since = since_ns;
        }
    }

    fn spawn(&mut self, here: Here, by: u64, who: u64, finished: &mut Finished) {
        self.counts(here).spawns += 1;
        self.acts(here, by);
        if let Some(slot) = self.threads.find(who) {
            let known = self.threads.get_mut(slot).filter(|thread| thread.spawned_by.is_none());
            if let Some(thread) = known {
                // Its first event came before that of its making.
                thread.spawned_by = Some(by);
                return;
            }
            // Its end was not told.
            self.finish(here.at_ns, slot, false, finished);
        }
        let Some(slot) = self.find_or_make(here.at_ns, who, Place::Unknown) else {
            self.untracked += 1;
            return;
        };
        if let Some(thread) = self.threads.get_mut(slot) {
            thread.spawned_by = Some(by);
        }
        self.enter_ready(here.at_ns, slot, self.queue(here));
    }

    fn exit(&mut self, here: Here, who: u64, finished: &mut Finished) {
        self.counts(here).exits += 1;
        self.acts(here, who);
        if let Some(carrier) = here.carrier.and_then(|carrier| self.carriers.get_mut(carrier)) {
            carrier.advance(here.at_ns, &mut self.threads);
            carrier.end_stall(here.at_ns, &self.threads);
            if matches!(carrier.on, On::Thread(_)) {
                carrier.on = On::Itself;
                carrier.wait = Wait::No;
            }
            carrier.ended = Some(who);
        }
        if let Some(slot) = self.threads.find(who) {
            self.finish(here.at_ns, slot, true, finished);
        }
    }

    /// Records of a CPU are missing between these times, ns: anything may have happened to all but
    /// what a carrier has that ran elsewhere all the time.
    pub(super) fn gap(&mut self, cpu: u16, from_ns: u64, to_ns: u64) {
        if self.ended {
            return;
        }
        let mut sure: Vec<Slot> = Vec::new();
        for number in 0..self.carriers.len() {
            let carrier = &self.carriers[number];
            let elsewhere = matches!(carrier.kernel, Kernel::Running(other) if other != cpu);
            if elsewhere && carrier.kernel_ns <= from_ns {
                if let On::Thread(slot) = carrier.on {
                    sure.push(slot);
                }
            } else if !carrier.gone {
                self.lose_carrier(number, from_ns, to_ns);
            }
        }
        sure.sort_unstable();
        for slot in self.threads.slots() {
            if sure.binary_search(&slot).is_err() {
                self.lose_thread(slot, from_ns, to_ns);
            }
        }
        self.exact = false;
    }

    fn lose_carrier(&mut self, number: CarrierNo, from_ns: u64, to_ns: u64) {
        let carrier = &mut self.carriers[number];
        carrier.advance(from_ns, &mut self.threads);
        carrier.end_stall(from_ns, &self.threads);
        carrier.times.unknown += std::mem::take(&mut carrier.untold).total();
        carrier.untold_cpus = super::time::Shares::default();
        let lost_ns = to_ns.saturating_sub(carrier.since_ns);
        carrier.times.unknown += lost_ns;
        carrier.since_ns += lost_ns;
        carrier.untold_ns = carrier.since_ns;
        carrier.on = On::Untold;
        carrier.wait = Wait::No;
        carrier.kernel = Kernel::Unknown;
        carrier.ended = None;
        carrier.exact = false;
    }

    fn lose_thread(&mut self, slot: Slot, from_ns: u64, to_ns: u64) {
        self.leave_queue(from_ns, slot);
        let Some(thread) = self.threads.get_mut(slot) else { return };
        thread.advance(from_ns);
        thread.skip(to_ns);
        thread.place = Place::Unknown;
        thread.owed = false;
        thread.ready_since = thread.since_ns;
        thread.exact = false;
    }
}
