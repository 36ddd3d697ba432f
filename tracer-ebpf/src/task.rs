//! The only reader of `task_struct`, one small method for each thing asked of it.
//!
//! Reads do not race in a way that matters: pid, tgid and `start_time` change only in a thread's
//! own exec; accounts are read by the task itself or by its CPU in the middle of its switch.
#![expect(unsafe_code, reason = "helpers that take or give a task")]
#![expect(clippy::wildcard_imports, reason = "the field table is read here and only here")]

mod inspect;
mod loose;

use aya_ebpf::helpers::{bpf_get_current_task_btf, bpf_task_pt_regs};
use tracer_common::field::*;
use tracer_common::record::{SleepCall, Switch};
use tracer_common::task::{Accounts, Comm, Identity, Resources, Shared, TaskKey};

use crate::globals;
use crate::kernel::Kernel;
use crate::registers::Registers;

/// `TS_COMPAT` (`arch/x86/include/asm/thread_info.h`): in a system call of a 32-bit program.
const TS_COMPAT: u32 = 2;

/// `PF_KTHREAD` (`include/linux/sched.h`).
const PF_KTHREAD: u32 = 0x0020_0000;

/// `TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE | TASK_RTLOCK_WAIT` (`include/linux/sched.h`).
const SLEEPS: u32 = 0x1003;

/// Size of one `struct upid`: its number comes first.
const UPID_SIZE: u32 = 16;

/// A `struct task_struct`.
#[derive(Clone, Copy)]
pub(crate) struct Task(Kernel);

impl Task {
    /// Wraps a tracepoint's task argument; they are never null.
    #[inline(always)]
    pub(crate) const fn new(pointer: *const u8) -> Self {
        Self(Kernel::new(pointer))
    }

    /// The running task.
    #[inline(always)]
    pub(crate) fn current() -> Self {
        // SAFETY: a helper without arguments; there is always a current task.
        Self::new(unsafe { bpf_get_current_task_btf() }.cast::<u8>())
    }

    /// The pointer, for helpers.
    #[inline(always)]
    pub(crate) const fn as_ptr(self) -> *mut u8 {
        self.0.as_ptr().cast_mut()
    }

    #[inline(always)]
    pub(crate) fn tid(self) -> u32 {
        self.0.load::<u32, TASK_PID>().unwrap_or(0)
    }

    #[inline(always)]
    pub(crate) fn tgid(self) -> u32 {
        self.0.load::<u32, TASK_TGID>().unwrap_or(0)
    }

    #[inline(always)]
    pub(crate) fn key(self) -> TaskKey {
        let start_ns = self.0.load::<u64, TASK_START_TIME>().unwrap_or(0);
        TaskKey { tid: self.tid(), tgid: self.tgid(), start_ns }
    }

    #[inline(always)]
    pub(crate) fn comm(self) -> Comm {
        let words = self.0.load::<[u64; 2], TASK_COMM>().unwrap_or([0; 2]);
        let mut comm = [0; 16];
        let [first, second] = words.map(u64::to_ne_bytes);
        comm[..8].copy_from_slice(&first);
        comm[8..].copy_from_slice(&second);
        comm
    }

    /// `real_parent->tgid`.
    #[inline(always)]
    pub(crate) fn parent_tgid(self) -> u32 {
        let parent = self.0.follow::<TASK_REAL_PARENT>();
        parent.and_then(Kernel::load::<u32, TASK_TGID>).unwrap_or(0)
    }

    #[inline(always)]
    pub(crate) fn resources(self) -> Resources {
        Resources {
            mm: self.0.identity::<TASK_MM>(),
            files: self.0.identity::<TASK_FILES>(),
            fs: self.0.identity::<TASK_FS>(),
            sighand: self.0.identity::<TASK_SIGHAND>(),
            signal: self.0.identity::<TASK_SIGNAL>(),
            nsproxy: self.0.identity::<TASK_NSPROXY>(),
            cred: self.0.identity::<TASK_CRED>(),
        }
    }

    /// Identity of its address space alone.
    #[inline(always)]
    pub(crate) fn mm(self) -> u64 {
        self.0.identity::<TASK_MM>()
    }

    #[inline(always)]
    pub(crate) fn identity(self) -> Identity {
        let cred = self.0.follow::<TASK_CRED>();
        Identity {
            key: self.key(),
            resources: self.resources(),
            parent_tgid: self.parent_tgid(),
            flags: self.0.load::<u32, TASK_FLAGS>().unwrap_or(0),
            prio: self.0.load::<i32, TASK_PRIO>().unwrap_or(0),
            policy: self.0.load::<u32, TASK_POLICY>().unwrap_or(0),
            uid: cred.and_then(Kernel::load::<u32, CRED_UID>).unwrap_or(u32::MAX),
            gid: cred.and_then(Kernel::load::<u32, CRED_GID>).unwrap_or(u32::MAX),
            comm: self.comm(),
        }
    }

    #[inline(always)]
    pub(crate) fn accounts(self) -> Accounts {
        Accounts {
            sum_exec_runtime_ns: self.account::<TASK_SUM_EXEC_RUNTIME>(),
            nvcsw: self.account::<TASK_NVCSW>(),
            nivcsw: self.account::<TASK_NIVCSW>(),
            nr_migrations: self.account::<TASK_NR_MIGRATIONS>(),
            run_delay_ns: self.account::<TASK_RUN_DELAY>(),
            utime_ns: self.account::<TASK_UTIME>(),
            stime_ns: self.account::<TASK_STIME>(),
            min_flt: self.account::<TASK_MIN_FLT>(),
            maj_flt: self.account::<TASK_MAJ_FLT>(),
        }
    }

    #[inline(always)]
    fn account<const FIELD: usize>(self) -> u64 {
        self.0.load::<u64, FIELD>().unwrap_or(Accounts::UNKNOWN)
    }

    /// Time on a CPU so far, ns.
    #[inline(always)]
    pub(crate) fn runtime_ns(self) -> u64 {
        self.account::<TASK_SUM_EXEC_RUNTIME>()
    }

    /// Voluntary switches so far, low 32 bits.
    #[inline(always)]
    pub(crate) fn nvcsw(self) -> u32 {
        self.account::<TASK_NVCSW>() as u32
    }

    /// `__state`, or on kernels before 5.14 the low half of `state`.
    #[inline(always)]
    pub(crate) fn state(self) -> u32 {
        self.0.load::<u32, TASK_STATE>().unwrap_or(0)
    }

    #[inline(always)]
    pub(crate) fn exit_state(self) -> u32 {
        self.0.load::<u32, TASK_EXIT_STATE>().unwrap_or(0)
    }

    #[inline(always)]
    pub(crate) fn exit_code(self) -> u32 {
        self.0.load::<u32, TASK_EXIT_CODE>().unwrap_or(0)
    }

    #[inline(always)]
    pub(crate) fn exit_signal(self) -> i32 {
        self.0.load::<i32, TASK_EXIT_SIGNAL>().unwrap_or(-1)
    }

    /// The CPU it runs on or last ran on.
    #[inline(always)]
    pub(crate) fn cpu(self) -> u32 {
        self.0.load::<u32, TASK_CPU>().unwrap_or(u32::MAX)
    }

    /// Whether it is on a CPU. Its first byte is enough for either size of the field.
    #[inline(always)]
    pub(crate) fn on_cpu(self) -> bool {
        self.0.copy::<u8, TASK_ON_CPU>(0).unwrap_or(0) != 0
    }

    /// Blocked signals, bit n-1 for signal n.
    #[inline(always)]
    pub(crate) fn blocked(self) -> u64 {
        self.0.load::<u64, TASK_BLOCKED>().unwrap_or(0)
    }

    #[inline(always)]
    pub(crate) fn tls(self) -> u64 {
        self.0.load::<u64, TASK_TLS>().unwrap_or(0)
    }

    /// `signal->flags`, `signal->group_exit_code`, `signal->live`.
    #[inline(always)]
    pub(crate) fn group(self) -> (u32, u32, u32) {
        let Some(signal) = self.0.follow::<TASK_SIGNAL>() else { return (0, 0, 0) };
        (
            signal.load::<u32, SIGNAL_FLAGS>().unwrap_or(0),
            signal.load::<u32, SIGNAL_GROUP_EXIT_CODE>().unwrap_or(0),
            signal.load::<u32, SIGNAL_LIVE>().unwrap_or(0),
        )
    }

    /// Its number in the pid namespace that `other` lives in; its own global one if unknown.
    #[inline(always)]
    pub(crate) fn tid_seen_by(self, other: Self) -> u32 {
        let level = other.0.follow::<TASK_THREAD_PID>().and_then(Kernel::load::<u32, PID_LEVEL>);
        let Some(level) = level else { return self.tid() };
        let Some(pid) = self.0.follow::<TASK_THREAD_PID>() else { return self.tid() };
        let upid = (level.min(32) * UPID_SIZE) as usize;
        pid.copy::<u32, PID_NUMBERS>(upid).unwrap_or(0)
    }

    /// [`Shared`] bits: which objects it has in common with another task.
    #[inline(always)]
    pub(crate) fn shared_with(self, other: Self) -> u32 {
        let (a, b) = (self.resources(), other.resources());
        let same = |a: u64, b: u64, bit: u32| if a != 0 && a == b { bit } else { 0 };
        same(a.mm, b.mm, Shared::MM)
            | same(a.files, b.files, Shared::FILES)
            | same(a.fs, b.fs, Shared::FS)
            | same(a.sighand, b.sighand, Shared::SIGHAND)
            | same(a.signal, b.signal, Shared::SIGNAL)
            | same(a.nsproxy, b.nsproxy, Shared::NSPROXY)
            | same(a.cred, b.cred, Shared::CRED)
    }

    /// Whether its system call is one of a 32-bit program, whose numbers mean other calls.
    #[inline(always)]
    pub(crate) fn is_compat(self) -> bool {
        self.0.load::<u32, TASK_TI_STATUS>().unwrap_or(0) & TS_COMPAT != 0
    }

    /// Its user registers, meaningless for a kernel thread; `None` on kernels before 5.15.
    #[inline(always)]
    pub(crate) fn registers(self) -> Option<Registers> {
        if globals::has_task_pt_regs() == 0 {
            return None;
        }
        // SAFETY: the task came from the kernel.
        let regs = unsafe { bpf_task_pt_regs(self.as_ptr().cast()) };
        Some(Registers::new(regs as *const u8))
    }

    /// `TASK_*` bits of its state together with the system call in which it sleeps, if it does
    /// ([`SleepCall`]).
    #[inline(always)]
    pub(crate) fn with_call(self, state: u32) -> u32 {
        let state = state & Switch::TASK_BITS;
        if state & SLEEPS == 0 { state } else { state | self.call() << SleepCall::SHIFT }
    }

    /// In which system call it is: one of [`SleepCall`]'s constants, or a call after them.
    #[inline(always)]
    pub(crate) fn call(self) -> u32 {
        if self.is_kernel() || self.is_compat() {
            return SleepCall::UNTOLD;
        }
        self.registers().map_or(SleepCall::UNTOLD, Registers::told_call)
    }

    #[inline(always)]
    pub(crate) fn is_kernel(self) -> bool {
        self.0.load::<u32, TASK_FLAGS>().unwrap_or(0) & PF_KTHREAD != 0
    }

    /// Whether it is in the cgroup that is followed, or below it.
    #[inline(always)]
    pub(crate) fn in_followed_cgroup(self) -> bool {
        let cgroup = self.0.follow::<TASK_CGROUPS>().and_then(Kernel::follow::<CSS_SET_DFL_CGRP>);
        cgroup.is_some_and(is_followed_cgroup)
    }
}

/// Whether a `struct cgroup` is the one that is followed, or lies below it.
#[inline(always)]
pub(crate) fn is_followed_cgroup(cgroup: Kernel) -> bool {
    let level = globals::cgroup_level();
    if cgroup.load::<u32, CGROUP_LEVEL>().unwrap_or(0) < level {
        return false;
    }
    // The array's end lies beyond the type's, where the verifier allows no plain load.
    let ancestor = cgroup.copy::<u64, CGROUP_ANCESTORS>(level as usize * 8).unwrap_or(0);
    let node = copy_field::<CGROUP_KN>(ancestor);
    copy_field::<KERNFS_ID>(node) == globals::cgroup_id()
}

#[inline(always)]
fn copy_field<const FIELD: usize>(base: u64) -> u64 {
    if base == 0 {
        return 0;
    }
    Kernel::new(base as *const u8).copy::<u64, FIELD>(0).unwrap_or(0)
}
