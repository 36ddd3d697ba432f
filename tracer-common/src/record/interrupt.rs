//! Interrupts, each one record at its end, paired in the kernel with what was nested in it.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::Header;
use crate::task::Comm;

/// A hardware interrupt's handler ran (`irq_handler_entry`, `irq_handler_exit`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Irq {
    /// `at_ns` is the end.
    pub header: Header,
    /// When the handler was entered, ns.
    pub begin_ns: u64,
    /// ns of that time spent in interrupts nested in this one.
    pub nested_ns: u64,
    /// The task that was running.
    pub tid: u32,
    /// How many interrupts this one interrupted: zero if it hit the task itself.
    pub depth: u32,
    /// Interrupt number.
    pub irq: u32,
    /// What the handler returned: 0 not its own, 1 handled, 2 wakes its thread.
    pub ret: u32,
    /// `irqaction.name`, padded with zero bytes.
    pub name: Comm,
}

/// A softirq's action ran (`softirq_entry`, `softirq_exit`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Softirq {
    /// `at_ns` is the end.
    pub header: Header,
    /// When the action was entered, ns.
    pub begin_ns: u64,
    /// ns of that time spent in interrupts nested in this one.
    pub nested_ns: u64,
    /// The task that was running: the one it stole from, or a `ksoftirqd`.
    pub tid: u32,
    /// How many interrupts this one interrupted.
    pub depth: u32,
    /// Vector, as in `include/linux/interrupt.h`: 0 HI, 1 TIMER, 2 `NET_TX`, 3 `NET_RX`,
    /// 4 BLOCK, 5 `IRQ_POLL`, 6 TASKLET, 7 SCHED, 8 HRTIMER, 9 RCU.
    pub vec: u32,
    /// Always zero.
    pub reserved: u32,
}

/// An interrupt of the CPU's own (x86 `irq_vectors`) was served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Vector {
    /// `at_ns` is the end.
    pub header: Header,
    /// When it was entered, ns.
    pub begin_ns: u64,
    /// ns of that time spent in interrupts nested in this one.
    pub nested_ns: u64,
    /// The task that was running.
    pub tid: u32,
    /// How many interrupts this one interrupted.
    pub depth: u32,
    /// [`VectorId`].
    pub vector: u32,
    /// Always zero.
    pub reserved: u32,
}

/// The vectors that are traced, named as their tracepoints.
#[derive(Clone, Copy, Debug)]
pub struct VectorId;

impl VectorId {
    /// `local_timer`
    pub const LOCAL_TIMER: u32 = 0;
    /// `reschedule`
    pub const RESCHEDULE: u32 = 1;
    /// `call_function`
    pub const CALL_FUNCTION: u32 = 2;
    /// `call_function_single`
    pub const CALL_FUNCTION_SINGLE: u32 = 3;
    /// `irq_work`
    pub const IRQ_WORK: u32 = 4;
}

const _: () = assert!(size_of::<Irq>() == 64);
const _: () = assert!(size_of::<Softirq>() == 48);
const _: () = assert!(size_of::<Vector>() == 48);
