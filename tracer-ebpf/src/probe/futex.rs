//! Futex calls (`kernel/futex/syscalls.c`, v6.18).

use tracer_common::config::Call;
use tracer_common::record::{Futex, FutexCall};
use tracer_common::{Header, Kind};

use crate::emit;
use crate::kernel::copy_user;
use crate::maps::Mark;
use crate::registers::Args;
use crate::task::Task;
use crate::vma::{self, Place};

const FUTEX_PRIVATE: u32 = 128;
/// Most futexes that a call waits for.
const FUTEX_WAITV_MAX: u64 = 128;
const FUTEX_CMD_MASK: u32 = 127;
/// Where glibc's mutexes have their owner, from the futex word on, bytes.
const OWNER_OFFSET: u64 = 8;

const FUTEX_WAIT: u32 = 0;
const FUTEX_REQUEUE: u32 = 3;
const FUTEX_CMP_REQUEUE: u32 = 4;
const FUTEX_WAKE_OP: u32 = 5;
const FUTEX_LOCK_PI: u32 = 6;
const FUTEX_UNLOCK_PI: u32 = 7;
const FUTEX_TRYLOCK_PI: u32 = 8;
const FUTEX_WAIT_BITSET: u32 = 9;
const FUTEX_WAIT_REQUEUE_PI: u32 = 11;
const FUTEX_CMP_REQUEUE_PI: u32 = 12;
const FUTEX_LOCK_PI2: u32 = 13;

/// What the lock says of its owner, whose tid it can be: before a PI operation the futex word,
/// before a wait the second word after it, where glibc's mutexes have it (`__data.__owner`); zero
/// for other calls.
#[inline(always)]
pub(super) fn word(class: u8, [uaddr, op, ..]: Args) -> u32 {
    let offset = match class {
        Call::FUTEX => match op as u32 & FUTEX_CMD_MASK {
            FUTEX_LOCK_PI | FUTEX_UNLOCK_PI | FUTEX_TRYLOCK_PI | FUTEX_LOCK_PI2 => 0,
            FUTEX_WAIT | FUTEX_WAIT_BITSET => OWNER_OFFSET,
            _ => return 0,
        },
        Call::FUTEX_WAIT => OWNER_OFFSET,
        _ => return 0,
    };
    copy_user::<u32>(uaddr.wrapping_add(offset)).unwrap_or(0)
}

/// A futex call returned.
#[inline(always)]
pub(super) fn ended(task: Task, begun: Mark, args: Args, ret: i64) {
    if matches!(begun.call as u8, Call::FUTEX_WAITV | Call::FUTEX_REQUEUE) {
        return vector_ended(task, begun, args, ret);
    }
    let key = key(task, begun, args);
    emit::record(Kind::FUTEX, |header| Futex { ret, ..of(header, task, begun, args, key) });
}

/// A call returned that has its futexes in an array: of `futex_waitv` the one that was woken is
/// told, or the first if none was; of `futex_requeue` both.
#[inline(always)]
fn vector_ended(task: Task, begun: Mark, args: Args, ret: i64) {
    let requeues = begun.call as u8 == Call::FUTEX_REQUEUE;
    let woken = if requeues || ret < 0 { 0 } else { ret as u64 & (FUTEX_WAITV_MAX - 1) };
    let Some(waiter) = copy_user::<Waiter>(args[0].wrapping_add(woken * WAITER_SIZE)) else {
        return emit::record(Kind::FUTEX, |header| Futex {
            ret,
            ..of(header, task, begun, args, Key::UNKNOWN)
        });
    };
    let second = copy_user::<Waiter>(args[0].wrapping_add(WAITER_SIZE));
    let uaddr2 = if requeues { second.map_or(0, |second| second.uaddr) } else { 0 };
    let key = if waiter.flags & FUTEX_PRIVATE != 0 {
        Key::PRIVATE
    } else {
        shared_key(task, waiter.uaddr)
    };
    emit::record(Kind::FUTEX, |header| Futex {
        ret,
        uaddr: waiter.uaddr,
        uaddr2,
        op: waiter.flags,
        ..of(header, task, begun, args, key)
    });
}

/// `struct futex_waitv` (`include/uapi/linux/futex.h`, v6.18).
#[derive(Clone, Copy)]
#[repr(C)]
struct Waiter {
    _val: u64,
    uaddr: u64,
    flags: u32,
    _reserved: u32,
}

const WAITER_SIZE: u64 = size_of::<Waiter>() as u64;

/// What a call's mark and arguments say of it, ended or not.
#[inline(always)]
pub(super) fn of(header: Header, task: Task, begun: Mark, args: Args, key: Key) -> Futex {
    let Operation { call, flags, val, uaddr2 } = operation(begun, args);
    let Key { object, offset, unknown } = key;
    Futex {
        header,
        begin_ns: begun.begin_ns,
        uaddr: args[0],
        uaddr2,
        object,
        offset,
        ret: 0,
        tid: task.tid(),
        call,
        op: flags,
        val,
        word: begun.word,
        key_unknown: unknown,
    }
}

/// What the different calls have in common, wherever each has it.
struct Operation {
    call: u32,
    flags: u32,
    val: u32,
    uaddr2: u64,
}

#[inline(always)]
fn operation(begun: Mark, args: Args) -> Operation {
    let [_, a1, a2, a3, a4] = args;
    let (call, flags, val, uaddr2) = match begun.call as u8 {
        // futex(uaddr, op, val, timeout, uaddr2, val3)
        Call::FUTEX => (FutexCall::FUTEX, a1, a2, if has_second(a1) { a4 } else { 0 }),
        // futex_wake(uaddr, mask, nr, flags)
        Call::FUTEX_WAKE => (FutexCall::WAKE, a3, a2, 0),
        // futex_wait(uaddr, val, mask, flags, timeout, clockid)
        Call::FUTEX_WAIT => (FutexCall::WAIT, a3, a1, 0),
        // futex_requeue(waiters, flags, nr_wake, nr_requeue)
        Call::FUTEX_REQUEUE => (FutexCall::REQUEUE, a1, a2, 0),
        // futex_waitv(waiters, nr_futexes, flags, timeout, clockid)
        _ => (FutexCall::WAITV, a2, a1, 0),
    };
    Operation { call, flags: flags as u32, val: val as u32, uaddr2 }
}

/// Whether an operation of `futex` has a second address.
#[inline(always)]
fn has_second(op: u64) -> bool {
    matches!(
        op as u32 & FUTEX_CMD_MASK,
        FUTEX_REQUEUE
            | FUTEX_CMP_REQUEUE
            | FUTEX_WAKE_OP
            | FUTEX_WAIT_REQUEUE_PI
            | FUTEX_CMP_REQUEUE_PI
    )
}

/// What a futex lies in, as `get_futex_key` (`kernel/futex/core.c`, v6.18) tells futexes apart.
#[derive(Clone, Copy)]
pub(super) struct Key {
    object: u64,
    offset: u64,
    unknown: u32,
}

impl Key {
    /// In the caller's own memory.
    pub(super) const PRIVATE: Self = Self { object: 0, offset: 0, unknown: 0 };
    /// A process-shared futex that could not be looked up.
    pub(super) const UNKNOWN: Self = Self { object: 0, offset: 0, unknown: 1 };
}

/// The key of the futex that a call names. Private ones need none; of a call that goes on and has
/// its futexes in an array it is not known.
#[inline(always)]
pub(super) fn key(task: Task, begun: Mark, args: Args) -> Key {
    if matches!(begun.call as u8, Call::FUTEX_WAITV | Call::FUTEX_REQUEUE) {
        return Key::UNKNOWN;
    }
    if is_private(begun, args) {
        return Key::PRIVATE;
    }
    shared_key(task, args[0])
}

/// The key of a process-shared futex at this address of the current task.
#[inline(always)]
fn shared_key(task: Task, uaddr: u64) -> Key {
    let Some(place) = vma::place(task, uaddr) else { return Key::UNKNOWN };
    match place {
        Place { object: 0, .. } => Key { object: task.mm(), offset: uaddr, unknown: 0 },
        Place { object, offset } => Key { object, offset, unknown: 0 },
    }
}

/// Whether a call says that its futex is no other process's business.
#[inline(always)]
pub(super) fn is_private(begun: Mark, args: Args) -> bool {
    operation(begun, args).flags & FUTEX_PRIVATE != 0
}
