//! Who holds a lock that the kernel does not know, by what it does with the futex.
//!
//! A wait that ends well is taken as the acquisition, and the next wake call of the same task
//! there as the release. The kernel sees no taking of a free lock and no giving back that wakes
//! nobody. So only what the waiter that gets the lock next has seen is counted: from the
//! acquisition, or from that waiter's begin if it came later, to the wake call. Where the
//! acquisition was not seen, the lock has to name its owner.
//!
//! The woken task can be back before the record of the call that woke it comes, so either is kept
//! until the other is there, and the holder before the present one is remembered.

use super::super::distribution::Distribution;
use super::past::{Blocker, How};

/// Since when somebody has it.
#[derive(Clone, Copy, Debug)]
struct Hold {
    by: Blocker,
    since_ns: u64,
}

/// A wake call, and since when the caller is known to have had the lock.
#[derive(Clone, Copy, Debug)]
struct Release {
    tid: u32,
    at_ns: u64,
    since_ns: Option<u64>,
}

/// A wait that ended well, and the owner that the lock named at its begin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Return {
    pub(super) begin_ns: u64,
    pub(super) end_ns: u64,
    pub(super) owner: Option<Blocker>,
}

/// A task is known to have had the lock between these times, ns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) tid: u32,
    pub(super) from_ns: u64,
    pub(super) to_ns: u64,
}

/// The holders of one futex.
#[derive(Clone, Debug, Default)]
pub(super) struct Holder {
    now: Option<Hold>,
    before: Option<Hold>,
    release: Option<Release>,
    back: Option<Return>,
    /// Times it was held, ns: at least.
    pub(super) held: Distribution,
    /// How many of these are known from begin to end.
    pub(super) whole: u64,
}

impl Holder {
    /// A wait ended well, and its caller has the lock; gives the hold before, if it is known.
    pub(super) fn acquired(&mut self, by: Blocker, back: Return) -> Option<Held> {
        let hold = Hold { by, since_ns: back.end_ns };
        self.before = self.now.replace(hold).or(self.before);
        let release = self.release.take_if(|release| fits(release, &back));
        if release.is_none() {
            self.back = Some(back);
        }
        self.settle(&release?, &back)
    }

    /// The last acquisition was none: the task waits again.
    pub(super) fn not_acquired(&mut self, tid: u32) {
        if self.now.is_some_and(|hold| hold.by.tid == tid) {
            self.now = self.before.take();
        }
    }

    /// A task called to wake one at this time; gives the hold that this ends, if it is known.
    pub(super) fn woke(&mut self, tid: u32, at_ns: u64) -> Option<Held> {
        let of = |hold: &mut Option<Hold>| {
            hold.take_if(|hold| hold.by.tid == tid && hold.since_ns <= at_ns)
        };
        let hold = of(&mut self.now).or_else(|| of(&mut self.before));
        let release = Release { tid, at_ns, since_ns: hold.map(|hold| hold.since_ns) };
        let back = self.back.take_if(|back| fits(&release, back));
        if back.is_none() {
            self.release = Some(release);
        }
        self.settle(&release, &back?)
    }

    fn settle(&mut self, release: &Release, back: &Return) -> Option<Held> {
        let named = back.owner.filter(|owner| owner.tid == release.tid).map(|_| back.begin_ns);
        let since_ns = release.since_ns.or(named)?;
        let from_ns = since_ns.max(back.begin_ns);
        self.held.add(release.at_ns.saturating_sub(from_ns));
        // Who waited all along would have been woken by a release in between.
        self.whole += u64::from(release.since_ns.is_some_and(|since| since >= back.begin_ns));
        Some(Held { tid: release.tid, from_ns, to_ns: release.at_ns })
    }

    /// Who has it, by evidence that is good enough to say so: tasks have been seen to take it and
    /// give it back, or the kernel said.
    pub(super) fn now(&self) -> Option<Blocker> {
        let proven = self.held.quantiles().count > 0;
        self.now.map(|hold| hold.by).filter(|by| proven || by.how == How::PiWord)
    }

    /// Records are missing: who has it is not known any more.
    pub(super) fn lost_sight(&mut self) {
        (self.now, self.before, self.release, self.back) = (None, None, None, None);
    }
}

/// Whether it can have been this call that woke this waiter.
fn fits(release: &Release, back: &Return) -> bool {
    back.begin_ns <= release.at_ns && release.at_ns <= back.end_ns
}
