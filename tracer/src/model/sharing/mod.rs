//! Which tasks share which kernel objects. The kernel's addresses come disguised, and an address
//! is used again for another object once its last user is gone; here each object gets a small
//! number of its own that is never used again.

use std::collections::BTreeMap;

use serde::Serialize;
use tracer_common::task::{Resources, Shared};

mod groups;
#[cfg(test)]
mod tests;

pub use groups::{Came, Left, Member, SharingRow, groups};

/// How many kinds of objects there are: the fields of [`Resources`].
const KINDS: usize = 7;

/// The kinds, as bits of [`Shared`], in the order of the arrays here.
const BITS: [u32; KINDS] = [
    Shared::MM,
    Shared::FILES,
    Shared::FS,
    Shared::SIGHAND,
    Shared::SIGNAL,
    Shared::NSPROXY,
    Shared::CRED,
];

/// All kinds.
pub const ALL: u32 = 0x7f;
/// The kinds that a dying task lets go of while it exits; the others stay until its release.
pub const DROPPED_AT_EXIT: u32 = Shared::MM | Shared::FILES | Shared::FS | Shared::NSPROXY;

/// The objects a task uses, by number; null where it has none. Two tasks with the same number
/// share the object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Shares {
    /// Address space; kernel threads have none.
    pub mm: Option<u32>,
    /// Open files.
    pub files: Option<u32>,
    /// Root and working directory.
    pub fs: Option<u32>,
    /// Signal handlers.
    pub sighand: Option<u32>,
    /// The thread group's common part.
    pub signal: Option<u32>,
    /// Namespaces.
    pub nsproxy: Option<u32>,
    /// Credentials.
    pub cred: Option<u32>,
}

/// Whether a dying task lets go of this kind while it exits; of those without an identity it does.
fn dropped_at_exit(kind: usize) -> bool {
    BITS.get(kind).is_none_or(|bit| DROPPED_AT_EXIT & bit != 0)
}

/// What changes what a task uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// `exec`.
    Exec,
    /// `unshare`, `setns`, or a call that sets ids.
    Call,
}

/// The names of the set bits of [`Shared`].
pub fn names(bits: u32) -> Vec<&'static str> {
    const NAMES: [&str; KINDS] = ["mm", "files", "fs", "sighand", "signal", "nsproxy", "cred"];
    NAMES.iter().zip(BITS).filter(|(_, bit)| bits & bit != 0).map(|(&name, _)| name).collect()
}

/// What one task holds: addresses and their numbers, zero for none.
#[derive(Clone, Copy, Debug, Default)]
pub struct Held {
    addresses: [u64; KINDS],
    ids: [u32; KINDS],
}

impl Held {
    /// The numbers stay to be told, and nothing is held.
    pub fn detach(&mut self) {
        self.addresses = [0; KINDS];
    }

    /// The numbers.
    pub fn shares(&self) -> Shares {
        let [mm, files, fs, sighand, signal, nsproxy, cred] =
            self.ids.map(|id| (id != 0).then_some(id));
        Shares { mm, files, fs, sighand, signal, nsproxy, cred }
    }

    /// Number and disguised identity of the address space, zero for none.
    pub fn space(&self) -> (u32, u64) {
        (self.ids[0], self.addresses[0])
    }
}

#[derive(Clone, Copy, Debug)]
struct Object {
    id: u32,
    users: u32,
}

/// All objects that are in use.
#[derive(Clone, Debug, Default)]
pub struct Objects {
    by_address: [BTreeMap<u64, Object>; KINDS],
    last: [u32; KINDS],
}

impl Objects {
    /// A task uses these. The kinds in `fresh` are known to be new objects, whatever the address
    /// was used for before.
    pub fn hold(&mut self, resources: &Resources, fresh: u32) -> Held {
        let Resources { mm, files, fs, sighand, signal, nsproxy, cred } = *resources;
        let addresses = [mm, files, fs, sighand, signal, nsproxy, cred];
        let mut ids = [0; KINDS];
        for (kind, id) in ids.iter_mut().enumerate() {
            *id = self.id(kind, addresses[kind], fresh & BITS[kind] != 0);
        }
        Held { addresses, ids }
    }

    /// A task no longer uses the objects of these kinds. The numbers stay in `held`, to be told.
    pub fn let_go(&mut self, held: &mut Held, kinds: u32) {
        for (kind, bit) in BITS.iter().enumerate() {
            let address = std::mem::take(&mut held.addresses[kind]);
            if kinds & bit == 0 {
                held.addresses[kind] = address;
                continue;
            }
            let objects = &mut self.by_address[kind];
            // An object with another number is a later one at the same address.
            if let Some(object) = objects.get_mut(&address)
                && object.id == held.ids[kind]
            {
                object.users -= 1;
                if object.users == 0 {
                    objects.remove(&address);
                }
            }
        }
    }

    fn id(&mut self, kind: usize, address: u64, fresh: bool) -> u32 {
        if address == 0 {
            return 0;
        }
        let objects = &mut self.by_address[kind];
        if fresh {
            objects.remove(&address);
        }
        let last = &mut self.last[kind];
        let object = objects.entry(address).or_insert_with(|| {
            *last += 1;
            Object { id: *last, users: 0 }
        });
        object.users += 1;
        object.id
    }
}
