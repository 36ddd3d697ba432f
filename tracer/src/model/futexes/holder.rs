//! Who holds a lock that the kernel does not know, by what it does with the futex.
//!
//! A wait that ends well is taken as the acquisition, and the next wake call of the same task
//! there as the release. Acquisitions of a free lock and releases that wake nobody are not seen by
//! the kernel: their times are missing, and all sums are lower bounds. Where waiters name the
//! owner, its hold is counted from the first such wait on.
//!
//! The woken task can be back before the record of the call that woke it comes, so the holder
//! before the present one is remembered.

use super::super::distribution::Distribution;
use super::past::{Blocker, How};

/// Since when somebody has it.
#[derive(Clone, Copy, Debug)]
struct Hold {
    by: Blocker,
    since_ns: u64,
}

/// The release of a lock.
#[derive(Clone, Copy, Debug)]
struct Release {
    tid: u32,
    at_ns: u64,
    counted: bool,
}

/// The holders of one futex.
#[derive(Clone, Debug, Default)]
pub(super) struct Holder {
    now: Option<Hold>,
    before: Option<Hold>,
    named: Option<Hold>,
    released: Option<Release>,
    /// Times it was held, ns.
    pub(super) held: Distribution,
}

impl Holder {
    /// A wait ended well.
    pub(super) fn acquired(&mut self, by: Blocker, at_ns: u64) {
        let hold = Hold { by, since_ns: at_ns };
        self.before = self.now.replace(hold).or(self.before);
    }

    /// The last acquisition was none: the task waits again.
    pub(super) fn not_acquired(&mut self, tid: u32) {
        if self.now.is_some_and(|hold| hold.by.tid == tid) {
            self.now = self.before.take();
        }
    }

    /// A wait that began then, and is over, named the owner; gives the begin and end of the
    /// hold that it knows of, ns.
    pub(super) fn named(&mut self, owner: Blocker, begin_ns: u64) -> Option<(u64, u64)> {
        match &mut self.released {
            Some(release) if release.tid == owner.tid && release.at_ns >= begin_ns => {
                let first = !std::mem::replace(&mut release.counted, true);
                first.then_some(())?;
                self.held.add(release.at_ns - begin_ns);
                Some((begin_ns, release.at_ns))
            }
            _ => {
                let earlier = self.named.filter(|named| named.by.tid == owner.tid);
                if earlier.is_none_or(|named| begin_ns < named.since_ns) {
                    self.named = Some(Hold { by: owner, since_ns: begin_ns });
                }
                None
            }
        }
    }

    /// A task called to wake at this time; gives the begin and end of the hold
    /// that this ends, ns.
    pub(super) fn woke(&mut self, tid: u32, at_ns: u64) -> Option<(u64, u64)> {
        let of = |hold: &mut Option<Hold>| {
            hold.take_if(|hold| hold.by.tid == tid && hold.since_ns <= at_ns)
        };
        let hold = of(&mut self.now).or_else(|| of(&mut self.before));
        let hold = hold.or_else(|| of(&mut self.named));
        self.named = None;
        self.released = Some(Release { tid, at_ns, counted: hold.is_some() });
        let since_ns = hold?.since_ns;
        self.held.add(at_ns.saturating_sub(since_ns));
        Some((since_ns, at_ns))
    }

    /// Who has it, by evidence that is good enough to say so: tasks have been seen to take it and
    /// give it back, or the kernel said.
    pub(super) fn now(&self) -> Option<Blocker> {
        let proven = self.held.quantiles().count > 0;
        self.now.map(|hold| hold.by).filter(|by| proven || by.how == How::PiWord)
    }

    /// Records are missing: who has it is not known any more.
    pub(super) fn lost_sight(&mut self) {
        (self.now, self.before, self.named, self.released) = (None, None, None, None);
    }
}
