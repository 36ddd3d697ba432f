//! In what state a task is, and how long it was in each: a machine of two steps, *close the open
//! stretch* and *open the next*. Every time between the first and the last moment belongs to
//! exactly one state, so the sums add up by construction.
//!
//! What is not so: a waking does not always find a sleeper. The waker sets the state and puts the
//! task on a queue while the sleeper may still be on its way out of the CPU (`p->on_cpu`), so the
//! waking's record can come before that of the switch-out which it ends. Whether a waking of a
//! running task was of that kind or was overtaken by a second sleep shows only later, by whether
//! another waking comes before the next switch-in; until then the stretch is in doubt.

use super::window::Cut;
use crate::stacks::StackKey;

mod bits;
mod cause;
mod dim;
mod gap;
mod kinds;
mod moment;
mod names;
mod outcome;
mod stacks;
mod stint;
mod sums;
#[cfg(test)]
mod tests;
mod untold;
mod window;

pub use cause::{Cause, CauseKind, Causes};
pub use dim::Dim;
pub use kinds::{Ready, Sleep, State};
pub use outcome::{Left, Outcome};
pub use stacks::{OffCpu, StackSum, Stacks};
pub(super) use stint::UNKNOWN_WAIT_NS;
pub use sums::{RunnableSums, StateSums, Sums};
pub use untold::Closed;

/// What could still change the name of the open stretch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doubt {
    None,
    /// It is what the task iterator read, which may have been out of date by then.
    Seen,
    /// It was woken on its way into this sleep, unless another waking comes.
    EarlyWaking(Sleep),
}

/// The states of one task over time.
#[derive(Clone, Debug)]
pub struct Timeline {
    from_ns: u64,
    since_ns: u64,
    state: State,
    doubt: Doubt,
    /// Whether the running task was woken since it was switched in.
    woken: bool,
    /// How long it waited, ns, for the CPU that it is on.
    waited: Option<(Ready, u64)>,
    /// The same for the stint that has just ended.
    settled: Option<(Ready, u64)>,
    /// Why it sleeps, if it does, since it last left a CPU.
    cause: Cause,
    sums: Sums,
    causes: Causes,
    /// By where it left its CPU; made by the first stack that is told.
    stacks: Option<Box<Stacks>>,
    /// The stacks of the switch-out that comes next.
    leaving: Option<StackKey>,
    /// What time counts.
    cut: Cut,
    restarted: bool,
    /// When the stretch before the open one began, ns.
    before_ns: u64,
    dim: Dim,
    /// The closed stretches that are still to be told, if somebody wants them.
    untold: Option<Box<untold::Untold>>,
}

impl Timeline {
    /// Begins at a time, ns, in a state that is certain.
    pub fn new(from_ns: u64, state: State) -> Self {
        Self {
            from_ns,
            since_ns: from_ns,
            state,
            doubt: Doubt::None,
            woken: false,
            waited: None,
            settled: None,
            cause: Cause::UNTOLD,
            sums: Sums::default(),
            causes: Causes::default(),
            stacks: None,
            leaving: None,
            cut: Cut::NONE,
            restarted: false,
            before_ns: from_ns,
            dim: Dim::default(),
            untold: None,
        }
    }

    /// Begins with what the task iterator read, which later events may correct.
    pub fn seen(from_ns: u64, state: State, cause: Cause) -> Self {
        Self { doubt: Doubt::Seen, cause, ..Self::new(from_ns, state) }
    }

    /// The state now, and since when, ns.
    pub fn now(&self) -> (State, u64) {
        (self.state, self.since_ns)
    }

    /// When it began, ns.
    pub fn from_ns(&self) -> u64 {
        self.from_ns
    }

    /// The closed stretches.
    pub fn sums(&self) -> &Sums {
        &self.sums
    }

    /// The closed sleeps by cause: as long together as the sums of sleeping.
    pub fn causes(&self) -> &Causes {
        &self.causes
    }

    /// The task comes onto a CPU.
    pub fn switch_in(&mut self, at_ns: u64, cpu: u16) -> Outcome {
        let outcome = match (self.state, self.doubt) {
            (State::Runnable(_), Doubt::Seen) => {
                self.dim.guess_ready(at_ns.saturating_sub(self.since_ns));
                Outcome::Fine
            }
            (State::Runnable(Ready::Created) | State::Sleeping(_), _) => Outcome::MissedWaking,
            (State::Runnable(_), _) => Outcome::Waited(at_ns.saturating_sub(self.since_ns)),
            (State::Unknown, _) => {
                self.state = State::Runnable(Ready::Woken);
                self.dim.guess_ready(at_ns.saturating_sub(self.since_ns));
                Outcome::Fine
            }
            (State::Running(_), doubt) => {
                self.state = State::Unknown;
                if doubt == Doubt::Seen { Outcome::Fine } else { Outcome::RunningTwice }
            }
            (State::Zombie, _) => Outcome::DeadActed,
        };
        let waited = match (self.state, outcome) {
            (State::Runnable(ready), Outcome::Waited(ns)) => Some((ready, ns)),
            _ => None,
        };
        if !matches!(outcome, Outcome::Fine | Outcome::Waited(_)) {
            self.dim.contradicted(self.since_ns, at_ns);
        }
        self.enter(at_ns, State::Running(cpu));
        self.waited = waited;
        outcome
    }

    /// The task leaves a CPU; `left` says how.
    pub fn switch_out(&mut self, at_ns: u64, left: &Left) {
        if self.state != State::Running(left.cpu) {
            let told = self.state == State::Unknown || self.doubt == Doubt::Seen;
            if told && left.first {
                self.state = State::Running(left.cpu);
            } else {
                self.came_unseen(at_ns, left);
            }
        }
        let (woken, counts) = (self.woken, self.cut.has(self.since_ns));
        let at_ns = self.stint_end(at_ns, left.ran_ns, left.next_waited_ns);
        self.settled = self.waited.take().filter(|_| counts);
        self.cause = left.cause;
        let leaving = self.leaving.take();
        let state = match State::off_cpu(left.state_bits) {
            _ if left.preempted => State::Runnable(Ready::Preempted),
            state => state,
        };
        match state {
            State::Sleeping(sleep) if woken => {
                self.enter(at_ns, State::Runnable(Ready::Woken));
                self.doubt = Doubt::EarlyWaking(sleep);
            }
            state => self.enter(at_ns, state),
        }
        if let Some(stacks) = &mut self.stacks {
            stacks.begin(leaving, left.cause, self.cut.has(at_ns));
        }
        self.dim.sleeps(at_ns, matches!(self.state, State::Sleeping(_)));
    }

    /// It is being woken.
    pub fn waking(&mut self, at_ns: u64, new: bool) -> Outcome {
        let ready = if new { Ready::New } else { Ready::Woken };
        match (self.state, self.doubt) {
            (State::Running(_), _) => {
                self.woken = true;
                return Outcome::WakingOfRunning;
            }
            (State::Runnable(_), Doubt::EarlyWaking(sleep)) => self.state = State::Sleeping(sleep),
            (State::Runnable(Ready::Created) | State::Sleeping(_), _) => {}
            (State::Unknown, _) | (State::Runnable(_), Doubt::Seen) => {
                self.dim.guess_sleep(at_ns.saturating_sub(self.since_ns));
                self.state = State::Sleeping(Sleep::Interruptible);
            }
            (State::Runnable(_) | State::Zombie, _) => return Outcome::WakingOfRunnable,
        }
        self.enter(at_ns, State::Runnable(ready));
        self.dim.sleeps(at_ns, false);
        Outcome::Fine
    }

    /// The task iterator read this state: settles what is in doubt, and changes nothing else.
    pub fn look(&mut self, state: State, cause: Cause) {
        match (self.doubt, state) {
            (Doubt::EarlyWaking(sleep), State::Sleeping(_)) => {
                self.state = State::Sleeping(sleep);
                self.doubt = Doubt::None;
            }
            (Doubt::None, _) if self.state == State::Unknown => {
                self.state = state;
                self.cause = cause;
                self.doubt = Doubt::Seen;
            }
            _ => {}
        }
    }

    /// The end, ns: no stretch is open afterwards.
    pub fn end(&mut self, at_ns: u64) {
        if let Doubt::EarlyWaking(sleep) = self.doubt {
            // Nothing came after: the kernel's own word is that it sleeps.
            self.state = State::Sleeping(sleep);
        }
        if let (State::Runnable(_), Doubt::Seen) = (self.state, self.doubt) {
            self.dim.guess_ready(at_ns.saturating_sub(self.since_ns));
        }
        let sleeps = matches!(self.state, State::Sleeping(_)).then_some(self.since_ns);
        self.dim.end(at_ns, sleeps);
        self.enter(at_ns, self.state);
    }

    fn enter(&mut self, at_ns: u64, state: State) {
        let at_ns = at_ns.max(self.since_ns);
        let ns = self.cut.ns(self.since_ns, at_ns);
        self.sums.add(self.state, ns);
        let stack = self.untold.as_ref().and_then(|_| self.left_with());
        if let Some(untold) = &mut self.untold {
            let told = ([self.state, state], self.cause, stack);
            untold.closed((self.since_ns, at_ns), self.cut, told);
        }
        if let State::Sleeping(sleep) = self.state {
            self.causes.add(self.cause, sleep, ns);
        }
        if let Some(stacks) = &mut self.stacks {
            stacks.add(self.state, ns);
            if matches!(state, State::Running(_) | State::Unknown) {
                stacks.close();
            }
        }
        if matches!(state, State::Running(_) | State::Unknown) {
            self.cause = Cause::UNTOLD;
        }
        self.before_ns = self.since_ns;
        self.since_ns = at_ns;
        self.state = state;
        self.doubt = Doubt::None;
        self.woken = false;
        self.waited = None;
    }
}
