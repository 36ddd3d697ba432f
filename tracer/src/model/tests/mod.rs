//! Timelines: the events of each test are drawn above it, one line a CPU.

mod births;
pub(crate) mod busy;
mod calls;
mod deaths;
mod interrupts;
pub(crate) mod look;
mod loss;
mod milestones;
pub(crate) mod random;
mod sched;
mod schedule;
pub(crate) mod script;
mod signals;
mod stacks;
mod stretches;
mod time;
mod waits;
mod wakeups;
mod windows;
