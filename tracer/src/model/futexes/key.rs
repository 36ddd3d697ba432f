//! What makes two futex calls meet, as `get_futex_key` (`kernel/futex/core.c`, v6.18) tells
//! futexes apart.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use tracer_common::record::Futex;

/// What makes two calls meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// Private: number of the address space, zero if that is not known, and address.
    Private(u32, u64),
    /// Shared, in memory that is one address space's own all the same: its number, and address.
    Anonymous(u32, u64),
    /// Shared: disguised identity of the object, and offset in bytes.
    Shared(u64, u64),
    /// Shared, in an object that is not known: address space and address of one of its users.
    Unknown(u32, u64),
}

/// The caller's address space: its number, zero if that is not known, and disguised identity.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Space {
    pub(super) number: u32,
    pub(super) identity: u64,
}

impl Key {
    /// As text.
    pub fn text(self) -> String {
        match self {
            Self::Private(mm, address) => format!("mm{mm}:{address:#x}"),
            Self::Anonymous(mm, address) => format!("shared-mm{mm}:{address:#x}"),
            Self::Shared(object, offset) => format!("object-{object:x}:{offset:#x}"),
            Self::Unknown(mm, address) => format!("unknown-mm{mm}:{address:#x}"),
        }
    }
}

/// The futexes by key, and what is known of addresses whose object is not told.
#[derive(Clone, Debug, Default)]
pub(super) struct Keys {
    /// Never iterated: its order means nothing.
    slots: HashMap<Key, u32, BuildHasherDefault<Mix>>,
    all: Vec<Key>,
    /// Slots of shared futexes by address space and address. Never iterated.
    seen_at: HashMap<(u32, u64), u32, BuildHasherDefault<Mix>>,
}

impl Keys {
    /// The slot of the futex a call names; a new one is the number of those before it.
    pub(super) fn slot(&mut self, futex: &Futex, private: bool, space: Space) -> u32 {
        let Space { number, identity } = space;
        if private {
            return self.of(Key::Private(number, futex.uaddr));
        }
        let at = (number, futex.uaddr);
        if futex.key_unknown != 0 {
            // What other calls from there have told holds as long as nothing else is mapped.
            let known = self.seen_at.get(&at).copied();
            return known.unwrap_or_else(|| self.of(Key::Unknown(number, futex.uaddr)));
        }
        let key = if futex.object == identity && identity != 0 {
            Key::Anonymous(number, futex.offset)
        } else {
            Key::Shared(futex.object, futex.offset)
        };
        let slot = self.of(key);
        self.seen_at.insert(at, slot);
        slot
    }

    /// The slot of the second futex of a call, whose object is not told.
    pub(super) fn second(&mut self, futex: &Futex, private: bool, space: Space) -> u32 {
        if private {
            return self.of(Key::Private(space.number, futex.uaddr2));
        }
        let at = (space.number, futex.uaddr2);
        let known = self.seen_at.get(&at).copied();
        known.unwrap_or_else(|| self.of(Key::Unknown(at.0, at.1)))
    }

    /// The key of a slot, as text.
    pub(super) fn text(&self, slot: u32) -> String {
        self.all.get(slot as usize).map(|key| key.text()).unwrap_or_default()
    }

    /// The slots, by key.
    pub(super) fn sorted(&self) -> Vec<(Key, u32)> {
        let mut keys: Vec<(Key, u32)> = self.all.iter().copied().zip(0..).collect();
        keys.sort_unstable();
        keys
    }

    fn of(&mut self, key: Key) -> u32 {
        let Self { slots, all, .. } = self;
        *slots.entry(key).or_insert_with(|| {
            all.push(key);
            u32::try_from(all.len() - 1).unwrap_or(u32::MAX)
        })
    }
}

/// Mixes numbers well enough for a map; keys come from programs that are traced, not from enemies.
#[derive(Clone, Copy, Debug, Default)]
struct Mix(u64);

impl Hasher for Mix {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(u64::from(byte));
        }
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(u64::from(number));
    }

    fn write_isize(&mut self, number: isize) {
        self.write_u64(number.unsigned_abs() as u64);
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(26);
    }
}
