//! Where and when tasks run: switches, wake-ups, migrations.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::Header;

/// The CPU went from one task to another (`sched_switch`). Tid 0 is the CPU's idle task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Switch {
    /// Made by `prev`, on the CPU concerned.
    pub header: Header,
    /// The task that leaves.
    pub prev_tid: u32,
    /// The task that comes.
    pub next_tid: u32,
    /// `TASK_*` bits of the leaving task, zero if runnable (bits 0 to 15); if it sleeps, in which
    /// system call ([`SleepCall`], bits 16 to 30); and [`Switch::PREEMPTED`].
    pub prev_state: u32,
    /// `prev->nvcsw`, low 32 bits, this switch included: tells a voluntary switch exactly.
    pub prev_nvcsw: u32,
    /// `prev->se.sum_exec_runtime`, ns.
    pub prev_runtime_ns: u64,
}

impl Switch {
    /// Bit of `prev_state`: the task was preempted, not asking to leave.
    pub const PREEMPTED: u32 = 1 << 31;
    /// Bits of `prev_state` that are `TASK_*`.
    pub const TASK_BITS: u32 = 0xffff;
}

/// The system call in which a task sleeps, as it is packed into the bits of a state.
///
/// Only interruptible and uninterruptible sleeps of followed tasks have one. A page fault or a
/// lock inside a call counts as the call.
#[derive(Clone, Copy, Debug)]
pub struct SleepCall;

impl SleepCall {
    /// Where the bits begin.
    pub const SHIFT: u32 = 16;
    /// The bits.
    pub const MASK: u32 = 0x7fff << Self::SHIFT;
    /// Not told: a kernel thread, a call of a 32-bit program, or a kernel before 5.15.
    pub const UNTOLD: u32 = 0;
    /// In no call: a page fault or another trap out of user mode.
    pub const NONE: u32 = 1;
    /// In call number 0. Further calls follow in the order of their numbers.
    pub const FIRST: u32 = 2;
    /// The highest number that fits.
    pub const NUMBER_MAX: u32 = 0x7fff - Self::FIRST;
}

/// A task is being woken (`sched_waking`, `sched_wakeup_new`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Waking {
    /// Made on the waker's CPU.
    pub header: Header,
    /// The task that will be runnable.
    pub tid: u32,
    /// The task that was running where the wake-up came from; in interrupt context it is only
    /// the one that was interrupted.
    pub waker_tid: u32,
    /// [`Context`] of the waker.
    pub context: u32,
    /// The CPU the task last ran on; for a new task, the one it is queued on.
    pub cpu: u32,
}

/// In what context a record was made.
#[derive(Clone, Copy, Debug)]
pub struct Context;

impl Context {
    /// Task context.
    pub const TASK: u32 = 0;
    /// Inside a hardware interrupt that tracer saw begin.
    pub const HARDIRQ: u32 = 1;
    /// Inside a softirq that tracer saw begin.
    pub const SOFTIRQ: u32 = 2;
    /// Not known: the interrupt events are switched off.
    pub const UNKNOWN: u32 = 3;
}

/// A task is moved to another CPU (`sched_migrate_task`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Migrate {
    /// Made wherever the scheduler decides.
    pub header: Header,
    /// The task.
    pub tid: u32,
    /// Where it was.
    pub from_cpu: u32,
    /// Where it goes. The kernel fires the tracepoint also when this is `from_cpu`, and then
    /// counts no migration.
    pub to_cpu: u32,
    /// The task running where this was decided.
    pub by_tid: u32,
    /// In which system call the moved task is ([`SleepCall`]), asleep or not.
    pub call: u32,
    /// Always zero.
    pub reserved: u32,
}

const _: () = assert!(size_of::<Switch>() == 40);
const _: () = assert!(size_of::<Waking>() == 32);
const _: () = assert!(size_of::<Migrate>() == 40);
