//! Numbers of the system calls that are recorded, on this architecture.

use tracer_common::config::{CALL_MAX, Call};

use super::family::{Families, Family};

/// The futex2 calls have the same numbers everywhere (`include/uapi/asm-generic/unistd.h`, v6.7).
const SYS_FUTEX_WAITV: i64 = 449;
const SYS_FUTEX_WAKE: i64 = 454;
const SYS_FUTEX_WAIT: i64 = 455;
const SYS_FUTEX_REQUEUE: i64 = 456;

const FUTEX: &[(i64, u8)] = &[
    (libc::SYS_futex, Call::FUTEX),
    (SYS_FUTEX_WAITV, Call::FUTEX_WAITV),
    (SYS_FUTEX_WAKE, Call::FUTEX_WAKE),
    (SYS_FUTEX_WAIT, Call::FUTEX_WAIT),
    (SYS_FUTEX_REQUEUE, Call::FUTEX_REQUEUE),
];

const CALLS: &[(i64, u8)] = &[
    (libc::SYS_rt_sigprocmask, Call::SIGPROCMASK),
    (libc::SYS_rt_sigreturn, Call::SIGRETURN),
    (libc::SYS_sched_setaffinity, Call::SETAFFINITY),
    (libc::SYS_sched_setscheduler, Call::SETSCHEDULER),
    (libc::SYS_sched_setparam, Call::SETPARAM),
    (libc::SYS_sched_setattr, Call::SETATTR),
    (libc::SYS_setpriority, Call::SETPRIORITY),
    (libc::SYS_wait4, Call::WAIT4),
    (libc::SYS_waitid, Call::WAITID),
    (libc::SYS_unshare, Call::RESOURCES),
    (libc::SYS_setns, Call::RESOURCES),
    (libc::SYS_setuid, Call::RESOURCES),
    (libc::SYS_setgid, Call::RESOURCES),
    (libc::SYS_setreuid, Call::RESOURCES),
    (libc::SYS_setregid, Call::RESOURCES),
    (libc::SYS_setresuid, Call::RESOURCES),
    (libc::SYS_setresgid, Call::RESOURCES),
    (libc::SYS_setgroups, Call::RESOURCES),
    (libc::SYS_capset, Call::RESOURCES),
];

/// Class of every system call number, for the global `CALL_CLASS`.
pub(super) fn classes(families: &Families) -> [u8; CALL_MAX] {
    let mut classes = [Call::NONE; CALL_MAX];
    for (family, calls) in [(Family::Futex, FUTEX), (Family::Call, CALLS)] {
        if !families.has(family) {
            continue;
        }
        for &(number, class) in calls {
            if let Some(slot) = usize::try_from(number).ok().and_then(|n| classes.get_mut(n)) {
                *slot = class;
            }
        }
    }
    classes
}
