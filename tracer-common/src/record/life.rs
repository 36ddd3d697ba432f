//! How tasks end: exit, the last switch, and the release of the task.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::Header;
use crate::task::{Accounts, TaskKey};

/// The task began to die (`sched_process_exit`); it still runs a little.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Exit {
    /// Made by the task itself.
    pub header: Header,
    /// The task.
    pub key: TaskKey,
    /// `exit_code` as wait reports it: status << 8, or the signal, with 0x80 for a core dump.
    pub code: u32,
    /// `signal->group_exit_code`; counts only with [`ExitFlags::GROUP_EXIT`].
    pub group_code: u32,
    /// [`ExitFlags`].
    pub flags: u32,
    /// `real_parent->tgid` now: differs from birth if the task was orphaned.
    pub parent_tgid: u32,
    /// Accounts so far; the final ones come with [`Dead`].
    pub accounts: Accounts,
}

/// Bits of [`Exit::flags`].
#[derive(Clone, Copy, Debug)]
pub struct ExitFlags;

impl ExitFlags {
    /// The whole thread group is exiting (`SIGNAL_GROUP_EXIT`): by `exit_group` or a signal.
    pub const GROUP_EXIT: u32 = 1 << 0;
    /// This was the group's last live thread.
    pub const GROUP_DEAD: u32 = 1 << 1;
    /// [`ExitFlags::GROUP_DEAD`] is known: the tracepoint has the argument or the count was read.
    pub const GROUP_DEAD_KNOWN: u32 = 1 << 2;
}

/// The task left its CPU for the last time (`sched_switch` with `TASK_DEAD`): its accounts are
/// final.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Dead {
    /// Made on its last CPU, just before that switch's own record.
    pub header: Header,
    /// The task.
    pub key: TaskKey,
    /// Its final accounts.
    pub accounts: Accounts,
}

/// The task was released (`sched_process_free`), which can be later than its number's reuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Free {
    /// Made wherever RCU happened to call back.
    pub header: Header,
    /// The task.
    pub key: TaskKey,
}

const _: () = assert!(size_of::<Exit>() == 120);
const _: () = assert!(size_of::<Dead>() == 104);
const _: () = assert!(size_of::<Free>() == 32);
