//! What an inspection reads of a task that is not its own: everything behind a second pointer is
//! copied by a helper, since the task may be exiting meanwhile.
#![expect(unsafe_code, reason = "a helper that writes to a buffer")]
#![expect(clippy::wildcard_imports, reason = "the field tables are read here and only here")]

use aya_ebpf::helpers::generated::bpf_get_task_stack;
use tracer_common::field::*;
use tracer_common::inspect_field::*;
use tracer_common::record::{
    AddressSpace, InspectedKernelThread, InspectedLwp, InspectedProcess, Io, Namespaces,
    REGISTERS_MAX, SignalAction,
};

use super::loose::Loose;
use super::{Task, UPID_SIZE};
use crate::globals;

/// `PIDTYPE_PGID` and `PIDTYPE_SID` (`include/linux/pid_types.h`), as places in an array of
/// pointers.
const PGID: usize = 2 * 8;
const SID: usize = 3 * 8;

/// `PFA_NO_NEW_PRIVS` (`include/linux/sched.h`).
const NO_NEW_PRIVS: u64 = 1;

impl Task {
    #[inline(always)]
    fn long<const FIELD: usize>(self) -> u64 {
        self.0.copy::<u64, FIELD>(0).unwrap_or(u64::MAX)
    }

    #[inline(always)]
    fn int<const FIELD: usize>(self) -> u32 {
        self.0.copy::<u32, FIELD>(0).unwrap_or(u32::MAX)
    }

    #[inline(always)]
    fn loose<const FIELD: usize>(self) -> Option<Loose> {
        Loose::of::<FIELD>(self.0, 0)
    }

    /// Whether it is the leader of its group, or does not share everything with it.
    #[inline(always)]
    pub(crate) fn stands_for_itself(self) -> bool {
        let Some(leader) = self.loose::<TASK_GROUP_LEADER>() else { return true };
        if leader.int::<TASK_PID>() == self.tid() {
            return true;
        }
        self.differs::<TASK_MM>(leader)
            || self.differs::<TASK_FILES>(leader)
            || self.differs::<TASK_FS>(leader)
            || self.differs::<TASK_NSPROXY>(leader)
            || self.differs::<TASK_REAL_CRED>(leader)
    }

    #[inline(always)]
    fn differs<const FIELD: usize>(self, leader: Loose) -> bool {
        self.long::<FIELD>() != leader.long::<FIELD>()
    }

    #[inline(always)]
    pub(crate) fn kernel_thread(self, into: &mut InspectedKernelThread) {
        into.stack = self.0.identity::<TASK_STACK>();
        // Beyond the mask there are other fields of the task.
        into.affinity = self.0.copy::<[u64; 8], TASK_CPUS_MASK>(0).unwrap_or([u64::MAX; 8]);
        into.vruntime = self.long::<TASK_VRUNTIME>();
        into.deadline = self.long::<TASK_EEVDF_DEADLINE>();
        into.slice = self.long::<TASK_SLICE>();
        into.exec_start = self.long::<TASK_EXEC_START>();
        into.dl_runtime = self.long::<TASK_DL_RUNTIME>();
        into.dl_deadline = self.long::<TASK_DL_DEADLINE>();
        into.dl_period = self.long::<TASK_DL_PERIOD>();
        into.dl_left = self.long::<TASK_DL_LEFT>();
        into.dl_at = self.long::<TASK_DL_AT>();
        into.pcount = self.long::<TASK_PCOUNT>();
        into.on_rq = self.int::<TASK_ON_RQ>();
        into.exit_state = self.exit_state();
        into.static_prio = self.int::<TASK_STATIC_PRIO>();
        into.normal_prio = self.int::<TASK_NORMAL_PRIO>();
        into.rt_priority = self.int::<TASK_RT_PRIORITY>();
        into.exit_code = self.exit_code();
        into.tracer_tgid = match self.int::<TASK_PTRACE>() {
            0 => 0,
            _ => self.loose::<TASK_PARENT>().map_or(u32::MAX, Loose::int::<TASK_TGID>),
        };
        let (frames, size) = ((&raw mut into.frames).cast(), size_of_val(&into.frames) as u32);
        // SAFETY: the task came from the kernel, and the buffer is as large as is said.
        let bytes = unsafe { bpf_get_task_stack(self.as_ptr().cast(), frames, size, 0) };
        into.frames_bytes = bytes as i32;
    }

    #[inline(always)]
    pub(crate) fn lwp(self, into: &mut InspectedLwp) {
        into.call = u64::MAX;
        into.args = [0; 6];
        into.registers = [0; REGISTERS_MAX];
        // A task that has exited may have no kernel stack any more.
        let lives = self.exit_state() == 0;
        if lives && let Some(registers) = self.registers() {
            registers.all(&mut into.registers);
            // An int for the kernel.
            into.call = i64::from(registers.call() as i32) as u64;
            into.args[..5].copy_from_slice(&registers.args());
            into.args[5] = registers.sixth();
        }
        into.compat = u32::from(self.is_compat());
        into.sas_flags = self.int::<TASK_SAS_FLAGS>();
        into.sas_sp = self.long::<TASK_SAS_SP>();
        into.sas_size = self.long::<TASK_SAS_SIZE>();
        into.tls = self.long::<TASK_TLS>();
        into.gs_base = self.long::<TASK_GSBASE>();
        into.blocked = self.blocked();
        into.pending = self.long::<TASK_PENDING>();
        into.clear_child_tid = self.long::<TASK_CLEAR_CHILD_TID>();
        into.robust_list = self.long::<TASK_ROBUST_LIST>();
        into.io = Io {
            rchar: self.long::<TASK_RCHAR>(),
            wchar: self.long::<TASK_WCHAR>(),
            syscr: self.long::<TASK_SYSCR>(),
            syscw: self.long::<TASK_SYSCW>(),
            read_bytes: self.long::<TASK_READ_BYTES>(),
            write_bytes: self.long::<TASK_WRITE_BYTES>(),
        };
        into.seccomp = self.int::<TASK_SECCOMP>();
        let flags = self.0.copy::<u64, TASK_ATOMIC_FLAGS>(0);
        into.no_new_privs = flags.map_or(u32::MAX, |flags| (flags & NO_NEW_PRIVS) as u32);
    }

    #[inline(always)]
    pub(crate) fn process(self, into: &mut InspectedProcess) {
        match self.loose::<TASK_MM>() {
            Some(mm) => mm.address_space(&mut into.mm),
            None => into.mm = unused(),
        }
        if let Some(cred) = self.loose::<TASK_REAL_CRED>() {
            cred.credentials(&mut into.cred);
        }
        self.namespaces(&mut into.namespaces);
        let signal = self.loose::<TASK_SIGNAL>();
        into.shared_pending = signal.map_or(0, Loose::long::<SIGNAL_SHARED_PENDING>);
        into.signal_flags = signal.map_or(0, Loose::int::<SIGNAL_FLAGS>);
        into.nr_threads = signal.map_or(0, Loose::int::<SIGNAL_NR_THREADS>);
        into.pgid = signal.map_or(0, Loose::number::<PGID>);
        into.sid = signal.map_or(0, Loose::number::<SID>);
        into.sighand_users = self.loose::<TASK_SIGHAND>().map_or(0, Loose::int::<SIGHAND_COUNT>);
        let files = self.loose::<TASK_FILES>();
        into.files_users = files.map_or(0, Loose::int::<FILES_COUNT>);
        let table = files.and_then(Loose::follow::<FILES_FDT>);
        into.fd_max = table.map_or(0, Loose::int::<FDT_MAX>);
        into.fd_open = table.map_or(0, |table| table.open_files(into.fd_max));
        let fs = self.loose::<TASK_FS>();
        into.fs_users = fs.map_or(0, Loose::int::<FS_USERS>);
        into.umask = fs.map_or(0, Loose::int::<FS_UMASK>);
    }

    #[inline(always)]
    pub(crate) fn handlers(self, into: &mut [SignalAction; 64]) {
        let sighand = self.loose::<TASK_SIGHAND>();
        // The mask is the last in the structure.
        let size = globals::offset::<KSIGACTION_MASK>().map_or(0, |mask| mask + 8);
        for (index, action) in into.iter_mut().enumerate() {
            let at = globals::offset::<SIGHAND_ACTION>().unwrap_or(0) + index * size;
            let part = |offset: Option<usize>| sighand?.0.copy_at::<u64>(at + offset?);
            action.handler = part(globals::offset::<KSIGACTION_HANDLER>()).unwrap_or(0);
            action.flags = part(globals::offset::<KSIGACTION_FLAGS>()).unwrap_or(0);
            action.mask = part(globals::offset::<KSIGACTION_MASK>()).unwrap_or(0);
        }
    }

    #[inline(always)]
    fn namespaces(self, into: &mut Namespaces) {
        let nsproxy = self.loose::<TASK_NSPROXY>();
        let cred = self.loose::<TASK_REAL_CRED>();
        into.cgroup = inum::<NS_CGROUP, CGROUP_INUM>(nsproxy);
        into.ipc = inum::<NS_IPC, IPC_INUM>(nsproxy);
        into.mnt = inum::<NS_MNT, MNT_INUM>(nsproxy);
        into.net = inum::<NS_NET, NET_INUM>(nsproxy);
        into.pid_for_children = inum::<NS_PID_FOR_CHILDREN, PID_INUM>(nsproxy);
        into.time = inum::<NS_TIME, TIME_INUM>(nsproxy);
        into.uts = inum::<NS_UTS, UTS_INUM>(nsproxy);
        into.user = inum::<CRED_USER_NS, USER_INUM>(cred);
        (into.pid, into.tid_inside) = (u32::MAX, u32::MAX);
        let Some(pid) = self.loose::<TASK_THREAD_PID>() else { return };
        let upid = (pid.int::<PID_LEVEL>().min(32) * UPID_SIZE) as usize;
        into.tid_inside = pid.0.copy::<u32, PID_NUMBERS>(upid).unwrap_or(u32::MAX);
        let namespace = Loose::of::<PID_NUMBERS>(pid.0, upid + 8);
        into.pid = namespace.map_or(u32::MAX, Loose::int::<PID_INUM>);
    }
}

#[inline(always)]
fn inum<const POINTER: usize, const NUMBER: usize>(from: Option<Loose>) -> u32 {
    from.and_then(Loose::follow::<POINTER>).map_or(u32::MAX, Loose::int::<NUMBER>)
}

const fn unused() -> AddressSpace {
    AddressSpace {
        hiwater_vm: 0,
        total_vm: 0,
        locked_vm: 0,
        pinned_vm: 0,
        data_vm: 0,
        exec_vm: 0,
        stack_vm: 0,
        pgtables: 0,
        start_code: 0,
        end_code: 0,
        start_data: 0,
        end_data: 0,
        start_brk: 0,
        brk: 0,
        start_stack: 0,
        arg_start: 0,
        arg_end: 0,
        env_start: 0,
        env_end: 0,
        map_count: 0,
        users: 0,
    }
}
