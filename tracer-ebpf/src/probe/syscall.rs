//! Where calls are seen: `sys_enter` and `sys_exit` (`include/trace/events/syscalls.h`, v6.18),
//! which see every call of every task, or, on kernels that allow it, `fentry` and `fexit` of the
//! recorded calls alone. Userspace tries the second first.

use aya_ebpf::macros::{btf_tracepoint, fentry, fexit};
use aya_ebpf::programs::{BtfTracePointContext, FEntryContext, FExitContext};
use tracer_common::config::{Call, Follow};
use tracer_common::counter;

use super::{birth, call, futex};
use crate::maps::{self, Mark};
use crate::registers::{Args, Registers};
use crate::task::Task;
use crate::{emit, follow, globals};

// TP_PROTO(struct pt_regs *regs, long id)
#[btf_tracepoint(function = "sys_enter")]
fn sys_enter(ctx: BtfTracePointContext) -> i32 {
    let class = globals::call_class(ctx.arg(1));
    if class != Call::NONE {
        entered(class, Registers::new(ctx.arg(0)).args());
    }
    0
}

// TP_PROTO(struct pt_regs *regs, long ret)
#[btf_tracepoint(function = "sys_exit")]
fn sys_exit(ctx: BtfTracePointContext) -> i32 {
    let regs = Registers::new(ctx.arg(0));
    let class = globals::call_class(regs.call());
    if class != Call::NONE {
        returned(class, regs.args(), ctx.arg(1));
    }
    0
}

// long do_futex(u32 __user *uaddr, int op, u32 val, ktime_t *timeout, u32 __user *uaddr2, u32 val2,
// u32 val3): also called by an exiting thread that wakes its joiners
#[fentry(function = "do_futex")]
fn enter_futex(ctx: FEntryContext) -> i32 {
    entered(Call::FUTEX, [ctx.arg(0), ctx.arg(1), ctx.arg(2), ctx.arg(3), ctx.arg(4)]);
    0
}

#[fexit(function = "do_futex")]
fn exit_futex(ctx: FExitContext) -> i32 {
    let args = [ctx.arg(0), ctx.arg(1), ctx.arg(2), ctx.arg(3), ctx.arg(4)];
    // The value that is returned comes after the seven arguments.
    returned(Call::FUTEX, args, ctx.arg(7));
    0
}

// long __do_sys_rt_sigreturn(void): it has no wrapper with registers, and its end is another call's
#[fentry(function = "__do_sys_rt_sigreturn")]
fn enter_rt_sigreturn(_ctx: FEntryContext) -> i32 {
    entered(Call::SIGRETURN, [0; 5]);
    0
}

// long __x64_sys_NAME(const struct pt_regs *regs), and the same by other names elsewhere; userspace
// names the function.
macro_rules! calls {
    ($($enter:ident $exit:ident $class:ident;)+) => { $(
        #[fentry]
        fn $enter(ctx: FEntryContext) -> i32 {
            entered(Call::$class, Registers::new(ctx.arg(0)).args());
            0
        }

        #[fexit]
        fn $exit(ctx: FExitContext) -> i32 {
            returned(Call::$class, Registers::new(ctx.arg(0)).args(), ctx.arg(1));
            0
        }
    )+ };
}

calls! {
    enter_sys_futex exit_sys_futex FUTEX;
    enter_futex_waitv exit_futex_waitv FUTEX_WAITV;
    enter_futex_wake exit_futex_wake FUTEX_WAKE;
    enter_futex_wait exit_futex_wait FUTEX_WAIT;
    enter_futex_requeue exit_futex_requeue FUTEX_REQUEUE;
    enter_rt_sigprocmask exit_rt_sigprocmask SIGPROCMASK;
    enter_rt_sigtimedwait exit_rt_sigtimedwait SIGTIMEDWAIT;
    enter_rt_sigsuspend exit_rt_sigsuspend SIGSUSPEND;
    enter_ppoll exit_ppoll PPOLL;
    enter_epoll_pwait exit_epoll_pwait EPOLL_PWAIT;
    enter_sched_setaffinity exit_sched_setaffinity SETAFFINITY;
    enter_sched_setscheduler exit_sched_setscheduler SETSCHEDULER;
    enter_sched_setparam exit_sched_setparam SETPARAM;
    enter_sched_setattr exit_sched_setattr SETATTR;
    enter_setpriority exit_setpriority SETPRIORITY;
    enter_wait4 exit_wait4 WAIT4;
    enter_waitid exit_waitid WAITID;
    enter_unshare exit_unshare RESOURCES;
    enter_setns exit_setns RESOURCES;
    enter_setuid exit_setuid RESOURCES;
    enter_setgid exit_setgid RESOURCES;
    enter_setreuid exit_setreuid RESOURCES;
    enter_setregid exit_setregid RESOURCES;
    enter_setresuid exit_setresuid RESOURCES;
    enter_setresgid exit_setresgid RESOURCES;
    enter_setgroups exit_setgroups RESOURCES;
    enter_capset exit_capset RESOURCES;
}

#[inline(always)]
fn entered(class: u8, args: Args) {
    let task = Task::current();
    if !call::has_mask(class, args) || task.is_compat() || !follow::wanted_other(task) {
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
    mark.word = futex::word(class, args);
    mark.begin_ns = emit::now();
    mark.call = u32::from(class);
}

#[inline(always)]
fn returned(class: u8, args: Args, ret: i64) {
    let task = Task::current();
    if class == Call::SIGRETURN || !call::has_mask(class, args) {
        return;
    }
    if task.is_compat() || !follow::wanted_other(task) {
        return;
    }
    let mut begun = Mark::new(0);
    if let Some(mark) = maps::mark(task) {
        if mark.call == u32::from(class) {
            begun = *mark;
        }
        mark.call = 0;
    }
    begun.call = u32::from(class);
    match class {
        Call::FUTEX..=Call::FUTEX_WAITV => futex::ended(task, begun, args, ret),
        Call::RESOURCES => {
            if ret >= 0 {
                birth::resources_changed(task);
            }
        }
        _ => call::ended(task, begun, args, ret),
    }
}
