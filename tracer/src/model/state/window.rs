//! The states within a window: see [`crate::model::window`].

use super::Causes;
use super::{Doubt, State, Sums, Timeline};
use crate::model::window::Cut;

impl Timeline {
    /// Only this time counts from now on.
    pub fn cut(&mut self, cut: Cut) {
        self.cut = cut;
        self.from_ns = self.from_ns.max(cut.from_ns);
    }

    /// The sums begin anew. From when on is for the cut to say.
    pub fn restart(&mut self) {
        self.sums = Sums::default();
        self.causes = Causes::default();
        if let Some(stacks) = &mut self.stacks {
            stacks.restart();
        }
        self.dim.restart();
        self.restarted = true;
    }

    /// Whether it was there before the sums began.
    pub fn restarted(&self) -> bool {
        self.restarted
    }

    /// Whether what begins at this time, ns, can count.
    pub fn counts_at(&self, from_ns: u64) -> bool {
        from_ns < self.cut.to_ns
    }

    /// The sums are those of another timeline, of the same task, which has seen more.
    pub fn told(&mut self, later: &Self) {
        self.sums.clone_from(&later.sums);
        self.causes.clone_from(&later.causes);
        self.stacks.clone_from(&later.stacks);
        self.dim = later.dim;
    }

    /// It is as at a time that is past, ns, in this state then.
    pub fn back_to(&mut self, at_ns: u64, state: State) {
        *self = Self { since_ns: at_ns, state, doubt: Doubt::None, ..self.clone() };
    }
}
