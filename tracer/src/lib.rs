//! The userspace side of tracer: a line of stages from the ring buffers to the views.
//!
//! [`source`] gives records, [`decode`] makes events of them, [`order`] puts these in order of
//! time, [`model`] understands them, [`views`] and [`verify`] say what it understood.

pub mod capture;
pub mod census;
pub mod cgroup;
pub mod child;
pub mod cli;
pub mod compare;
pub mod decode;
pub mod event;
pub mod explain;
pub mod inspect;
pub mod model;
pub mod order;
pub mod probe;
pub mod proc_counts;
pub mod realtime;
pub mod session;
pub mod source;
pub mod stacks;
pub mod system;
#[cfg(test)]
mod testing;
pub mod time;
pub mod usdt;
pub mod verify;
pub mod views;
