//! What a task can be doing.

use serde::Serialize;

/// Why a runnable task does not run yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ready {
    /// Created and not yet on any queue (`TASK_NEW`): nothing keeps it from running but its
    /// creator, who has not come to `wake_up_new_task`. No run delay by the kernel's account.
    Created,
    /// On a queue for the first time.
    New,
    /// Woken.
    Woken,
    /// The CPU was taken from it, or it offered it (`sched_yield`).
    Preempted,
}

/// How a task sleeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sleep {
    /// `TASK_INTERRUPTIBLE`.
    Interruptible,
    /// `TASK_UNINTERRUPTIBLE`, killable or not, and waiting for an `rt_spinlock`.
    Uninterruptible,
    /// `TASK_IDLE`: uninterruptible, and not counted as load. For kernel threads without work.
    Idle,
    /// `TASK_PARKED`.
    Parked,
    /// `TASK_STOPPED`.
    Stopped,
    /// `TASK_TRACED`.
    Traced,
}

/// What a task is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// On this CPU.
    Running(u16),
    /// Not on a CPU though nothing else keeps it.
    Runnable(Ready),
    /// Waiting.
    Sleeping(Sleep),
    /// Off its CPU for the last time and not yet released: until the parent has waited for it,
    /// or, for a thread that nobody waits for, until the kernel is done with it.
    Zombie,
    /// Not known; since the open stretch began nothing that would tell was lost, so that the
    /// next event tells what it was.
    Unknown,
}
