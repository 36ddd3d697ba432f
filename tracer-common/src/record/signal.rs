//! Signals: generated, and delivered.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::Header;

/// A signal was sent (`signal_generate`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct SignalGenerate {
    /// Made by the sender.
    pub header: Header,
    /// The task it is sent to; for a group signal, the one the sender named.
    pub target_tid: u32,
    /// That task's thread group.
    pub target_tgid: u32,
    /// The task that was running; the sender if `context` is task context.
    pub sender_tid: u32,
    /// [`crate::record::Context`] of the sender.
    pub context: u32,
    /// Signal number.
    pub sig: u32,
    /// `si_code`; zero unless `info_kind` is [`InfoKind::GIVEN`].
    pub code: i32,
    /// `TRACE_SIGNAL_*` (`include/trace/events/signal.h`): 0 delivered, 1 ignored, 2 already
    /// pending, 3 overflow failed, 4 information lost.
    pub result: u32,
    /// One if sent to the whole process, zero if to the thread.
    pub group: u32,
    /// [`InfoKind`].
    pub info_kind: u32,
    /// `si_pid` where sig and code give it that meaning, else zero.
    pub si_pid: u32,
    /// The target's blocked signals: bit n-1 is signal n.
    pub blocked: u64,
}

/// A signal was taken by a task (`signal_deliver`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct SignalDeliver {
    /// Made by the task that takes it.
    pub header: Header,
    /// The task.
    pub tid: u32,
    /// Signal number; every fatal signal of a group arrives as 9 (`SIGKILL`).
    pub sig: u32,
    /// `si_code`; zero unless `info_kind` is [`InfoKind::GIVEN`].
    pub code: i32,
    /// [`InfoKind`].
    pub info_kind: u32,
    /// Address of the handler; 0 default action, 1 ignored.
    pub handler: u64,
    /// `SA_*` flags.
    pub sa_flags: u64,
    /// The task's blocked signals before the handler's own mask is applied.
    pub blocked: u64,
    /// The handler's own mask: what it blocks besides while it runs.
    pub sa_mask: u64,
    /// `si_pid` where sig and code give it that meaning, else zero.
    pub si_pid: u32,
    /// Always zero.
    pub reserved: u32,
}

/// What the kernel passed as `struct kernel_siginfo *`.
#[derive(Clone, Copy, Debug)]
pub struct InfoKind;

impl InfoKind {
    /// `SEND_SIG_NOINFO`: sent by a user task, without details.
    pub const NOINFO: u32 = 0;
    /// `SEND_SIG_PRIV`: sent by the kernel.
    pub const PRIV: u32 = 1;
    /// A real structure.
    pub const GIVEN: u32 = 3;
    /// A real structure that could not be read.
    pub const FAULT: u32 = 4;
}

const _: () = assert!(size_of::<SignalGenerate>() == 64);
const _: () = assert!(size_of::<SignalDeliver>() == 72);
