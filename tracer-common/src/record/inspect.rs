//! What an inspection reads of the tasks of one process. These records go out by the iterators
//! only and are never recorded.
//!
//! A number that the running kernel does not have is all ones, [`u32::MAX`] or [`u64::MAX`].

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::Header;
use crate::task::TaskKey;

/// Most supplementary groups that are read.
pub const GROUPS_MAX: usize = 32;
/// Most frames of a kernel stack that are read.
pub const FRAMES_MAX: usize = 64;
/// Room for the user registers: the words of x86's `pt_regs`, or of arm64's `user_pt_regs`.
pub const REGISTERS_MAX: usize = 34;

/// Of an `mm_struct`; pages unless said otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
#[expect(missing_docs, reason = "the kernel's own names")]
pub struct AddressSpace {
    pub hiwater_vm: u64,
    pub total_vm: u64,
    pub locked_vm: u64,
    pub pinned_vm: u64,
    pub data_vm: u64,
    pub exec_vm: u64,
    pub stack_vm: u64,
    /// Bytes.
    pub pgtables: u64,
    /// An address, as are those that follow.
    pub start_code: u64,
    pub end_code: u64,
    pub start_data: u64,
    pub end_data: u64,
    pub start_brk: u64,
    pub brk: u64,
    pub start_stack: u64,
    pub arg_start: u64,
    pub arg_end: u64,
    pub env_start: u64,
    pub env_end: u64,
    /// Mappings.
    pub map_count: u32,
    /// Tasks, and whoever else holds it for a moment.
    pub users: u32,
}

/// Of a `cred`; ids are those of the initial user namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
#[expect(missing_docs, reason = "the kernel's own names")]
pub struct Credentials {
    pub cap_inheritable: u64,
    pub cap_permitted: u64,
    pub cap_effective: u64,
    pub cap_bset: u64,
    pub cap_ambient: u64,
    pub uid: u32,
    pub gid: u32,
    pub suid: u32,
    pub sgid: u32,
    pub euid: u32,
    pub egid: u32,
    pub fsuid: u32,
    pub fsgid: u32,
    pub securebits: u32,
    /// How many supplementary groups; of more than [`GROUPS_MAX`] the first are told.
    pub ngroups: u32,
    pub groups: [u32; GROUPS_MAX],
}

/// The inode numbers of its namespaces, as `/proc/PID/ns` has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
#[expect(missing_docs, reason = "the kernel's own names")]
pub struct Namespaces {
    pub cgroup: u32,
    pub ipc: u32,
    pub mnt: u32,
    pub net: u32,
    pub pid: u32,
    pub pid_for_children: u32,
    pub time: u32,
    pub user: u32,
    pub uts: u32,
    /// Its number in its own pid namespace.
    pub tid_inside: u32,
}

/// What a task has in common with others, as objects of their own: told of the leader of the
/// group, and of each thread that does not share all of them with its leader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct InspectedProcess {
    /// By the iterator.
    pub header: Header,
    /// The task.
    pub key: TaskKey,
    /// All zero for a kernel thread, and for a task that has exited.
    pub mm: AddressSpace,
    /// Those that others see (`real_cred`).
    pub cred: Credentials,
    /// All ones for a task that has exited.
    pub namespaces: Namespaces,
    /// Signals pending for the group.
    pub shared_pending: u64,
    /// `signal->flags`, `SIGNAL_*`.
    pub signal_flags: u32,
    /// Threads of the group that have not been waited for.
    pub nr_threads: u32,
    /// Process group.
    pub pgid: u32,
    /// Session.
    pub sid: u32,
    /// Users of the handlers, of the file table, and of root and working directory: tasks, and
    /// whoever else holds them for a moment.
    pub sighand_users: u32,
    /// See `sighand_users`.
    pub files_users: u32,
    /// See `sighand_users`.
    pub fs_users: u32,
    /// Size of the file table.
    pub fd_max: u32,
    /// Open files among the first 4096.
    pub fd_open: u32,
    /// Permissions that new files do not get.
    pub umask: u32,
}

/// What is done for one signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct SignalAction {
    /// 0 default, 1 ignored, else where it is handled.
    pub handler: u64,
    /// `SA_*`.
    pub flags: u64,
    /// What is blocked besides while it is handled.
    pub mask: u64,
}

/// The handlers of a group, for signals 1 to 64; sent where [`InspectedProcess`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct InspectedHandlers {
    /// By the iterator.
    pub header: Header,
    /// The task.
    pub key: TaskKey,
    /// Of signal n at n - 1.
    pub actions: [SignalAction; 64],
}

/// What a task has read and written, `task_io_accounting`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
#[expect(missing_docs, reason = "the kernel's own names")]
pub struct Io {
    pub rchar: u64,
    pub wchar: u64,
    pub syscr: u64,
    pub syscw: u64,
    pub read_bytes: u64,
    pub write_bytes: u64,
}

/// The part of a thread that its user side owns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct InspectedLwp {
    /// By the iterator.
    pub header: Header,
    /// The task.
    pub key: TaskKey,
    /// The user registers in the order of `pt_regs`, as its last entry to the kernel has left them.
    pub registers: [u64; REGISTERS_MAX],
    /// Number of the system call, sign-extended; all ones for none.
    pub call: u64,
    /// Its arguments.
    pub args: [u64; 6],
    /// One if the call is that of a 32-bit program.
    pub compat: u32,
    /// `SS_*` of the alternate stack.
    pub sas_flags: u32,
    /// Alternate signal stack; zero for none.
    pub sas_sp: u64,
    /// Its size, bytes.
    pub sas_size: u64,
    /// TLS base.
    pub tls: u64,
    /// Base of segment gs (x86).
    pub gs_base: u64,
    /// Blocked signals, bit n-1 for signal n.
    pub blocked: u64,
    /// Pending for the thread.
    pub pending: u64,
    /// Word that is cleared and woken at its end; zero for none.
    pub clear_child_tid: u64,
    /// Head of its robust futexes; zero for none.
    pub robust_list: u64,
    /// What it has read and written.
    pub io: Io,
    /// Mode of seccomp.
    pub seccomp: u32,
    /// One if it can gain no privileges by exec.
    pub no_new_privs: u32,
}

/// The part of a thread that the scheduler owns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct InspectedKernelThread {
    /// By the iterator.
    pub header: Header,
    /// The task.
    pub key: TaskKey,
    /// Begin of its kernel stack, masked as all identities are.
    pub stack: u64,
    /// CPUs it may use, bit n of word n / 64. Bits of CPUs that cannot be are without meaning.
    pub affinity: [u64; 8],
    /// Virtual run time, ns.
    pub vruntime: u64,
    /// Virtual deadline, ns.
    pub deadline: u64,
    /// Slice, ns.
    pub slice: u64,
    /// When its account was last updated, ns of its CPU's clock.
    pub exec_start: u64,
    /// Run time a period of a deadline task, ns.
    pub dl_runtime: u64,
    /// Relative deadline, ns.
    pub dl_deadline: u64,
    /// Period, ns.
    pub dl_period: u64,
    /// What is left of the run time, ns, signed.
    pub dl_left: u64,
    /// Absolute deadline, ns.
    pub dl_at: u64,
    /// Times it was put on a CPU.
    pub pcount: u64,
    /// Whether it is in a run queue: 1, or 2 while it moves.
    pub on_rq: u32,
    /// `exit_state`.
    pub exit_state: u32,
    /// 120 plus nice.
    pub static_prio: u32,
    /// Priority without what it inherits.
    pub normal_prio: u32,
    /// Real-time priority.
    pub rt_priority: u32,
    /// Process that traces it by `ptrace`; zero for none.
    pub tracer_tgid: u32,
    /// As wait will report it.
    pub exit_code: u32,
    /// Bytes of `frames`; negative: why there are none.
    pub frames_bytes: i32,
    /// Its kernel stack, innermost first.
    pub frames: [u64; FRAMES_MAX],
}

/// One mapping of the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct InspectedMapping {
    /// By the iterator.
    pub header: Header,
    /// Address of its begin.
    pub start: u64,
    /// Address after its end.
    pub end: u64,
    /// `VM_*`.
    pub flags: u64,
}

const _: () = assert!(size_of::<AddressSpace>() == 160);
const _: () = assert!(size_of::<Credentials>() == 208);
const _: () = assert!(size_of::<Namespaces>() == 40);
const _: () = assert!(size_of::<InspectedProcess>() == 488);
const _: () = assert!(size_of::<InspectedHandlers>() == 1568);
const _: () = assert!(size_of::<InspectedLwp>() == 488);
const _: () = assert!(size_of::<InspectedKernelThread>() == 728);
const _: () = assert!(size_of::<InspectedMapping>() == 40);
