//! The stacks of the task that leaves its CPU.
#![expect(unsafe_code, reason = "a helper that walks stacks")]

use aya_ebpf::EbpfContext as _;
use aya_ebpf::bindings::BPF_F_USER_STACK;
use aya_ebpf::helpers::bpf_get_stackid;
use aya_ebpf::programs::BtfTracePointContext;
use tracer_common::Kind;
use tracer_common::config::Stacks;
use tracer_common::record::Stack;

use crate::maps::STACKS;
use crate::task::Task;
use crate::{emit, globals};

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
    emit::record(Kind::STACK, |header| Stack {
        header,
        tid: prev.tid(),
        tgid: prev.tgid(),
        kernel,
        user,
    });
}

/// The number of a stack of the current task, or an error.
#[inline(always)]
fn walk(ctx: &BtfTracePointContext, flags: u64) -> i32 {
    let map = (&raw const STACKS).cast_mut().cast();
    // SAFETY: the context is the program's own, and the map is a stack trace map. User memory is
    // read with faults off.
    unsafe { bpf_get_stackid(ctx.as_ptr(), map, flags) as i32 }
}
