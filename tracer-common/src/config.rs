//! Names and values with which userspace configures the BPF programs before load.
//!
//! All globals are read-only for the programs, so that the verifier sees constants.

/// Global `[u32; field::COUNT]`: the offsets of [`crate::field::FIELDS`].
pub const LAYOUT: &str = "LAYOUT";
/// Global `[u32; inspect_field::COUNT]`: the offsets of [`crate::inspect_field::FIELDS`].
pub const INSPECT_LAYOUT: &str = "INSPECT_LAYOUT";
/// Global `u32`: one of [`Follow`]'s constants.
pub const FOLLOW: &str = "FOLLOW";
/// Global `u32`: tracer's own thread group.
pub const SELF_TGID: &str = "SELF_TGID";
/// Global `u32`: how many ring buffers there are.
pub const RING_COUNT: &str = "RING_COUNT";
/// Global `u32`: bytes after which a CPU wakes the reader.
pub const WATERMARK: &str = "WATERMARK";
/// Global `u64`: xor mask over kernel addresses, so that a recording does not give them away.
pub const ID_KEY: &str = "ID_KEY";
/// Global `u32`: one if `sched_switch` has its fourth argument, the previous state.
pub const HAS_PREV_STATE: &str = "HAS_PREV_STATE";
/// Global `u32`: one if `sched_process_exit` has its second argument, `group_dead`.
pub const HAS_GROUP_DEAD: &str = "HAS_GROUP_DEAD";
/// Global `u32`: one if interrupts are traced, so that the context of wake-ups is known.
pub const HAS_INTERRUPTS: &str = "HAS_INTERRUPTS";
/// Global `u32`: one if the kernel has `bpf_find_vma`.
pub const HAS_FIND_VMA: &str = "HAS_FIND_VMA";
/// Global `u32`: one if the kernel has `bpf_task_pt_regs`.
pub const HAS_TASK_PT_REGS: &str = "HAS_TASK_PT_REGS";
/// Global `u32`: one of [`Stacks`]'s constants.
pub const STACKS_OF: &str = "STACKS_OF";
/// Global `u64`: id of the cgroup that is followed.
pub const CGROUP_ID: &str = "CGROUP_ID";
/// Global `u32`: its depth.
pub const CGROUP_LEVEL: &str = "CGROUP_LEVEL";
/// Global `[u8; CALL_MAX]`: class of each system call number, one of [`Call`]'s constants.
pub const CALL_CLASS: &str = "CALL_CLASS";
/// System call numbers from here on are not looked at.
pub const CALL_MAX: usize = 512;

/// Map: array of ring buffers.
pub const RINGS: &str = "RINGS";
/// Map: per-CPU array of one value, the counters of [`crate::counter`].
pub const COUNTERS: &str = "COUNTERS";
/// Map: hash of thread groups that are to be followed (`u32` to `u8`).
pub const TARGETS: &str = "TARGETS";
/// Map: array of one `u32`: one while records are wanted.
pub const ARMED: &str = "ARMED";
/// Map: array of the sites of USDT probes, [`crate::usdt::Site`] as its 8-byte words.
pub const USDT_SITES: &str = "USDT_SITES";
/// Map: stack traces, their addresses by number.
pub const STACKS: &str = "STACKS";
/// Most thread groups that can be named.
pub const TARGETS_MAX: u32 = 1024;

/// Whom to follow: values of [`FOLLOW`].
#[derive(Clone, Copy, Debug)]
pub struct Follow;

impl Follow {
    /// Every task.
    pub const ALL: u32 = 0;
    /// The tasks of the groups in [`TARGETS`], and all that they create.
    pub const TARGETS: u32 = 1;
    /// The tasks in a cgroup or below it, and all that they create.
    pub const CGROUP: u32 = 2;
}

/// At which switches the stacks are recorded: values of [`STACKS_OF`].
#[derive(Clone, Copy, Debug)]
pub struct Stacks;

impl Stacks {
    /// At none.
    pub const NONE: u32 = 0;
    /// Where the task is no longer runnable: it waits or is stopped.
    pub const WAITS: u32 = 1;
    /// At all, preemptions included.
    pub const ALL: u32 = 2;
}

/// Classes of system calls: values of [`CALL_CLASS`].
#[derive(Clone, Copy, Debug)]
pub struct Call;

impl Call {
    /// Not recorded.
    pub const NONE: u8 = 0;
    /// `futex`
    pub const FUTEX: u8 = 1;
    /// `futex_wake`
    pub const FUTEX_WAKE: u8 = 2;
    /// `futex_wait`
    pub const FUTEX_WAIT: u8 = 3;
    /// `futex_requeue`
    pub const FUTEX_REQUEUE: u8 = 4;
    /// `futex_waitv`
    pub const FUTEX_WAITV: u8 = 5;
    /// `rt_sigprocmask`
    pub const SIGPROCMASK: u8 = 6;
    /// `rt_sigreturn`
    pub const SIGRETURN: u8 = 7;
    /// `sched_setaffinity`
    pub const SETAFFINITY: u8 = 8;
    /// `sched_setscheduler`
    pub const SETSCHEDULER: u8 = 9;
    /// `sched_setparam`
    pub const SETPARAM: u8 = 10;
    /// `sched_setattr`
    pub const SETATTR: u8 = 11;
    /// `setpriority`
    pub const SETPRIORITY: u8 = 12;
    /// `wait4`
    pub const WAIT4: u8 = 13;
    /// `waitid`
    pub const WAITID: u8 = 14;
    /// Calls that change what a task shares or who it is: `unshare`, `setns`, `setuid`, …
    pub const RESOURCES: u8 = 15;
    /// `rt_sigtimedwait`
    pub const SIGTIMEDWAIT: u8 = 16;
    /// `rt_sigsuspend`
    pub const SIGSUSPEND: u8 = 17;
    /// `ppoll`
    pub const PPOLL: u8 = 18;
    /// `epoll_pwait`
    pub const EPOLL_PWAIT: u8 = 19;
}
