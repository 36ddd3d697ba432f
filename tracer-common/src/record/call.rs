//! The other system calls that tracer keeps: masks, handlers' returns, affinity, scheduling
//! parameters, and waiting for children. `begin_ns` is zero if the call began before the tracing.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::Header;

/// `rt_sigprocmask` ended, or a call that puts on a mask for its own time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct SigMask {
    /// Made by the caller.
    pub header: Header,
    /// When the call was entered, ns.
    pub begin_ns: u64,
    /// The task's blocked signals after the call: bit n-1 is signal n. For a call with a mask of
    /// its own, those blocked during the call.
    pub blocked: u64,
    /// The caller.
    pub tid: u32,
    /// `how`: 0 block, 1 unblock, 2 set; from [`SigMask::BORROWED`] on, the call that has a mask
    /// of its own.
    pub how: u32,
    /// What the call returned.
    pub ret: i64,
}

impl SigMask {
    /// The lowest `how` of a call with a mask of its own.
    pub const BORROWED: u32 = 16;
    /// `rt_sigtimedwait`: `ret` is the signal that it took.
    pub const TIMEDWAIT: u32 = 16;
    /// `rt_sigsuspend`
    pub const SUSPEND: u32 = 17;
    /// `ppoll`
    pub const PPOLL: u32 = 18;
    /// `epoll_pwait`
    pub const EPOLL_PWAIT: u32 = 19;
}

/// A signal handler returned (`rt_sigreturn` was entered).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct SigReturn {
    /// Made by the caller.
    pub header: Header,
    /// The caller.
    pub tid: u32,
    /// Always zero.
    pub reserved: u32,
}

/// `sched_setaffinity` ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Affinity {
    /// Made by the caller.
    pub header: Header,
    /// When the call was entered, ns.
    pub begin_ns: u64,
    /// The first 64 CPUs of the mask asked for, one bit each.
    pub mask: u64,
    /// What the call returned.
    pub ret: i64,
    /// The caller.
    pub tid: u32,
    /// The task it names, in the caller's pid namespace; zero is the caller.
    pub target: u32,
}

/// A call that sets policy or priority ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Policy {
    /// Made by the caller.
    pub header: Header,
    /// When the call was entered, ns.
    pub begin_ns: u64,
    /// What the call returned.
    pub ret: i64,
    /// The caller.
    pub tid: u32,
    /// The task it names, in the caller's pid namespace; zero is the caller.
    pub target: u32,
    /// [`PolicyCall`].
    pub call: u32,
    /// `SCHED_*` asked for; -1 where the call does not say.
    pub policy: i32,
    /// The real-time priority asked for, or for `setpriority` the nice value.
    pub prio: i32,
    /// `which` of `setpriority`: 0 a thread, 1 a process group, 2 a user; else zero.
    pub which: u32,
}

/// Which system call a [`Policy`] record is of.
#[derive(Clone, Copy, Debug)]
pub struct PolicyCall;

impl PolicyCall {
    /// `sched_setscheduler`
    pub const SETSCHEDULER: u32 = 1;
    /// `sched_setparam`
    pub const SETPARAM: u32 = 2;
    /// `sched_setattr`
    pub const SETATTR: u32 = 3;
    /// `setpriority`
    pub const SETPRIORITY: u32 = 4;
}

/// `wait4` or `waitid` ended, or at the end of a recording had not ended yet
/// (`cpu` is [`Header::NO_CPU`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Wait {
    /// Made by the caller.
    pub header: Header,
    /// When the call was entered, ns.
    pub begin_ns: u64,
    /// What the call returned.
    pub ret: i64,
    /// The caller.
    pub tid: u32,
    /// [`WaitCall`].
    pub call: u32,
    /// `pid` or `id` asked for.
    pub which: i32,
    /// `options`.
    pub options: u32,
    /// The child it reports, in the caller's pid namespace; zero if none or unknown.
    pub child: u32,
    /// `idtype` of `waitid`; zero for `wait4`.
    pub idtype: u32,
}

/// Which system call a [`Wait`] record is of.
#[derive(Clone, Copy, Debug)]
pub struct WaitCall;

impl WaitCall {
    /// `wait4`
    pub const WAIT4: u32 = 1;
    /// `waitid`
    pub const WAITID: u32 = 2;
}

const _: () = assert!(size_of::<SigMask>() == 48);
const _: () = assert!(size_of::<SigReturn>() == 24);
const _: () = assert!(size_of::<Affinity>() == 48);
const _: () = assert!(size_of::<Policy>() == 56);
const _: () = assert!(size_of::<Wait>() == 56);
