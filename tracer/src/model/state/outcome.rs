//! What goes into a step of the state machine, and what comes out.

use super::Cause;

/// How a task left its CPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// Which.
    pub cpu: u16,
    /// `TASK_*` bits.
    pub state_bits: u32,
    /// In which system call it sleeps, if it does.
    pub cause: Cause,
    /// The CPU was taken from it.
    pub preempted: bool,
    /// This is the CPU's first switch since the trace began or since a gap: the task was on it
    /// all that time.
    pub first: bool,
    /// The CPU's switch before this one, ns: the task was not on it earlier.
    pub not_before_ns: u64,
    /// How long the kernel says it ran since it was last known to leave a CPU, ns.
    pub ran_ns: Option<u64>,
    /// How long the task that comes onto the CPU has been runnable, ns, at the most.
    pub next_waited_ns: u64,
}

/// What a step found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// What was expected.
    Fine,
    /// The task had been runnable for this long, ns, when it came onto a CPU.
    Waited(u64),
    /// See [`crate::model::anomaly::Anomaly::MissedWaking`].
    MissedWaking,
    /// See [`crate::model::anomaly::Anomaly::WakingOfRunning`].
    WakingOfRunning,
    /// See [`crate::model::anomaly::Anomaly::WakingOfRunnable`].
    WakingOfRunnable,
    /// See [`crate::model::anomaly::Anomaly::RunningTwice`].
    RunningTwice,
    /// See [`crate::model::anomaly::Anomaly::DeadActed`].
    DeadActed,
}
