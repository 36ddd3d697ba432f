//! Order and middle: shuffling, median and quartiles.

use serde::Serialize;

/// The middle half of some figures.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(super) struct Spread {
    /// A quarter is below.
    pub(super) lower: f64,
    /// Half is below.
    pub(super) median: f64,
    /// A quarter is above.
    pub(super) upper: f64,
}

impl Spread {
    /// Of any number of figures but none.
    pub(super) fn of(figures: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = figures.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        Some(Self {
            lower: quarter(&sorted, 1)?,
            median: quarter(&sorted, 2)?,
            upper: quarter(&sorted, 3)?,
        })
    }
}

/// The figure `quarters` of the way up, between two neighbours in proportion.
fn quarter(sorted: &[f64], quarters: usize) -> Option<f64> {
    let place = sorted.len().checked_sub(1)? * quarters;
    let below = *sorted.get(place / 4)?;
    let above = sorted.get(place / 4 + 1).copied().unwrap_or(below);
    let part = [0.0, 0.25, 0.5, 0.75][place % 4];
    Some(below + (above - below) * part)
}

/// The order of a round: the same for the same round, so that a measurement can be repeated.
pub(super) fn shuffle<T>(items: &mut [T], round: u32) {
    let mut state = u64::from(round);
    for last in (1..items.len()).rev() {
        let choices = u64::try_from(last + 1).unwrap_or(u64::MAX);
        let other = usize::try_from(split_mix(&mut state) % choices).unwrap_or(last);
        items.swap(last, other);
    }
}

/// The `SplitMix64` generator.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{Spread, shuffle, split_mix};

    #[test]
    fn quartiles_of_few_and_of_many() {
        assert_eq!(Spread::of([]), None);
        assert_eq!(Spread::of([3.0]), Some(Spread { lower: 3.0, median: 3.0, upper: 3.0 }));
        let five = Spread { lower: 2.0, median: 3.0, upper: 4.0 };
        assert_eq!(Spread::of([5.0, 1.0, 4.0, 2.0, 3.0]), Some(five));
        let four = Spread { lower: 1.75, median: 2.5, upper: 3.25 };
        assert_eq!(Spread::of([4.0, 3.0, 2.0, 1.0]), Some(four));
    }

    #[test]
    fn the_generator_is_the_published_one() {
        assert_eq!(split_mix(&mut 0), 0xe220_a839_7b1d_cdaf);
    }

    #[test]
    fn an_order_has_everyone_once_and_differs_by_round() {
        let order = |round| {
            let mut items = [0, 1, 2, 3, 4, 5];
            shuffle(&mut items, round);
            items
        };
        assert_eq!(order(1), order(1));
        let orders: HashSet<_> = (0..20).map(order).collect();
        assert!(orders.len() > 15);
        assert!(orders.iter().all(|order| order.iter().sum::<i32>() == 15));
    }
}
