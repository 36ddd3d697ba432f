//! The time spent in each state.

use serde::Serialize;

use super::{Ready, Sleep, State};

/// Closed stretches of one task, ns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    running: u64,
    created: u64,
    new: u64,
    woken: u64,
    preempted: u64,
    interruptible: u64,
    uninterruptible: u64,
    idle: u64,
    parked: u64,
    stopped: u64,
    traced: u64,
    zombie: u64,
    unknown: u64,
    /// Running, by CPU; few CPUs, so a short list in the order of first use.
    cpus: Vec<(u16, u64)>,
}

/// The time in each state, ns; together exactly the time the task was observed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct StateSums {
    /// On a CPU, interrupts included.
    pub running: u64,
    /// Runnable: just created, new on a queue, woken or preempted.
    pub runnable: u64,
    /// Interruptible sleep, and the idle sleep and parking of kernel threads.
    pub sleeping: u64,
    /// Uninterruptible sleep.
    pub uninterruptible: u64,
    /// Stopped by a signal.
    pub stopped: u64,
    /// Stopped for a tracer.
    pub traced: u64,
    /// Dead and not yet released.
    pub zombie: u64,
    /// Not known, because records are missing.
    pub unknown: u64,
}

/// The parts of [`StateSums::runnable`], ns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RunnableSums {
    /// Created and not yet on a queue.
    pub created: u64,
    /// First time on a queue.
    pub new: u64,
    /// Woken.
    pub woken: u64,
    /// Preempted or yielding.
    pub preempted: u64,
}

impl Sums {
    /// Takes in one closed stretch.
    pub(super) fn add(&mut self, state: State, ns: u64) {
        *self.of(state) += ns;
        if let State::Running(cpu) = state
            && ns > 0
        {
            self.add_cpu(cpu, ns);
        }
    }

    /// The latest stint on a CPU began earlier than it seemed: that time was no waiting.
    pub(super) fn begin_earlier(&mut self, waited: Ready, cpu: u16, ns: u64) {
        *self.of(State::Runnable(waited)) -= ns;
        self.running += ns;
        self.add_cpu(cpu, ns);
    }

    fn add_cpu(&mut self, cpu: u16, ns: u64) {
        match self.cpus.iter_mut().find(|(known, _)| *known == cpu) {
            Some((_, sum)) => *sum += ns,
            None => self.cpus.push((cpu, ns)),
        }
    }

    fn of(&mut self, state: State) -> &mut u64 {
        match state {
            State::Running(_) => &mut self.running,
            State::Runnable(Ready::Created) => &mut self.created,
            State::Runnable(Ready::New) => &mut self.new,
            State::Runnable(Ready::Woken) => &mut self.woken,
            State::Runnable(Ready::Preempted) => &mut self.preempted,
            State::Sleeping(Sleep::Interruptible) => &mut self.interruptible,
            State::Sleeping(Sleep::Uninterruptible) => &mut self.uninterruptible,
            State::Sleeping(Sleep::Idle) => &mut self.idle,
            State::Sleeping(Sleep::Parked) => &mut self.parked,
            State::Sleeping(Sleep::Stopped) => &mut self.stopped,
            State::Sleeping(Sleep::Traced) => &mut self.traced,
            State::Zombie => &mut self.zombie,
            State::Unknown => &mut self.unknown,
        }
    }

    /// The states as the report has them.
    pub fn states(&self) -> StateSums {
        StateSums {
            running: self.running,
            runnable: self.created + self.new + self.woken + self.preempted,
            sleeping: self.interruptible + self.idle + self.parked,
            uninterruptible: self.uninterruptible,
            stopped: self.stopped,
            traced: self.traced,
            zombie: self.zombie,
            unknown: self.unknown,
        }
    }

    /// The parts of the runnable time.
    pub fn runnable(&self) -> RunnableSums {
        RunnableSums {
            created: self.created,
            new: self.new,
            woken: self.woken,
            preempted: self.preempted,
        }
    }

    /// Time on a CPU, ns.
    pub fn running(&self) -> u64 {
        self.running
    }

    /// Time on run-queues, ns: runnable, and not just created.
    pub fn queued(&self) -> u64 {
        self.new + self.woken + self.preempted
    }

    /// Running time by CPU, ns, in the order of first use.
    pub fn cpus(&self) -> &[(u16, u64)] {
        &self.cpus
    }
}

impl StateSums {
    /// The states with their names, in the order of the report.
    pub fn each(&self) -> [(&'static str, u64); 8] {
        [
            ("running", self.running),
            ("runnable", self.runnable),
            ("sleeping", self.sleeping),
            ("uninterruptible", self.uninterruptible),
            ("stopped", self.stopped),
            ("traced", self.traced),
            ("zombie", self.zombie),
            ("unknown", self.unknown),
        ]
    }

    /// All of them together, ns.
    pub fn total(&self) -> u64 {
        self.each().iter().map(|(_, ns)| ns).sum()
    }
}
