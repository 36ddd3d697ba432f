//! Surprises: what the events say that cannot be, or that hides something. Named and counted,
//! never an error, because a trace with a surprise in it is still worth reading.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

/// One kind of surprise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Anomaly {
    /// An event is older than what was already known of its task or CPU.
    TimeBackwards,
    /// A waking of a task that runs: it was about to sleep. Common, and no fault of the trace.
    WakingOfRunning,
    /// A waking of a task that is runnable already, or dead.
    WakingOfRunnable,
    /// A sleeping task was switched in and its waking was not recorded: the waker is invisible,
    /// or a pending signal kept the task from sleeping at all.
    MissedWaking,
    /// A CPU's next switch was made by another task than the one switched in last, with no
    /// record lost: a task in which BPF programs do not run was there in between.
    SwitchNotSeen,
    /// A task is on another CPU than the last one known, and no migration was recorded: it was
    /// decided while an invisible task ran.
    MissedMigration,
    /// A task was switched in while it ran elsewhere.
    RunningTwice,
    /// A task did something after its last switch.
    DeadActed,
    /// An event names a task whose birth was not seen.
    UnknownTask,
    /// A number was reused though its task was not seen to end.
    ReusedAlive,
    /// A release of a task that is not known.
    FreeOfUnknown,
    /// `wait4` or `waitid` reported a child that is not known to have ended.
    WaitOfUnknown,
    /// A signal was delivered that was not seen to be generated.
    SignalNotGenerated,
}

impl Anomaly {
    /// Its name in JSON and in the report.
    pub fn name(self) -> &'static str {
        match self {
            Self::TimeBackwards => "time_backwards",
            Self::WakingOfRunning => "waking_of_running",
            Self::WakingOfRunnable => "waking_of_runnable",
            Self::MissedWaking => "missed_waking",
            Self::SwitchNotSeen => "switch_not_seen",
            Self::MissedMigration => "missed_migration",
            Self::RunningTwice => "running_twice",
            Self::DeadActed => "dead_acted",
            Self::UnknownTask => "unknown_task",
            Self::ReusedAlive => "reused_alive",
            Self::FreeOfUnknown => "free_of_unknown",
            Self::WaitOfUnknown => "wait_of_unknown",
            Self::SignalNotGenerated => "signal_not_generated",
        }
    }
}

impl Serialize for Anomaly {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// How often each surprise was met; those that were not are absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Anomalies(BTreeMap<Anomaly, u64>);

impl Anomalies {
    /// Counts one.
    pub fn count(&mut self, anomaly: Anomaly) {
        *self.0.entry(anomaly).or_default() += 1;
    }

    /// All accounts begin anew.
    pub fn restart(&mut self) {
        self.0.clear();
    }

    /// How often it was met.
    pub fn of(&self, anomaly: Anomaly) -> u64 {
        self.0.get(&anomaly).copied().unwrap_or_default()
    }

    /// All that were met, in a fixed order.
    pub fn iter(&self) -> impl Iterator<Item = (Anomaly, u64)> {
        self.0.iter().map(|(&anomaly, &count)| (anomaly, count))
    }
}
