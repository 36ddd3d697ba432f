//! The stacks of a recording, as it keeps them: names, each once, and which of them make a stack.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::StackKey;

/// The stacks of a recording.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Names of functions; where there is none `[file]`, `[vdso]`, `[anon]` or `[unknown]`.
    pub names: Vec<String>,
    /// Kernel stacks by number: indices into `names`, innermost frame first.
    pub kernel: BTreeMap<u32, Vec<u32>>,
    /// User stacks by process, image and number.
    pub user: Vec<UserStack>,
    /// Programs of processes with user stacks whose memory maps could not be read, since they had
    /// ended by then.
    pub gone: u64,
}

/// A user stack.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserStack {
    /// The process.
    pub tgid: u32,
    /// Since when it ran the program, ns; zero if since before the trace.
    pub since_ns: u64,
    /// The stack's number.
    pub id: u32,
    /// Indices into the names, innermost frame first.
    pub frames: Vec<u32>,
}

impl UserStack {
    pub(super) fn key(&self) -> (u32, u64, u32) {
        (self.tgid, self.since_ns, self.id)
    }
}

impl Table {
    /// Functions of a kernel stack, innermost first; none if it is not known.
    pub fn kernel(&self, key: &StackKey) -> Vec<&str> {
        let id = u32::try_from(key.kernel).ok();
        let frames = id.and_then(|id| self.kernel.get(&id));
        self.named(frames.map_or(&[], Vec::as_slice))
    }

    /// Functions of a user stack, likewise.
    pub fn user(&self, key: &StackKey) -> Vec<&str> {
        let Ok(id) = u32::try_from(key.user) else { return Vec::new() };
        let wanted = (key.tgid, key.since_ns, id);
        match self.user.binary_search_by_key(&wanted, UserStack::key) {
            Ok(at) => self.named(&self.user[at].frames),
            Err(_) => Vec::new(),
        }
    }

    fn named(&self, frames: &[u32]) -> Vec<&str> {
        let name = |&at: &u32| self.names.get(usize::try_from(at).ok()?).map(String::as_str);
        frames.iter().map(|at| name(at).unwrap_or("[unknown]")).collect()
    }
}
