//! A distribution of times in little memory: 32 buckets for each power of two, and only those
//! that are used are kept.

use serde::Serialize;

/// Buckets for each power of two; quantiles are too high by at most one part in this many.
const STEPS: u64 = 32;
const STEP_BITS: u32 = STEPS.trailing_zeros();

/// A distribution of times, ns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Distribution {
    count: u64,
    sum_ns: u64,
    max_ns: u64,
    /// Number of the bucket, and how many times are in it; in the order of the numbers.
    buckets: Vec<(u16, u64)>,
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
        self.count_in(bucket(ns), 1);
    }

    /// Takes in all of another.
    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.sum_ns = self.sum_ns.saturating_add(other.sum_ns);
        self.max_ns = self.max_ns.max(other.max_ns);
        for &(bucket, count) in &other.buckets {
            self.count_in(bucket, count);
        }
    }

    fn count_in(&mut self, bucket: u16, count: u64) {
        match self.buckets.binary_search_by_key(&bucket, |&(known, _)| known) {
            Ok(place) => self.buckets[place].1 += count,
            Err(place) => self.buckets.insert(place, (bucket, count)),
        }
    }

    /// Their sum, ns.
    pub fn sum_ns(&self) -> u64 {
        self.sum_ns
    }

    /// How many there are of each length by powers of two: in the place `n` those of at least
    /// 2^(n-1) and less than 2^n ns, in the first those of nothing. Ends with the longest.
    pub fn octaves(&self) -> Vec<u64> {
        let mut octaves = Vec::new();
        for &(bucket, count) in &self.buckets {
            let bits = (u64::BITS - highest(bucket).leading_zeros()) as usize;
            if octaves.len() <= bits {
                octaves.resize(bits + 1, 0);
            }
            octaves[bits] += count;
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
        for &(bucket, count) in &self.buckets {
            passed += count;
            if passed >= rank {
                return highest(bucket).min(self.max_ns);
            }
        }
        self.max_ns
    }
}

/// Numbers of the buckets are in the order of the times in them.
fn bucket(ns: u64) -> u16 {
    let number = if ns < STEPS {
        ns
    } else {
        let shift = ns.ilog2() - STEP_BITS;
        u64::from(shift) * STEPS + (ns >> shift)
    };
    // The highest is 1919.
    u16::try_from(number).unwrap_or(u16::MAX)
}

/// The longest time of a bucket, ns.
fn highest(bucket: u16) -> u64 {
    let bucket = u64::from(bucket);
    if bucket < 2 * STEPS {
        return bucket;
    }
    let shift = bucket / STEPS - 1;
    let step = bucket % STEPS + STEPS;
    (step << shift) + ((1 << shift) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_time_is_in_its_bucket_and_the_bucket_is_narrow() {
        for shift in 0..63 {
            for ns in [(1_u64 << shift) - 1, 1 << shift, (1 << shift) + (1 << shift) / 3] {
                let highest = highest(bucket(ns));
                assert!(highest >= ns, "{ns} is above its bucket");
                assert!(highest - ns <= ns / STEPS, "{ns} is in a wide bucket, to {highest}");
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
        [0, 1, 2, 3, 4, 1023, 1024, 1025].into_iter().for_each(|ns| times.add(ns));
        assert_eq!(times.octaves(), [1, 1, 2, 1, 0, 0, 0, 0, 0, 0, 1, 2]);
        times.add(u64::MAX);
        assert_eq!((times.octaves().len(), times.octaves()[64]), (65, 1));
    }

    #[test]
    fn a_sum_of_two_is_as_if_all_had_been_in_one() {
        let (mut one, mut two, mut all) = <(Distribution, Distribution, Distribution)>::default();
        for ns in (0..5000).map(|step| step * step) {
            if ns % 3 == 0 { one.add(ns) } else { two.add(ns) }
            all.add(ns);
        }
        one.merge(&two);
        assert_eq!(one, all);
        assert_eq!(one.octaves().iter().sum::<u64>(), 5000);
    }
}
