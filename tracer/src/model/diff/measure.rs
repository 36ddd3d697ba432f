//! One figure of both traces.

use serde::Serialize;

/// What a figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Nanoseconds.
    Ns,
    /// Things.
    Count,
}

/// A figure of both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Measure {
    /// What it is.
    pub measure: &'static str,
    /// Its unit.
    pub unit: Unit,
    /// In the first trace; null if it is not known there.
    pub a: Option<u64>,
    /// In the second.
    pub b: Option<u64>,
    /// The second without the first; null if one is not known.
    pub change: Option<i64>,
    /// The change in thousandths of the first; null if that is zero, or not known.
    pub change_milli: Option<i64>,
    /// Thousandths in a second of the first trace, of a sum; else null.
    pub a_per_s_milli: Option<u64>,
    /// The same of the second.
    pub b_per_s_milli: Option<u64>,
}

/// The lengths of both traces, ns.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lengths {
    pub(super) a: u64,
    pub(super) b: u64,
}

impl Measure {
    /// A figure that grows with the length of a trace.
    pub(super) fn sum(
        measure: &'static str,
        unit: Unit,
        [a, b]: [Option<u64>; 2],
        lengths: Lengths,
    ) -> Self {
        let each = |sum: Option<u64>, length_ns: u64| {
            let whole = u128::from(sum?) * 1_000_000_000_000;
            whole
                .checked_div(length_ns.into())
                .map(|milli| u64::try_from(milli).unwrap_or(u64::MAX))
        };
        Self {
            a_per_s_milli: each(a, lengths.a),
            b_per_s_milli: each(b, lengths.b),
            ..Self::single(measure, unit, [a, b])
        }
    }

    /// A figure that does not.
    pub(super) fn single(measure: &'static str, unit: Unit, [a, b]: [Option<u64>; 2]) -> Self {
        let signed = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let change = a.zip(b).map(|(a, b)| signed(b) - signed(a));
        let relative = change.zip(a).filter(|&(_, a)| a > 0).map(|(change, a)| {
            let milli = i128::from(change) * 1000 / i128::from(a);
            i64::try_from(milli).unwrap_or(i64::MAX)
        });
        Self {
            measure,
            unit,
            a,
            b,
            change,
            change_milli: relative,
            a_per_s_milli: None,
            b_per_s_milli: None,
        }
    }

    /// Whether both have it, and it is more than nothing in one of them.
    pub(super) fn says_something(&self) -> bool {
        self.a.unwrap_or_default() > 0 || self.b.unwrap_or_default() > 0
    }

    /// Whether it is a sum of times.
    pub fn is_time_sum(&self) -> bool {
        self.unit == Unit::Ns && (self.a_per_s_milli.is_some() || self.b_per_s_milli.is_some())
    }

    /// The change of what is in a second, in thousandths of the first; null as `change_milli`.
    pub fn rate_change_milli(&self) -> Option<i64> {
        let (a, b) = self.a_per_s_milli.filter(|&a| a > 0).zip(self.b_per_s_milli)?;
        let milli = (i128::from(b) - i128::from(a)) * 1000 / i128::from(a);
        Some(i64::try_from(milli).unwrap_or(i64::MAX))
    }
}

/// Those that say something: sums of times first, the largest change before smaller ones, then the
/// others in their order.
pub(super) fn in_order(mut measures: Vec<Measure>) -> Vec<Measure> {
    measures.retain(Measure::says_something);
    measures.sort_by_key(|measure| {
        let change = measure.change.map_or(0, i64::unsigned_abs);
        let by_change = if measure.is_time_sum() { change } else { 0 };
        (!measure.is_time_sum(), std::cmp::Reverse(by_change))
    });
    measures
}
