//! What states are called.

use super::{Ready, Sleep, State};

impl State {
    /// As the sums of the report call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Running(_) => "running",
            Self::Runnable(_) => "runnable",
            Self::Sleeping(Sleep::Uninterruptible) => "uninterruptible",
            Self::Sleeping(Sleep::Stopped) => "stopped",
            Self::Sleeping(Sleep::Traced) => "traced",
            Self::Sleeping(_) => "sleeping",
            Self::Zombie => "zombie",
            Self::Unknown => "unknown",
        }
    }

    /// Which kind of runnable or of sleeping it is; `None` where there is but one.
    pub fn kind(self) -> Option<&'static str> {
        match self {
            Self::Runnable(Ready::Created) => Some("created"),
            Self::Runnable(Ready::New) => Some("new"),
            Self::Runnable(Ready::Woken) => Some("woken"),
            Self::Runnable(Ready::Preempted) => Some("preempted"),
            Self::Sleeping(Sleep::Interruptible) => Some("interruptible"),
            Self::Sleeping(Sleep::Idle) => Some("idle"),
            Self::Sleeping(Sleep::Parked) => Some("parked"),
            _ => None,
        }
    }
}
