//! Threads as Linux makes them: tasks made by `clone`, put to sleep by `futex`, on stacks of their
//! own, without libc and without pthread; and what the programs in `src/bin` share.
//!
//! Each program does an exact number of things, and with `--truth FILE` writes down what it did
//! (see [`truth`]), so that a trace of it can be held against it.
//!
//! The library alone can be used beside std; only with the feature `program` does it make a program
//! of its own start, allocator and panic handler ([`rt`]).
#![cfg_attr(not(test), no_std)]

extern crate alloc;

pub mod arch;
pub mod cli;
pub mod clock;
pub mod clone;
pub mod failure;
pub mod file;
pub mod futex;
pub mod ledger;
pub mod limits;
pub mod loopback;
pub mod maps;
#[cfg(not(all(test, loom)))]
pub mod overflow;
pub mod pace;
pub mod partner;
pub mod pattern;
pub mod process;
pub mod rounds;
#[cfg(all(feature = "program", not(test)))]
pub mod rt;
pub mod sched;
pub mod scratch;
pub mod shared;
mod shim;
#[cfg(not(all(test, loom)))]
pub mod signal;
pub mod stack;
pub mod sync;
pub mod sys;
pub mod thread;
pub mod timer;
pub mod truth;
pub mod usage;
#[cfg(not(all(test, loom)))]
pub mod uthread;
#[cfg(all(test, loom))]
#[path = "uthread/checked.rs"]
mod uthread;
#[cfg(not(all(test, loom)))]
pub mod word;
