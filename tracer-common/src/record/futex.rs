//! Futex calls.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::Header;

/// A futex call ended, or at the end of a recording had not ended yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Futex {
    /// Made by the caller; `at_ns` is the end of the call. From the task iterator
    /// (`cpu` is [`Header::NO_CPU`]): the call was still going on.
    pub header: Header,
    /// When the call was entered, ns; zero if that was before the tracing began.
    pub begin_ns: u64,
    /// The address the call named (`uaddr`). Where the futexes are in an array: for
    /// `futex_requeue` the first, for `futex_waitv` the one that was woken, or the first if none
    /// was; while such a call goes on, the address of the array.
    pub uaddr: u64,
    /// The second address of requeue and wake-op calls, else zero.
    pub uaddr2: u64,
    /// Identity of what a process-shared futex lies in: the file's inode number and device, or
    /// the `mm` for anonymous memory. Zero for a private futex: then it is the caller's `mm`.
    pub object: u64,
    /// Offset of the futex in that object, bytes; for anonymous memory the address.
    pub offset: u64,
    /// What the call returned; meaningless while it goes on.
    pub ret: i64,
    /// The caller.
    pub tid: u32,
    /// [`FutexCall`].
    pub call: u32,
    /// `op` of `futex`, flags included; the flags of a futex2 call, or of the futex in its array.
    pub op: u32,
    /// `val`: what a wait expects, how many a wake wakes.
    pub val: u32,
    /// For PI operations the futex word as read at the call's begin: the owner's tid and flags.
    /// For waits the second word after it, where glibc's mutexes have the owner's tid; other
    /// futexes have anything there. Zero for other calls.
    pub word: u32,
    /// One if `object` is not known for a process-shared futex.
    pub key_unknown: u32,
}

/// Which system call a [`Futex`] record is of.
#[derive(Clone, Copy, Debug)]
pub struct FutexCall;

impl FutexCall {
    /// `futex`
    pub const FUTEX: u32 = 1;
    /// `futex_wake`
    pub const WAKE: u32 = 2;
    /// `futex_wait`
    pub const WAIT: u32 = 3;
    /// `futex_requeue`
    pub const REQUEUE: u32 = 4;
    /// `futex_waitv`
    pub const WAITV: u32 = 5;
}

const _: () = assert!(size_of::<Futex>() == 88);
