//! What a timeline makes of records that are missing.

use super::stint::UNKNOWN_WAIT_NS;
use super::{Cause, Cut, Dim, Doubt, State, Timeline};

impl Timeline {
    /// Begins with what the task iterator read at a later time, ns, and not before that.
    pub fn found((from_ns, at_ns): (u64, u64), cut: Cut, state: State, cause: Cause) -> Self {
        let mut timeline = Self::new(from_ns, State::Unknown);
        timeline.cut(cut);
        timeline.enter(at_ns, state);
        timeline.cause = cause;
        timeline.doubt = Doubt::Seen;
        timeline
    }

    /// It is on a CPU, or released. If it was not seen to come onto one, how long it waited is not
    /// known.
    pub fn ran_unseen(&mut self, at_ns: u64) {
        if matches!(self.state, State::Runnable(_) | State::Sleeping(_)) {
            self.dim.contradicted(self.since_ns, at_ns);
        }
    }

    /// What gaps leave uncertain.
    pub fn dim(&self) -> &Dim {
        &self.dim
    }

    /// The same, for what only others know.
    pub fn dim_mut(&mut self) -> &mut Dim {
        &mut self.dim
    }

    /// Records of a CPU on which it may have run are missing between these times, ns: it is known
    /// until the first, and what the next event implies holds since the second.
    pub fn gap(&mut self, from_ns: u64, to_ns: u64) {
        self.dim_by(from_ns, to_ns);
        let counts = self.cut.has(self.since_ns);
        self.settled = self.waited.take().filter(|_| counts);
        self.enter(from_ns, State::Unknown);
        self.enter(to_ns, State::Unknown);
    }

    /// Records are missing between these times, ns, which may be about the stretches that are
    /// closed, and not about the open one.
    pub fn dim_by(&mut self, from_ns: u64, to_ns: u64) {
        if !self.counts_at(from_ns) {
            return;
        }
        let from_ns = from_ns.max(self.from_ns);
        let closed_ns = self.since_ns.saturating_sub(from_ns);
        // The stint that a wait leads to can have begun before its tracepoint.
        let unsettled = matches!(self.doubt, Doubt::Seen | Doubt::EarlyWaking(_))
            || matches!(self.state, State::Runnable(_))
            || self.dim.suspects();
        let open_ns = from_ns.saturating_sub(self.since_ns);
        let waited_ns = self.waited.map_or(0, |(_, ns)| ns);
        let doubted_ns = closed_ns.saturating_add(waited_ns);
        let doubted_ns = doubted_ns.saturating_add(if unsettled { open_ns } else { 0 });
        self.dim.gap((from_ns, to_ns), doubted_ns);
        if let State::Running(_) = self.state {
            self.dim.late(open_ns, UNKNOWN_WAIT_NS);
        }
        if self.state == State::Zombie {
            self.dim.may_be_freed(from_ns.max(self.since_ns));
        }
    }

    /// It was found to have left its CPU at a time between its switch-in and now, unseen.
    pub fn left_unseen(&mut self, at_ns: u64) {
        self.state = State::Unknown;
        self.enter(at_ns, State::Unknown);
    }
}
