//! The stacks of the task that leaves its CPU.
#![expect(unsafe_code, reason = "a helper that walks stacks")]

use aya_ebpf::EbpfContext as _;
use aya_ebpf::bindings::BPF_F_USER_STACK;
use aya_ebpf::helpers::bpf_get_stackid;
use aya_ebpf::programs::BtfTracePointContext;
use tracer_common::Kind;
use tracer_common::config::Stacks;
use tracer_common::record::Stack;

use crate::maps::{self, STACKS};
use crate::task::Task;
use crate::{emit, globals};

/// User stacks of a program that wake the reader: the first can come before its libraries are
/// loaded.
const WAKES: u32 = 4;

/// Sends the stacks of `prev`, which must be the current task, if they are asked for. `waits`: it
/// is no longer runnable.
///
/// Stacks with the same hash do not replace each other: the number of the first stays true, and
/// that of the second is an error, which is sent in its place.
#[inline(always)]
pub(crate) fn of_leaving(ctx: &BtfTracePointContext, prev: Task, waits: bool) {
    match globals::stacks() {
        Stacks::ALL => {}
        Stacks::WAITS if waits => {}
        _ => return,
    }
    let kernel = walk(ctx, 0);
    let user = if prev.is_kernel() {
        Stack::KERNEL_THREAD
    } else {
        walk(ctx, u64::from(BPF_F_USER_STACK))
    };
    emit::record_and_wake(Kind::STACK, is_urgent(prev, user), |header| Stack {
        header,
        tid: prev.tid(),
        tgid: prev.tgid(),
        kernel,
        user,
    });
}

/// The task has a new program, of which no stack has been told.
#[inline(always)]
pub(crate) fn forget(task: Task) {
    if globals::stacks() != Stacks::NONE
        && let Some(mark) = maps::mark(task)
    {
        mark.woke = 0;
    }
}

/// Whether userspace should look at the process at once, since it may be gone soon: for the first
/// user stacks of its program. Tasks without a mark, of which there are only some where all are
/// followed, have to wait for the watermark: none can be made while a run-queue is locked.
#[inline(always)]
fn is_urgent(prev: Task, user: i32) -> bool {
    if user < 0 || prev.tid() != prev.tgid() {
        return false;
    }
    let Some(mark) = maps::mark(prev) else { return false };
    let urgent = mark.woke < WAKES;
    mark.woke += u32::from(urgent);
    urgent
}

/// The number of a stack of the current task, or an error.
#[inline(always)]
fn walk(ctx: &BtfTracePointContext, flags: u64) -> i32 {
    let map = (&raw const STACKS).cast_mut().cast();
    // SAFETY: the context is the program's own, and the map is a stack trace map. User memory is
    // read with faults off.
    unsafe { bpf_get_stackid(ctx.as_ptr(), map, flags) as i32 }
}
