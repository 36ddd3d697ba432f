//! One order of time over all CPUs, and every missing record accounted for.
//!
//! Records are held as the bytes they came in and decoded when they are passed on: a typed event
//! has room for the largest kind and is ten times the size of a usual record.
//!
//! A record is passed on when a drain says that everything older has been read. That is exact but
//! for records that had their place in a ring and were not complete, which hold back all behind
//! them: the CPU was in an interrupt there, or its hypervisor had stopped it. The slack is for
//! those. What comes later still is not passed on but becomes part of a gap, as does every number
//! that has not come when a later one is passed on. So of each CPU, records passed on and lost add
//! up to records made.

mod batch;
mod lane;
mod sequence;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use tracer_common::Header;

use self::batch::Batches;
use self::lane::{Lane, Waiting};
use crate::decode::{self, DecodeError};
use crate::event::{Event, Gap, What};

/// How long to wait for records older than a drain when nobody watches, ns.
pub const SLACK_NS: u64 = 500_000_000;

/// Bytes of records that are held at most, if drains do not come.
pub const WINDOW_BYTES: usize = 256 << 20;

/// What has become of one CPU's records. `seen + lost` is how many it made, if that was known at
/// the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Records passed on.
    pub seen: u64,
    /// Records given up.
    pub lost: u64,
}

/// Records that came and could not be used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refused {
    /// Of a CPU: their time had been passed, or their number given up or seen. Lost, too.
    pub late: u64,
    /// Of the task iterator, for their time had been passed. They have no number.
    pub late_unnumbered: u64,
    /// Of a CPU, and not decodable. Lost, too.
    pub undecoded: u64,
    /// Bytes, and of the task iterator records, that are no events, by [`DecodeError::label`].
    pub errors: BTreeMap<String, u64>,
}

/// The stage. Its memory is bounded by the window.
#[derive(Debug)]
pub struct Order {
    start_ns: u64,
    slack_ns: u64,
    window_bytes: usize,
    batches: Batches,
    /// By CPU number.
    lanes: Vec<Lane>,
    /// What the task iterator read.
    unnumbered: Lane,
    /// Everything before this time has been passed on.
    passed_ns: u64,
    refused: Refused,
    heads: BinaryHeap<Reverse<Head>>,
}

/// The first record of a lane; its order is that of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Head {
    at_ns: u64,
    cpu: u16,
}

impl Order {
    /// Orders what came since `start_ns`, and waits `slack_ns` longer than drains allow: usually
    /// [`SLACK_NS`], less if somebody watches.
    pub fn new(start_ns: u64, slack_ns: u64) -> Self {
        Self {
            start_ns,
            slack_ns,
            window_bytes: WINDOW_BYTES,
            batches: Batches::default(),
            lanes: Vec::new(),
            unnumbered: Lane::new(start_ns),
            passed_ns: 0,
            refused: Refused::default(),
            heads: BinaryHeap::new(),
        }
    }

    /// Holds so many bytes of records at most instead of [`WINDOW_BYTES`].
    #[must_use]
    pub fn window(self, bytes: usize) -> Self {
        Self { window_bytes: bytes, ..self }
    }

    /// Takes whole records of one ring, in the ring's order, and passes on what no longer fits
    /// into the window.
    pub fn records(&mut self, bytes: Vec<u8>, out: &mut impl FnMut(&Event)) {
        let mut rest = &bytes[..];
        let batch = self.batches.next();
        let mut held = 0;
        while !rest.is_empty() {
            let taken = decode::split(rest).and_then(|(record, after)| {
                let (header, _) = decode::header(record)?;
                Ok((header, after))
            });
            match taken {
                Ok((header, after)) => {
                    let begin = u32::try_from(bytes.len() - rest.len()).unwrap_or(u32::MAX);
                    held += usize::from(self.take(header, batch, begin));
                    rest = after;
                }
                Err(error) => {
                    self.refused.count(error);
                    break;
                }
            }
        }
        self.batches.push(bytes, held);
        self.shrink(out);
    }

    /// Every record that was reserved before `at_ns` has been taken: passes on what is older than
    /// that by the slack.
    pub fn drained(&mut self, at_ns: u64, out: &mut impl FnMut(&Event)) {
        if let Some(through_ns) = at_ns.saturating_sub(self.slack_ns).checked_sub(1) {
            self.release(through_ns, out);
        }
    }

    /// Passes on everything, and the gaps at the end: up to `end_ns`, or the last event if that is
    /// later. `emitted` is how many records each CPU made, if that is known.
    pub fn finish(&mut self, end_ns: u64, emitted: Option<&[u64]>, out: &mut impl FnMut(&Event)) {
        self.release(u64::MAX, out);
        if let Some(last) = emitted.and_then(|emitted| u16::try_from(emitted.len()).ok()) {
            self.reach(last.saturating_sub(1));
        }
        let lanes = self.lanes.iter().chain([&self.unnumbered]);
        let end_ns = lanes.map(|lane| lane.last_ns).fold(end_ns, u64::max);
        for (cpu, lane) in (0..).zip(&mut self.lanes) {
            let emitted = emitted.map(|all| all.get(usize::from(cpu)).copied().unwrap_or(0));
            let lost = lane.sequence.close(emitted);
            gap(cpu, lane, end_ns, lost, out);
        }
    }

    /// By CPU number, of those that were heard of.
    pub fn accounts(&self) -> impl Iterator<Item = (u16, Account)> {
        let account = |lane: &Lane| Account { seen: lane.seen, lost: lane.lost };
        (0..).zip(self.lanes.iter().map(account))
    }

    /// What could not be used.
    pub fn refused(&self) -> &Refused {
        &self.refused
    }

    /// Whether the record is held.
    fn take(&mut self, header: Header, batch: u64, begin: u32) -> bool {
        let Header { at_ns, seq, cpu, .. } = header;
        let passed = at_ns < self.passed_ns;
        if cpu == Header::NO_CPU {
            if passed {
                self.refused.late_unnumbered += 1;
                return false;
            }
            // The order in which they came is as good as numbers.
            self.unnumbered.push(Waiting { at_ns, number: 0, batch, begin });
            return true;
        }
        self.reach(cpu);
        let lane = &mut self.lanes[usize::from(cpu)];
        let number = lane.sequence.extend(seq);
        if passed && let Some(number) = number {
            lane.sequence.refuse(number);
        }
        if let Some(number) = number.filter(|&number| !passed && lane.sequence.arrive(number)) {
            lane.push(Waiting { at_ns, number, batch, begin });
            return true;
        }
        self.refused.late += 1;
        false
    }

    fn reach(&mut self, cpu: u16) {
        let count = usize::from(cpu) + 1;
        if self.lanes.len() < count {
            self.lanes.resize_with(count, || Lane::new(self.start_ns));
        }
    }

    /// Makes room by passing on the older half of what waits until it is enough.
    fn shrink(&mut self, out: &mut impl FnMut(&Event)) {
        if self.batches.bytes() <= self.window_bytes {
            return;
        }
        while self.batches.bytes() > self.window_bytes / 2 {
            let lanes = || self.lanes.iter().chain([&self.unnumbered]);
            let first = lanes().filter_map(Lane::first).map(|waiting| waiting.at_ns).min();
            let last = lanes().filter_map(Lane::last).map(|waiting| waiting.at_ns).max();
            let Some((first, last)) = first.zip(last) else { break };
            // Lanes are sorted by the first turn, so that each later one passes something on.
            self.release(first + last.saturating_sub(first) / 2, out);
        }
    }

    /// Passes on everything up to and at this time.
    fn release(&mut self, through_ns: u64, out: &mut impl FnMut(&Event)) {
        self.passed_ns = self.passed_ns.max(through_ns.saturating_add(1));
        let Self { lanes, unnumbered, heads, batches, refused, .. } = self;
        let head = |cpu, lane: &Lane| {
            let at_ns = lane.first()?.at_ns;
            (at_ns <= through_ns).then_some(Reverse(Head { at_ns, cpu }))
        };
        for (cpu, lane) in (0..).zip(&mut *lanes).chain([(Header::NO_CPU, &mut *unnumbered)]) {
            lane.sort();
            heads.extend(head(cpu, lane));
        }
        while let Some(Reverse(Head { cpu, .. })) = heads.pop() {
            let lane = lanes.get_mut(usize::from(cpu)).unwrap_or(unnumbered);
            while let Some(Waiting { at_ns, number, batch, begin }) = lane.pop() {
                let bytes = batches.get(batch, begin);
                let event = decode::split(bytes).and_then(|(record, _)| decode::event(record));
                if let Err(error) = event {
                    refused.count(error);
                    refused.undecoded += u64::from(cpu != Header::NO_CPU);
                }
                let lost = lane.sequence.close_below(number);
                pass(Head { at_ns, cpu }, lane, &event, lost, out);
                batches.done(batch);
                let Some(next) = head(cpu, lane) else { break };
                // Greater is earlier, for both are reversed.
                if heads.peek().is_some_and(|other| *other > next) {
                    heads.push(next);
                    break;
                }
            }
        }
    }
}

/// Passes on one record, whose decoding is `event`, and before it the gap that it shows.
fn pass(
    Head { at_ns, cpu }: Head,
    lane: &mut Lane,
    event: &Result<Event, DecodeError>,
    mut lost: u64,
    out: &mut impl FnMut(&Event),
) {
    // A record of the task iterator has no number that could be missing.
    lost += u64::from(event.is_err() && cpu != Header::NO_CPU);
    gap(cpu, lane, at_ns, lost, out);
    lane.last_ns = at_ns;
    if let Ok(event) = event {
        lane.seen += 1;
        out(event);
    }
}

fn gap(cpu: u16, lane: &mut Lane, to_ns: u64, lost: u64, out: &mut impl FnMut(&Event)) {
    if lost == 0 {
        return;
    }
    lane.lost += lost;
    let from_ns = lane.last_ns.min(to_ns);
    let what = What::Gap(Gap { from_ns, to_ns, lost });
    out(&Event { at_ns: to_ns, cpu: Some(cpu), what });
}

impl Refused {
    fn count(&mut self, error: DecodeError) {
        *self.errors.entry(error.label()).or_default() += 1;
    }
}
