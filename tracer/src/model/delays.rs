//! Run delays: times between becoming runnable and running, by why the task was runnable.

use serde::Serialize;

use super::distribution::{Distribution, Quantiles};
use super::state::Ready;

/// The run delays of a task, or of a CPU.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delays {
    new: Distribution,
    woken: Distribution,
    preempted: Distribution,
}

/// What is told of run delays by kind; `run_delay_ns` is all of them together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DelayRow {
    /// Of tasks that had never run.
    pub new: Quantiles,
    /// After a sleep.
    pub woken: Quantiles,
    /// After the CPU was taken away, or offered.
    pub preempted: Quantiles,
    /// How many there are by powers of two: in place `n` those of at least 2^(n-1) and less than
    /// 2^n ns.
    pub histogram: Vec<u64>,
}

impl Delays {
    /// Takes in one, ns.
    pub fn add(&mut self, ready: Ready, ns: u64) {
        match ready {
            Ready::Created | Ready::New => self.new.add(ns),
            Ready::Woken => self.woken.add(ns),
            Ready::Preempted => self.preempted.add(ns),
        }
    }

    /// Their sum, ns.
    pub fn sum_ns(&self) -> u64 {
        self.new.sum_ns() + self.woken.sum_ns() + self.preempted.sum_ns()
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.new.count() + self.woken.count() + self.preempted.count()
    }

    /// All together.
    pub fn all(&self) -> Quantiles {
        self.merged().quantiles()
    }

    /// By kind.
    pub fn row(&self) -> DelayRow {
        DelayRow {
            new: self.new.quantiles(),
            woken: self.woken.quantiles(),
            preempted: self.preempted.quantiles(),
            histogram: self.merged().octaves(),
        }
    }

    /// All together, with their shape.
    pub fn merged(&self) -> Distribution {
        let mut all = self.woken.clone();
        all.merge(&self.preempted);
        all.merge(&self.new);
        all
    }
}
