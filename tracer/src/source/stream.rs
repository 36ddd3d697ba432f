//! Records of any source to events in order, and the account of them.

use std::collections::BTreeMap;

use super::quality::{self, GAPS_MAX, GapAt, Lost, Quality};
use super::recording::{Damage, End, Start};
use crate::event::{Event, What};
use crate::order::Order;

/// What a live source and a recording have in common: chunks in, events out.
#[derive(Debug)]
pub struct Stream {
    start: Start,
    order: Order,
    tally: Tally,
    raw_bytes: u64,
}

/// What is to be said about a recording's file.
#[derive(Clone, Copy, Debug, Default)]
pub struct File {
    /// Bytes that were read.
    pub bytes: u64,
    /// Whether it stops before its end.
    pub truncated: bool,
    /// What of it could not be read.
    pub damaged: Damage,
    /// Chunks in it that are of no known kind.
    pub unknown_chunks: u64,
}

impl Stream {
    /// A stream that waits `slack_ns` for stragglers: [`crate::order::SLACK_NS`], or less if
    /// somebody watches.
    pub fn new(start: Start, slack_ns: u64) -> Self {
        let order = Order::new(start.clocks.monotonic_ns, slack_ns);
        Self { start, order, tally: Tally::default(), raw_bytes: 0 }
    }

    /// Takes whole records of one ring, in the ring's order.
    pub fn records(&mut self, bytes: Vec<u8>, mut out: impl FnMut(&Event)) {
        self.raw_bytes += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let Self { order, tally, .. } = self;
        order.records(bytes, &mut tally.around(&mut out));
    }

    /// Every record that was reserved before `at_ns`, ns of the monotonic clock, has been given.
    pub fn drained(&mut self, at_ns: u64, mut out: impl FnMut(&Event)) {
        let Self { order, tally, .. } = self;
        order.drained(at_ns, &mut tally.around(&mut out));
    }

    /// Passes on what is left, and gives the account. `end` if the source came to one; `file` if
    /// it was one.
    pub fn finish(mut self, end: Option<End>, file: File, mut out: impl FnMut(&Event)) -> Quality {
        let Self { order, tally, .. } = &mut self;
        let emitted = end.as_ref().map(quality::emitted);
        let said_ns = end.as_ref().map_or(0, |end| end.clocks.monotonic_ns);
        order.finish(said_ns, emitted.as_deref(), &mut tally.around(&mut out));

        let of_all = |of: fn(crate::order::Account) -> u64| -> BTreeMap<u16, u64> {
            self.order.accounts().map(|(cpu, account)| (cpu, of(account))).collect()
        };
        let (seen_per_cpu, lost_per_cpu) = (of_all(|a| a.seen), of_all(|a| a.lost));
        let refused = self.order.refused();
        let mut lost = Lost {
            // What a hostile end claims must not overflow.
            total: lost_per_cpu
                .values()
                .copied()
                .fold(refused.late_unnumbered, u64::saturating_add),
            gaps: self.tally.gaps,
            gaps_unlisted: self.tally.gaps_unlisted,
            ..Lost::default()
        };
        let late = refused.late + refused.late_unnumbered;
        lost.explain(end.as_ref(), file.damaged, late, refused.undecoded);
        let start_ns = self.start.clocks.monotonic_ns;
        let last_ns = self.tally.last_ns.max(start_ns);
        let mut quality = Quality {
            start_ns,
            end_ns: end.as_ref().map_or(last_ns, |end| end.clocks.monotonic_ns),
            start: self.start,
            end,
            events: self.tally.events,
            bytes: file.bytes,
            raw_bytes: self.raw_bytes,
            seen_per_cpu,
            lost_per_cpu,
            emitted_per_cpu: None,
            lost,
            missed: BTreeMap::new(),
            unfollowed: BTreeMap::new(),
            decode_errors: refused.errors.clone(),
            truncated: file.truncated,
            damaged: file.damaged,
            unknown_chunks: file.unknown_chunks,
        };
        quality.take_end();
        quality
    }
}

/// What passes by.
#[derive(Debug, Default)]
struct Tally {
    events: u64,
    last_ns: u64,
    gaps: Vec<GapAt>,
    gaps_unlisted: u64,
}

impl Tally {
    /// `out`, counted.
    fn around(&mut self, out: &mut impl FnMut(&Event)) -> impl FnMut(&Event) {
        |event| {
            self.count(event);
            out(event);
        }
    }

    fn count(&mut self, event: &Event) {
        let (What::Gap(gap), Some(cpu)) = (event.what, event.cpu) else {
            self.events += 1;
            self.last_ns = event.at_ns;
            return;
        };
        if self.gaps.len() < GAPS_MAX {
            let (from_ns, to_ns, count) = (gap.from_ns, gap.to_ns, gap.lost);
            self.gaps.push(GapAt { cpu, from_ns, to_ns, count });
        } else {
            self.gaps_unlisted += 1;
        }
    }
}
