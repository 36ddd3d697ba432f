//! The kernel structure fields that the BPF programs read, as one table.
//!
//! Userspace resolves each entry from the running kernel's BTF and hands the offsets over as the
//! read-only global [`crate::config::LAYOUT`], indexed by the constants here. A field that the
//! running kernel lacks is [`ABSENT`], and its reader says so.

/// The offset of a field that the running kernel does not have.
pub const ABSENT: u32 = u32::MAX;

/// Where to find one field.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// The structure, without `struct`.
    pub of: &'static str,
    /// The names the field has had, newest first; dots lead into nested structures, and members
    /// of anonymous structures are found as the compiler finds them.
    pub paths: &'static [&'static str],
    /// Its size in bytes: a field of another size is as good as absent. Zero accepts any.
    pub size: u32,
}

macro_rules! fields {
    ($base:expr; $($(#[$doc:meta])* $name:ident = $of:literal [$($path:literal),+] $size:literal;)+) => {
        /// The same names, to number them.
        #[expect(non_camel_case_types, reason = "named as the constants")]
        enum Index { $($name,)+ End }
        /// How many fields there are.
        pub const COUNT: usize = Index::End as usize;
        /// Every field, in the order of the constants of this module.
        pub const FIELDS: [$crate::field::Field; COUNT] =
            [$($crate::field::Field { of: $of, paths: &[$($path),+], size: $size }),+];
        $($(#[$doc])* pub const $name: usize = $base + Index::$name as usize;)+
    };
}
pub(crate) use fields;

fields! {
    0;
    /// The thread's number.
    TASK_PID = "task_struct" ["pid"] 4;
    /// The thread group's number.
    TASK_TGID = "task_struct" ["tgid"] 4;
    /// Start, ns of the monotonic clock.
    TASK_START_TIME = "task_struct" ["start_time"] 8;
    /// `PF_*`.
    TASK_FLAGS = "task_struct" ["flags"] 4;
    /// Parent that will be told of the death.
    TASK_REAL_PARENT = "task_struct" ["real_parent"] 8;
    /// Address space.
    TASK_MM = "task_struct" ["mm"] 8;
    /// Open files.
    TASK_FILES = "task_struct" ["files"] 8;
    /// Root and working directory.
    TASK_FS = "task_struct" ["fs"] 8;
    /// Signal handlers.
    TASK_SIGHAND = "task_struct" ["sighand"] 8;
    /// The group's common part.
    TASK_SIGNAL = "task_struct" ["signal"] 8;
    /// Namespaces.
    TASK_NSPROXY = "task_struct" ["nsproxy"] 8;
    /// Credentials.
    TASK_CRED = "task_struct" ["cred"] 8;
    /// Name.
    TASK_COMM = "task_struct" ["comm"] 16;
    /// Effective priority.
    TASK_PRIO = "task_struct" ["prio"] 4;
    /// `SCHED_*`.
    TASK_POLICY = "task_struct" ["policy"] 4;
    /// The CPU it runs or last ran on: in `thread_info` from 5.16 (x86) on.
    TASK_CPU = "task_struct" ["thread_info.cpu", "cpu"] 4;
    /// Whether it is on a CPU; an int, and one byte from 7.2 on.
    TASK_ON_CPU = "task_struct" ["on_cpu"] 0;
    /// `TASK_*`: renamed, and shortened from long, in 5.14. Its first four bytes are read.
    TASK_STATE = "task_struct" ["__state", "state"] 0;
    /// `EXIT_*`.
    TASK_EXIT_STATE = "task_struct" ["exit_state"] 4;
    /// As wait will report it.
    TASK_EXIT_CODE = "task_struct" ["exit_code"] 4;
    /// What the parent is sent.
    TASK_EXIT_SIGNAL = "task_struct" ["exit_signal"] 4;
    /// Time on a CPU, ns.
    TASK_SUM_EXEC_RUNTIME = "task_struct" ["se.sum_exec_runtime"] 8;
    /// Voluntary switches.
    TASK_NVCSW = "task_struct" ["nvcsw"] 8;
    /// Involuntary switches.
    TASK_NIVCSW = "task_struct" ["nivcsw"] 8;
    /// Migrations.
    TASK_NR_MIGRATIONS = "task_struct" ["se.nr_migrations"] 8;
    /// Time runnable without running, ns; needs `CONFIG_SCHED_INFO`.
    TASK_RUN_DELAY = "task_struct" ["sched_info.run_delay"] 8;
    /// User time, ns.
    TASK_UTIME = "task_struct" ["utime"] 8;
    /// System time, ns.
    TASK_STIME = "task_struct" ["stime"] 8;
    /// Page faults without I/O.
    TASK_MIN_FLT = "task_struct" ["min_flt"] 8;
    /// Page faults with I/O.
    TASK_MAJ_FLT = "task_struct" ["maj_flt"] 8;
    /// Blocked signals.
    TASK_BLOCKED = "task_struct" ["blocked"] 8;
    /// TLS base.
    TASK_TLS = "task_struct" ["thread.fsbase", "thread.uw.tp_value"] 8;
    /// The pid object with the task's numbers in all its namespaces.
    TASK_THREAD_PID = "task_struct" ["thread_pid"] 8;
    /// `TS_*`: whether a system call is of a 32-bit program (x86).
    TASK_TI_STATUS = "task_struct" ["thread_info.status"] 4;
    /// The task's cgroups.
    TASK_CGROUPS = "task_struct" ["cgroups"] 8;
    /// `SIGNAL_*`.
    SIGNAL_FLAGS = "signal_struct" ["flags"] 4;
    /// The group's exit code.
    SIGNAL_GROUP_EXIT_CODE = "signal_struct" ["group_exit_code"] 4;
    /// Live threads of the group.
    SIGNAL_LIVE = "signal_struct" ["live.counter"] 4;
    /// Depth of the pid namespace.
    PID_LEVEL = "pid" ["level"] 4;
    /// The numbers, one `upid` a level.
    PID_NUMBERS = "pid" ["numbers"] 0;
    /// Real user.
    CRED_UID = "cred" ["uid"] 4;
    /// Real group.
    CRED_GID = "cred" ["gid"] 4;
    /// User stack pointer.
    REGS_SP = "pt_regs" ["sp"] 8;
    /// First argument of a system call: x86 has it by name, arm64 in `regs`.
    REGS_ARG0 = "pt_regs" ["di", "orig_x0"] 8;
    /// Second argument (x86).
    REGS_SI = "pt_regs" ["si"] 8;
    /// Third argument (x86).
    REGS_DX = "pt_regs" ["dx"] 8;
    /// Fourth argument (x86).
    REGS_R10 = "pt_regs" ["r10"] 8;
    /// Fifth argument (x86).
    REGS_R8 = "pt_regs" ["r8"] 8;
    /// The argument registers of arm64.
    REGS_ARRAY = "pt_regs" ["regs"] 0;
    /// Number of the system call (x86).
    REGS_ORIG_AX = "pt_regs" ["orig_ax"] 8;
    /// Number of the system call (arm64).
    REGS_SYSCALLNO = "pt_regs" ["syscallno"] 4;
    /// Name of an interrupt's handler.
    IRQACTION_NAME = "irqaction" ["name"] 8;
    /// The file of an exec.
    BPRM_FILENAME = "linux_binprm" ["filename"] 8;
    /// Handler of a signal.
    KSIGACTION_HANDLER = "k_sigaction" ["sa.sa_handler"] 8;
    /// `SA_*`.
    KSIGACTION_FLAGS = "k_sigaction" ["sa.sa_flags"] 8;
    /// What a handler blocks besides while it runs.
    KSIGACTION_MASK = "k_sigaction" ["sa.sa_mask"] 8;
    /// The default hierarchy's cgroup.
    CSS_SET_DFL_CGRP = "css_set" ["dfl_cgrp"] 8;
    /// Depth of a cgroup.
    CGROUP_LEVEL = "cgroup" ["level"] 4;
    /// A cgroup's ancestors and itself, by depth; from 6.1 on.
    CGROUP_ANCESTORS = "cgroup" ["ancestors"] 0;
    /// A cgroup's node.
    CGROUP_KN = "cgroup" ["kn"] 8;
    /// The node's id, which is the inode number in cgroupfs.
    KERNFS_ID = "kernfs_node" ["id"] 8;
    /// The file that is mapped.
    VMA_FILE = "vm_area_struct" ["vm_file"] 8;
    /// `VM_*`.
    VMA_FLAGS = "vm_area_struct" ["vm_flags"] 8;
    /// Begin of the mapping.
    VMA_START = "vm_area_struct" ["vm_start"] 8;
    /// Its offset in the file, pages.
    VMA_PGOFF = "vm_area_struct" ["vm_pgoff"] 8;
    /// Inode of an open file.
    FILE_INODE = "file" ["f_inode"] 8;
    /// Inode number.
    INODE_INO = "inode" ["i_ino"] 8;
    /// File system of an inode.
    INODE_SB = "inode" ["i_sb"] 8;
    /// Device of a file system.
    SB_DEV = "super_block" ["s_dev"] 4;
}
