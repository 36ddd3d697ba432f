//! Time that interrupts took from a running task.
//!
//! An interrupt is known when it ends, and how long the task really ran only when its stint is
//! over: the scheduler's account moves both ends of a stint by some microseconds, and where
//! records are missing it is cut short. So what is taken waits for the end of the stint, and never
//! more is taken than there was.

/// What took it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A hard interrupt.
    Hard,
    /// A softirq.
    Soft,
}

/// What was taken from one task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stolen {
    irq_ns: u64,
    softirq_ns: u64,
    waiting: [u64; 2],
}

impl Stolen {
    /// An interrupt ended that took this time, ns.
    pub fn take(&mut self, kind: Kind, own_ns: u64) {
        let waiting = &mut self.waiting[usize::from(kind == Kind::Soft)];
        *waiting = waiting.saturating_add(own_ns);
    }

    /// A stint is over; the task has been running for this long in all, ns.
    pub fn settle(&mut self, running_ns: impl FnOnce() -> u64) {
        let [irq_ns, softirq_ns] = std::mem::take(&mut self.waiting);
        if irq_ns == 0 && softirq_ns == 0 {
            return;
        }
        let room_ns = running_ns().saturating_sub(self.total_ns());
        let irq_ns = irq_ns.min(room_ns);
        self.irq_ns += irq_ns;
        self.softirq_ns += softirq_ns.min(room_ns - irq_ns);
    }

    /// It has been running for no longer than this, ns.
    pub fn limit(&mut self, running_ns: u64) {
        self.irq_ns = self.irq_ns.min(running_ns);
        self.softirq_ns = self.softirq_ns.min(running_ns - self.irq_ns);
    }

    /// By hard interrupts, ns.
    pub fn irq_ns(&self) -> u64 {
        self.irq_ns
    }

    /// By softirqs, ns.
    pub fn softirq_ns(&self) -> u64 {
        self.softirq_ns
    }

    /// By both, ns.
    pub fn total_ns(&self) -> u64 {
        self.irq_ns + self.softirq_ns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_taken_than_there_was() {
        let mut stolen = Stolen::default();
        stolen.take(Kind::Hard, 30);
        stolen.take(Kind::Soft, 50);
        assert_eq!(stolen.total_ns(), 0);
        stolen.settle(|| 100);
        assert_eq!((stolen.irq_ns(), stolen.softirq_ns()), (30, 50));
        stolen.take(Kind::Soft, 50);
        stolen.take(Kind::Hard, 10);
        stolen.settle(|| 110);
        assert_eq!((stolen.irq_ns(), stolen.softirq_ns()), (40, 70));
        // What found no room is not kept for the next stint.
        stolen.settle(|| 1000);
        stolen.take(Kind::Hard, u64::MAX);
        stolen.take(Kind::Hard, u64::MAX);
        stolen.settle(|| 1000);
        assert_eq!(stolen.total_ns(), 1000);
    }
}
