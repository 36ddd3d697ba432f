//! The states up to a moment: the closed stretches and what the open one has come to.

use super::{Sleep, State, StateSums, Timeline};

impl Timeline {
    /// The time in each state until now, ns. What is open counts as what it seems to be; what later
    /// events say of it can take time from one state and give it to another, but the sum of all
    /// states only grows.
    pub fn states_at(&self, at_ns: u64) -> StateSums {
        let mut sums = self.sums.states();
        let open_ns = self.cut.ns(self.since_ns, at_ns.max(self.since_ns));
        *match self.state {
            State::Running(_) => &mut sums.running,
            State::Runnable(_) => &mut sums.runnable,
            State::Sleeping(Sleep::Interruptible | Sleep::Idle | Sleep::Parked) => {
                &mut sums.sleeping
            }
            State::Sleeping(Sleep::Uninterruptible) => &mut sums.uninterruptible,
            State::Sleeping(Sleep::Stopped) => &mut sums.stopped,
            State::Sleeping(Sleep::Traced) => &mut sums.traced,
            State::Zombie => &mut sums.zombie,
            State::Unknown => &mut sums.unknown,
        } += open_ns;
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_open_stretch_counts_as_what_it_seems_to_be() {
        let mut timeline = Timeline::new(10, State::Sleeping(Sleep::Interruptible));
        assert_eq!(timeline.states_at(15).each()[2], ("sleeping", 5));
        timeline.waking(20, false);
        timeline.switch_in(30, 1);
        let sums = timeline.states_at(45);
        assert_eq!((sums.sleeping, sums.runnable, sums.running), (10, 10, 15));
        // A moment before what has been seen already.
        assert_eq!(timeline.states_at(25).total(), 20);
    }
}
