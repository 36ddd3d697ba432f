//! Medians of samples, between which values they lie for sure enough, and when two differ.
//!
//! The interval is of order statistics: which two samples have the true median between them with
//! this probability follows from the binomial distribution alone, whatever the samples' own is.
//!
//! It holds for samples that do not depend on each other, and those of rounds that follow each other
//! do: another program that runs for a second disturbs all rounds of that second. So where there are
//! enough, the samples are the medians of eight stretches of time, and the interval goes from the
//! least of them to the largest.

use serde::Serialize;

/// How sure an interval is, percent.
pub const CONFIDENCE_PERCENT: u32 = 99;

/// The chance that a median lies outside of its interval.
const OUTSIDE: f64 = 0.01;

/// Stretches of time: with so many the true median lies outside of all theirs once in 128 times.
const STRETCHES: usize = 8;

/// Samples that a stretch has at least.
const STRETCH: usize = 4;

/// Samples that a 99th percentile takes at least: with fewer it would be the longest.
const TAIL: usize = 100;

/// What many samples of one quantity come to, in the quantity's unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Figure {
    /// Samples.
    pub count: usize,
    /// Half of them are at most this.
    pub median: u64,
    /// The median is at least this; null if there are too few samples to say.
    pub low: Option<u64>,
    /// And at most this; null likewise.
    pub high: Option<u64>,
    /// 99 of 100 are at most this; null with fewer than 100.
    pub p99: Option<u64>,
    /// The largest.
    pub max: u64,
    /// The median of the same quantity in the run that was traced; null if this is that run.
    pub traced_median: Option<u64>,
}

/// How one figure compares to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// It is larger.
    Larger,
    /// It is smaller.
    Smaller,
    /// Both are the same number, without any doubt: each has one value only.
    Equal,
    /// The intervals overlap: nothing can be told.
    Noise,
}

impl Figure {
    /// Of these samples, in the order of time; `None` of none.
    pub fn of(mut samples: Vec<u64>) -> Option<Self> {
        let of_stretches = stretches(&samples);
        samples.sort_unstable();
        let count = samples.len();
        let median = median(&samples)?;
        let of_samples = || rank(count).map(|rank| (samples[rank], samples[count - 1 - rank]));
        let interval = of_stretches.or_else(of_samples);
        // 99 of 100, rounded up: the place of the first that has so many below or beside it.
        let tail = (count >= TAIL).then(|| samples[(count * 99).div_ceil(100) - 1]);
        Some(Self {
            count,
            median,
            low: interval.map(|(low, _)| low),
            high: interval.map(|(_, high)| high),
            p99: tail,
            max: samples[count - 1],
            traced_median: None,
        })
    }

    /// Its median by another one's, thousandths.
    pub fn ratio_permille(&self, other: &Self) -> Option<u64> {
        let ratio =
            u128::from(self.median) * 1000 / u128::from(Some(other.median).filter(|&by| by > 0)?);
        u64::try_from(ratio).ok()
    }
}

/// The middle of sorted samples: of two the mean.
pub fn median(sorted: &[u64]) -> Option<u64> {
    let count = sorted.len();
    let high = *sorted.get(count / 2)?;
    Some(if count % 2 == 1 { high } else { sorted[count / 2 - 1].midpoint(high) })
}

/// The least and the largest median of all stretches of time, if the samples are enough for them.
fn stretches(samples: &[u64]) -> Option<(u64, u64)> {
    let count = samples.len();
    if count < STRETCHES * STRETCH {
        return None;
    }
    let medians = (0..STRETCHES).filter_map(|number| {
        let ends = [number, number + 1].map(|end| end * count / STRETCHES);
        let mut stretch = samples[ends[0]..ends[1]].to_vec();
        stretch.sort_unstable();
        median(&stretch)
    });
    let medians: Vec<u64> = medians.collect();
    medians.iter().min().copied().zip(medians.iter().max().copied())
}

/// How the first compares to the second.
pub fn order(a: &Figure, b: &Figure) -> Order {
    let (Some((a_low, a_high)), Some((b_low, b_high))) = (a.low.zip(a.high), b.low.zip(b.high))
    else {
        return Order::Noise;
    };
    if a_low > b_high {
        Order::Larger
    } else if a_high < b_low {
        Order::Smaller
    } else if (a_low, a_high) == (b_low, b_high) && a_low == a_high {
        Order::Equal
    } else {
        Order::Noise
    }
}

/// How many of so many sorted samples can be left out at each end, so that the rest still has the
/// median between its ends; `None` if not even all of them have.
fn rank(count: usize) -> Option<usize> {
    let count = u32::try_from(count).ok()?;
    // The chance that at most `rank` samples are below the median, each by the toss of a coin.
    let mut log_chance = f64::from(count) * 0.5_f64.ln();
    let mut sum = 0.0;
    let mut found = None;
    for rank in 0..count / 2 {
        sum += log_chance.exp();
        if sum > OUTSIDE / 2.0 {
            break;
        }
        found = usize::try_from(rank).ok();
        log_chance += (f64::from(count - rank) / f64::from(rank + 1)).ln();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(samples: impl IntoIterator<Item = u64>) -> Figure {
        Figure::of(samples.into_iter().collect()).unwrap()
    }

    #[test]
    fn a_median_is_in_the_middle() {
        assert_eq!(Figure::of(Vec::new()), None);
        assert_eq!(figure([7]).median, 7);
        assert_eq!(figure([1, 9, 3]).median, 3);
        assert_eq!(figure([1, 9, 3, 4]).median, 3);
        assert_eq!(figure([u64::MAX, u64::MAX]).median, u64::MAX);
    }

    /// Places as in tables of the sign test, two-sided at 1 %.
    #[test]
    fn intervals_are_those_of_the_sign_test() {
        let known =
            [(7, None), (8, Some(0)), (10, Some(0)), (20, Some(3)), (30, Some(7)), (100, Some(36))];
        for (count, place) in known {
            assert_eq!(rank(count), place, "{count}");
        }
        let many = rank(10_000).unwrap();
        // Half of it, less 2.576 half square roots of it.
        assert!((4869..=4872).contains(&many), "{many}");
    }

    #[test]
    fn an_interval_has_its_median_in_it() {
        for count in 8..400 {
            let figure = figure((0..count).map(|sample| sample * sample));
            let (low, high) = (figure.low.unwrap(), figure.high.unwrap());
            assert!(low <= figure.median && figure.median <= high, "{figure:?}");
        }
        assert_eq!(figure(0..7).low, None);
    }

    /// Half of the time something else runs: a median of all would look sure of itself.
    #[test]
    fn a_disturbance_that_lasts_widens_the_interval() {
        let disturbed = |round: u64| if round < 40 { 10 } else { 30 };
        let lasting = figure((0..100).map(|round| disturbed(round) * 100 + round % 7));
        assert_eq!(lasting.median / 100, 30);
        assert_eq!((lasting.low.unwrap() / 100, lasting.high.unwrap() / 100), (10, 30));
        let quiet = figure((0..100).map(|round| 3000 + round % 7));
        assert!(quiet.high.unwrap() - quiet.low.unwrap() < 7, "{quiet:?}");
        // Fewer are taken as they are.
        assert_eq!(stretches(&[1; 31]), None);
        assert_eq!(stretches(&[1; 32]), Some((1, 1)));
    }

    #[test]
    fn a_tail_takes_a_hundred_samples() {
        assert_eq!(figure(1..=99).p99, None);
        assert_eq!(figure(1..=100).p99, Some(99));
        assert_eq!(figure(1..=1000).p99, Some(990));
        assert_eq!(figure(1..=100).max, 100);
    }

    #[test]
    fn only_intervals_that_are_apart_are_different() {
        let (low, high) = (figure(0..20), figure(100..120));
        assert_eq!((order(&low, &high), order(&high, &low)), (Order::Smaller, Order::Larger));
        assert_eq!(order(&low, &figure(5..25)), Order::Noise);
        // Touching is not apart.
        assert_eq!(
            order(&figure([5; 20]), &figure((5..25).map(|sample| sample.max(10)))),
            Order::Smaller
        );
        assert_eq!(order(&figure([5; 20]), &figure([5; 30])), Order::Equal);
        // Too few to tell anything.
        assert_eq!(order(&figure(0..7), &figure(100..107)), Order::Noise);
        assert_eq!(high.ratio_permille(&figure([50])), Some(2180));
        assert_eq!(high.ratio_permille(&figure([0])), None);
    }
}
