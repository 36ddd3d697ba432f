//! The wire contract between the BPF programs and userspace: plain data, and no logic.
//!
//! Every record starts with a [`Header`] and is made of fixed-width integers without padding, so
//! that any byte string of the right length is a valid value on both sides. Sizes are asserted at
//! compile time. A change of any layout here raises [`WIRE_VERSION`].
//!
//! Times are nanoseconds of `CLOCK_MONOTONIC` (`bpf_ktime_get_ns`). Task numbers are those of the
//! initial pid namespace. Identities of shared kernel objects (`mm`, `files`, …) are opaque: equal
//! numbers mean the same object at that time, zero means none.
#![no_std]

pub mod config;
pub mod counter;
pub mod field;
mod header;
pub mod inspect_field;
pub mod record;
pub mod task;
pub mod usdt;

pub use header::{Header, Kind};

/// Version of all layouts in this crate; a recording carries it.
pub const WIRE_VERSION: u32 = 2;
