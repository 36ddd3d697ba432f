//! What is said of a task: who it is, what it shares, and the kernel's own accounts of it.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// A task's name as the kernel keeps it (`TASK_COMM_LEN`), padded with zero bytes.
pub type Comm = [u8; 16];

/// Which task, told apart from an earlier one with the same number by its start time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct TaskKey {
    /// `task_struct.pid`: the thread's number.
    pub tid: u32,
    /// `task_struct.tgid`: the thread group's number, which users call the process id.
    pub tgid: u32,
    /// `task_struct.start_time`, ns of `CLOCK_MONOTONIC`.
    pub start_ns: u64,
}

/// Identities of the objects that tasks share or do not share. Opaque; zero where there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Resources {
    /// Address space; zero for a kernel thread.
    pub mm: u64,
    /// Open file table.
    pub files: u64,
    /// Root, working directory and umask.
    pub fs: u64,
    /// Signal handlers.
    pub sighand: u64,
    /// What a thread group has in common (`signal_struct`).
    pub signal: u64,
    /// Namespaces.
    pub nsproxy: u64,
    /// Credentials.
    pub cred: u64,
}

/// Everything about a task that changes rarely and is therefore sent rarely.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Identity {
    /// Which task.
    pub key: TaskKey,
    /// What it shares.
    pub resources: Resources,
    /// `real_parent->tgid`: the process that will be told of its death.
    pub parent_tgid: u32,
    /// `task_struct.flags`, `PF_*` (`include/linux/sched.h`).
    pub flags: u32,
    /// `task_struct.prio`: 0–99 real-time, 100–139 normal, 120 is nice 0; -1 deadline.
    pub prio: i32,
    /// `task_struct.policy`, `SCHED_*`.
    pub policy: u32,
    /// Real user id in the initial user namespace.
    pub uid: u32,
    /// Real group id in the initial user namespace.
    pub gid: u32,
    /// Its name.
    pub comm: Comm,
}

/// The kernel's own accounts of a task. A field that this kernel lacks is [`Accounts::UNKNOWN`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Accounts {
    /// `se.sum_exec_runtime`, ns on a CPU.
    pub sum_exec_runtime_ns: u64,
    /// `nvcsw`: times it gave up the CPU.
    pub nvcsw: u64,
    /// `nivcsw`: times the CPU was taken from it.
    pub nivcsw: u64,
    /// `se.nr_migrations`: times it was moved to another CPU.
    pub nr_migrations: u64,
    /// `sched_info.run_delay`, ns runnable without running.
    pub run_delay_ns: u64,
    /// `utime`, ns, as sampled by the tick or measured, by the kernel's configuration.
    pub utime_ns: u64,
    /// `stime`, ns, likewise.
    pub stime_ns: u64,
    /// `min_flt`: page faults served without I/O.
    pub min_flt: u64,
    /// `maj_flt`: page faults that needed I/O.
    pub maj_flt: u64,
}

impl Accounts {
    /// The value of an account that the running kernel does not keep.
    pub const UNKNOWN: u64 = u64::MAX;

    /// Those of a task that has just been born.
    pub const ZERO: Self = Self {
        sum_exec_runtime_ns: 0,
        nvcsw: 0,
        nivcsw: 0,
        nr_migrations: 0,
        run_delay_ns: 0,
        utime_ns: 0,
        stime_ns: 0,
        min_flt: 0,
        maj_flt: 0,
    };
}

/// Bits of [`crate::record::Newtask::shared`]: the child uses the very object its creator uses.
#[derive(Clone, Copy, Debug)]
pub struct Shared;

impl Shared {
    /// Same `mm`.
    pub const MM: u32 = 1 << 0;
    /// Same `files`.
    pub const FILES: u32 = 1 << 1;
    /// Same `fs`.
    pub const FS: u32 = 1 << 2;
    /// Same `sighand`.
    pub const SIGHAND: u32 = 1 << 3;
    /// Same `signal`: a thread of the same group.
    pub const SIGNAL: u32 = 1 << 4;
    /// Same `nsproxy`.
    pub const NSPROXY: u32 = 1 << 5;
    /// Same `cred`.
    pub const CRED: u32 = 1 << 6;
}

const _: () = assert!(size_of::<TaskKey>() == 16);
const _: () = assert!(size_of::<Resources>() == 56);
const _: () = assert!(size_of::<Identity>() == 112);
const _: () = assert!(size_of::<Accounts>() == 72);
