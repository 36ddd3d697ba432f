//! How tasks come to be and what they become: seen, created, exec, renamed.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::Header;
use crate::task::{Accounts, Comm, Identity, TaskKey};

/// Longest file name an [`Exec`] carries, bytes; longer ones are cut.
pub const FILENAME_MAX: usize = 256;

/// A task that existed when it was looked at: a line of the task iterator, taken at the start
/// and at the end of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct TaskSeen {
    /// `cpu` is [`Header::NO_CPU`] and `seq` zero.
    pub header: Header,
    /// Who it is.
    pub identity: Identity,
    /// Its accounts so far.
    pub accounts: Accounts,
    /// `__state | exit_state` as it was read, and in which call it sleeps, packed as in
    /// [`crate::record::Switch`]: the task may have been running meanwhile.
    pub state: u32,
    /// The CPU it last ran or was queued on.
    pub cpu: u32,
    /// One if the task is followed, else zero.
    pub followed: u32,
    /// One if it was on a CPU (`on_cpu`) when it was read, else zero.
    pub on_cpu: u32,
}

/// A task was created (`task_newtask`); it has not run yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Newtask {
    /// Made by the creator.
    pub header: Header,
    /// The new task.
    pub identity: Identity,
    /// `CLONE_*` flags; the exit signal is not among them.
    pub clone_flags: u64,
    /// The stack pointer with which the child enters user mode; zero for a kernel thread.
    pub stack: u64,
    /// The child's TLS base (x86: `fsbase`, arm64: `tp_value`); zero if none or unknown.
    pub tls: u64,
    /// The thread that called clone, fork or vfork.
    pub creator_tid: u32,
    /// `exit_signal`: what the parent is sent at its death; -1 for a thread that is not the leader.
    pub exit_signal: i32,
    /// [`crate::task::Shared`] bits: what it shares with its creator, by comparing the pointers.
    pub shared: u32,
    /// The child's number in its creator's pid namespace: what clone returned.
    pub ns_tid: u32,
}

/// `sched_process_fork`: creation succeeded; comes after the same child's [`Newtask`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Fork {
    /// Made by the creator.
    pub header: Header,
    /// The thread that called clone, fork or vfork.
    pub parent_tid: u32,
    /// The new task.
    pub child_tid: u32,
}

/// A new program runs in the task (`sched_process_exec`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Exec {
    /// Made by the task itself.
    pub header: Header,
    /// Who the task is now.
    pub identity: Identity,
    /// Its tid before: another than `identity.key.tid` if a thread that is not the leader called
    /// exec and took over the leader's number and start time.
    pub old_tid: u32,
    /// Bytes used of `filename`.
    pub filename_len: u32,
    /// `bprm->filename`, not terminated.
    pub filename: [u8; FILENAME_MAX],
}

/// The task's name changed (`task_rename`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Rename {
    /// Made by whoever renames, usually the task itself.
    pub header: Header,
    /// The task.
    pub key: TaskKey,
    /// The new name.
    pub comm: Comm,
}

/// What a task shares was changed by `unshare`, `setns` or a call that sets ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Resourced {
    /// Made by the task itself, after the call.
    pub header: Header,
    /// Who the task is now.
    pub identity: Identity,
}

const _: () = assert!(size_of::<TaskSeen>() == 216);
const _: () = assert!(size_of::<Newtask>() == 168);
const _: () = assert!(size_of::<Fork>() == 24);
const _: () = assert!(size_of::<Exec>() == 392);
const _: () = assert!(size_of::<Rename>() == 48);
const _: () = assert!(size_of::<Resourced>() == 128);
