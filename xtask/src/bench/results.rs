//! What was measured, as it is written to JSON.

use serde::Serialize;

use super::account::Account;
use super::facts::Facts;
use super::load::{Figure, Load};
use super::profile::Program;
use super::spread::Spread;

/// Everything.
#[derive(Debug, Serialize)]
pub(super) struct Results {
    /// Version of this format.
    pub(super) schema: u32,
    /// Where it was measured.
    pub(super) machine: Facts,
    /// Bytes that one `sched_switch` takes in tracer's ring buffers.
    pub(super) ring_bytes_of_a_switch: u64,
    /// What was not measured, and why.
    pub(super) skipped: Vec<String>,
    /// Each load.
    pub(super) loads: Vec<LoadResult>,
}

/// One load.
#[derive(Debug, Serialize)]
pub(super) struct LoadResult {
    /// Its name.
    pub(super) load: &'static str,
    /// Its command line.
    pub(super) command: String,
    /// Each tracer, the untraced run first.
    pub(super) contenders: Vec<ContenderResult>,
    /// Each of tracer's BPF programs that ran.
    pub(super) programs: Vec<Program>,
}

/// One run.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Sample {
    /// Which round, from one.
    pub(super) round: u32,
    /// What the load said.
    pub(super) figure: Figure,
    /// What the untraced load said in the same round.
    pub(super) bare: Figure,
    /// What was recorded.
    pub(super) account: Option<Account>,
}

/// One tracer.
#[derive(Debug, Serialize)]
pub(super) struct ContenderResult {
    /// Its name.
    pub(super) name: &'static str,
    /// Seconds for the load, or for one of its operations.
    pub(super) cost: Spread,
    /// That over the untraced run's of the same round.
    pub(super) ratio: Spread,
    /// What was recorded.
    pub(super) recorded: Option<Recorded>,
    /// The runs.
    pub(super) samples: Vec<Sample>,
}

/// What one tracer recorded: medians over the rounds, but the sum of what was lost.
#[derive(Debug, Serialize)]
pub(super) struct Recorded {
    /// Events a run.
    pub(super) events: f64,
    /// Bytes of the file.
    pub(super) file_bytes: f64,
    /// Bytes of the file for each event.
    pub(super) file_bytes_per_event: Option<f64>,
    /// Bytes of the file for each `sched_switch`, with all else that was recorded meanwhile.
    pub(super) file_bytes_per_switch: Option<f64>,
    /// Bytes of ring buffer for each event.
    pub(super) ring_bytes_per_event: Option<f64>,
    /// Time added to the load for each event, ns; of loads on one CPU, whose time is CPU time.
    pub(super) added_ns_per_event: Option<f64>,
    /// Events lost in all rounds, if all of them know.
    pub(super) lost: Option<u64>,
    /// Their share of all that there was to record.
    pub(super) lost_share: Option<f64>,
}

impl ContenderResult {
    /// Sums up the runs; `None` without any.
    pub(super) fn of(name: &'static str, load: Load, samples: Vec<Sample>) -> Option<Self> {
        let ratio = |sample: &Sample| sample.figure.cost() / sample.bare.cost();
        Some(Self {
            name,
            cost: Spread::of(samples.iter().map(|sample| sample.figure.cost()))?,
            ratio: Spread::of(samples.iter().map(ratio))?,
            recorded: Recorded::of(load, &samples),
            samples,
        })
    }
}

impl Recorded {
    /// Sums up the recordings.
    fn of(load: Load, samples: &[Sample]) -> Option<Self> {
        let median = |figure: &dyn Fn(&Sample, &Account) -> Option<f64>| {
            let figures = samples.iter().filter_map(|sample| figure(sample, &sample.account?));
            Spread::of(figures).map(|spread| spread.median)
        };
        let accounts = || samples.iter().filter_map(|sample| sample.account);
        let lost: Option<u64> = accounts().map(|account| account.lost).sum();
        let kept: u64 = accounts().map(|account| account.events).sum();
        Some(Self {
            events: median(&|_, account| Some(float(account.events)))?,
            file_bytes: median(&|_, account| Some(float(account.file_bytes)))?,
            file_bytes_per_event: median(&|_, account| per(account.file_bytes, account.events)),
            file_bytes_per_switch: median(&|_, account| per(account.file_bytes, account.switches)),
            ring_bytes_per_event: median(&|_, account| per(account.ring_bytes?, account.events)),
            added_ns_per_event: median(&|sample, account| match (sample.figure, sample.bare) {
                (Figure::Seconds(traced), Figure::Seconds(bare))
                    if load.is_on_one_cpu() && account.events > 0 =>
                {
                    Some((traced - bare) * 1e9 / float(account.events))
                }
                _ => None,
            }),
            lost,
            lost_share: lost.and_then(|lost| per(lost, lost + kept)),
        })
    }
}

/// A quotient, unless there is nothing to divide by.
fn per(sum: u64, count: u64) -> Option<f64> {
    (count > 0).then(|| float(sum) / float(count))
}

/// A count as a figure.
#[expect(clippy::cast_precision_loss, reason = "no count here comes near 2^53")]
pub(super) fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::{ContenderResult, Sample};
    use crate::bench::account::Account;
    use crate::bench::load::{Figure, Load};

    /// A run of a load that takes a second untraced.
    fn sample(seconds: f64, events: u64, lost: Option<u64>) -> Sample {
        let account =
            Account { file_bytes: 1000, events, switches: events / 2, ring_bytes: None, lost };
        let bare = Figure::Seconds(1.0);
        Sample { round: 1, figure: Figure::Seconds(seconds), bare, account: Some(account) }
    }

    #[test]
    fn runs_are_summed_up() {
        let samples =
            vec![sample(1.5, 100, Some(1)), sample(1.25, 100, Some(0)), sample(2.0, 100, Some(4))];
        let result = ContenderResult::of("a", Load::Pipe, samples).unwrap();
        assert!((result.ratio.median - 1.5).abs() < 1e-9);
        let recorded = result.recorded.unwrap();
        assert_eq!(recorded.lost, Some(5));
        assert!((recorded.lost_share.unwrap() - 5.0 / 305.0).abs() < 1e-9);
        assert_eq!(recorded.file_bytes_per_event, Some(10.0));
        assert_eq!(recorded.file_bytes_per_switch, Some(20.0));
        assert!((recorded.added_ns_per_event.unwrap() - 5e6).abs() < 1e-3);
    }

    #[test]
    fn what_one_run_does_not_know_is_not_known() {
        let samples = vec![sample(1.0, 0, None), sample(1.0, 0, Some(2))];
        let result = ContenderResult::of("a", Load::Pipe, samples);
        let recorded = result.unwrap().recorded.unwrap();
        assert_eq!((recorded.lost, recorded.file_bytes_per_event), (None, None));
        assert!(ContenderResult::of("a", Load::Pipe, Vec::new()).is_none());
    }
}
