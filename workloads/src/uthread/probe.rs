//! The probes: where a tracer can see the third level, user threads on kernel threads.
//!
//! Each is one `nop` and a note in the binary (`readelf -n`) that says where it is and in which
//! registers its three arguments are. A tracer arms it by a breakpoint in place of the `nop`
//! (`bpftrace -e 'usdt:PROGRAM:uthread:switch { @[arg2] = count(); }'`).
//!
//! | Probe | First | Second | Third |
//! | --- | --- | --- | --- |
//! | `switch` | who leaves the carrier | who goes on there | the carrier's tid |
//! | `park` | who parks | who goes on | the carrier's tid |
//! | `unpark` | who wakes | who is woken | the waker's tid |
//! | `steal` | the tid of the carrier that loses it | who is stolen | the tid of the thief |
//! | `spawn` | who makes it | who is made | the maker's tid |
//! | `exit` | who ends | who goes on | the carrier's tid |
//!
//! A user thread is known by its number, from 1. Number 0 is the carrier itself, its own loop on
//! its own stack, which looks for work and goes to sleep; of a waker it is also a timer, or somebody
//! who is no user thread.

#![expect(clippy::inline_always, reason = "a probe is a `nop` where it is passed, and no call")]

use ::probe::probe;

/// A carrier leaves one stack for another.
#[inline(always)]
pub(super) fn switch(from: u32, to: u32, carrier: u32) {
    probe!(uthread, switch, from, to, carrier);
}

/// One stops until somebody lets it go on.
#[inline(always)]
pub(super) fn park(who: u32, next: u32, carrier: u32) {
    probe!(uthread, park, who, next, carrier);
}

/// One that has stopped may go on.
#[inline(always)]
pub(super) fn unpark(by: u32, who: u32, tid: u32) {
    probe!(uthread, unpark, by, who, tid);
}

/// One moves to another carrier.
#[inline(always)]
pub(super) fn steal(from: u32, who: u32, thief: u32) {
    probe!(uthread, steal, from, who, thief);
}

/// One is made.
#[inline(always)]
pub(super) fn spawn(by: u32, who: u32, tid: u32) {
    probe!(uthread, spawn, by, who, tid);
}

/// One has ended.
#[inline(always)]
pub(super) fn exit(who: u32, next: u32, carrier: u32) {
    probe!(uthread, exit, who, next, carrier);
}
