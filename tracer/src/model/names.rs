//! The kernel's names for its numbers.

/// All `CLONE_*` flags (`include/uapi/linux/sched.h`), lowest first.
const CLONE_FLAGS: [(u64, &str); 27] = [
    (0x80, "CLONE_NEWTIME"),
    (0x100, "CLONE_VM"),
    (0x200, "CLONE_FS"),
    (0x400, "CLONE_FILES"),
    (0x800, "CLONE_SIGHAND"),
    (0x1000, "CLONE_PIDFD"),
    (0x2000, "CLONE_PTRACE"),
    (0x4000, "CLONE_VFORK"),
    (0x8000, "CLONE_PARENT"),
    (0x1_0000, "CLONE_THREAD"),
    (0x2_0000, "CLONE_NEWNS"),
    (0x4_0000, "CLONE_SYSVSEM"),
    (0x8_0000, "CLONE_SETTLS"),
    (0x10_0000, "CLONE_PARENT_SETTID"),
    (0x20_0000, "CLONE_CHILD_CLEARTID"),
    (0x40_0000, "CLONE_DETACHED"),
    (0x80_0000, "CLONE_UNTRACED"),
    (0x100_0000, "CLONE_CHILD_SETTID"),
    (0x200_0000, "CLONE_NEWCGROUP"),
    (0x400_0000, "CLONE_NEWUTS"),
    (0x800_0000, "CLONE_NEWIPC"),
    (0x1000_0000, "CLONE_NEWUSER"),
    (0x2000_0000, "CLONE_NEWPID"),
    (0x4000_0000, "CLONE_NEWNET"),
    (0x8000_0000, "CLONE_IO"),
    (0x1_0000_0000, "CLONE_CLEAR_SIGHAND"),
    (0x2_0000_0000, "CLONE_INTO_CGROUP"),
];

/// The names of the flags that are set. Bits without a name are in the raw number only.
pub fn clone_flags(flags: u64) -> Vec<&'static str> {
    CLONE_FLAGS.iter().filter(|(bit, _)| flags & bit != 0).map(|&(_, name)| name).collect()
}

/// `SA_*` (`include/uapi/asm-generic/signal-defs.h`, x86 and arm64).
pub(crate) const SA_FLAGS: [(u64, &str); 9] = [
    (0x1, "SA_NOCLDSTOP"),
    (0x2, "SA_NOCLDWAIT"),
    (0x4, "SA_SIGINFO"),
    (0x800, "SA_EXPOSE_TAGBITS"),
    (0x400_0000, "SA_RESTORER"),
    (0x800_0000, "SA_ONSTACK"),
    (0x1000_0000, "SA_RESTART"),
    (0x4000_0000, "SA_NODEFER"),
    (0x8000_0000, "SA_RESETHAND"),
];

/// The names of the flags of a handler that are set.
pub fn sa_flags(flags: u64) -> Vec<&'static str> {
    SA_FLAGS.iter().filter(|(bit, _)| flags & bit != 0).map(|&(_, name)| name).collect()
}

const SIGNALS: [&str; 31] = [
    "SIGHUP",
    "SIGINT",
    "SIGQUIT",
    "SIGILL",
    "SIGTRAP",
    "SIGABRT",
    "SIGBUS",
    "SIGFPE",
    "SIGKILL",
    "SIGUSR1",
    "SIGSEGV",
    "SIGUSR2",
    "SIGPIPE",
    "SIGALRM",
    "SIGTERM",
    "SIGSTKFLT",
    "SIGCHLD",
    "SIGCONT",
    "SIGSTOP",
    "SIGTSTP",
    "SIGTTIN",
    "SIGTTOU",
    "SIGURG",
    "SIGXCPU",
    "SIGXFSZ",
    "SIGVTALRM",
    "SIGPROF",
    "SIGWINCH",
    "SIGIO",
    "SIGPWR",
    "SIGSYS",
];

/// The name of a signal as `kill -l` has it: C libraries keep 32 and 33 to themselves, so that
/// programs know 34 as `SIGRTMIN`, although it is 32 for the kernel.
pub fn signal(number: u32) -> String {
    match number {
        1..=31 => SIGNALS[number as usize - 1].to_owned(),
        34 => "SIGRTMIN".to_owned(),
        35..=49 => format!("SIGRTMIN+{}", number - 34),
        50..=63 => format!("SIGRTMAX-{}", 64 - number),
        64 => "SIGRTMAX".to_owned(),
        _ => format!("SIG{number}"),
    }
}

/// Whether the kernel raises the signal for what the running instruction did.
pub fn is_fault(signal: u32) -> bool {
    // SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV, SIGSYS
    matches!(signal, 4 | 5 | 7 | 8 | 11 | 31)
}

/// The name of a softirq vector.
pub fn softirq(vec: u32) -> String {
    const NAMES: [&str; 10] = [
        "HI", "TIMER", "NET_TX", "NET_RX", "BLOCK", "IRQ_POLL", "TASKLET", "SCHED", "HRTIMER",
        "RCU",
    ];
    NAMES.get(vec as usize).map_or_else(|| vec.to_string(), |&name| name.to_owned())
}

/// The name of an interrupt vector of the CPU's own.
pub fn vector(id: u32) -> String {
    const NAMES: [&str; 5] =
        ["local_timer", "reschedule", "call_function", "call_function_single", "irq_work"];
    NAMES.get(id as usize).map_or_else(|| id.to_string(), |&name| name.to_owned())
}

/// What became of a generated signal: `TRACE_SIGNAL_*`.
pub fn signal_result(result: u32) -> String {
    const NAMES: [&str; 5] =
        ["delivered", "ignored", "already_pending", "overflow_fail", "lose_info"];
    NAMES.get(result as usize).map_or_else(|| result.to_string(), |&name| name.to_owned())
}

/// The name of an error number that a futex call can return, the kernel's own ones included
/// (a call that is restarted after a signal).
pub fn errno(number: u64) -> String {
    let name = match number {
        1 => "EPERM",
        3 => "ESRCH",
        4 => "EINTR",
        11 => "EAGAIN",
        12 => "ENOMEM",
        14 => "EFAULT",
        22 => "EINVAL",
        35 => "EDEADLK",
        38 => "ENOSYS",
        110 => "ETIMEDOUT",
        130 => "EOWNERDEAD",
        512 => "ERESTARTSYS",
        513 => "ERESTARTNOINTR",
        514 => "ERESTARTNOHAND",
        516 => "ERESTART_RESTARTBLOCK",
        _ => return format!("E{number}"),
    };
    name.to_owned()
}

/// The name of a scheduling policy, `SCHED_*`.
pub fn policy(policy: u32) -> String {
    const NAMES: [&str; 8] = ["NORMAL", "FIFO", "RR", "BATCH", "ISO", "IDLE", "DEADLINE", "EXT"];
    NAMES.get(policy as usize).map_or_else(|| policy.to_string(), |&name| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_have_the_names_of_the_header() {
        assert_eq!(clone_flags(0x3d_0f00).len(), 9, "what pthread_create passes");
        assert_eq!(clone_flags(0x2_0000_4100), ["CLONE_VM", "CLONE_VFORK", "CLONE_INTO_CGROUP"]);
        assert!(clone_flags(0).is_empty());
    }

    #[test]
    fn signals_have_the_names_of_kill() {
        let names: Vec<String> = [1, 9, 31, 32, 34, 49, 50, 64].map(signal).to_vec();
        assert_eq!(
            names,
            [
                "SIGHUP",
                "SIGKILL",
                "SIGSYS",
                "SIG32",
                "SIGRTMIN",
                "SIGRTMIN+15",
                "SIGRTMAX-14",
                "SIGRTMAX"
            ]
        );
    }
}
