//! Which of one CPU's records have come, by their sequence numbers.
//!
//! Numbers may come out of turn: a record takes its number before its place in the ring, and an
//! interrupt between the two makes records with later numbers and earlier places. So a number that
//! is passed over is a hole that may still be filled; whoever closes it decides that it is lost.

use std::collections::BTreeMap;

/// One CPU's numbers, counted on beyond the 32 bits that records carry.
#[derive(Clone, Debug, Default)]
pub(super) struct Sequence {
    /// The number after the highest that has come.
    next: u64,
    begun: bool,
    /// Numbers below `next` that have not come, without those that were closed: from the first of
    /// a stretch to the one after its last.
    holes: BTreeMap<u64, u64>,
}

impl Sequence {
    /// The whole number of a record, from its low 32 bits: the one nearest to those that came
    /// before. `None` if it would be negative, which no CPU counts.
    pub(super) fn extend(&self, low: u32) -> Option<u64> {
        if !self.begun {
            return Some(low.into());
        }
        let [a, b, c, d, ..] = self.next.to_le_bytes();
        let ahead = low.wrapping_sub(u32::from_le_bytes([a, b, c, d])).cast_signed();
        self.next.checked_add_signed(ahead.into())
    }

    /// A record has come. False if its number is not awaited: it has come before, or its hole has
    /// been closed.
    pub(super) fn arrive(&mut self, number: u64) -> bool {
        self.begun = true;
        if number >= self.next {
            if number > self.next {
                self.holes.insert(self.next, number);
            }
            self.next = number + 1;
            return true;
        }
        let hole = self.holes.range_mut(..=number).next_back();
        let Some((&begin, end)) = hole.filter(|(_, end)| **end > number) else { return false };
        let after = std::mem::replace(end, number);
        if begin == number {
            self.holes.remove(&begin);
        }
        if number + 1 < after {
            self.holes.insert(number + 1, after);
        }
        true
    }

    /// A record has come that cannot be used: its number stays or becomes a hole.
    pub(super) fn refuse(&mut self, number: u64) {
        self.begun = true;
        if number >= self.next {
            self.holes.insert(self.next, number + 1);
            self.next = number + 1;
        }
    }

    /// Gives up the holes below a number, and says how many records that are.
    pub(super) fn close_below(&mut self, number: u64) -> u64 {
        let mut lost = 0;
        while let Some(hole) = self.holes.first_entry().filter(|hole| *hole.key() < number) {
            let (begin, end) = hole.remove_entry();
            lost += end.min(number) - begin;
            if end > number {
                self.holes.insert(number, end);
            }
        }
        lost
    }

    /// Gives up everything below `emitted`, the CPU's own count of its records, if it is known.
    pub(super) fn close(&mut self, emitted: Option<u64>) -> u64 {
        let unheard = emitted.map_or(0, |emitted| emitted.saturating_sub(self.next));
        self.next += unheard;
        self.close_below(u64::MAX) + unheard
    }
}

#[cfg(test)]
mod tests {
    use super::Sequence;

    fn after(numbers: &[u64]) -> Sequence {
        let mut sequence = Sequence::default();
        for &number in numbers {
            assert!(sequence.arrive(number), "{number} in {numbers:?}");
        }
        sequence
    }

    #[test]
    fn out_of_turn_is_not_lost() {
        assert_eq!(after(&[0, 4, 3, 5, 2, 1]).close(Some(6)), 0);
        assert_eq!(after(&[3, 1, 2, 0]).close(None), 0);
    }

    #[test]
    fn what_never_came_is_lost_once() {
        let mut sequence = after(&[2, 5, 9, 7]);
        assert_eq!(sequence.close_below(5), 4, "0, 1, 3, 4");
        assert_eq!(sequence.close_below(5), 0);
        assert_eq!(sequence.close_below(7), 1, "6");
        assert_eq!(sequence.close(Some(12)), 3, "8, 10, 11");
        assert_eq!(sequence.close(Some(12)), 0);
    }

    #[test]
    fn what_was_seen_or_given_up_is_not_awaited() {
        let mut sequence = after(&[0, 3]);
        assert!(!sequence.arrive(3));
        assert!(!sequence.arrive(0));
        assert_eq!(sequence.close_below(3), 2);
        assert!(!sequence.arrive(2));
        sequence.refuse(2);
        sequence.refuse(6);
        assert_eq!(sequence.close(None), 3, "4, 5, 6");
    }

    #[test]
    fn the_low_32_bits_wrap() {
        let mut sequence = Sequence::default();
        let edge = u64::from(u32::MAX);
        assert!(sequence.arrive(sequence.extend(u32::MAX - 1).unwrap()));
        assert_eq!(sequence.extend(1), Some(edge + 2));
        assert!(sequence.arrive(edge + 2));
        assert_eq!(sequence.extend(u32::MAX), Some(edge));
        assert_eq!(sequence.extend(0), Some(edge + 1));
        assert_eq!(sequence.extend(2), Some(edge + 3));
        assert_eq!(sequence.close(Some(edge + 4)), edge + 4 - 2);
        assert_eq!(after(&[0]).extend(u32::MAX), None);
    }
}
