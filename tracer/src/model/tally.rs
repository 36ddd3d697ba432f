//! How many interrupts began between two moments that are known only after the trace: what the
//! kernel's own counts are held against.
//!
//! The kernel's counts are read shortly after the begin of a trace and shortly before its end.
//! For each interrupt and CPU all are counted, and the moments of the first and of the last are
//! kept, so that those outside of the two readings can be taken off.

use std::collections::{BTreeMap, VecDeque};

/// First moments that are kept: more than there are in a reading at the begin, which takes less
/// than a millisecond.
const FIRST: usize = 256;

/// Last moments that are kept: more than there are while all tasks are looked at at the end.
const LAST: usize = 512;

/// What is counted apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// A device's, by number: each run of a handler.
    Irq(u32),
    /// A softirq's vector.
    Softirq(u32),
    /// A vector of the CPU's own, as in [`tracer_common::record::VectorId`].
    Vector(u32),
}

/// All counts.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    counts: BTreeMap<(Source, u16), Count>,
    /// Whether nobody asks.
    off: bool,
}

/// Of one interrupt on one CPU.
#[derive(Clone, Debug, Default)]
struct Count {
    total: u64,
    first: Vec<u64>,
    last: VecDeque<u64>,
}

/// At least and at most so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Between {
    /// At least.
    pub low: u64,
    /// At most.
    pub high: u64,
}

impl Tally {
    /// Whether anything is counted.
    pub(super) fn keep(&mut self, counts: bool) {
        self.off = !counts;
    }

    /// The same with nothing counted yet.
    pub(super) fn emptied(&self) -> Self {
        Self { off: self.off, ..Self::default() }
    }

    /// One was served that had begun at this time, ns.
    pub fn add(&mut self, source: Source, cpu: u16, begin_ns: u64) {
        if !self.off {
            self.counts.entry((source, cpu)).or_default().add(begin_ns);
        }
    }

    /// How many began between two moments, of each of which it is only known that it was within
    /// a stretch of time, ns.
    pub fn between(&self, of: (Source, u16), begin: (u64, u64), end: (u64, u64)) -> Between {
        self.counts.get(&of).map(|count| count.between(begin, end)).unwrap_or_default()
    }

    /// What was counted on which CPUs.
    pub fn sources(&self) -> impl Iterator<Item = (Source, u16)> {
        self.counts.keys().copied()
    }
}

impl Count {
    fn add(&mut self, begin_ns: u64) {
        self.total += 1;
        if self.first.len() < FIRST {
            self.first.push(begin_ns);
        }
        if self.last.len() == LAST {
            self.last.pop_front();
        }
        self.last.push_back(begin_ns);
    }

    fn between(&self, begin: (u64, u64), end: (u64, u64)) -> Between {
        let (since, until) = (self.until(begin), self.since(end));
        let left = |off: u64| self.total.saturating_sub(off);
        Between {
            low: left(since.high.saturating_add(until.high)),
            high: left(since.low.saturating_add(until.low)),
        }
    }

    /// How many began until a moment.
    fn until(&self, (from_ns, to_ns): (u64, u64)) -> Between {
        let among = |at_ns| count(self.first.iter().copied(), |begin_ns| begin_ns <= at_ns);
        let all = self.total == self.first.len() as u64;
        let reaches = all || self.first.last().is_some_and(|&last_ns| last_ns > to_ns);
        Between { low: among(from_ns), high: if reaches { among(to_ns) } else { self.total } }
    }

    /// How many began since a moment.
    fn since(&self, (from_ns, to_ns): (u64, u64)) -> Between {
        let among = |at_ns| count(self.last.iter().copied(), |begin_ns| begin_ns >= at_ns);
        let all = self.total == self.last.len() as u64;
        let reaches = all || self.last.front().is_some_and(|&first_ns| first_ns < from_ns);
        Between { low: among(to_ns), high: if reaches { among(from_ns) } else { self.total } }
    }
}

fn count(moments: impl Iterator<Item = u64>, is: impl Fn(u64) -> bool) -> u64 {
    moments.filter(|&begin_ns| is(begin_ns)).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    const OF: (Source, u16) = (Source::Softirq(7), 1);

    fn tally(moments: impl Iterator<Item = u64>) -> Tally {
        let mut tally = Tally::default();
        moments.for_each(|begin_ns| tally.add(OF.0, OF.1, begin_ns));
        tally
    }

    #[test]
    fn what_is_outside_of_the_readings_is_taken_off() {
        let tally = tally((0..10_000).map(|step| step * 10));
        let between = |begin, end| {
            let Between { low, high } = tally.between(OF, begin, end);
            (low, high)
        };
        // Nothing began during the readings: 0 to 20 and from 99_980 on are taken off.
        assert_eq!(between((21, 29), (99_971, 99_979)), (9995, 9995));
        // One did during the first, two during the second.
        assert_eq!(between((21, 31), (99_965, 99_985)), (9993, 9996));
        // The kept moments do not reach so far.
        assert_eq!(between((21, 29), (50_001, 50_009)), (0, 9997 - 512));
        assert_eq!(between((50_001, 50_009), (99_971, 99_979)), (0, 9998 - 256));
        assert_eq!(tally.between((Source::Irq(7), 1), (0, 9), (20, 30)), Between::default());
    }

    #[test]
    fn a_few_are_all_kept() {
        let tally = tally([5, 10, 50, 95].into_iter());
        let few = tally.between(OF, (6, 11), (90, 94));
        assert_eq!((few.low, few.high), (1, 2));
        // Readings that overlap, and such that tell nothing.
        assert_eq!(tally.between(OF, (0, 100), (0, 100)), Between { low: 0, high: 4 });
        assert_eq!(tally.between(OF, (100, 100), (0, 0)), Between::default());
    }
}
