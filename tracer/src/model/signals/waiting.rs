//! Pending signals: where they wait, in what order, and for how long behind a mask.
//!
//! All signals of one number that wait in one place are blocked at the same times. A clock for
//! each such place counts the time blocked, so that a mask that changes with thousands of queued
//! signals behind it costs no more than with one.

use std::collections::{BTreeMap, VecDeque};

use super::Kept;

/// Where a pending signal waits: on a thread, or on a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Queue {
    Thread(u32),
    Process(u32),
}

/// One that waits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) row: Kept,
    pub(super) generated_ns: u64,
    pub(super) sender_tid: Option<u32>,
    /// Whether its target is followed, so that what becomes of it is recorded.
    pub(super) followed: bool,
    /// The clock at its generation, ns.
    clock_ns: u64,
}

impl Entry {
    pub(super) fn new(
        row: Kept,
        generated_ns: u64,
        sender_tid: Option<u32>,
        followed: bool,
    ) -> Self {
        Self { row, generated_ns, sender_tid, followed, clock_ns: 0 }
    }
}

/// One that waits no more.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taken {
    pub(super) sig: u32,
    pub(super) entry: Entry,
    pub(super) blocked_ns: u64,
    pub(super) pending_ns: u64,
    pub(super) exact: bool,
}

impl Taken {
    /// The most that it can have been blocked, ns.
    pub(super) fn blocked_max_ns(&self) -> u64 {
        if self.exact { self.blocked_ns } else { self.pending_ns }
    }
}

/// The signals of one number that wait in one place, oldest first.
#[derive(Clone, Debug)]
struct Line {
    entries: VecDeque<Entry>,
    tgid: u32,
    blocked_ns: u64,
    blocked_since: Option<u64>,
    exact: bool,
}

impl Line {
    fn clock(&self, at_ns: u64) -> u64 {
        self.blocked_ns + self.blocked_since.map_or(0, |since| at_ns.saturating_sub(since))
    }

    /// `exact` is false if the mask is not known.
    fn set(&mut self, at_ns: u64, blocked: bool, exact: bool) {
        self.exact &= exact;
        match (self.blocked_since, blocked) {
            (Some(_), false) => {
                self.blocked_ns = self.clock(at_ns);
                self.blocked_since = None;
            }
            (None, true) => self.blocked_since = Some(at_ns),
            _ => {}
        }
    }
}

/// All that wait.
#[derive(Clone, Debug, Default)]
pub(super) struct Waiting(BTreeMap<(Queue, u32), Line>);

impl Waiting {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One more.
    pub(super) fn push(
        &mut self,
        (queue, sig, tgid): (Queue, u32, u32),
        (blocked, exact): (bool, bool),
        entry: Entry,
    ) {
        let line = self.0.entry((queue, sig)).or_insert_with(|| Line {
            entries: VecDeque::new(),
            tgid,
            blocked_ns: 0,
            blocked_since: None,
            exact: true,
        });
        line.set(entry.generated_ns, blocked, exact);
        let clock_ns = line.clock(entry.generated_ns);
        line.entries.push_back(Entry { clock_ns, ..entry });
    }

    /// The oldest of a number in a place.
    pub(super) fn first(&self, queue: Queue, sig: u32) -> Option<&Entry> {
        self.0.get(&(queue, sig))?.entries.front()
    }

    /// Takes it out.
    pub(super) fn take(&mut self, at_ns: u64, queue: Queue, sig: u32) -> Option<Taken> {
        let line = self.0.get_mut(&(queue, sig))?;
        let entry = line.entries.pop_front()?;
        let blocked_ns = line.clock(at_ns).saturating_sub(entry.clock_ns);
        let exact = line.exact;
        if line.entries.is_empty() {
            self.0.remove(&(queue, sig));
        }
        let pending_ns = at_ns.saturating_sub(entry.generated_ns);
        Some(Taken { sig, entry, blocked_ns, pending_ns, exact })
    }

    /// Takes all out of a place.
    pub(super) fn drain(&mut self, at_ns: u64, queue: Queue) -> Vec<Taken> {
        let sigs: Vec<u32> =
            self.0.range((queue, 0)..=(queue, u32::MAX)).map(|(&(_, sig), _)| sig).collect();
        let mut all = Vec::new();
        for sig in sigs {
            all.extend(std::iter::from_fn(|| self.take(at_ns, queue, sig)));
        }
        all
    }

    /// Takes all out of every place.
    pub(super) fn drain_all(&mut self, at_ns: u64) -> Vec<Taken> {
        let mut all = Vec::new();
        while let Some((&(queue, _), _)) = self.0.first_key_value() {
            all.extend(self.drain(at_ns, queue));
        }
        all
    }

    /// The signals that wait in a place, as bits; those beyond 64 have none.
    pub(super) fn bits(&self, queue: Queue) -> u64 {
        let sigs = self.0.range((queue, 0)..=(queue, u32::MAX)).map(|(&(_, sig), _)| sig);
        sigs.filter(|sig| (1..=64).contains(sig)).fold(0, |bits, sig| bits | 1 << (sig - 1))
    }

    /// From now on the signals of one number in a place are blocked, or are not.
    pub(super) fn set(&mut self, at_ns: u64, place: (Queue, u32), blocked: bool, exact: bool) {
        if let Some(line) = self.0.get_mut(&place) {
            line.set(at_ns, blocked, exact);
        }
    }

    /// A thread's mask, or nothing is known of it any more.
    pub(super) fn mask(&mut self, at_ns: u64, tid: u32, mask: Option<u64>) {
        let queue = Queue::Thread(tid);
        for (&(_, sig), line) in self.0.range_mut((queue, 0)..=(queue, u32::MAX)) {
            match mask {
                Some(mask) => line.set(at_ns, super::bit(mask, sig), true),
                None => line.exact = false,
            }
        }
    }

    /// Records are missing that may have told of masks.
    pub(super) fn gap(&mut self) {
        self.0.values_mut().for_each(|line| line.exact = false);
    }

    /// Where signals of a process wait that have one of these numbers.
    pub(super) fn of_process(&self, tgid: u32, fits: impl Fn(u32) -> bool) -> Vec<(Queue, u32)> {
        let of = self.0.iter().filter(|((_, sig), line)| line.tgid == tgid && fits(*sig));
        of.map(|(&place, _)| place).collect()
    }
}
