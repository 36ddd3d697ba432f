//! Processes: tasks with a pid of their own, the programs they run, and how their ends are taken.

#[cfg(not(all(test, loom)))]
mod crowd;
mod exec;
mod family;
mod fork;
mod kin;
mod muster;
#[cfg(not(all(test, loom)))]
pub mod orphan;
mod wait;

#[cfg(not(all(test, loom)))]
pub use crowd::{Crowd, Plan};
pub use exec::{Image, execute};
pub use family::Family;
pub use fork::{fork, vfork};
pub use kin::{become_subreaper, open, parent, pause_for_ever, pid, until_dead};
pub use muster::Muster;
pub use wait::{Exit, How, until_zombie, wait_any, wait_for};
