//! Creation, exec and renaming: `task_newtask`, `sched_process_fork`, `sched_process_exec`,
//! `task_rename` (`include/trace/events/{task,sched}.h`, v6.18).
#![expect(unsafe_code, reason = "an exec's file name is copied straight into its record")]

use core::ffi::c_void;

use aya_ebpf::helpers::generated::bpf_probe_read_kernel_str;
use aya_ebpf::macros::btf_tracepoint;
use aya_ebpf::programs::BtfTracePointContext;
use tracer_common::Kind;
use tracer_common::field::BPRM_FILENAME;
use tracer_common::record::{Exec, FILENAME_MAX, Fork, Newtask, Rename, Resourced};

use crate::kernel::{Kernel, copy_kernel};
use crate::registers::Registers;
use crate::task::Task;
use crate::{emit, follow, stacks};

/// `PF_KTHREAD` (`include/linux/sched.h`).
const PF_KTHREAD: u32 = 0x0020_0000;

// TP_PROTO(struct task_struct *task, u64 clone_flags), unsigned long before 6.18
#[btf_tracepoint(function = "task_newtask")]
fn task_newtask(ctx: BtfTracePointContext) -> i32 {
    let (child, creator) = (Task::new(ctx.arg(0)), Task::current());
    let followed = follow::adopt(child, creator);
    #[cfg(feature = "log")]
    aya_log_ebpf::debug!(
        &ctx,
        "task {} created by {}, followed: {}",
        child.tid(),
        creator.tid(),
        u32::from(followed)
    );
    if followed {
        newtask(child, creator, ctx.arg(1));
    }
    0
}

#[inline(always)]
fn newtask(child: Task, creator: Task, clone_flags: u64) {
    let identity = child.identity();
    let is_user = identity.flags & PF_KTHREAD == 0;
    let (shared, ns_tid) = (child.shared_with(creator), child.tid_seen_by(creator));
    emit::record(Kind::NEWTASK, |header| Newtask {
        header,
        identity,
        clone_flags,
        stack: if is_user { child.registers().map_or(0, Registers::sp) } else { 0 },
        tls: if is_user { child.tls() } else { 0 },
        creator_tid: creator.tid(),
        exit_signal: child.exit_signal(),
        shared,
        ns_tid,
    });
}

// TP_PROTO(struct task_struct *parent, struct task_struct *child)
#[btf_tracepoint(function = "sched_process_fork")]
fn sched_process_fork(ctx: BtfTracePointContext) -> i32 {
    let (parent, child) = (Task::new(ctx.arg(0)), Task::new(ctx.arg(1)));
    if follow::wanted(child) {
        emit::record(Kind::FORK, |header| Fork {
            header,
            parent_tid: parent.tid(),
            child_tid: child.tid(),
        });
    }
    0
}

// TP_PROTO(struct task_struct *p, pid_t old_pid, struct linux_binprm *bprm)
#[btf_tracepoint(function = "sched_process_exec")]
fn sched_process_exec(ctx: BtfTracePointContext) -> i32 {
    let task = Task::new(ctx.arg(0));
    if follow::wanted(task) {
        stacks::forget(task);
        exec(task, ctx.arg(1), Kernel::new(ctx.arg(2)));
    }
    0
}

#[inline(always)]
fn exec(task: Task, old_tid: u32, bprm: Kernel) {
    let identity = task.identity();
    let from = bprm.copy::<u64, BPRM_FILENAME>(0).unwrap_or(0);
    emit::in_place::<Exec>(Kind::EXEC, |slot, header| {
        // SAFETY: the reserved record; what an earlier one has left there ends here.
        unsafe { slot.write_bytes(0, 1) };
        // SAFETY: the reserved record, and all zeroes is a record.
        let Some(record) = (unsafe { slot.as_mut() }) else { return };
        let name = (&raw mut record.filename).cast();
        // SAFETY: the field has that many bytes; the helper writes at most so many.
        let length =
            unsafe { bpf_probe_read_kernel_str(name, FILENAME_MAX as u32, from as *const c_void) };
        record.header = header;
        record.identity = identity;
        record.old_tid = old_tid;
        // The length counts the terminating zero; an error is negative.
        record.filename_len = if length > 0 { length as u32 - 1 } else { 0 };
    });
}

// TP_PROTO(struct task_struct *task, const char *comm)
#[btf_tracepoint(function = "task_rename")]
fn task_rename(ctx: BtfTracePointContext) -> i32 {
    let task = Task::new(ctx.arg(0));
    if follow::wanted(task) {
        let comm = copy_kernel(ctx.arg::<*const [u8; 16]>(1)).unwrap_or([0; 16]);
        emit::record(Kind::RENAME, |header| Rename { header, key: task.key(), comm });
    }
    0
}

/// After a call that changed what the current task shares or who it is.
#[inline(always)]
pub(super) fn resources_changed(task: Task) {
    let identity = task.identity();
    emit::record(Kind::RESOURCES, |header| Resourced { header, identity });
}
