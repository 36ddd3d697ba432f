//! Scheduling: `sched_switch`, `sched_waking`, `sched_wakeup_new`, `sched_migrate_task`
//! (`include/trace/events/sched.h`, v6.18).

use aya_ebpf::macros::btf_tracepoint;
use aya_ebpf::programs::BtfTracePointContext;
use tracer_common::Kind;
use tracer_common::record::{Dead, Migrate, Switch, Waking};

use super::interrupt;
use crate::task::Task;
use crate::{emit, follow, globals, stacks};

/// `TASK_DEAD` (`include/linux/sched.h`).
const TASK_DEAD: u32 = 0x80;

// TP_PROTO(bool preempt, struct task_struct *prev, struct task_struct *next), and from 5.18 on
// (…, unsigned int prev_state). The state must come from the argument where there is one: by now
// the task's own field may have been changed by a wake-up.
#[btf_tracepoint(function = "sched_switch")]
fn sched_switch(ctx: BtfTracePointContext) -> i32 {
    let (prev, next) = (Task::new(ctx.arg(1)), Task::new(ctx.arg(2)));
    let leaves = follow::wanted(prev);
    if !leaves && !follow::wanted(next) {
        return 0;
    }
    let state: u32 = if globals::has_prev_state() == 0 { prev.state() } else { ctx.arg::<u32>(3) };
    let preempted = if ctx.arg::<u64>(0) & 1 != 0 { Switch::PREEMPTED } else { 0 };
    if state & TASK_DEAD != 0 && preempted == 0 && leaves {
        emit::record(Kind::DEAD, |header| Dead {
            header,
            key: prev.key(),
            accounts: prev.accounts(),
        });
    }
    if leaves && state & TASK_DEAD == 0 {
        stacks::of_leaving(&ctx, prev, state & Switch::TASK_BITS != 0 && preempted == 0);
    }
    let state =
        if leaves && preempted == 0 { prev.with_call(state) } else { state & Switch::TASK_BITS };
    emit::record(Kind::SWITCH, |header| Switch {
        header,
        prev_tid: prev.tid(),
        next_tid: next.tid(),
        prev_state: state | preempted,
        prev_nvcsw: prev.nvcsw(),
        prev_runtime_ns: prev.runtime_ns(),
    });
    0
}

// TP_PROTO(struct task_struct *p)
#[btf_tracepoint(function = "sched_waking")]
fn sched_waking(ctx: BtfTracePointContext) -> i32 {
    waking(Kind::WAKING, Task::new(ctx.arg(0)));
    0
}

// TP_PROTO(struct task_struct *p)
#[btf_tracepoint(function = "sched_wakeup_new")]
fn sched_wakeup_new(ctx: BtfTracePointContext) -> i32 {
    waking(Kind::WAKEUP_NEW, Task::new(ctx.arg(0)));
    0
}

#[inline(always)]
fn waking(kind: u8, task: Task) {
    if follow::wanted(task) {
        emit::record(kind, |header| Waking {
            header,
            tid: task.tid(),
            waker_tid: Task::current().tid(),
            context: interrupt::context(),
            cpu: task.cpu(),
        });
    }
}

// TP_PROTO(struct task_struct *p, int dest_cpu)
#[btf_tracepoint(function = "sched_migrate_task")]
fn sched_migrate_task(ctx: BtfTracePointContext) -> i32 {
    let task = Task::new(ctx.arg(0));
    if follow::wanted(task) {
        emit::record(Kind::MIGRATE, |header| Migrate {
            header,
            tid: task.tid(),
            from_cpu: task.cpu(),
            to_cpu: ctx.arg(1),
            by_tid: Task::current().tid(),
            call: task.call(),
            reserved: 0,
        });
    }
    0
}
