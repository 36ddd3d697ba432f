//! The records, one struct for each kind, grouped as the kernel groups its tracepoints.

mod birth;
mod call;
mod futex;
mod inspect;
mod interrupt;
mod life;
mod sched;
mod signal;
mod stack;
mod usdt;

pub use birth::{Exec, FILENAME_MAX, Fork, Newtask, Rename, Resourced, TaskSeen};
pub use call::{Affinity, Policy, PolicyCall, SigMask, SigReturn, Wait, WaitCall};
pub use futex::{Futex, FutexCall};
pub use inspect::{
    AddressSpace, Credentials, FRAMES_MAX, GROUPS_MAX, InspectedHandlers, InspectedKernelThread,
    InspectedLwp, InspectedMapping, InspectedProcess, Io, Namespaces, REGISTERS_MAX, SignalAction,
};
pub use interrupt::{Irq, Softirq, Vector, VectorId};
pub use life::{Dead, Exit, ExitFlags, Free};
pub use sched::{Context, Migrate, SleepCall, Switch, Waking};
pub use signal::{InfoKind, SignalDeliver, SignalGenerate};
pub use stack::Stack;
pub use usdt::Usdt;
