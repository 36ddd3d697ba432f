//! What the kernel does with a carrier, and the sums of time by that.

use serde::Serialize;

use crate::model::state::State;

/// What a carrier's kernel thread is doing, as far as user threads care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kernel {
    /// On this CPU.
    Running(u16),
    /// Waiting for a CPU.
    Runnable,
    /// Asleep or stopped in the kernel.
    Blocked,
    /// Not known.
    Unknown,
}

impl Kernel {
    /// Of a task in this state.
    pub(super) fn of(state: State) -> Self {
        match state {
            State::Running(cpu) => Self::Running(cpu),
            State::Runnable(_) => Self::Runnable,
            State::Sleeping(_) => Self::Blocked,
            State::Zombie | State::Unknown => Self::Unknown,
        }
    }
}

/// Time by what the kernel thread did, ns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Split {
    pub(super) running: u64,
    pub(super) runnable: u64,
    pub(super) blocked: u64,
    pub(super) unknown: u64,
}

impl Split {
    pub(super) fn add(&mut self, kernel: Kernel, ns: u64) {
        *match kernel {
            Kernel::Running(_) => &mut self.running,
            Kernel::Runnable => &mut self.runnable,
            Kernel::Blocked => &mut self.blocked,
            Kernel::Unknown => &mut self.unknown,
        } += ns;
    }

    pub(super) fn total(&self) -> u64 {
        self.running + self.runnable + self.blocked + self.unknown
    }
}

/// Running time by CPU, ns: few CPUs, so a short list in the order of first use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Shares<K>(pub(super) Vec<(K, u64)>);

impl<K: PartialEq + Copy> Shares<K> {
    pub(super) fn add(&mut self, key: K, ns: u64) {
        if ns == 0 {
            return;
        }
        match self.0.iter_mut().find(|(known, _)| *known == key) {
            Some((_, sum)) => *sum += ns,
            None => self.0.push((key, ns)),
        }
    }
}

/// The time of one user thread, ns; together exactly from its first moment to its last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct UthreadStates {
    /// It was its carrier's current one, and the carrier ran.
    pub running: u64,
    /// It was, and the carrier waited for a CPU: preempted, or woken and not there yet.
    pub carrier_runnable: u64,
    /// It was, and the carrier slept in the kernel: a system call that blocks, a page fault.
    pub carrier_blocked: u64,
    /// It could run, and no carrier ran it.
    pub ready: u64,
    /// It waited to be unparked.
    pub parked: u64,
    /// Not known, because records are missing.
    pub unknown: u64,
}

impl UthreadStates {
    /// All of them together.
    pub fn total(&self) -> u64 {
        self.current() + self.ready + self.parked + self.unknown
    }

    /// The time as its carrier's current one.
    pub fn current(&self) -> u64 {
        self.running + self.carrier_runnable + self.carrier_blocked
    }

    pub(super) fn add(&mut self, split: &Split) {
        self.running += split.running;
        self.carrier_runnable += split.runnable;
        self.carrier_blocked += split.blocked;
        self.unknown += split.unknown;
    }
}

/// The time of one carrier, ns; together exactly from its first moment to its last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CarrierStates {
    /// It ran a user thread.
    pub running: u64,
    /// It had one and waited for a CPU.
    pub runnable: u64,
    /// It had one and slept in the kernel.
    pub blocked: u64,
    /// It ran without one: its own loop, looking for work.
    pub own_running: u64,
    /// It had none, and waited for a CPU.
    pub own_runnable: u64,
    /// It slept without one that could run: none, or one that is parked.
    pub idle: u64,
    /// Not known, because records are missing, or which user thread it had is not.
    pub unknown: u64,
}

impl CarrierStates {
    /// All of them together.
    pub fn total(&self) -> u64 {
        let with = self.running + self.runnable + self.blocked;
        with + self.own_running + self.own_runnable + self.idle + self.unknown
    }

    /// Time with a user thread.
    pub(super) fn add_with(&mut self, split: &Split) {
        self.running += split.running;
        self.runnable += split.runnable;
        self.blocked += split.blocked;
        self.unknown += split.unknown;
    }

    /// Time without one.
    pub(super) fn add_own(&mut self, split: &Split) {
        self.own_running += split.running;
        self.own_runnable += split.runnable;
        self.idle += split.blocked;
        self.unknown += split.unknown;
    }
}
