//! How many wait at a time for one futex, and the herds that are woken at once.
//!
//! Waits are told when they end. A queue is longest just before one of its waits ends, so it is
//! enough to count for each of the last ends the waits that were going on: those that end later
//! and began earlier.

use std::collections::VecDeque;

use serde::Serialize;

/// Ends that are kept; a wait that lasts longer than so many others is not counted for all of
/// them, and lengths are too low then.
const KEPT: usize = 64;

/// Hand-overs in a row to a waiter, while others waited, that make a convoy.
const CONVOY: u64 = 8;

/// Broadcasts that are kept.
const BROADCASTS: usize = 4;

/// Lengths of the queue of one futex.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct QueueRow {
    /// Most that waited at a time.
    pub max: u64,
    /// How many waited, on average over the time from the first wait's begin to the last's end.
    pub mean: f64,
}

/// Convoys: hand-overs in a row at each of which at least two waited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ConvoyRow {
    /// How many, of at least eight hand-overs.
    pub count: u64,
    /// Hand-overs in the longest.
    pub longest: u64,
    /// Time of the longest.
    pub longest_ns: u64,
}

#[derive(Clone, Copy, Debug)]
struct End {
    at_ns: u64,
    others: u64,
    handed: bool,
}

#[derive(Clone, Copy, Debug)]
struct Broadcast {
    at_ns: u64,
    woken: u64,
    back: u64,
}

/// The queue of one futex.
#[derive(Clone, Debug, Default)]
pub(super) struct Queue {
    ends: VecDeque<End>,
    broadcasts: VecDeque<Broadcast>,
    first_ns: Option<u64>,
    last_ns: u64,
    waited_ns: u64,
    max: u64,
    run: u64,
    run_from_ns: u64,
    run_to_ns: u64,
    convoys: ConvoyRow,
    herds: u64,
}

impl Queue {
    /// A wait ended; `handed` if it got what it waited for.
    pub(super) fn waited(&mut self, begin_ns: u64, end_ns: u64, handed: bool) {
        self.first_ns = Some(self.first_ns.map_or(begin_ns, |first| first.min(begin_ns)));
        self.last_ns = self.last_ns.max(end_ns);
        self.waited_ns = self.waited_ns.saturating_add(end_ns.saturating_sub(begin_ns));
        for end in self.ends.iter_mut().rev().take_while(|end| end.at_ns > begin_ns) {
            end.others += 1;
        }
        if self.ends.len() == KEPT
            && let Some(end) = self.ends.pop_front()
        {
            self.settle(end);
        }
        self.ends.push_back(End { at_ns: end_ns, others: 0, handed });
    }

    /// A call woke several.
    pub(super) fn broadcast(&mut self, at_ns: u64, woken: u64) {
        self.max = self.max.max(woken);
        if self.broadcasts.len() == BROADCASTS {
            let over = self.broadcasts.pop_front();
            self.herds += u64::from(over.is_some_and(Broadcast::is_herd));
        }
        self.broadcasts.push_back(Broadcast { at_ns, woken, back: 0 });
    }

    /// A task that came back from its wait at this time waits again: nothing was handed to it.
    pub(super) fn back(&mut self, returned_ns: u64) {
        if let Some(end) = self.ends.iter_mut().rev().find(|end| end.at_ns == returned_ns) {
            end.handed = false;
        }
        let by = self.broadcasts.iter_mut().rev().find(|by| by.at_ns <= returned_ns);
        if let Some(by) = by {
            by.back += 1;
        }
    }

    /// Lengths, convoys, and wakings of many of whom all but one waited again at once.
    pub(super) fn rows(mut self) -> (QueueRow, ConvoyRow, u64) {
        while let Some(end) = self.ends.pop_front() {
            self.settle(end);
        }
        self.close();
        let over = self.broadcasts.iter().filter(|by| by.is_herd()).count();
        let herds = self.herds + over as u64;
        let span_ns = self.last_ns.saturating_sub(self.first_ns.unwrap_or_default());
        (QueueRow { max: self.max, mean: ratio(self.waited_ns, span_ns) }, self.convoys, herds)
    }

    fn settle(&mut self, end: End) {
        let length = end.others + 1;
        self.max = self.max.max(length);
        if !end.handed {
            return;
        }
        if length < 2 {
            self.close();
            return;
        }
        if self.run == 0 {
            self.run_from_ns = end.at_ns;
        }
        self.run += 1;
        self.run_to_ns = end.at_ns;
    }

    fn close(&mut self) {
        let run = std::mem::take(&mut self.run);
        if run < CONVOY {
            return;
        }
        self.convoys.count += 1;
        if run > self.convoys.longest {
            self.convoys.longest = run;
            self.convoys.longest_ns = self.run_to_ns.saturating_sub(self.run_from_ns);
        }
    }
}

impl Broadcast {
    fn is_herd(self) -> bool {
        self.back > 0 && self.back + 1 >= self.woken
    }
}

/// To three decimals, so that it is the same text everywhere.
fn ratio(part: u64, whole: u64) -> f64 {
    let thousandths = u128::from(part) * 1000 / u128::from(whole.max(1));
    f64::from(u32::try_from(thousandths).unwrap_or(u32::MAX)) / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_is_longest_just_before_an_end() {
        //  0────────10
        //     4──────────20
        //       6──8
        //                  22──24
        let mut queue = Queue::default();
        for (begin, end) in [(6, 8), (0, 10), (4, 20), (22, 24)] {
            queue.waited(begin, end, true);
        }
        let (lengths, convoys, herds) = queue.rows();
        assert_eq!((lengths.max, convoys.count, herds), (3, 0, 0));
        assert!((lengths.mean - 1.25).abs() < 0.001, "{}", lengths.mean);
    }

    #[test]
    fn hand_overs_in_a_row_are_a_convoy_until_one_finds_nobody_else() {
        let mut queue = Queue::default();
        for turn in 0..100 {
            queue.waited(turn * 10, turn * 10 + 25, true);
        }
        let (lengths, convoys, _) = queue.rows();
        assert_eq!(lengths.max, 3);
        // The last to get it is alone.
        assert_eq!(convoys, ConvoyRow { count: 1, longest: 99, longest_ns: 980 });
    }

    #[test]
    fn what_was_not_handed_over_is_in_no_convoy() {
        let mut queue = Queue::default();
        for turn in 0..20 {
            queue.waited(turn * 10, turn * 10 + 25, true);
            queue.back(if turn % 2 == 0 { turn * 10 + 25 } else { 0 });
        }
        assert_eq!(queue.rows().1, ConvoyRow { count: 1, longest: 9, longest_ns: 160 });
    }

    #[test]
    fn a_herd_is_woken_for_one() {
        let mut queue = Queue::default();
        for round in 0..6 {
            queue.broadcast(round * 100, 3);
            queue.back(round * 100 + 5);
            queue.back(round * 100 + 6);
        }
        queue.broadcast(1000, 3);
        queue.back(1001);
        queue.back(0);
        assert_eq!(queue.rows().2, 6);
    }
}
