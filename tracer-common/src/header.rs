//! What every record begins with.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// The first 16 bytes of every record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Header {
    /// When the record was made, ns of `CLOCK_MONOTONIC`.
    pub at_ns: u64,
    /// Number of this record on its CPU, low 32 bits, counting those that could not be sent too:
    /// a number that never arrives is a lost record.
    pub seq: u32,
    /// The CPU that made the record. [`Header::NO_CPU`] for records of the task iterator, which
    /// have no sequence number.
    pub cpu: u16,
    /// What follows: one of [`Kind`]'s constants.
    pub kind: u8,
    /// Length of the whole record with this header, in units of 8 bytes.
    pub words: u8,
}

impl Header {
    /// The `cpu` of a record that no CPU's sequence numbers: a line of the task iterator.
    pub const NO_CPU: u16 = u16::MAX;
}

/// The kinds of records, one constant for each struct of [`crate::record`].
#[derive(Clone, Copy, Debug)]
pub struct Kind;

impl Kind {
    /// [`crate::record::TaskSeen`]
    pub const TASK: u8 = 1;
    /// [`crate::record::Newtask`]
    pub const NEWTASK: u8 = 2;
    /// [`crate::record::Fork`]
    pub const FORK: u8 = 3;
    /// [`crate::record::Exec`]
    pub const EXEC: u8 = 4;
    /// [`crate::record::Rename`]
    pub const RENAME: u8 = 5;
    /// [`crate::record::Exit`]
    pub const EXIT: u8 = 6;
    /// [`crate::record::Dead`]
    pub const DEAD: u8 = 7;
    /// [`crate::record::Free`]
    pub const FREE: u8 = 8;
    /// [`crate::record::Switch`]
    pub const SWITCH: u8 = 9;
    /// [`crate::record::Waking`]
    pub const WAKING: u8 = 10;
    /// [`crate::record::Waking`] of a task that has never run
    pub const WAKEUP_NEW: u8 = 11;
    /// [`crate::record::Migrate`]
    pub const MIGRATE: u8 = 12;
    /// [`crate::record::SignalGenerate`]
    pub const SIGNAL_GENERATE: u8 = 13;
    /// [`crate::record::SignalDeliver`]
    pub const SIGNAL_DELIVER: u8 = 14;
    /// [`crate::record::Irq`]
    pub const IRQ: u8 = 15;
    /// [`crate::record::Softirq`]
    pub const SOFTIRQ: u8 = 16;
    /// [`crate::record::Vector`]
    pub const VECTOR: u8 = 17;
    /// [`crate::record::Futex`]
    pub const FUTEX: u8 = 18;
    /// [`crate::record::SigMask`]
    pub const SIGMASK: u8 = 19;
    /// [`crate::record::SigReturn`]
    pub const SIGRETURN: u8 = 20;
    /// [`crate::record::Affinity`]
    pub const AFFINITY: u8 = 21;
    /// [`crate::record::Policy`]
    pub const POLICY: u8 = 22;
    /// [`crate::record::Wait`]
    pub const WAIT: u8 = 23;
    /// [`crate::record::Resourced`]
    pub const RESOURCES: u8 = 24;
    /// [`crate::record::Stack`]
    pub const STACK: u8 = 25;
    /// [`crate::record::Usdt`]
    pub const USDT: u8 = 32;
    /// [`crate::record::InspectedProcess`]
    pub const INSPECTED_PROCESS: u8 = 40;
    /// [`crate::record::InspectedHandlers`]
    pub const INSPECTED_HANDLERS: u8 = 41;
    /// [`crate::record::InspectedLwp`]
    pub const INSPECTED_LWP: u8 = 42;
    /// [`crate::record::InspectedKernelThread`]
    pub const INSPECTED_KERNEL_THREAD: u8 = 43;
    /// [`crate::record::InspectedMapping`]
    pub const INSPECTED_MAPPING: u8 = 44;
}

const _: () = assert!(size_of::<Header>() == 16);
