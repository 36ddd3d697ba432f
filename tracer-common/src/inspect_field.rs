//! The kernel structure fields that only an inspection reads, numbered on from those of
//! [`crate::field`]: they go over in a global of their own, [`crate::config::INSPECT_LAYOUT`], and
//! not into recordings.

use crate::field;
use crate::field::fields;

fields! {
    field::COUNT;
    /// Leader of the thread group.
    TASK_GROUP_LEADER = "task_struct" ["group_leader"] 8;
    /// Who is told of stops: the tracer, if it is traced.
    TASK_PARENT = "task_struct" ["parent"] 8;
    /// Whether and how it is traced.
    TASK_PTRACE = "task_struct" ["ptrace"] 4;
    /// Credentials that others see.
    TASK_REAL_CRED = "task_struct" ["real_cred"] 8;
    /// Begin of the kernel stack.
    TASK_STACK = "task_struct" ["stack"] 8;
    /// Whether it is in a run queue.
    TASK_ON_RQ = "task_struct" ["on_rq"] 4;
    /// 120 plus nice.
    TASK_STATIC_PRIO = "task_struct" ["static_prio"] 4;
    /// Priority without what it inherits.
    TASK_NORMAL_PRIO = "task_struct" ["normal_prio"] 4;
    /// Real-time priority.
    TASK_RT_PRIORITY = "task_struct" ["rt_priority"] 4;
    /// CPUs it may use; as many bits as the kernel has CPUs at most.
    TASK_CPUS_MASK = "task_struct" ["cpus_mask", "cpus_allowed"] 0;
    /// Virtual run time, ns.
    TASK_VRUNTIME = "task_struct" ["se.vruntime"] 8;
    /// Virtual deadline, ns; from 6.6 on.
    TASK_EEVDF_DEADLINE = "task_struct" ["se.deadline"] 8;
    /// Slice, ns; from 6.6 on.
    TASK_SLICE = "task_struct" ["se.slice"] 8;
    /// When its account was last updated, ns of its CPU's clock.
    TASK_EXEC_START = "task_struct" ["se.exec_start"] 8;
    /// Run time a period of a deadline task, ns.
    TASK_DL_RUNTIME = "task_struct" ["dl.dl_runtime"] 8;
    /// Relative deadline, ns.
    TASK_DL_DEADLINE = "task_struct" ["dl.dl_deadline"] 8;
    /// Period, ns.
    TASK_DL_PERIOD = "task_struct" ["dl.dl_period"] 8;
    /// What is left of the run time, ns, signed.
    TASK_DL_LEFT = "task_struct" ["dl.runtime"] 8;
    /// Absolute deadline, ns.
    TASK_DL_AT = "task_struct" ["dl.deadline"] 8;
    /// Times it was put on a CPU.
    TASK_PCOUNT = "task_struct" ["sched_info.pcount"] 8;
    /// `PFA_*`.
    TASK_ATOMIC_FLAGS = "task_struct" ["atomic_flags"] 8;
    /// Mode of seccomp.
    TASK_SECCOMP = "task_struct" ["seccomp.mode"] 4;
    /// Signals pending for the thread.
    TASK_PENDING = "task_struct" ["pending.signal"] 8;
    /// Alternate signal stack.
    TASK_SAS_SP = "task_struct" ["sas_ss_sp"] 8;
    /// Its size, bytes.
    TASK_SAS_SIZE = "task_struct" ["sas_ss_size"] 8;
    /// `SS_*`.
    TASK_SAS_FLAGS = "task_struct" ["sas_ss_flags"] 4;
    /// Base of segment gs (x86).
    TASK_GSBASE = "task_struct" ["thread.gsbase"] 8;
    /// Word that is cleared and woken at its end.
    TASK_CLEAR_CHILD_TID = "task_struct" ["clear_child_tid"] 8;
    /// Head of its list of robust futexes.
    TASK_ROBUST_LIST = "task_struct" ["robust_list"] 8;
    /// Bytes read by calls.
    TASK_RCHAR = "task_struct" ["ioac.rchar"] 8;
    /// Bytes written by calls.
    TASK_WCHAR = "task_struct" ["ioac.wchar"] 8;
    /// Calls that read.
    TASK_SYSCR = "task_struct" ["ioac.syscr"] 8;
    /// Calls that write.
    TASK_SYSCW = "task_struct" ["ioac.syscw"] 8;
    /// Bytes fetched from storage.
    TASK_READ_BYTES = "task_struct" ["ioac.read_bytes"] 8;
    /// Bytes to be sent to storage.
    TASK_WRITE_BYTES = "task_struct" ["ioac.write_bytes"] 8;
    /// Threads of the group.
    SIGNAL_NR_THREADS = "signal_struct" ["nr_threads"] 4;
    /// Signals pending for the group.
    SIGNAL_SHARED_PENDING = "signal_struct" ["shared_pending.signal"] 8;
    /// Its numbers by kind, `PIDTYPE_*`.
    SIGNAL_PIDS = "signal_struct" ["pids"] 0;
    /// Handlers, one `k_sigaction` a signal.
    SIGHAND_ACTION = "sighand_struct" ["action"] 0;
    /// Users of the handlers.
    SIGHAND_COUNT = "sighand_struct" ["count.refs.counter"] 4;
    /// Users of the file table.
    FILES_COUNT = "files_struct" ["count.counter"] 4;
    /// The table itself.
    FILES_FDT = "files_struct" ["fdt"] 8;
    /// Its size.
    FDT_MAX = "fdtable" ["max_fds"] 4;
    /// Bits of those that are open.
    FDT_OPEN = "fdtable" ["open_fds"] 8;
    /// Users of root and working directory.
    FS_USERS = "fs_struct" ["users"] 4;
    /// Permissions that new files do not get.
    FS_UMASK = "fs_struct" ["umask"] 4;
    /// Saved user.
    CRED_SUID = "cred" ["suid"] 4;
    /// Saved group.
    CRED_SGID = "cred" ["sgid"] 4;
    /// Effective user.
    CRED_EUID = "cred" ["euid"] 4;
    /// Effective group.
    CRED_EGID = "cred" ["egid"] 4;
    /// User for files.
    CRED_FSUID = "cred" ["fsuid"] 4;
    /// Group for files.
    CRED_FSGID = "cred" ["fsgid"] 4;
    /// Capabilities an exec inherits.
    CRED_CAP_INHERITABLE = "cred" ["cap_inheritable"] 8;
    /// Capabilities it may take.
    CRED_CAP_PERMITTED = "cred" ["cap_permitted"] 8;
    /// Capabilities in force.
    CRED_CAP_EFFECTIVE = "cred" ["cap_effective"] 8;
    /// Capabilities it can ever get.
    CRED_CAP_BSET = "cred" ["cap_bset"] 8;
    /// Capabilities an exec keeps.
    CRED_CAP_AMBIENT = "cred" ["cap_ambient"] 8;
    /// `SECBIT_*`.
    CRED_SECUREBITS = "cred" ["securebits"] 4;
    /// User namespace.
    CRED_USER_NS = "cred" ["user_ns"] 8;
    /// Supplementary groups.
    CRED_GROUP_INFO = "cred" ["group_info"] 8;
    /// How many.
    GROUPS_COUNT = "group_info" ["ngroups"] 4;
    /// They.
    GROUPS_GID = "group_info" ["gid"] 0;
    /// Users of the address space.
    MM_USERS = "mm_struct" ["mm_users.counter"] 4;
    /// Mappings.
    MM_MAP_COUNT = "mm_struct" ["map_count"] 4;
    /// Page tables, bytes.
    MM_PGTABLES = "mm_struct" ["pgtables_bytes.counter"] 8;
    /// Pinned pages.
    MM_PINNED_VM = "mm_struct" ["pinned_vm.counter"] 8;
    /// Most pages there were, as far as was noted.
    MM_HIWATER_VM = "mm_struct" ["hiwater_vm"] 8;
    /// Pages.
    MM_TOTAL_VM = "mm_struct" ["total_vm"] 8;
    /// Locked pages.
    MM_LOCKED_VM = "mm_struct" ["locked_vm"] 8;
    /// Pages of private data.
    MM_DATA_VM = "mm_struct" ["data_vm"] 8;
    /// Pages of programs.
    MM_EXEC_VM = "mm_struct" ["exec_vm"] 8;
    /// Pages of stacks.
    MM_STACK_VM = "mm_struct" ["stack_vm"] 8;
    /// Begin of the program's code.
    MM_START_CODE = "mm_struct" ["start_code"] 8;
    /// Its end.
    MM_END_CODE = "mm_struct" ["end_code"] 8;
    /// Begin of its data.
    MM_START_DATA = "mm_struct" ["start_data"] 8;
    /// Its end.
    MM_END_DATA = "mm_struct" ["end_data"] 8;
    /// Begin of the heap.
    MM_START_BRK = "mm_struct" ["start_brk"] 8;
    /// Its end.
    MM_BRK = "mm_struct" ["brk"] 8;
    /// Where the first stack began.
    MM_START_STACK = "mm_struct" ["start_stack"] 8;
    /// Begin of the arguments.
    MM_ARG_START = "mm_struct" ["arg_start"] 8;
    /// Their end.
    MM_ARG_END = "mm_struct" ["arg_end"] 8;
    /// Begin of the environment.
    MM_ENV_START = "mm_struct" ["env_start"] 8;
    /// Its end.
    MM_ENV_END = "mm_struct" ["env_end"] 8;
    /// Its uts namespace.
    NS_UTS = "nsproxy" ["uts_ns"] 8;
    /// Its ipc namespace.
    NS_IPC = "nsproxy" ["ipc_ns"] 8;
    /// Its mnt namespace.
    NS_MNT = "nsproxy" ["mnt_ns"] 8;
    /// Its pid for children namespace.
    NS_PID_FOR_CHILDREN = "nsproxy" ["pid_ns_for_children"] 8;
    /// Its net namespace.
    NS_NET = "nsproxy" ["net_ns"] 8;
    /// Its time namespace.
    NS_TIME = "nsproxy" ["time_ns"] 8;
    /// Its cgroup namespace.
    NS_CGROUP = "nsproxy" ["cgroup_ns"] 8;
    /// Number of the namespace.
    UTS_INUM = "uts_namespace" ["ns.inum"] 4;
    /// Number of the namespace.
    IPC_INUM = "ipc_namespace" ["ns.inum"] 4;
    /// Number of the namespace.
    MNT_INUM = "mnt_namespace" ["ns.inum"] 4;
    /// Number of the namespace.
    PID_INUM = "pid_namespace" ["ns.inum"] 4;
    /// Number of the namespace.
    NET_INUM = "net" ["ns.inum"] 4;
    /// Number of the namespace.
    TIME_INUM = "time_namespace" ["ns.inum"] 4;
    /// Number of the namespace.
    CGROUP_INUM = "cgroup_namespace" ["ns.inum"] 4;
    /// Number of the namespace.
    USER_INUM = "user_namespace" ["ns.inum"] 4;
    /// End of the mapping.
    VMA_END = "vm_area_struct" ["vm_end"] 8;
    /// Sixth argument of a system call (x86).
    REGS_R9 = "pt_regs" ["r9"] 8;
}
