//! Numbers of the system calls that are recorded, on this architecture.

use tracer_common::config::{CALL_MAX, Call};

use super::family::{Families, Family};

/// The futex2 calls have the same numbers everywhere (`include/uapi/asm-generic/unistd.h`, v6.7).
const SYS_FUTEX_WAITV: i64 = 449;
const SYS_FUTEX_WAKE: i64 = 454;
const SYS_FUTEX_WAIT: i64 = 455;
const SYS_FUTEX_REQUEUE: i64 = 456;

/// One recorded system call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Recorded {
    /// Its name, from which the names of its programs are made.
    pub(super) name: &'static str,
    number: i64,
    class: u8,
    /// The family that records it.
    pub(super) family: Family,
}

macro_rules! recorded {
    ($family:ident: $($name:literal $number:expr, $class:ident;)+) => {
        [$(Recorded {
            name: $name,
            number: $number,
            class: Call::$class,
            family: Family::$family,
        }),+]
    };
}

const FUTEX: [Recorded; 5] = recorded! { Futex:
    "futex" libc::SYS_futex, FUTEX;
    "futex_waitv" SYS_FUTEX_WAITV, FUTEX_WAITV;
    "futex_wake" SYS_FUTEX_WAKE, FUTEX_WAKE;
    "futex_wait" SYS_FUTEX_WAIT, FUTEX_WAIT;
    "futex_requeue" SYS_FUTEX_REQUEUE, FUTEX_REQUEUE;
};

const CALLS: [Recorded; 23] = recorded! { Call:
    "rt_sigprocmask" libc::SYS_rt_sigprocmask, SIGPROCMASK;
    "rt_sigreturn" libc::SYS_rt_sigreturn, SIGRETURN;
    "rt_sigtimedwait" libc::SYS_rt_sigtimedwait, SIGTIMEDWAIT;
    "rt_sigsuspend" libc::SYS_rt_sigsuspend, SIGSUSPEND;
    "ppoll" libc::SYS_ppoll, PPOLL;
    "epoll_pwait" libc::SYS_epoll_pwait, EPOLL_PWAIT;
    "sched_setaffinity" libc::SYS_sched_setaffinity, SETAFFINITY;
    "sched_setscheduler" libc::SYS_sched_setscheduler, SETSCHEDULER;
    "sched_setparam" libc::SYS_sched_setparam, SETPARAM;
    "sched_setattr" libc::SYS_sched_setattr, SETATTR;
    "setpriority" libc::SYS_setpriority, SETPRIORITY;
    "wait4" libc::SYS_wait4, WAIT4;
    "waitid" libc::SYS_waitid, WAITID;
    "unshare" libc::SYS_unshare, RESOURCES;
    "setns" libc::SYS_setns, RESOURCES;
    "setuid" libc::SYS_setuid, RESOURCES;
    "setgid" libc::SYS_setgid, RESOURCES;
    "setreuid" libc::SYS_setreuid, RESOURCES;
    "setregid" libc::SYS_setregid, RESOURCES;
    "setresuid" libc::SYS_setresuid, RESOURCES;
    "setresgid" libc::SYS_setresgid, RESOURCES;
    "setgroups" libc::SYS_setgroups, RESOURCES;
    "capset" libc::SYS_capset, RESOURCES;
};

impl Recorded {
    /// The kernel function that `fentry` and `fexit` hang on. For `futex` the one below the system
    /// call, which an exiting thread calls too.
    pub(super) fn function(self) -> String {
        let prefix = if cfg!(target_arch = "aarch64") { "__arm64_sys_" } else { "__x64_sys_" };
        match self.name {
            "futex" => "do_futex".to_owned(),
            // A call without arguments has no wrapper that takes registers.
            "rt_sigreturn" => "__do_sys_rt_sigreturn".to_owned(),
            name => format!("{prefix}{}", name.trim_start_matches("sys_")),
        }
    }

    /// Another way to see the same call: before 6.6, functions with as many arguments as
    /// `do_futex` cannot be hung on.
    pub(super) fn instead(self) -> Option<Self> {
        (self.name == "futex").then_some(Self { name: "sys_futex", ..self })
    }

    /// Whether supported kernels may lack it: the futex2 calls came with 5.16 and 6.7.
    pub(super) fn is_recent(self) -> bool {
        self.number >= SYS_FUTEX_WAITV
    }

    /// The programs of its begin and its end. None sees the end of `rt_sigreturn`, which returns
    /// elsewhere.
    pub(super) fn programs(self) -> (String, Option<String>) {
        let exit = (self.class != Call::SIGRETURN).then(|| format!("exit_{}", self.name));
        (format!("enter_{}", self.name), exit)
    }
}

/// The calls that these families record.
pub(super) fn recorded(families: &Families) -> impl Iterator<Item = Recorded> {
    FUTEX.into_iter().chain(CALLS).filter(|call| families.has(call.family))
}

/// Class of every system call number, for the global `CALL_CLASS`.
pub(super) fn classes(families: &Families) -> [u8; CALL_MAX] {
    let mut classes = [Call::NONE; CALL_MAX];
    for Recorded { number, class, .. } in recorded(families) {
        if let Some(slot) = usize::try_from(number).ok().and_then(|n| classes.get_mut(n)) {
            *slot = class;
        }
    }
    classes
}
