//! The system calls whose arguments are known by name.

/// How an argument is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum As {
    /// A signed int: a file descriptor, a process, a timeout.
    Int,
    /// A size or count.
    Count,
    /// An address.
    Address,
    /// Bits.
    Hex,
    /// A signal.
    Signal,
    /// `FUTEX_*`.
    Futex,
    /// `CLONE_*`.
    Clone,
    /// `CLOCK_*`.
    Clock,
}

use As::{Address, Clock, Clone as CloneFlags, Count, Futex as FutexOp, Hex, Int, Signal};

/// The arguments of the calls that tasks sleep in most. Those of others have no names.
pub(super) const CALLS: &[(&str, &[(&str, As)])] = &[
    (
        "futex",
        &[
            ("uaddr", Address),
            ("op", FutexOp),
            ("val", Count),
            ("timeout", Address),
            ("uaddr2", Address),
            ("val3", Hex),
        ],
    ),
    (
        "futex_waitv",
        &[
            ("waiters", Address),
            ("nr_futexes", Count),
            ("flags", Hex),
            ("timeout", Address),
            ("clockid", Clock),
        ],
    ),
    (
        "futex_wait",
        &[
            ("uaddr", Address),
            ("val", Count),
            ("mask", Hex),
            ("flags", Hex),
            ("timespec", Address),
            ("clockid", Clock),
        ],
    ),
    ("read", &[("fd", Int), ("buf", Address), ("count", Count)]),
    ("write", &[("fd", Int), ("buf", Address), ("count", Count)]),
    ("readv", &[("fd", Int), ("vec", Address), ("vlen", Count)]),
    ("writev", &[("fd", Int), ("vec", Address), ("vlen", Count)]),
    ("pread64", &[("fd", Int), ("buf", Address), ("count", Count), ("pos", Count)]),
    ("pwrite64", &[("fd", Int), ("buf", Address), ("count", Count), ("pos", Count)]),
    ("poll", &[("ufds", Address), ("nfds", Count), ("timeout_msecs", Int)]),
    (
        "ppoll",
        &[
            ("ufds", Address),
            ("nfds", Count),
            ("tsp", Address),
            ("sigmask", Address),
            ("sigsetsize", Count),
        ],
    ),
    (
        "select",
        &[("n", Int), ("inp", Address), ("outp", Address), ("exp", Address), ("tvp", Address)],
    ),
    (
        "pselect6",
        &[
            ("n", Int),
            ("inp", Address),
            ("outp", Address),
            ("exp", Address),
            ("tsp", Address),
            ("sig", Address),
        ],
    ),
    ("epoll_wait", &[("epfd", Int), ("events", Address), ("maxevents", Int), ("timeout", Int)]),
    (
        "epoll_pwait",
        &[
            ("epfd", Int),
            ("events", Address),
            ("maxevents", Int),
            ("timeout", Int),
            ("sigmask", Address),
            ("sigsetsize", Count),
        ],
    ),
    (
        "epoll_pwait2",
        &[
            ("epfd", Int),
            ("events", Address),
            ("maxevents", Int),
            ("timeout", Address),
            ("sigmask", Address),
            ("sigsetsize", Count),
        ],
    ),
    ("nanosleep", &[("rqtp", Address), ("rmtp", Address)]),
    (
        "clock_nanosleep",
        &[("which_clock", Clock), ("flags", Hex), ("rqtp", Address), ("rmtp", Address)],
    ),
    ("pause", &[]),
    ("sched_yield", &[]),
    ("rt_sigsuspend", &[("unewset", Address), ("sigsetsize", Count)]),
    (
        "rt_sigtimedwait",
        &[("uthese", Address), ("uinfo", Address), ("uts", Address), ("sigsetsize", Count)],
    ),
    ("wait4", &[("upid", Int), ("stat_addr", Address), ("options", Hex), ("ru", Address)]),
    (
        "waitid",
        &[("which", Int), ("upid", Int), ("infop", Address), ("options", Hex), ("ru", Address)],
    ),
    ("accept", &[("fd", Int), ("upeer_sockaddr", Address), ("upeer_addrlen", Address)]),
    (
        "accept4",
        &[("fd", Int), ("upeer_sockaddr", Address), ("upeer_addrlen", Address), ("flags", Hex)],
    ),
    ("connect", &[("fd", Int), ("uservaddr", Address), ("addrlen", Count)]),
    (
        "recvfrom",
        &[
            ("fd", Int),
            ("ubuf", Address),
            ("size", Count),
            ("flags", Hex),
            ("addr", Address),
            ("addr_len", Address),
        ],
    ),
    (
        "sendto",
        &[
            ("fd", Int),
            ("buff", Address),
            ("len", Count),
            ("flags", Hex),
            ("addr", Address),
            ("addr_len", Count),
        ],
    ),
    ("recvmsg", &[("fd", Int), ("msg", Address), ("flags", Hex)]),
    ("sendmsg", &[("fd", Int), ("msg", Address), ("flags", Hex)]),
    ("flock", &[("fd", Int), ("cmd", Hex)]),
    ("fcntl", &[("fd", Int), ("cmd", Int), ("arg", Hex)]),
    ("ioctl", &[("fd", Int), ("cmd", Hex), ("arg", Hex)]),
    ("fsync", &[("fd", Int)]),
    ("fdatasync", &[("fd", Int)]),
    ("openat", &[("dfd", Int), ("filename", Address), ("flags", Hex), ("mode", Hex)]),
    (
        "io_uring_enter",
        &[
            ("fd", Int),
            ("to_submit", Count),
            ("min_complete", Count),
            ("flags", Hex),
            ("argp", Address),
            ("argsz", Count),
        ],
    ),
    ("kill", &[("pid", Int), ("sig", Signal)]),
    ("tgkill", &[("tgid", Int), ("pid", Int), ("sig", Signal)]),
    ("exit", &[("error_code", Int)]),
    ("exit_group", &[("error_code", Int)]),
    ("vfork", &[]),
    (
        "clone",
        &[
            ("clone_flags", CloneFlags),
            ("newsp", Address),
            ("parent_tidptr", Address),
            ("child_tidptr", Address),
            ("tls", Address),
        ],
    ),
    ("clone3", &[("uargs", Address), ("size", Count)]),
    ("restart_syscall", &[]),
];
