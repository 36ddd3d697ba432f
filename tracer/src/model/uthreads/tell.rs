//! Which user thread a carrier has: told by each event that names it, and only by these. What was
//! open before belongs to who is named, unless something else was known.

use super::carrier::{On, Wait};
use super::group::Group;
use super::thread::{CarrierNo, Place, Slot};

impl Group {
    /// Which user thread a carrier has is told: zero for none.
    pub(super) fn tell(&mut self, at_ns: u64, carrier: CarrierNo, id: u64) {
        let Some(found) = self.carriers.get_mut(carrier) else { return };
        found.advance(at_ns, &mut self.threads);
        match found.on {
            On::Untold => self.resolve(at_ns, carrier, id),
            On::Itself if id == 0 || found.ended == Some(id) => {}
            On::Thread(slot) if self.threads.get(slot).is_some_and(|thread| thread.id == id) => {}
            On::Thread(slot) => {
                self.torn(at_ns, carrier, slot);
                if let Some(thread) = self.threads.get_mut(slot) {
                    thread.skip(at_ns);
                    thread.place = Place::Unknown;
                }
                self.resolve(at_ns, carrier, id);
            }
            On::Itself => {
                self.surprises += 1;
                found.untold_ns = at_ns;
                self.resolve(at_ns, carrier, id);
            }
        }
    }

    /// The carrier had this user thread all the time that was untold.
    fn resolve(&mut self, at_ns: u64, carrier: CarrierNo, id: u64) {
        let Some(found) = self.carriers.get_mut(carrier) else { return };
        let (split, cpus) =
            (std::mem::take(&mut found.untold), std::mem::take(&mut found.untold_cpus));
        let from_ns = found.untold_ns;
        found.untold_ns = at_ns;
        if id == 0 {
            found.times.add_own(&split);
            found.on = On::Itself;
            return;
        }
        let known = self.threads.find(id);
        let Some(slot) = self.find_or_make(from_ns, id, Place::On(carrier)) else {
            self.untracked += 1;
            if let Some(found) = self.carriers.get_mut(carrier) {
                found.times.unknown += split.total();
            }
            return;
        };
        if known.is_some() {
            self.leave_wait(from_ns, slot);
        }
        let Some(thread) = self.threads.get_mut(slot) else { return };
        // Its own time began later if it was made, or last heard of, while the carrier had nobody
        // that is known.
        let fits = thread.since_ns <= from_ns && from_ns + split.total() == at_ns;
        if fits {
            thread.skip(from_ns);
            thread.times.add(&split);
            thread.since_ns = at_ns;
            cpus.0.iter().for_each(|&(cpu, ns)| thread.cpus.add(cpu, ns));
            thread.carriers.add(carrier, split.total() - split.unknown);
        }
        thread.skip(at_ns);
        thread.place = Place::On(carrier);
        thread.carried_by(carrier);
        let Some(found) = self.carriers.get_mut(carrier) else { return };
        if fits {
            found.times.add_with(&split);
        } else {
            found.times.unknown += split.total();
        }
        found.on = On::Thread(slot);
    }

    /// A user thread is elsewhere than on the carrier that had it: when it left is not known.
    pub(super) fn torn(&mut self, at_ns: u64, carrier: CarrierNo, slot: Slot) {
        let Some(found) = self.carriers.get_mut(carrier) else { return };
        if found.on != On::Thread(slot) {
            return;
        }
        found.advance(at_ns, &mut self.threads);
        found.end_stall(at_ns, &self.threads);
        found.on = On::Untold;
        found.untold_ns = at_ns;
        found.wait = Wait::No;
        self.surprises += 1;
    }
}
