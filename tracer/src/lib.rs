//! The userspace side of tracer, a line of stages in the order of the modules below.

pub mod capture;
pub mod census;
pub mod cgroup;
pub mod child;
pub mod cli;
pub mod decode;
pub mod event;
pub mod order;
pub mod probe;
pub mod session;
pub mod source;
pub mod system;
#[cfg(test)]
mod testing;
pub mod time;

pub mod model;
pub mod verify;
pub mod views;
