//! Distributions as small histograms: one letter for each power of two.

use super::duration;

/// From empty to full.
const BARS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Powers of two between two labels of the axis: 32 ns, 1 us, 32 us, 1 ms, 33 ms, 1 s.
const STEP: usize = 5;

/// A common scale for histograms whose place `n` counts what is at least 2^(n-1) and less than
/// 2^n ns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scale {
    first: usize,
    end: usize,
}

impl Scale {
    /// From the shortest to the longest of these; `None` if all are empty.
    pub(super) fn of(histograms: &[&[u64]]) -> Option<Self> {
        let mut scale: Option<Self> = None;
        for counts in histograms {
            // What took no time at all is no part of a scale of powers.
            let Some(first) = counts.iter().skip(1).position(|&count| count > 0) else { continue };
            let (first, end) = (first + 1, counts.len());
            let known = scale.get_or_insert(Self { first, end });
            *known = Self { first: known.first.min(first), end: known.end.max(end) };
        }
        // The axis begins with a label.
        scale.map(|Self { first, end }| Self { first: first - (first - 1) % STEP, end })
    }

    /// The labels over the letters.
    pub(super) fn axis(self) -> String {
        let labels = (self.first..self.end).step_by(STEP).map(|place| {
            let ns = 1_u64.checked_shl(u32::try_from(place - 1).unwrap_or(u32::MAX));
            format!("{:<STEP$}", short(ns.unwrap_or(u64::MAX)))
        });
        labels.collect::<String>().trim_end().to_owned()
    }

    /// One histogram; the fullest place is full, and none that counts something is empty.
    pub(super) fn bars(self, counts: &[u64]) -> String {
        let place = |place: usize| counts.get(place).copied().unwrap_or_default();
        let most = (self.first..self.end).map(place).max().unwrap_or_default();
        let steps = BARS.len() as u64 - 1;
        let bar = |count: u64| {
            let height = (u128::from(count) * u128::from(steps)).div_ceil(u128::from(most.max(1)));
            BARS[usize::try_from(height).unwrap_or_default().min(BARS.len() - 1)]
        };
        (self.first..self.end).map(|at| bar(place(at))).collect()
    }
}

/// A power of two in a few letters: what is left of the point.
fn short(ns: u64) -> String {
    let whole = duration(ns);
    match whole.split_once('.') {
        Some((number, rest)) => {
            format!("{number}{}", rest.trim_start_matches(|c: char| c.is_ascii_digit()))
        }
        None => whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_two_have_a_letter_each() {
        let mut counts = vec![0; 12];
        (counts[7], counts[8], counts[11]) = (1, 800, 401);
        let scale = Scale::of(&[&counts, &[5]]).unwrap();
        assert_eq!(scale.axis(), "32ns 1us");
        assert_eq!(scale.bars(&counts), " ▁█  ▅");
        assert_eq!(scale.bars(&[]), "      ");
    }

    #[test]
    fn scales_cover_all_and_nothing_has_none() {
        let mut long = vec![0; 32];
        long[31] = 1;
        let mut short = vec![0; 13];
        short[12] = 1;
        let scale = Scale::of(&[&long, &short]).unwrap();
        assert_eq!(scale.axis(), "1us  32us 1ms  33ms 1s");
        assert_eq!(Scale::of(&[&[], &[3]]), None);
    }
}
