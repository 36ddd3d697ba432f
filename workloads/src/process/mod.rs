//! Processes: tasks with a pid of their own, the programs they run, and how their ends are taken.

mod exec;
mod family;
mod fork;
mod kin;
mod muster;
mod wait;

pub use exec::{Image, execute};
pub use family::Family;
pub use fork::{fork, vfork};
pub use kin::{become_subreaper, open, parent, pause_for_ever, pid, until_dead};
pub use muster::Muster;
pub use wait::{Exit, How, until_zombie, wait_any, wait_for};
