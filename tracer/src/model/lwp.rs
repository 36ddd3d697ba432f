//! The part of a thread that its user side owns. Kernel threads have none.

use tracer_common::record::Newtask;

use super::distribution::Distribution;
use super::signals::{KilledBy, Mask};

/// The user's side of one task.
#[derive(Clone, Debug, Default)]
pub struct Lwp {
    /// `CLONE_*` flags of its creation, if that was seen.
    pub clone_flags: Option<u64>,
    /// What it shared with its creator at birth: bits of [`tracer_common::task::Shared`].
    pub shared_at_birth: u32,
    /// The stack pointer with which it entered user mode; zero if not known.
    pub stack: u64,
    /// Its TLS base at birth; zero if none or not known.
    pub tls: u64,
    /// Its number in its creator's pid namespace; zero if not known.
    pub ns_tid: u32,
    /// Real user id.
    pub uid: u32,
    /// Real group id.
    pub gid: u32,
    /// What it blocks, and the handlers that run.
    pub mask: Mask,
    /// The signal by which it exited.
    pub killed_by: Option<KilledBy>,
    /// The recorded call that a signal ended last, and when, ns.
    pub interrupted: Option<(&'static str, u64)>,
    /// `rt_sigprocmask` calls that returned no error.
    pub mask_changes: u64,
    /// Signals it took.
    pub signals: u64,
    /// Handlers it returned from.
    pub handler_returns: u64,
    /// Futex calls that waited, with the time in them.
    pub futex_waits: Distribution,
    /// Futex calls that woke or moved waiters.
    pub futex_wakes: u64,
}

impl Lwp {
    /// As created.
    pub fn born(newtask: &Newtask) -> Self {
        Self {
            clone_flags: Some(newtask.clone_flags),
            shared_at_birth: newtask.shared,
            stack: newtask.stack,
            tls: newtask.tls,
            ns_tid: newtask.ns_tid,
            uid: newtask.identity.uid,
            gid: newtask.identity.gid,
            ..Self::default()
        }
    }
}
