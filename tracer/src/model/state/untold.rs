//! Closed stretches on their way to whoever wants each of them: see [`crate::model::stretches`].

use super::{Cause, State, Timeline};
use crate::model::window::Cut;
use crate::stacks::StackKey;

/// A closed stretch of one task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed {
    /// Its state.
    pub state: State,
    /// From when, ns.
    pub from_ns: u64,
    /// Until when, ns.
    pub to_ns: u64,
    /// Why it slept, if it did.
    pub cause: Cause,
    /// With which stacks it left its CPU, if it is off one and they were told.
    pub stack: Option<StackKey>,
    /// Its state afterwards by what was known when this was closed.
    pub next: State,
}

/// The stretches of one task that are closed and not told.
///
/// The end of a stint tells when it really began, and so when the wait before it ended: a wait
/// that ends with a stint can still become shorter until that is over, and is kept back.
#[derive(Clone, Debug, Default)]
pub(super) struct Untold {
    sure: Vec<Closed>,
    wait: Option<Closed>,
    /// When the open stint began, if that was earlier than it seemed, ns.
    began_ns: Option<u64>,
}

impl Untold {
    /// A stretch is closed, of which this part counts; the next one begins.
    pub(super) fn closed(
        &mut self,
        (from_ns, to_ns): (u64, u64),
        cut: Cut,
        told: ([State; 2], Cause, Option<StackKey>),
    ) {
        let ([state, next], cause, stack) = told;
        let from_ns = self.began_ns.take().unwrap_or(from_ns).max(cut.from_ns);
        let to_ns = to_ns.min(cut.to_ns);
        self.sure.extend(self.wait.take());
        if from_ns < to_ns {
            let closed = Closed { state, from_ns, to_ns, cause, stack, next };
            match (state, next) {
                (State::Runnable(_), State::Running(_)) => self.wait = Some(closed),
                _ => self.sure.push(closed),
            }
        }
    }

    /// The open stint began at this time, ns, within the wait that was closed at its begin.
    pub(super) fn begins_earlier(&mut self, begin_ns: u64) {
        self.began_ns = Some(begin_ns);
        self.wait = self
            .wait
            .map(|wait| Closed { to_ns: wait.to_ns.min(begin_ns), ..wait })
            .filter(|wait| wait.from_ns < wait.to_ns);
    }
}

impl Timeline {
    /// From now on its closed stretches are kept until they are taken.
    pub fn tell(&mut self) {
        self.untold.get_or_insert_default();
    }

    /// The same, from its begin on: what the task was before it was found is not known.
    pub fn tell_all(&mut self) {
        self.tell();
        let (from_ns, to_ns) = (self.from_ns, self.since_ns.min(self.cut.to_ns));
        if let Some(untold) = self.untold.as_mut().filter(|_| from_ns < to_ns) {
            let (state, cause) = (State::Unknown, Cause::UNTOLD);
            let (stack, next) = (None, self.state);
            untold.sure.push(Closed { state, from_ns, to_ns, cause, stack, next });
        }
    }

    /// What is closed by now stays as it is told: for when it is copied.
    pub fn tell_no_more(&mut self) {
        self.untold = None;
    }

    /// The closed stretches that cannot change any more, in the order of time, each once.
    pub fn take_stretches(&mut self) -> impl Iterator<Item = Closed> + '_ {
        self.untold.iter_mut().flat_map(|untold| untold.sure.drain(..))
    }
}
