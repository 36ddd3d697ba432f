//! Where calls are seen: `sys_enter` and `sys_exit` (`include/trace/events/syscalls.h`, v6.18),
//! or, on kernels that allow it, `fentry` and `fexit` of each recorded call alone.

use aya_ebpf::macros::btf_tracepoint;
use aya_ebpf::programs::BtfTracePointContext;
use tracer_common::config::{Call, Follow};
use tracer_common::counter;

use super::{birth, call, futex};
use crate::maps::{self, Mark};
use crate::task::{Registers, Task};
use crate::{emit, follow, globals};

// TP_PROTO(struct pt_regs *regs, long id)
#[btf_tracepoint(function = "sys_enter")]
fn sys_enter(ctx: BtfTracePointContext) -> i32 {
    let class = globals::call_class(ctx.arg(1));
    if class != Call::NONE {
        entered(class, Registers::new(ctx.arg(0)));
    }
    0
}

// TP_PROTO(struct pt_regs *regs, long ret)
#[btf_tracepoint(function = "sys_exit")]
fn sys_exit(ctx: BtfTracePointContext) -> i32 {
    let regs = Registers::new(ctx.arg(0));
    let class = globals::call_class(regs.call());
    if class != Call::NONE {
        returned(class, regs, ctx.arg(1));
    }
    0
}

#[inline(always)]
fn entered(class: u8, regs: Registers) {
    let task = Task::current();
    if task.is_compat() || !follow::wanted_other(task) {
        return;
    }
    if class == Call::SIGRETURN {
        // It returns to where the signal hit, so that its end looks like another call's.
        call::sigreturn(task);
        return;
    }
    let followed = u32::from(globals::follow() != Follow::ALL);
    let Some(mark) = maps::mark_or(task, Mark::new(followed)) else {
        emit::count(counter::LOST_CALL);
        return;
    };
    mark.word = futex::word(class, regs);
    mark.begin_ns = emit::now();
    mark.call = u32::from(class);
}

#[inline(always)]
fn returned(class: u8, regs: Registers, ret: i64) {
    let task = Task::current();
    if class == Call::SIGRETURN || task.is_compat() || !follow::wanted_other(task) {
        return;
    }
    let mut begun = Mark::new(0);
    if let Some(mark) = maps::mark(task) {
        if mark.call == u32::from(class) {
            begun = *mark;
        }
        mark.call = 0;
    }
    match class {
        Call::FUTEX..=Call::FUTEX_WAITV => futex::ended(task, class, begun, regs, ret),
        Call::RESOURCES => {
            if ret >= 0 {
                birth::resources_changed(task);
            }
        }
        _ => call::ended(task, class, begun, regs, ret),
    }
}
