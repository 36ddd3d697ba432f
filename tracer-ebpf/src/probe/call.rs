//! The other recorded calls: masks, handlers' returns, affinity, scheduling parameters, waiting.

use tracer_common::config::Call;
use tracer_common::record::{Affinity, Policy, PolicyCall, SigMask, SigReturn, Wait, WaitCall};
use tracer_common::{Header, Kind};

use crate::emit;
use crate::kernel::copy_user;
use crate::maps::Mark;
use crate::registers::Args;
use crate::task::Task;

/// Offset of `si_pid` in the `siginfo_t` that `waitid` fills.
const SI_PID: u64 = 16;

/// Offsets in `struct sched_attr` (`include/uapi/linux/sched/types.h`).
const ATTR_POLICY: u64 = 4;
const ATTR_NICE: u64 = 16;
const ATTR_PRIORITY: u64 = 20;

/// `rt_sigreturn` was entered.
#[inline(always)]
pub(super) fn sigreturn(task: Task) {
    emit::record(Kind::SIGRETURN, |header| SigReturn { header, tid: task.tid(), reserved: 0 });
}

/// A call other than a futex's returned.
#[inline(always)]
pub(super) fn ended(task: Task, begun: Mark, args: Args, ret: i64) {
    let (class, begin_ns) = (begun.call as u8, begun.begin_ns);
    match class {
        Call::SIGPROCMASK => emit::record(Kind::SIGMASK, |header| SigMask {
            header,
            begin_ns,
            blocked: task.blocked(),
            tid: task.tid(),
            how: args[0] as u32,
            ret,
        }),
        Call::SIGTIMEDWAIT..=Call::EPOLL_PWAIT => borrowed_mask(task, class, begin_ns, args, ret),
        Call::SETAFFINITY => {
            let mask = affinity_mask(args);
            emit::record(Kind::AFFINITY, |header| Affinity {
                header,
                begin_ns,
                mask,
                ret,
                tid: task.tid(),
                target: args[0] as u32,
            });
        }
        Call::WAIT4 | Call::WAITID => {
            let child = reported(class, args, ret);
            emit::record(Kind::WAIT, |header| Wait {
                ret,
                child,
                ..wait(header, task, begun, args)
            });
        }
        _ => policy(task, class, begin_ns, args, ret),
    }
}

/// Whether a call has a signal mask of its own to put on, where it has a choice.
#[inline(always)]
pub(super) fn has_mask(class: u8, args: Args) -> bool {
    match class {
        Call::PPOLL => args[3] != 0,
        Call::EPOLL_PWAIT => args[4] != 0,
        _ => true,
    }
}

/// A call ended that had a signal mask of its own: that of the task is back, but where a signal
/// ended it.
#[inline(always)]
fn borrowed_mask(task: Task, class: u8, begin_ns: u64, args: Args, ret: i64) {
    let (how, at) = match class {
        Call::SIGTIMEDWAIT => (SigMask::TIMEDWAIT, args[0]),
        Call::SIGSUSPEND => (SigMask::SUSPEND, args[0]),
        Call::PPOLL => (SigMask::PPOLL, args[3]),
        _ => (SigMask::EPOLL_PWAIT, args[4]),
    };
    let Some(mask) = copy_user::<u64>(at) else { return };
    // The one names what it wants, the others what they do not want.
    let blocked = if class == Call::SIGTIMEDWAIT { task.blocked() & !mask } else { mask };
    emit::record(Kind::SIGMASK, |header| SigMask {
        header,
        begin_ns,
        blocked,
        tid: task.tid(),
        how,
        ret,
    });
}

#[inline(always)]
fn affinity_mask(args: Args) -> u64 {
    // A mask shorter than 8 bytes leaves the rest unset.
    let bytes = (args[1] as u32).min(8);
    let mask = copy_user::<u64>(args[2]).unwrap_or(0);
    if bytes < 8 { mask & ((1 << (bytes * 8)) - 1) } else { mask }
}

#[inline(always)]
fn policy(task: Task, class: u8, begin_ns: u64, args: Args, ret: i64) {
    let (call, target, policy, prio, which) = match class {
        Call::SETSCHEDULER => {
            let prio = copy_user::<i32>(args[2]).unwrap_or(0);
            (PolicyCall::SETSCHEDULER, args[0], args[1] as i32, prio, 0)
        }
        Call::SETPARAM => {
            let prio = copy_user::<i32>(args[1]).unwrap_or(0);
            (PolicyCall::SETPARAM, args[0], -1, prio, 0)
        }
        Call::SETATTR => {
            let attr = args[1];
            let policy = copy_user::<i32>(attr + ATTR_POLICY).unwrap_or(-1);
            // Real-time policies have a priority, the others a nice value.
            let at = if matches!(policy, 1 | 2) { ATTR_PRIORITY } else { ATTR_NICE };
            let prio = copy_user::<i32>(attr + at).unwrap_or(0);
            (PolicyCall::SETATTR, args[0], policy, prio, 0)
        }
        _ => {
            let which = args[0] as u32;
            (PolicyCall::SETPRIORITY, args[1], -1, args[2] as i32, which)
        }
    };
    emit::record(Kind::POLICY, |header| Policy {
        header,
        begin_ns,
        ret,
        tid: task.tid(),
        target: target as u32,
        call,
        policy,
        prio,
        which,
    });
}

/// What the registers say of a call that waits for children, ended or not.
#[inline(always)]
pub(super) fn wait(header: Header, task: Task, begun: Mark, args: Args) -> Wait {
    let is_wait4 = begun.call == u32::from(Call::WAIT4);
    Wait {
        header,
        begin_ns: begun.begin_ns,
        ret: 0,
        tid: task.tid(),
        call: if is_wait4 { WaitCall::WAIT4 } else { WaitCall::WAITID },
        which: (if is_wait4 { args[0] } else { args[1] }) as i32,
        options: (if is_wait4 { args[2] } else { args[3] }) as u32,
        child: 0,
        idtype: if is_wait4 { 0 } else { args[0] as u32 },
    }
}

/// The child that a wait reported.
#[inline(always)]
fn reported(class: u8, args: Args, ret: i64) -> u32 {
    if class == Call::WAIT4 {
        return if ret > 0 { ret as u32 } else { 0 };
    }
    let info = args[2];
    if ret != 0 || info == 0 {
        return 0;
    }
    copy_user::<u32>(info + SI_PID).unwrap_or(0)
}
