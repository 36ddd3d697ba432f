//! A workload's truth held against the report of its trace, to the unit.
//!
//! Whatever the truth knows is compared; what it leaves null is not. All differences are found
//! before any is told, so that one failure shows what they have in common.
//!
//! Addresses of shared futexes and the stacks of threads are not the same number on both sides:
//! `futexes` and `births` say what is compared of them.

mod births;
mod ends;
mod futexes;
mod pairs;
mod signals;
mod spans;
#[cfg(test)]
mod tests;

use std::fmt::{self, Debug, Display};

use workloads::truth::Truth;

use crate::report::Report;

/// Asserts that the report says what was done, and nothing else.
///
/// # Panics
/// With every difference there is.
#[track_caller]
pub fn agree(truth: &Truth, report: &Report) {
    let found = differences(truth, report);
    let lines: Vec<String> = found.iter().map(ToString::to_string).collect();
    let (program, args) = (&truth.program, truth.args.join(" "));
    assert!(
        found.is_empty(),
        "{} differences of `{program} {args}`:\n{}",
        lines.len(),
        lines.join("\n")
    );
}

/// All that the truth and the report disagree on.
pub fn differences(truth: &Truth, report: &Report) -> Vec<Difference> {
    let mut found = Differences::default();
    // With records missing, nothing that follows could be trusted.
    found.equal("the trace", "lost records", 0, report.capture.lost.total);
    let pairs = pairs::of(truth, report, &mut found);
    births::compare(&pairs, &mut found);
    ends::compare(&pairs, &mut found);
    futexes::compare(truth, report, &mut found);
    signals::compare(truth, report, &mut found);
    spans::compare(&truth.spans, &pairs, &mut found);
    found.0
}

/// Something that the truth and the report say differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Of what: a task, a futex, a signal.
    pub of: String,
    /// Which of its properties.
    pub field: &'static str,
    /// What the truth says.
    pub truth: String,
    /// What the report says.
    pub report: String,
}

impl Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { of, field, truth, report } = self;
        write!(f, "{of}: {field}: the truth has {truth}, the report {report}")
    }
}

/// Differences as they are found.
#[derive(Debug, Default)]
struct Differences(Vec<Difference>);

impl Differences {
    /// Both sides are the same.
    fn equal<T: PartialEq + Debug>(
        &mut self,
        of: impl Display,
        field: &'static str,
        truth: T,
        report: T,
    ) {
        if truth != report {
            self.add(of, field, format!("{truth:?}"), format!("{report:?}"));
        }
    }

    /// The report's side is what the truth knows, if it does.
    fn known<T: PartialEq + Debug>(
        &mut self,
        of: impl Display,
        field: &'static str,
        truth: Option<T>,
        report: Option<T>,
    ) {
        if truth.is_some() {
            self.equal(of, field, truth, report);
        }
    }

    /// The first moment or amount is at most the second, where both are known.
    fn at_most(&mut self, of: impl Display, field: &'static str, [least, most]: [Option<u64>; 2]) {
        if let (Some(least), Some(most)) = (least, most)
            && least > most
        {
            self.add(of, field, format!("at least {least}"), format!("{most}"));
        }
    }

    fn add(&mut self, of: impl Display, field: &'static str, truth: String, report: String) {
        self.0.push(Difference { of: of.to_string(), field, truth, report });
    }
}
