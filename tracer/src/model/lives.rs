//! Lives: a tid is a number that the kernel uses again, a life is one task's use of it.
//!
//! A number is free again before its old task is released, so a birth can come before the release
//! of the number's last life: a released life is looked for by number *and* start. And a life can
//! change its number: a thread that calls `exec` takes over number and start of its group's
//! leader (`de_thread`), which gets the thread's number for the short rest of its own life.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, Hasher};

pub use super::life::{Ending, Life, RESHARINGS_MAX, Resharing};

/// Which life. Not used again: of a life that ended nothing is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LifeId {
    slot: u32,
    serial: u32,
}

impl LifeId {
    /// Its place among the lives that there are, which another life has after it.
    pub(super) fn place(self) -> usize {
        self.slot as usize
    }
}

#[cfg(test)]
impl LifeId {
    /// One that no list of lives gave.
    pub(crate) fn made_up(slot: u32) -> Self {
        Self { slot, serial: 0 }
    }
}

/// A number that counts up, such as a tid, is its own good hash once its low bits are spread.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct NumberHasher(u64);

impl Hasher for NumberHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u32(u32::from(byte));
        }
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(u64::from(number));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(26);
    }
}

/// All tasks that are not released.
#[derive(Clone, Debug, Default)]
pub struct Lives {
    slots: Vec<(u32, Option<Box<Life>>)>,
    vacant: Vec<u32>,
    /// The newest life of each number. Never iterated: its order means nothing.
    current: HashMap<u32, LifeId, BuildHasherDefault<NumberHasher>>,
    /// Those that have another number in a pid namespace, by group and that. Never iterated.
    inner: HashMap<(u32, u32), LifeId, BuildHasherDefault<NumberHasher>>,
    /// Lives whose number has a newer one.
    outlived: BTreeMap<(u32, Option<u64>), LifeId>,
}

impl Lives {
    /// A life begins; it is the newest of its number.
    pub fn begin(&mut self, life: Life) -> LifeId {
        let tid = life.tid;
        let slot = self.vacant.pop().unwrap_or_else(|| {
            self.slots.push((0, None));
            u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
        });
        let entry = &mut self.slots[slot as usize];
        entry.1 = Some(Box::new(life));
        let id = LifeId { slot, serial: entry.0 };
        if let Some(old) = self.current.insert(tid, id)
            && let Some(key) = self.get(old).map(|old| (old.tid, old.start_ns))
        {
            self.outlived.insert(key, old);
        }
        id
    }

    /// This is the newest life of its number, though another was heard of later.
    pub fn renew(&mut self, id: LifeId) {
        let Some(key) = self.get(id).map(|life| (life.tid, life.start_ns)) else { return };
        self.outlived.remove(&key);
        if let Some(other) = self.current.insert(key.0, id)
            && other != id
            && let Some(key) = self.get(other).map(|other| (other.tid, other.start_ns))
        {
            self.outlived.insert(key, other);
        }
    }

    /// A life ends, and is given back.
    pub fn end(&mut self, id: LifeId) -> Option<Life> {
        self.get(id)?;
        let (serial, place) = &mut self.slots[id.slot as usize];
        let life = *place.take()?;
        *serial = serial.wrapping_add(1);
        self.vacant.push(id.slot);
        if self.current.get(&life.tid) == Some(&id) {
            self.current.remove(&life.tid);
        }
        self.leaves_inner(life.inner_key(), id);
        let key = (life.tid, life.start_ns);
        if self.outlived.get(&key) == Some(&id) {
            self.outlived.remove(&key);
        }
        Some(life)
    }

    /// Its number in a pid namespace is known from now on.
    pub fn numbered(&mut self, id: LifeId) {
        if let Some(key) = self.get(id).and_then(Life::inner_key) {
            self.inner.insert(key, id);
        }
    }

    fn leaves_inner(&mut self, key: Option<(u32, u32)>, id: LifeId) {
        if let Some(key) = key.filter(|key| self.inner.get(key) == Some(&id)) {
            self.inner.remove(&key);
        }
    }

    /// Whom a task means by this number, which it has from the memory that it shares: in a pid
    /// namespace the one of its group that goes by that there.
    pub fn meant_by(&self, caller: &Life, tid: u32) -> Option<LifeId> {
        match caller.inner_key() {
            Some((tgid, _)) => self.inner.get(&(tgid, tid)).copied(),
            None => self.current(tid),
        }
    }

    /// One of them.
    pub fn get(&self, id: LifeId) -> Option<&Life> {
        let (serial, life) = self.slots.get(id.slot as usize)?;
        life.as_deref().filter(|_| *serial == id.serial)
    }

    /// One of them, to be changed.
    pub fn get_mut(&mut self, id: LifeId) -> Option<&mut Life> {
        let (serial, life) = self.slots.get_mut(id.slot as usize)?;
        life.as_deref_mut().filter(|_| *serial == id.serial)
    }

    /// The newest life of a number.
    pub fn current(&self, tid: u32) -> Option<LifeId> {
        self.current.get(&tid).copied()
    }

    /// The life with this number and start, which need not be the newest of the number. One whose
    /// start is not known is taken for it.
    pub fn find(&self, tid: u32, start_ns: u64) -> Option<LifeId> {
        let fits = |id: &LifeId| {
            self.get(*id).is_some_and(|life| life.start_ns.is_none_or(|start| start == start_ns))
        };
        let outlived = || self.outlived.get(&(tid, Some(start_ns))).copied();
        self.current(tid).filter(fits).or_else(outlived)
    }

    /// Lives whose number has a newer one, but which are not released.
    pub fn outlived(&self, tid: u32) -> impl Iterator<Item = LifeId> + '_ {
        self.outlived.range((tid, None)..=(tid, Some(u64::MAX))).map(|(_, &id)| id)
    }

    /// The start of a life becomes known.
    pub fn dated(&mut self, id: LifeId, start_ns: u64) {
        let Some(life) = self.get_mut(id) else { return };
        let key = (life.tid, life.start_ns);
        life.start_ns = Some(start_ns);
        let tid = life.tid;
        if self.outlived.get(&key) == Some(&id) {
            self.outlived.remove(&key);
            self.outlived.insert((tid, Some(start_ns)), id);
        }
    }

    /// A thread takes over number and start of its leader, and the leader gets the thread's
    /// number and keeps its start; so it is with their numbers in a pid namespace.
    pub fn take_over(&mut self, thread: LifeId, leader: Option<LifeId>) {
        let Some(life) = self.get(thread) else { return };
        let (old_tid, tgid) = (life.tid, life.tgid);
        let start_ns = leader.and_then(|leader| self.get(leader)).and_then(|life| life.start_ns);
        let number =
            |id| self.get(id).and_then(|life| life.lwp.as_ref()).map_or(0, |lwp| lwp.ns_tid);
        let (ns_tid, old_ns_tid) = (leader.map_or(0, number), number(thread));
        self.leaves_inner(Some((tgid, old_ns_tid)), thread);
        if let Some(life) = self.get_mut(thread) {
            life.tid = tgid;
            life.old_tid = Some(old_tid);
            life.start_ns = start_ns;
            life.goes_by(ns_tid);
        }
        self.current.insert(tgid, thread);
        match leader {
            Some(leader) => {
                if let Some(life) = self.get_mut(leader) {
                    life.tid = old_tid;
                    life.goes_by(old_ns_tid);
                }
                self.current.insert(old_tid, leader);
            }
            None => {
                self.current.remove(&old_tid);
            }
        }
    }

    /// All of them, in an order that depends on nothing but the events.
    pub fn iter(&self) -> impl Iterator<Item = &Life> {
        self.slots.iter().filter_map(|(_, life)| life.as_deref())
    }

    /// The same, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Life> {
        self.slots.iter_mut().filter_map(|(_, life)| life.as_deref_mut())
    }

    /// All of them, in no order that means anything but the same for the same events.
    pub fn ids(&self) -> Vec<LifeId> {
        let ids = self.slots.iter().enumerate().filter(|(_, (_, life))| life.is_some());
        ids.map(|(slot, (serial, _))| LifeId {
            slot: u32::try_from(slot).unwrap_or(u32::MAX),
            serial: *serial,
        })
        .collect()
    }
}
