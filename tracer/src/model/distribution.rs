//! A distribution of times in little memory: 32 buckets for each power of two, and only those
//! powers of two that are met are kept.

use serde::Serialize;

/// Buckets for each power of two; quantiles are too high by at most one part in this many.
const STEPS: usize = 32;
const STEP_BITS: u32 = STEPS.trailing_zeros();

/// Most pages: one for all times below [`STEPS`] ns, and one for each power of two from there on.
const PAGES: usize = 60;

/// The place of a page that is not there.
const NONE: u8 = u8::MAX;

/// How many times are in each bucket of one power of two. More than fit into four bytes would take
/// a recording of 40 GB that holds nothing else.
type Page = [u32; STEPS];

/// A distribution of times, ns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distribution {
    count: u64,
    sum_ns: u64,
    max_ns: u64,
    /// Where each page is in `pages`, shortest times first.
    places: [u8; PAGES],
    /// In the order of first use.
    pages: Vec<Page>,
}

impl Default for Distribution {
    fn default() -> Self {
        Self { count: 0, sum_ns: 0, max_ns: 0, places: [NONE; PAGES], pages: Vec::new() }
    }
}

/// What is told of a distribution. Count, sum and maximum are exact; the quantiles are never too
/// low, and too high by at most 1/32.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Quantiles {
    /// How many times.
    pub count: u64,
    /// Their sum, ns.
    pub sum: u64,
    /// Half of them are at most this, ns.
    pub p50: u64,
    /// 99 of 100 are at most this, ns.
    pub p99: u64,
    /// The longest, ns.
    pub max: u64,
}

impl Distribution {
    /// Takes in one time, ns.
    pub fn add(&mut self, ns: u64) {
        self.count += 1;
        self.sum_ns = self.sum_ns.saturating_add(ns);
        self.max_ns = self.max_ns.max(ns);
        let (page, step) = bucket(ns);
        let bucket = &mut self.page(page)[step];
        *bucket = bucket.saturating_add(1);
    }

    /// Takes in all of another.
    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.sum_ns = self.sum_ns.saturating_add(other.sum_ns);
        self.max_ns = self.max_ns.max(other.max_ns);
        for (page, theirs) in other.used() {
            for (sum, count) in self.page(page).iter_mut().zip(theirs) {
                *sum = sum.saturating_add(*count);
            }
        }
    }

    fn page(&mut self, page: usize) -> &mut Page {
        let place = &mut self.places[page];
        if *place == NONE {
            // There are no more pages than fit into a byte.
            *place = u8::try_from(self.pages.len()).unwrap_or(NONE);
            self.pages.push([0; STEPS]);
        }
        &mut self.pages[usize::from(*place)]
    }

    /// The pages that are there, shortest times first.
    fn used(&self) -> impl Iterator<Item = (usize, &Page)> {
        let places = self.places.iter().enumerate();
        places.filter_map(|(page, &place)| Some((page, self.pages.get(usize::from(place))?)))
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Their sum, ns.
    pub fn sum_ns(&self) -> u64 {
        self.sum_ns
    }

    /// How many there are of each length by powers of two: in the place `n` those of at least
    /// 2^(n-1) and less than 2^n ns, in the first those of nothing. Ends with the longest.
    pub fn octaves(&self) -> Vec<u64> {
        let mut octaves = Vec::new();
        for (page, counts) in self.used() {
            for (step, &count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
                let bits = (u64::BITS - highest(page, step).leading_zeros()) as usize;
                if octaves.len() <= bits {
                    octaves.resize(bits + 1, 0);
                }
                octaves[bits] += u64::from(count);
            }
        }
        octaves
    }

    /// What is told of it.
    pub fn quantiles(&self) -> Quantiles {
        Quantiles {
            count: self.count,
            sum: self.sum_ns,
            p50: self.at_percent(50),
            p99: self.at_percent(99),
            max: self.max_ns,
        }
    }

    fn at_percent(&self, percent: u64) -> u64 {
        let rank = (self.count * percent).div_ceil(100);
        let mut passed = 0;
        for (page, counts) in self.used() {
            for (step, &count) in counts.iter().enumerate() {
                passed += u64::from(count);
                if passed >= rank {
                    return highest(page, step).min(self.max_ns);
                }
            }
        }
        self.max_ns
    }
}

/// Page and step of a time, ns: in the order of the times in them.
fn bucket(ns: u64) -> (usize, usize) {
    let steps = STEPS as u64;
    let shift = ns.max(1).ilog2().saturating_sub(STEP_BITS);
    let page = if ns < steps { 0 } else { shift as usize + 1 };
    // Below the first power of two that is divided, the steps are single ns.
    let step = (ns >> shift) % steps;
    (page, usize::try_from(step).unwrap_or_default())
}

/// The longest time of a bucket, ns.
fn highest(page: usize, step: usize) -> u64 {
    match page.checked_sub(1) {
        None => step as u64,
        Some(shift) => (((STEPS + step) as u64) << shift) + ((1 << shift) - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_time_is_in_its_bucket_and_the_bucket_is_narrow() {
        for shift in 0..63 {
            for ns in [(1_u64 << shift) - 1, 1 << shift, (1 << shift) + (1 << shift) / 3] {
                let (page, step) = bucket(ns);
                let highest = highest(page, step);
                assert!(highest >= ns, "{ns} is above its bucket");
                assert!(highest - ns <= ns / 32, "{ns} is in a wide bucket, to {highest}");
            }
        }
    }

    #[test]
    fn quantiles_are_exact_for_small_times() {
        let mut times = Distribution::default();
        (1..=100).rev().for_each(|ns| times.add(ns));
        let told = times.quantiles();
        assert_eq!((told.count, told.sum, told.p50, told.max), (100, 5050, 50, 100));
        assert!((99..=100).contains(&told.p99));
        assert_eq!(Distribution::default().quantiles(), Quantiles::default());
    }

    #[test]
    fn octaves_are_powers_of_two() {
        let mut times = Distribution::default();
        assert_eq!(times.octaves(), [0; 0]);
        for ns in [0, 1, 2, 3, 4, 1023, 1024, 1025] {
            times.add(ns);
        }
        assert_eq!(times.octaves(), [1, 1, 2, 1, 0, 0, 0, 0, 0, 0, 1, 2]);
        times.add(u64::MAX);
        assert_eq!((times.octaves().len(), times.octaves()[64]), (65, 1));
    }

    #[test]
    fn a_sum_of_two_is_as_if_all_had_been_in_one() {
        let (mut one, mut two, mut all) = <(Distribution, Distribution, Distribution)>::default();
        for ns in (0..5000).map(|step| step * step) {
            if ns % 3 == 0 {
                one.add(ns);
            } else {
                two.add(ns);
            }
            all.add(ns);
        }
        one.merge(&two);
        assert_eq!((one.quantiles(), one.octaves()), (all.quantiles(), all.octaves()));
        assert_eq!(one.octaves().iter().sum::<u64>(), 5000);
    }
}
