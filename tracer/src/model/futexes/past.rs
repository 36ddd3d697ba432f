//! What a task's last moments were, as far as a futex call that ends later asks for them.
//!
//! The record of a futex call comes at its end. What the scheduler did with the caller in between,
//! and with the task that made it wait, has to be still known then.

use super::super::lives::LifeId;

/// Stints that are kept.
const STINTS: usize = 8;

/// Who keeps a task waiting, and how that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Blocker {
    /// Its number.
    pub(super) tid: u32,
    /// Its life.
    pub(super) id: LifeId,
    /// How it is known.
    pub(super) how: How,
}

/// How a holder is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum How {
    /// The kernel finds the owner's tid in the word.
    PiWord,
    /// The word has the tid of a thread of the process, and a bit that says somebody waits.
    Word,
    /// The third word of the lock has the tid of a thread of the process, as glibc's mutexes do.
    OwnerField,
    /// The word is what the kernel clears when that thread exits.
    Exit,
    /// That child is waited for.
    Child,
    /// Its wait for it was the last to end, and it has woken nobody since.
    LastAcquirer,
    /// It woke the waiter, or is the only one who ever woke somebody there.
    LastWaker,
}

impl How {
    /// Its name in the report.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::PiWord => "pi-word",
            Self::Word => "word",
            Self::OwnerField => "owner-field",
            Self::Exit => "exit",
            Self::Child => "child",
            Self::LastAcquirer => "last-acquirer",
            Self::LastWaker => "last-waker",
        }
    }
}

/// A wait that follows another on the same futex after the task ran for at most so long, ns, did
/// not get what it had waited for.
const AT_ONCE_NS: u64 = 20_000;

/// A call that would wait, and ended well or found the word changed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Try {
    pub(super) slot: u32,
    pub(super) val: u32,
    pub(super) end_ns: u64,
    /// Whether it was woken; else it did not sleep.
    pub(super) woken: bool,
}

/// What a task did after a call that got it nothing, until the next.
#[derive(Clone, Copy, Debug)]
pub(super) struct Retry {
    /// When the call before ended, ns.
    pub(super) from_ns: u64,
    /// How long the task ran since, ns.
    pub(super) ran_ns: u64,
    /// Whether that call had slept, and was woken.
    pub(super) woken: bool,
}

/// The last call of a task that waited on a futex.
#[derive(Clone, Copy, Debug)]
pub(super) struct LastWait {
    pub(super) slot: u32,
    pub(super) begin_ns: u64,
    pub(super) end_ns: u64,
    pub(super) ret: i64,
    pub(super) blocker: Option<Blocker>,
    /// The owner's tid in the lock, if it is one.
    pub(super) named: u32,
}

/// A waking of a task, and its consequence.
#[derive(Clone, Copy, Debug)]
pub(super) struct Woken {
    pub(super) at_ns: u64,
    /// Who did it, if it was done in that task's name.
    pub(super) by: Option<u32>,
    /// When the task ran then, ns.
    pub(super) ran_ns: Option<u64>,
}

/// The last moments of one task.
#[derive(Clone, Debug, Default)]
pub struct Past {
    on_since: Option<u64>,
    stints: [(u64, u64); STINTS],
    count: usize,
    pub(super) woken: Option<Woken>,
    pub(super) wait: Option<LastWait>,
    /// Its last call that would wait, unless it has woken somebody there since.
    tried: Option<Try>,
}

impl Past {
    /// It comes onto a CPU.
    pub fn comes(&mut self, at_ns: u64) {
        self.on_since = Some(at_ns);
        if let Some(woken) = &mut self.woken {
            woken.ran_ns.get_or_insert(at_ns);
        }
    }

    /// It leaves its CPU.
    pub fn leaves(&mut self, at_ns: u64) {
        if let Some(since_ns) = self.on_since.take() {
            self.stints[self.count % STINTS] = (since_ns, at_ns);
            self.count = self.count.wrapping_add(1);
        }
    }

    /// It is woken, by a task or by something else.
    pub fn woken(&mut self, at_ns: u64, by: Option<u32>) {
        if self.on_since.is_none() {
            self.woken = Some(Woken { at_ns, by, ran_ns: None });
        }
    }

    /// Records that may be about it are missing.
    pub fn lost_sight(&mut self) {
        *self = Self::default();
    }

    /// A call of it that would wait has ended, `vainly` if it can have got nothing by it; says what
    /// it did since the call before, if it got nothing by that.
    pub(super) fn tries(&mut self, begin_ns: u64, now: Try, vainly: bool) -> Option<Retry> {
        let last = std::mem::replace(&mut self.tried, vainly.then_some(now))?;
        if (now.slot, now.val) != (last.slot, last.val) {
            return None;
        }
        let ran_ns = self.ran_ns(last.end_ns, begin_ns).filter(|&ran_ns| ran_ns <= AT_ONCE_NS)?;
        Some(Retry { from_ns: last.end_ns, ran_ns, woken: last.woken })
    }

    /// It wakes others: if it had waited there, that was not for nothing.
    pub(super) fn wakes(&mut self, slot: u32) {
        self.tried.take_if(|tried| tried.slot == slot);
    }

    /// How long it ran between two times, ns; `None` if that is too long ago or not known.
    pub(super) fn ran_ns(&self, from_ns: u64, to_ns: u64) -> Option<u64> {
        let overlap =
            |&(begin, end): &(u64, u64)| end.min(to_ns).saturating_sub(begin.max(from_ns));
        let running = self.on_since.map_or(0, |since| overlap(&(since, to_ns.max(since))));
        let kept = &self.stints[..self.count.min(STINTS)];
        let oldest = match kept {
            [] => self.on_since,
            _ if self.count <= STINTS => Some(kept[0].0),
            _ => Some(kept[self.count % STINTS].1),
        };
        // What was before the oldest stint is not known.
        (oldest? <= from_ns).then(|| running + kept.iter().map(overlap).sum::<u64>())
    }
}
