//! What one record says, typed: the currency between [`crate::decode`] and everything after it.
//!
//! The variants hold the wire structs as they are; a copy of each under another name would only
//! be a place for the two to differ.

use tracer_common::record::{
    Affinity, Dead, Exec, Exit, Fork, Free, Futex, Irq, Migrate, Newtask, Policy, Rename,
    Resourced, SigMask, SigReturn, SignalDeliver, SignalGenerate, Softirq, Stack, Switch, TaskSeen,
    Usdt, Vector, Wait, Waking,
};

/// One event, in the order of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// When, ns of `CLOCK_MONOTONIC`.
    pub at_ns: u64,
    /// On which CPU; `None` for what the task iterator read.
    pub cpu: Option<u16>,
    /// What.
    pub what: What,
}

/// What happened. Each variant but the last is a record of [`tracer_common::record`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant's struct says what it is")]
pub enum What {
    TaskSeen(TaskSeen),
    Newtask(Newtask),
    Fork(Fork),
    Exec(Exec),
    Rename(Rename),
    Exit(Exit),
    Dead(Dead),
    Free(Free),
    Switch(Switch),
    Waking(Waking),
    WakeupNew(Waking),
    Migrate(Migrate),
    SignalGenerate(SignalGenerate),
    SignalDeliver(SignalDeliver),
    Irq(Irq),
    Softirq(Softirq),
    Vector(Vector),
    Futex(Futex),
    SigMask(SigMask),
    SigReturn(SigReturn),
    Affinity(Affinity),
    Policy(Policy),
    Wait(Wait),
    Resources(Resourced),
    Stack(Stack),
    Usdt(Usdt),
    /// Records of this CPU are missing. Comes before the first record after the gap, and is made
    /// by [`crate::order`], not by the kernel.
    Gap(Gap),
}

/// A hole in what one CPU told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Time of the last record before it, or of the recording's start.
    pub from_ns: u64,
    /// Time of the first record after it, or of the recording's end.
    pub to_ns: u64,
    /// Records missing.
    pub lost: u64,
}

/// A name as the kernel keeps it, as text: up to the first zero byte, other encodings replaced.
pub fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}
