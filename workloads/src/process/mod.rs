//! Processes: tasks with a pid of their own, the programs they run, and how their ends are taken.

mod exec;
mod fork;
mod gate;
mod kin;
mod wait;

pub use exec::{Image, execute};
pub use fork::{fork, vfork};
pub use gate::Gate;
pub use kin::{become_subreaper, open, parent, pid, until_dead};
pub use wait::{Exit, How, until_zombie, wait_any, wait_for};
