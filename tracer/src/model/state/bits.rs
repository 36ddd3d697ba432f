//! `TASK_*` bits as `sched_switch` has them (`include/linux/sched.h`), and what they mean.

use super::{Ready, Sleep, State};

pub(super) const INTERRUPTIBLE: u32 = 0x1;
pub(super) const UNINTERRUPTIBLE: u32 = 0x2;
pub(super) const STOPPED: u32 = 0x4;
pub(super) const TRACED: u32 = 0x8;
pub(super) const EXITS: u32 = 0x10 | 0x20;
pub(super) const PARKED: u32 = 0x40;
pub(super) const DEAD: u32 = 0x80;
pub(super) const NOLOAD: u32 = 0x400;
pub(super) const RTLOCK_WAIT: u32 = 0x1000;

impl State {
    /// The state that `task->__state | task->exit_state` says a task off its CPU is in.
    pub fn off_cpu(bits: u32) -> Self {
        if bits & (EXITS | DEAD) != 0 {
            return Self::Zombie;
        }
        let sleep = if bits & STOPPED != 0 {
            Sleep::Stopped
        } else if bits & TRACED != 0 {
            Sleep::Traced
        } else if bits & PARKED != 0 {
            Sleep::Parked
        } else if bits & UNINTERRUPTIBLE != 0 && bits & NOLOAD != 0 {
            Sleep::Idle
        } else if bits & (UNINTERRUPTIBLE | RTLOCK_WAIT) != 0 {
            Sleep::Uninterruptible
        } else if bits & INTERRUPTIBLE != 0 {
            Sleep::Interruptible
        } else {
            return Self::Runnable(Ready::Preempted);
        };
        Self::Sleeping(sleep)
    }

    /// One letter, as `ps` and perf have it.
    pub fn letter(self) -> char {
        match self {
            Self::Running(_) | Self::Runnable(_) => 'R',
            Self::Sleeping(Sleep::Interruptible) => 'S',
            Self::Sleeping(Sleep::Uninterruptible) => 'D',
            Self::Sleeping(Sleep::Idle) => 'I',
            Self::Sleeping(Sleep::Parked) => 'P',
            Self::Sleeping(Sleep::Stopped) => 'T',
            Self::Sleeping(Sleep::Traced) => 't',
            Self::Zombie => 'Z',
            Self::Unknown => '?',
        }
    }
}
