//! Moves between cgroups: `cgroup_attach_task` (`include/trace/events/cgroup.h`, v6.18).

use aya_ebpf::macros::btf_tracepoint;
use aya_ebpf::programs::BtfTracePointContext;

use crate::follow;
use crate::kernel::Kernel;
use crate::probe::birth;
use crate::task::{Task, is_followed_cgroup};

// TP_PROTO(struct cgroup *dst_cgrp, const char *path, struct task_struct *task, bool threadgroup)
#[btf_tracepoint(function = "cgroup_attach_task")]
fn cgroup_attach_task(ctx: BtfTracePointContext) -> i32 {
    let task = Task::new(ctx.arg(2));
    if is_followed_cgroup(Kernel::new(ctx.arg(0))) && !follow::wanted(task) {
        follow::remember(task);
        // From here on it is seen: say who it is.
        birth::resources_changed(task);
    }
    0
}
