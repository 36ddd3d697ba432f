//! Timelines: the events of each test are drawn above it, one line a CPU.

mod births;
mod calls;
mod deaths;
pub(crate) mod look;
mod loss;
mod random;
mod sched;
mod schedule;
pub(crate) mod script;
mod time;
mod waits;
mod wakeups;
