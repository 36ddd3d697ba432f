//! System calls by number, as the machine that recorded counts them, and what one sleeps for in
//! them.

use std::borrow::Cow;

use serde::Serialize;
use syscalls::{aarch64, x86_64};

/// Whose numbers a recording has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Machine {
    /// `x86_64`
    X86,
    /// `aarch64`
    Arm64,
    /// One whose numbers are not known here.
    #[default]
    Other,
}

/// What a task sleeps for, as far as the call that it sleeps in tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// A futex: a lock, a condition, the end of a thread.
    Futex,
    /// A signal: `pause`, `rt_sigsuspend`, `rt_sigtimedwait`.
    SignalWait,
    /// A child: `wait4`, `waitid`, or its `exec` or end in `vfork`.
    ChildWait,
    /// Any of several files: `poll`, `select`, `epoll_wait`, and `io_uring_enter`.
    Poll,
    /// One file, pipe or socket.
    Io,
    /// Time to pass: `nanosleep`, `clock_nanosleep`.
    Timer,
    /// No call: a page fault or another trap out of user mode.
    Fault,
    /// A kernel thread, whatever it waits for.
    Kernel,
    /// Another call.
    Other,
    /// Not known.
    Unknown,
}

impl Class {
    /// All, in the order of the report.
    pub const ALL: [Self; 10] = [
        Self::Futex,
        Self::SignalWait,
        Self::ChildWait,
        Self::Poll,
        Self::Io,
        Self::Timer,
        Self::Fault,
        Self::Kernel,
        Self::Other,
        Self::Unknown,
    ];

    /// Its name, the same as in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Futex => "futex",
            Self::SignalWait => "signal_wait",
            Self::ChildWait => "child_wait",
            Self::Poll => "poll",
            Self::Io => "io",
            Self::Timer => "timer",
            Self::Fault => "fault",
            Self::Kernel => "kernel",
            Self::Other => "other",
            Self::Unknown => "unknown",
        }
    }

    /// Of a call of this name.
    pub fn of(call: &str) -> Self {
        match call {
            "futex" | "futex_wait" | "futex_waitv" | "futex_requeue" => Self::Futex,
            "pause" | "rt_sigsuspend" | "rt_sigtimedwait" => Self::SignalWait,
            "wait4" | "waitid" | "vfork" | "clone" | "clone3" => Self::ChildWait,
            "poll" | "ppoll" | "select" | "pselect6" | "epoll_wait" | "epoll_pwait"
            | "epoll_pwait2" | "io_uring_enter" => Self::Poll,
            "nanosleep" | "clock_nanosleep" => Self::Timer,
            _ if IO.contains(&call) => Self::Io,
            _ => Self::Other,
        }
    }
}

/// Calls that wait for a file, a pipe or a socket, or for the disk behind it.
const IO: [&str; 40] = [
    "accept",
    "accept4",
    "close",
    "connect",
    "copy_file_range",
    "fallocate",
    "fdatasync",
    "flock",
    "fsync",
    "ftruncate",
    "getdents",
    "getdents64",
    "io_getevents",
    "io_pgetevents",
    "msgrcv",
    "msgsnd",
    "mq_timedreceive",
    "mq_timedsend",
    "open",
    "openat",
    "openat2",
    "pread64",
    "preadv",
    "preadv2",
    "pwrite64",
    "pwritev",
    "pwritev2",
    "read",
    "readv",
    "recvfrom",
    "recvmmsg",
    "recvmsg",
    "sendfile",
    "sendmmsg",
    "sendmsg",
    "sendto",
    "splice",
    "sync_file_range",
    "write",
    "writev",
];

impl Machine {
    /// By its name, as `uname -m` has it.
    pub fn of(name: &str) -> Self {
        match name {
            "x86_64" => Self::X86,
            "aarch64" => Self::Arm64,
            _ => Self::Other,
        }
    }

    /// The name of a call; `syscall_N` for one that is not known.
    pub fn call(self, number: u32) -> Cow<'static, str> {
        let name = match self {
            Self::X86 => x86_64::Sysno::new(number as usize).map(|call| call.name()),
            Self::Arm64 => aarch64::Sysno::new(number as usize).map(|call| call.name()),
            Self::Other => None,
        };
        name.map_or_else(|| format!("syscall_{number}").into(), Cow::Borrowed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_mean_different_calls_on_different_machines() {
        assert_eq!(Machine::of("x86_64").call(202), "futex");
        assert_eq!(Machine::of("aarch64").call(98), "futex");
        assert_eq!(Machine::of("x86_64").call(455), Machine::of("aarch64").call(455));
        assert_eq!(Machine::of("riscv64").call(98), "syscall_98");
        assert_eq!(Machine::X86.call(9999), "syscall_9999");
    }

    #[test]
    fn every_call_that_has_a_class_exists() {
        for machine in [Machine::X86, Machine::Arm64] {
            let names: Vec<_> = (0..600).map(|number| machine.call(number)).collect();
            let known = IO.iter().filter(|call| names.iter().any(|name| name == *call)).count();
            // arm64 has no `getdents` and no `open`.
            assert_eq!(known, if machine == Machine::X86 { IO.len() } else { IO.len() - 2 });
        }
        assert_eq!(Class::of("read"), Class::Io);
        assert_eq!(Class::of("wait4"), Class::ChildWait);
        assert_eq!(Class::of("syscall_9999"), Class::Other);
    }

    #[test]
    fn names_are_those_of_the_json() {
        for class in Class::ALL {
            assert_eq!(serde_json::json!(class), class.name());
        }
    }
}
