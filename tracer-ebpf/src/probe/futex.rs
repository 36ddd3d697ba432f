//! Futex calls (`kernel/futex/syscalls.c`, v6.18).

use tracer_common::config::Call;
use tracer_common::record::{Futex, FutexCall};
use tracer_common::{Header, Kind};

use crate::emit;
use crate::kernel::copy_user;
use crate::maps::Mark;
use crate::task::{Registers, Task};

const FUTEX_PRIVATE: u32 = 128;
const FUTEX_CMD_MASK: u32 = 127;
const FUTEX_LOCK_PI: u32 = 6;
const FUTEX_UNLOCK_PI: u32 = 7;
const FUTEX_TRYLOCK_PI: u32 = 8;
const FUTEX_LOCK_PI2: u32 = 13;

/// The futex word before a PI operation, whose value is the owner's tid; zero for other calls.
#[inline(always)]
pub(super) fn word(class: u8, regs: Registers) -> u32 {
    if class != Call::FUTEX {
        return 0;
    }
    match regs.arg::<1>() as u32 & FUTEX_CMD_MASK {
        FUTEX_LOCK_PI | FUTEX_UNLOCK_PI | FUTEX_TRYLOCK_PI | FUTEX_LOCK_PI2 => {
            copy_user::<u32>(regs.arg::<0>()).unwrap_or(0)
        }
        _ => 0,
    }
}

/// A futex call returned.
#[inline(always)]
pub(super) fn ended(task: Task, class: u8, mut begun: Mark, regs: Registers, ret: i64) {
    begun.call = u32::from(class);
    emit::record(Kind::FUTEX, |header| Futex { ret, ..of(header, task, begun, regs) });
}

/// What the registers say of a futex call, ended or not.
#[inline(always)]
pub(super) fn of(header: Header, task: Task, begun: Mark, regs: Registers) -> Futex {
    let class = begun.call as u8;
    let (call, op, val, uaddr2) = match class {
        Call::FUTEX => (FutexCall::FUTEX, regs.arg::<1>(), regs.arg::<2>(), regs.arg::<4>()),
        // futex_wake(uaddr, mask, nr, flags)
        Call::FUTEX_WAKE => (FutexCall::WAKE, regs.arg::<3>(), regs.arg::<2>(), 0),
        // futex_wait(uaddr, val, mask, flags, …): the flags are its fourth argument
        Call::FUTEX_WAIT => (FutexCall::WAIT, regs.arg::<3>(), regs.arg::<1>(), 0),
        // futex_requeue(waiters, flags, nr_wake, nr_requeue)
        Call::FUTEX_REQUEUE => (FutexCall::REQUEUE, regs.arg::<1>(), regs.arg::<2>(), 0),
        // futex_waitv(waiters, nr_futexes, flags, …)
        _ => (FutexCall::WAITV, regs.arg::<2>(), regs.arg::<1>(), 0),
    };
    let is_private = op as u32 & FUTEX_PRIVATE != 0;
    Futex {
        header,
        begin_ns: begun.begin_ns,
        uaddr: regs.arg::<0>(),
        uaddr2,
        object: if is_private { 0 } else { task.mm() },
        offset: regs.arg::<0>(),
        ret: 0,
        tid: task.tid(),
        call,
        op: op as u32,
        val: val as u32,
        word: begun.word,
        key_unknown: u32::from(!is_private),
    }
}
