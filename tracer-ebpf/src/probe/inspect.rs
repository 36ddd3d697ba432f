//! The iterators of an inspection: all tasks, with everything about those of the named groups, and
//! the mappings of these.
#![expect(unsafe_code, reason = "an iterator's context is a struct behind a pointer")]

use core::ffi::c_void;

use tracer_common::Kind;
use tracer_common::field::{VMA_FLAGS, VMA_START};
use tracer_common::inspect_field::VMA_END;
use tracer_common::record::{
    InspectedHandlers, InspectedKernelThread, InspectedLwp, InspectedMapping, InspectedProcess,
};

use super::iter::{IterTask, Meta, header, seen};
use crate::emit;
use crate::kernel::Kernel;
use crate::maps::TARGETS;
use crate::task::Task;

/// `struct bpf_iter__task_vma` (`kernel/bpf/task_iter.c`, v6.18).
#[repr(C)]
struct IterMapping {
    meta: *const Meta,
    task: *const u8,
    vma: *const u8,
}

#[unsafe(no_mangle)]
#[unsafe(link_section = "iter/task")]
extern "C" fn inspect_task(ctx: *const IterTask) -> i32 {
    // SAFETY: the kernel passes its context.
    let task = unsafe { (*ctx).task };
    // The last call has no task.
    if task.is_null() {
        return 0;
    }
    // SAFETY: the kernel passes its context.
    let meta = unsafe { (*ctx).meta };
    // SAFETY: the context's metadata is always there.
    let seq = unsafe { (*meta).seq };
    let task = Task::new(task);
    let named = is_named(task);
    seen(seq, task, named);
    if named {
        whole(seq, task);
    }
    0
}

#[inline(always)]
fn is_named(task: Task) -> bool {
    TARGETS.get_ptr(task.tgid()).is_some()
}

/// Everything about a task, in as many records as structures. The kernel drops all of them
/// together, and calls again, if one does not find room.
#[inline(always)]
fn whole(seq: *mut c_void, task: Task) {
    let key = task.key();
    if let Some(record) = emit::scratch::<InspectedKernelThread>() {
        record.header = header::<InspectedKernelThread>(Kind::INSPECTED_KERNEL_THREAD);
        record.key = key;
        task.kernel_thread(record);
        emit::to_reader(seq, record);
    }
    if !task.is_kernel()
        && let Some(record) = emit::scratch::<InspectedLwp>()
    {
        record.header = header::<InspectedLwp>(Kind::INSPECTED_LWP);
        record.key = key;
        task.lwp(record);
        emit::to_reader(seq, record);
    }
    if !task.stands_for_itself() {
        return;
    }
    if let Some(record) = emit::scratch::<InspectedProcess>() {
        record.header = header::<InspectedProcess>(Kind::INSPECTED_PROCESS);
        record.key = key;
        task.process(record);
        emit::to_reader(seq, record);
    }
    if let Some(record) = emit::scratch::<InspectedHandlers>() {
        record.header = header::<InspectedHandlers>(Kind::INSPECTED_HANDLERS);
        record.key = key;
        task.handlers(&mut record.actions);
        emit::to_reader(seq, record);
    }
}

#[unsafe(no_mangle)]
#[unsafe(link_section = "iter/task_vma")]
extern "C" fn inspect_mapping(ctx: *const IterMapping) -> i32 {
    // SAFETY: the kernel passes its context.
    let task = unsafe { (*ctx).task };
    // SAFETY: the kernel passes its context.
    let vma = unsafe { (*ctx).vma };
    // The last call has neither.
    if task.is_null() || vma.is_null() || !is_named(Task::new(task)) {
        return 0;
    }
    // SAFETY: the kernel passes its context.
    let meta = unsafe { (*ctx).meta };
    // SAFETY: the context's metadata is always there.
    let seq = unsafe { (*meta).seq };
    let vma = Kernel::new(vma);
    let record = InspectedMapping {
        header: header::<InspectedMapping>(Kind::INSPECTED_MAPPING),
        start: vma.load::<u64, VMA_START>().unwrap_or(0),
        end: vma.load::<u64, VMA_END>().unwrap_or(0),
        flags: vma.load::<u64, VMA_FLAGS>().unwrap_or(0),
    };
    emit::to_reader(seq, &record);
    0
}
