//! By which rule a thread gets its CPU: `sched_setattr` and `sched_getattr`.
#![expect(unsafe_code, reason = "the kernel is given the address of a structure")]

use core::fmt;
use core::time::Duration;

use linux_raw_sys::general as raw;
use rustix::io::Errno;
use zerocopy::{FromBytes, IntoBytes};

use super::pid;
use crate::sys;

/// The rule, with what it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// A fair share, by weight.
    Other {
        /// -20 for the largest weight to 19 for the least.
        nice: i32,
    },
    /// As [`Policy::Other`], for work that nobody waits for.
    Batch {
        /// As there.
        nice: i32,
    },
    /// The least weight of all.
    Idle,
    /// Before all of those, until it sleeps or one of higher priority comes.
    Fifo {
        /// 1 to 99, the highest.
        priority: u32,
    },
    /// As [`Policy::Fifo`], in turns with those of the same priority.
    RoundRobin {
        /// As there.
        priority: u32,
    },
    /// Before all of those: a time of CPU in each period.
    Deadline {
        /// The time.
        runtime: Duration,
        /// Within which it is to be had, from the period's begin.
        deadline: Duration,
        /// The period.
        period: Duration,
    },
}

/// What the kernel says of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attributes {
    /// `SCHED_*`.
    pub policy: u32,
    /// Its nice value.
    pub nice: i32,
    /// Its real-time priority; 0 without one.
    pub priority: u32,
    /// Its time of CPU in a period, ns: 0 without [`Policy::Deadline`], but for a slice of
    /// the fair ones' own.
    pub runtime_ns: u64,
    /// Its deadline, ns; likewise.
    pub deadline_ns: u64,
    /// Its period, ns; likewise.
    pub period_ns: u64,
}

impl Policy {
    /// `SCHED_*`.
    pub fn number(self) -> u32 {
        match self {
            Self::Other { .. } => raw::SCHED_NORMAL,
            Self::Batch { .. } => raw::SCHED_BATCH,
            Self::Idle => raw::SCHED_IDLE,
            Self::Fifo { .. } => raw::SCHED_FIFO,
            Self::RoundRobin { .. } => raw::SCHED_RR,
            Self::Deadline { .. } => raw::SCHED_DEADLINE,
        }
    }

    /// Whether a thread of these attributes has it.
    pub fn is(self, found: &Attributes) -> bool {
        let values = match self {
            Self::Other { nice } | Self::Batch { nice } => found.nice == nice,
            Self::Idle => true,
            Self::Fifo { priority } | Self::RoundRobin { priority } => found.priority == priority,
            Self::Deadline { runtime, deadline, period } => {
                let times = [found.runtime_ns, found.deadline_ns, found.period_ns];
                times.map(Duration::from_nanos) == [runtime, deadline, period]
            }
        };
        values && self.number() == found.policy
    }

    /// Makes it the rule of a thread: of the calling one, if none is named.
    ///
    /// # Errors
    /// `EINVAL` for values that are out of range; `EPERM` without the right to it, for a deadline also
    /// if the thread may not use every CPU of its domain; `EBUSY` if there is not so much CPU time to
    /// promise; `ESRCH` (kernel/sched/syscalls.c, `__sched_setscheduler`, v6.18).
    pub fn set(self, tid: Option<u32>) -> Result<(), Errno> {
        let mut attr = SchedAttr { size: SIZE, policy: self.number(), ..SchedAttr::default() };
        let ns = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        match self {
            Self::Other { nice } | Self::Batch { nice } => attr.nice = nice,
            Self::Idle => {}
            Self::Fifo { priority } | Self::RoundRobin { priority } => attr.priority = priority,
            Self::Deadline { runtime, deadline, period } => {
                attr.runtime = ns(runtime);
                attr.deadline = ns(deadline);
                attr.period = ns(period);
            }
        }
        let arguments = [word(tid)?, (&raw const attr).addr(), 0, 0, 0, 0];
        // SAFETY: reads a structure that says how long it is.
        unsafe { sys::call(raw::__NR_sched_setattr, arguments) }.map(|_zero| ())
    }
}

impl Attributes {
    /// Those of a thread: of the calling one, if none is named.
    ///
    /// # Errors
    /// `ESRCH`.
    pub fn of(tid: Option<u32>) -> Result<Self, Errno> {
        let mut attr = SchedAttr::default();
        let arguments = [word(tid)?, (&raw mut attr).addr(), SIZE as usize, 0, 0, 0];
        // SAFETY: writes so many bytes of a structure that is so long.
        unsafe { sys::call(raw::__NR_sched_getattr, arguments) }?;
        Ok(Self {
            policy: attr.policy,
            nice: attr.nice,
            priority: attr.priority,
            runtime_ns: attr.runtime,
            deadline_ns: attr.deadline,
            period_ns: attr.period,
        })
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Other { nice } => write!(f, "SCHED_OTHER with nice {nice}"),
            Self::Batch { nice } => write!(f, "SCHED_BATCH with nice {nice}"),
            Self::Idle => f.write_str("SCHED_IDLE"),
            Self::Fifo { priority } => write!(f, "SCHED_FIFO with priority {priority}"),
            Self::RoundRobin { priority } => write!(f, "SCHED_RR with priority {priority}"),
            Self::Deadline { runtime, deadline, period } => {
                write!(f, "SCHED_DEADLINE with {runtime:?} of {period:?} by {deadline:?}")
            }
        }
    }
}

/// A thread, as the kernel takes it: 0 is the caller.
fn word(tid: Option<u32>) -> Result<usize, Errno> {
    Ok(pid(tid)?.map_or(0, |pid| pid.as_raw_nonzero().get().cast_unsigned() as usize))
}

/// `struct sched_attr`, first version (include/uapi/linux/sched/types.h, v6.18).
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes)]
#[repr(C)]
struct SchedAttr {
    size: u32,
    policy: u32,
    flags: u64,
    nice: i32,
    priority: u32,
    runtime: u64,
    deadline: u64,
    period: u64,
}

const SIZE: u32 = 48;
const _: () = assert!(size_of::<SchedAttr>() == SIZE as usize);

#[cfg(test)]
mod tests {
    use rustix::io::Errno;

    use super::{Attributes, Policy};

    #[test]
    fn a_thread_is_what_it_was_made() {
        for policy in [Policy::Batch { nice: 5 }, Policy::Other { nice: 7 }, Policy::Idle] {
            policy.set(None).unwrap();
            let found = Attributes::of(None).unwrap();
            assert!(policy.is(&found), "{policy}: {found:?}");
            assert!(!Policy::Batch { nice: 1 }.is(&found));
        }
        assert_eq!(Policy::Fifo { priority: 0 }.set(None), Err(Errno::INVAL));
        assert_eq!(Policy::RoundRobin { priority: 100 }.set(None), Err(Errno::INVAL));
        assert_eq!(Policy::Idle.set(Some(u32::MAX)), Err(Errno::SRCH));
    }
}
