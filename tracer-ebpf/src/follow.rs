//! Whom to follow.

use tracer_common::config::Follow;
use tracer_common::counter;

use crate::maps::{self, Mark, TARGETS};
use crate::task::Task;
use crate::{emit, globals};

/// Whether what this task does is recorded.
#[inline(always)]
pub(crate) fn wanted(task: Task) -> bool {
    globals::follow() == Follow::ALL || is_marked(task)
}

/// As [`wanted`], but never tracer itself: for all but what makes a CPU's account complete.
#[inline(always)]
pub(crate) fn wanted_other(task: Task) -> bool {
    if globals::follow() == Follow::ALL {
        task.tgid() != globals::self_tgid()
    } else {
        is_marked(task)
    }
}

#[inline(always)]
fn is_marked(task: Task) -> bool {
    maps::mark(task).is_some_and(|mark| mark.followed != 0)
}

/// Decides about a new task, and remembers: it is followed if its creator is, or if it belongs to
/// what userspace named. The second covers tasks born while the first ones are being marked.
#[inline(always)]
pub(crate) fn adopt(child: Task, creator: Task) -> bool {
    if globals::follow() == Follow::ALL {
        return true;
    }
    let followed = is_marked(creator) || is_named(child) || is_named(creator);
    if followed {
        remember(child);
    }
    followed
}

/// Whether userspace named the task's group or cgroup.
#[inline(always)]
pub(crate) fn is_named(task: Task) -> bool {
    if globals::follow() == Follow::CGROUP {
        return task.in_followed_cgroup();
    }
    TARGETS.get_ptr(task.tgid()).is_some()
}

/// Marks a task as followed; its children will be too.
#[inline(always)]
pub(crate) fn remember(task: Task) {
    match maps::mark_or(task, Mark::new(1)) {
        Some(mark) => mark.followed = 1,
        None => emit::count(counter::LOST_MARK),
    }
}
