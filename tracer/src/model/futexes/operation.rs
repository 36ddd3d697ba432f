//! What a futex call asked for.

use tracer_common::record::{Futex, FutexCall};

/// `FUTEX_PRIVATE_FLAG` of `futex`, `FUTEX2_PRIVATE` of the newer calls: the same bit.
const PRIVATE: u32 = 128;
/// `FUTEX_CLOCK_REALTIME`
const CLOCK_REALTIME: u32 = 256;

/// What kind of call it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It sleeps until woken, or until it has the lock.
    Wait,
    /// It wakes waiters, or moves them to another futex.
    Wake,
    /// Neither: a try, or an operation that is not known.
    Other,
}

/// The operation, its flags decoded.
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// The kernel's name.
    pub name: &'static str,
    /// What it does.
    pub role: Role,
    /// Only threads of the caller's address space can use this futex.
    pub private: bool,
    /// The timeout is of `CLOCK_REALTIME`.
    pub realtime: bool,
    /// The word has the owner's tid, by the kernel's rules.
    pub pi: bool,
    /// It moves waiters to another futex.
    pub moves: bool,
    /// A wait whose good end can be that the caller has the lock.
    pub takes: bool,
}

impl Operation {
    /// Of a call.
    pub fn of(futex: &Futex) -> Self {
        let (name, role) = match futex.call {
            FutexCall::WAKE => ("futex_wake", Role::Wake),
            FutexCall::WAIT => ("futex_wait", Role::Wait),
            FutexCall::REQUEUE => ("futex_requeue", Role::Wake),
            FutexCall::WAITV => ("futex_waitv", Role::Wait),
            _ => named(futex.op & !(PRIVATE | CLOCK_REALTIME)),
        };
        let realtime = futex.call == FutexCall::FUTEX && futex.op & CLOCK_REALTIME != 0;
        let pi = matches!(name, "FUTEX_LOCK_PI" | "FUTEX_LOCK_PI2" | "FUTEX_UNLOCK_PI");
        let moves = matches!(
            name,
            "FUTEX_REQUEUE" | "FUTEX_CMP_REQUEUE" | "FUTEX_CMP_REQUEUE_PI" | "futex_requeue"
        );
        let takes = role == Role::Wait && !matches!(name, "futex_waitv" | "FUTEX_WAIT_REQUEUE_PI");
        Self { name, role, private: futex.op & PRIVATE != 0, realtime, pi, moves, takes }
    }
}

fn named(command: u32) -> (&'static str, Role) {
    match command {
        0 => ("FUTEX_WAIT", Role::Wait),
        1 => ("FUTEX_WAKE", Role::Wake),
        2 => ("FUTEX_FD", Role::Other),
        3 => ("FUTEX_REQUEUE", Role::Wake),
        4 => ("FUTEX_CMP_REQUEUE", Role::Wake),
        5 => ("FUTEX_WAKE_OP", Role::Wake),
        6 => ("FUTEX_LOCK_PI", Role::Wait),
        7 => ("FUTEX_UNLOCK_PI", Role::Wake),
        8 => ("FUTEX_TRYLOCK_PI", Role::Other),
        9 => ("FUTEX_WAIT_BITSET", Role::Wait),
        10 => ("FUTEX_WAKE_BITSET", Role::Wake),
        11 => ("FUTEX_WAIT_REQUEUE_PI", Role::Wait),
        12 => ("FUTEX_CMP_REQUEUE_PI", Role::Wake),
        13 => ("FUTEX_LOCK_PI2", Role::Wait),
        _ => ("unknown", Role::Other),
    }
}
