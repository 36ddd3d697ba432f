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
pub mod failure;
pub mod futex;
pub mod ledger;
#[cfg(all(feature = "program", not(test)))]
pub mod rt;
pub mod shared;
mod shim;
pub mod stack;
pub mod sync;
pub mod sys;
pub mod thread;
pub mod truth;
