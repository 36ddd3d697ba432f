//! Who holds a lock that the kernel does not know, by what it does with the futex.
//!
//! A wait that ends well is taken as the acquisition, and the next wake call of the same task
//! there as the release. The kernel sees no taking of a free lock and no giving back that wakes
//! nobody. So only what the waiter that gets the lock next has seen is counted: from the
//! acquisition, or from that waiter's begin if it came later, to the wake call. Where the
//! acquisition was not seen, the lock has to name its owner.
//!
//! A wake call says that the lock was free. Who was woken need not have it next: until that task
//! runs, others can take the lock and give it back, and no call tells of it. So what was known of
//! a holder does not outlast the next wake call of anybody.
//!
//! The woken task can be back before the record of the call that woke it comes, so either is kept
//! until the other is there, and the holder before the present one is remembered.

use super::super::distribution::Distribution;
use super::super::lives::Lives;
use super::past::{Blocker, How};

/// Since when somebody has it.
#[derive(Clone, Copy, Debug)]
struct Hold {
    by: Blocker,
    since_ns: u64,
}

/// A wake call, since when the caller is known to have had the lock, and the wake call before.
#[derive(Clone, Copy, Debug)]
struct Release {
    tid: u32,
    at_ns: u64,
    free_ns: u64,
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
    /// When the last wake call began.
    free_ns: u64,
    /// Times it was held, ns: at least.
    pub(super) held: Distribution,
    /// Those of them that are known from begin to end.
    pub(super) whole: Distribution,
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

    /// A task waits: it does not have the lock, whatever it was believed to have acquired.
    pub(super) fn waits(&mut self, tid: u32) {
        self.before.take_if(|hold| hold.by.tid == tid);
        if self.now.is_some_and(|hold| hold.by.tid == tid) {
            self.now = self.before.take();
        }
    }

    /// A call woke somebody, or would have.
    pub(super) fn freed(&mut self, at_ns: u64) {
        self.free_ns = self.free_ns.max(at_ns);
    }

    /// A task called to wake one at this time; gives the hold that this ends, if it is known.
    pub(super) fn woke(&mut self, tid: u32, at_ns: u64) -> Option<Held> {
        let of = |hold: &mut Option<Hold>| {
            hold.take_if(|hold| hold.by.tid == tid && hold.since_ns <= at_ns)
        };
        let hold = of(&mut self.now).or_else(|| of(&mut self.before));
        let free_ns = self.free_ns;
        let since_ns = hold.map(|hold| hold.since_ns).filter(|&since_ns| since_ns >= free_ns);
        let release = Release { tid, at_ns, free_ns, since_ns };
        self.freed(at_ns);
        let back = self.back.take_if(|back| fits(&release, back));
        if back.is_none() {
            self.release = Some(release);
        }
        self.settle(&release, &back?)
    }

    fn settle(&mut self, release: &Release, back: &Return) -> Option<Held> {
        let named = back.owner.filter(|owner| owner.tid == release.tid).map(|_| back.begin_ns);
        let named = named.filter(|&begin_ns| begin_ns >= release.free_ns);
        let since_ns = release.since_ns.or(named)?;
        let from_ns = since_ns.max(back.begin_ns);
        let held_ns = release.at_ns.saturating_sub(from_ns);
        self.held.add(held_ns);
        // Who waited all along would have been woken by a release in between.
        if release.since_ns.is_some_and(|since_ns| since_ns >= back.begin_ns) {
            self.whole.add(held_ns);
        }
        Some(Held { tid: release.tid, from_ns, to_ns: release.at_ns })
    }

    /// Who has it, by evidence that is good enough to say so: tasks have been seen to take it and
    /// give it back, or the kernel said.
    pub(super) fn now(&self) -> Option<Blocker> {
        let proven = self.held.quantiles().count > 0;
        self.now.map(|hold| hold.by).filter(|by| proven || by.how == How::PiWord)
    }

    /// The trace ends: those that have exited hold nothing.
    pub(super) fn end(&mut self, lives: &Lives) {
        self.now.take_if(|hold| lives.get(hold.by.id).is_none_or(|life| life.ending.is_some()));
    }

    /// Records up to this time are missing: who has it is not known any more.
    pub(super) fn lost_sight(&mut self, to_ns: u64) {
        (self.now, self.before, self.release, self.back) = (None, None, None, None);
        self.freed(to_ns);
    }
}

/// Whether it can have been this call that woke this waiter.
fn fits(release: &Release, back: &Return) -> bool {
    back.begin_ns <= release.at_ns && release.at_ns <= back.end_ns
}

#[cfg(test)]
mod tests {
    use super::super::super::lives::LifeId;
    use super::*;

    fn by(tid: u32) -> Blocker {
        Blocker { tid, id: LifeId::made_up(tid), how: How::LastAcquirer }
    }

    fn back(begin_ns: u64, end_ns: u64, owner: u32) -> Return {
        let owner = Some(Blocker { how: How::OwnerField, ..by(owner) });
        Return { begin_ns, end_ns, owner }
    }

    /// 1  ──(400)──free──taken──free──taken──(900)
    /// 2  (100)··(400)·················(800) finds it taken, waits again: (810)··(950)
    /// 3      (200)···········································(900)··(1000)
    #[test]
    fn a_hold_does_not_outlast_a_wake_call() {
        let mut holder = Holder::default();
        assert_eq!(holder.woke(1, 400), None);
        let first = holder.acquired(by(2), back(100, 800, 1)).expect("2 knew the owner");
        assert_eq!((first.tid, first.from_ns, first.to_ns), (1, 100, 400));
        // Of the lock that 1 took again, no call tells; 3 has waited for an earlier hold of it.
        assert_eq!(holder.woke(1, 900), None);
        assert_eq!(holder.acquired(by(3), back(200, 1000, 1)), None);
        holder.waits(2);
        assert_eq!(holder.held.quantiles().count, 1);
        assert_eq!(holder.now().map(|by| by.tid), Some(3));
    }

    #[test]
    fn who_waits_again_has_not_had_it_since_the_wait_before() {
        let mut holder = Holder::default();
        holder.woke(1, 100);
        holder.acquired(by(2), back(50, 150, 1));
        holder.acquired(by(3), back(60, 160, 1));
        // The lock is 3's: the wait of 2 was for nothing.
        holder.waits(2);
        holder.acquired(by(2), back(155, 300, 3));
        let held = holder.woke(2, 350);
        assert_eq!((held, holder.whole.quantiles().count), (None, 0));
        let held = holder.acquired(by(4), back(200, 360, 3)).expect("since 2 was woken");
        assert_eq!((held.tid, held.from_ns, held.to_ns), (2, 300, 350));
        assert_eq!(holder.whole.quantiles().sum, 50);
    }

    #[test]
    fn what_was_known_before_records_went_missing_is_not_known_after() {
        let mut holder = Holder::default();
        holder.acquired(by(2), back(50, 150, 1));
        holder.lost_sight(200);
        assert_eq!(holder.woke(2, 300), None);
        // The owner that 3 saw can have given it to others meanwhile.
        assert_eq!(holder.acquired(by(3), back(140, 310, 2)), None);
        assert_eq!(holder.woke(3, 400), None);
        assert!(holder.acquired(by(4), back(320, 410, 3)).is_some());
    }
}
