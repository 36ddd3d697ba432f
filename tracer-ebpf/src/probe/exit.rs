//! Death: `sched_process_exit` and `sched_process_free` (`include/trace/events/sched.h`, v6.18).
//! The last switch, in between, is seen by `sched_switch`.

use aya_ebpf::macros::btf_tracepoint;
use aya_ebpf::programs::BtfTracePointContext;
use tracer_common::Kind;
use tracer_common::record::{Exit, ExitFlags, Free};

use crate::task::Task;
use crate::{emit, follow, globals};

/// `SIGNAL_GROUP_EXIT` (`include/linux/sched/signal.h`).
const SIGNAL_GROUP_EXIT: u32 = 4;

// TP_PROTO(struct task_struct *p), and from 6.16 on (…, bool group_dead)
#[btf_tracepoint(function = "sched_process_exit")]
fn sched_process_exit(ctx: BtfTracePointContext) -> i32 {
    let task = Task::new(ctx.arg(0));
    if !follow::wanted(task) {
        return 0;
    }
    let (group_flags, group_code, live) = task.group();
    let group_dead = if globals::has_group_dead() == 0 {
        // The task has already taken itself off the count.
        live == 0
    } else {
        ctx.arg::<u64>(1) & 1 != 0
    };
    let mut flags = ExitFlags::GROUP_DEAD_KNOWN;
    if group_flags & SIGNAL_GROUP_EXIT != 0 {
        flags |= ExitFlags::GROUP_EXIT;
    }
    if group_dead {
        flags |= ExitFlags::GROUP_DEAD;
    }
    emit::record(Kind::EXIT, |header| Exit {
        header,
        key: task.key(),
        code: task.exit_code(),
        group_code,
        flags,
        parent_tgid: task.parent_tgid(),
        accounts: task.accounts(),
    });
    0
}

// TP_PROTO(struct task_struct *p)
#[btf_tracepoint(function = "sched_process_free")]
fn sched_process_free(ctx: BtfTracePointContext) -> i32 {
    let task = Task::new(ctx.arg(0));
    if follow::wanted(task) {
        emit::record(Kind::FREE, |header| Free { header, key: task.key() });
    }
    0
}
