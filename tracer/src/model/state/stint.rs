//! Where one stint on a CPU begins and ends, by the scheduler's own account of its length.
//!
//! The scheduler bills run time by its run-queue clock, which it does not read again in a switch
//! if a wake-up has just done so (`rq_clock_skip_update`, `kernel/sched/core.c`, v6.18): the time
//! between the waking and the switch is then billed to the task that comes, though the tracepoint
//! fires only at the end of it. The same moments therefore lie a few microseconds earlier for the
//! kernel than for its tracepoints, by as much as the incoming task had been waiting at the most.
//! Both boundaries of a stint are moved to where the kernel has them, within that bound. Seen time
//! beyond it that was not billed is unknown; billed time beyond it that was not seen is a
//! disagreement, stays, and is found by `tracer verify`.

use super::{Left, Ready, State, Timeline};

/// How late a tracepoint can be when it is not known how long the incoming task had waited, or when
/// none comes, ns: before a CPU goes idle it looks for work elsewhere (`sched_balance_newidle`),
/// after the clock was read, and a virtual CPU can be taken away meanwhile. One tick.
pub(crate) const UNKNOWN_WAIT_NS: u64 = 4_000_000;

impl Timeline {
    /// Corrects the begin of the stint that ends now, and gives its end, ns. `ran_ns` is its length
    /// by the kernel's account, `next_waited_ns` how long the task that comes had been waiting.
    pub(super) fn stint_end(
        &mut self,
        at_ns: u64,
        ran_ns: Option<u64>,
        next_waited_ns: u64,
    ) -> u64 {
        let (State::Running(cpu), Some(ran_ns)) = (self.state, ran_ns) else {
            if let Some((_, waited_ns)) = self.waited {
                self.dim.unbilled(waited_ns);
            }
            self.dim.late(at_ns.saturating_sub(self.since_ns), next_waited_ns);
            return at_ns;
        };
        let seen_ns = at_ns.saturating_sub(self.since_ns);
        if let Some((ready, waited_ns)) = &mut self.waited
            && ran_ns > seen_ns
        {
            let early_ns = (ran_ns - seen_ns).min(*waited_ns);
            *waited_ns -= early_ns;
            let begin_ns = self.since_ns - early_ns;
            let counts_ns = self.cut.ns(begin_ns, self.since_ns);
            self.sums.begin_earlier(*ready, cpu, counts_ns);
            if let Some(stacks) = &mut self.stacks {
                stacks.ended_earlier(State::Runnable(*ready), counts_ns);
            }
            if let Some(untold) = &mut self.untold {
                untold.begins_earlier(begin_ns);
            }
            return at_ns;
        }
        let late_ns = seen_ns.saturating_sub(ran_ns);
        if late_ns <= next_waited_ns {
            return at_ns - late_ns;
        }
        // Neither billed nor explained by a late tracepoint: a virtual CPU that did not run, or an
        // error. The scheduler's length counts, and what was in the rest is not known.
        let waited = self.waited;
        self.enter(self.since_ns + ran_ns, State::Unknown);
        self.waited = waited;
        at_ns
    }

    /// It was on this CPU though it was not seen to come: not before the CPU's last switch, and
    /// if the kernel's account of its run time is known, for exactly that long.
    pub(super) fn came_unseen(&mut self, at_ns: u64, left: &Left) {
        self.dim.contradicted(self.before_ns, at_ns);
        if let State::Running(_) = self.state {
            // It left that other CPU unseen, at a time that nothing tells.
            self.state = State::Unknown;
        }
        self.enter(left.not_before_ns.min(at_ns), State::Unknown);
        if let Some(ran) = left.ran_ns {
            self.enter(at_ns.saturating_sub(ran), State::Running(left.cpu));
        }
    }

    /// How long it waited, ns, and why, before the stint that has just ended, or that goes on at the
    /// end of the trace: known for good only then. Given once, and if the stint's begin counts.
    pub fn take_waited(&mut self) -> Option<(Ready, u64)> {
        let counts = self.cut.has(self.since_ns);
        self.settled.take().or_else(|| self.waited.take().filter(|_| counts))
    }

    /// Whether it was woken on its way into the sleep that it would be in.
    pub fn is_early(&self) -> bool {
        matches!(self.doubt, super::Doubt::EarlyWaking(_))
    }

    /// Since when it has been on its CPU, and how long it waited for that, ns; `None` if it is on
    /// none.
    pub fn last_wait(&self) -> Option<(u64, u64)> {
        let on = matches!(self.state, State::Running(_));
        on.then(|| (self.since_ns, self.waited.map_or(0, |(_, ns)| ns)))
    }

    /// How long it has been runnable at a time, ns; `None` if it is not, by what was seen.
    pub fn waiting_ns(&self, at_ns: u64) -> Option<u64> {
        match self.state {
            State::Runnable(ready) if ready != Ready::Created => {
                Some(at_ns.saturating_sub(self.since_ns))
            }
            _ => None,
        }
    }
}
