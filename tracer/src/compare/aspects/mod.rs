//! The aspects, each from the runs that it needs, and what they have in common.

mod communication;
mod creation;
mod isolation;
mod memory;
mod scheduling;
mod sharing;
mod switching;
mod user_level;

use std::collections::BTreeMap;

use super::marks::{Marks, Span};
use super::stats::{Figure, Order, median, order};
use super::{Aspect, Claim, Evidence, Holds, KINDS, Row, Runs, Source, Unit};
use crate::model::summary::{Summary, TaskRow};

/// All aspects that were measured.
pub fn all(runs: &Runs) -> Vec<Aspect> {
    let makers: [fn(&Runs) -> Option<Aspect>; 9] = [
        memory::aspect,
        sharing::aspect,
        creation::aspect,
        creation::teardown,
        scheduling::aspect,
        switching::aspect,
        communication::aspect,
        isolation::aspect,
        user_level::aspect,
    ];
    makers.iter().filter_map(|make| make(runs)).collect()
}

/// Tasks of a trace by number.
struct Tasks<'a>(BTreeMap<u32, Vec<&'a TaskRow>>);

impl<'a> Tasks<'a> {
    fn of(trace: &'a Summary) -> Self {
        let mut tasks: BTreeMap<u32, Vec<&TaskRow>> = BTreeMap::new();
        for row in &trace.tasks {
            tasks.entry(row.tid).or_default().push(row);
        }
        Self(tasks)
    }

    /// The task of a span: with its number, and there at some time of it.
    fn of_span(&self, span: &Span) -> Option<&'a TaskRow> {
        let rows = self.0.get(&span.tid)?;
        let there = |row: &&&TaskRow| row.from_ns <= span.to_ns && row.to_ns >= span.from_ns;
        rows.iter().find(there).copied()
    }

    /// The task that was born in a span.
    fn born_in(&self, span: &Span) -> Option<&'a TaskRow> {
        let rows = self.0.get(&span.tid)?;
        let born = |row: &&&TaskRow| {
            row.life.created_ns.is_some_and(|at| (span.from_ns..=span.to_ns).contains(&at))
        };
        rows.iter().find(born).copied()
    }
}

/// Samples by kind: one for each span of the name with `KIND` in it, of this size.
fn spans(marks: &Marks, name: &str, of: u64, sample: impl Fn(&Span) -> u64) -> [Vec<u64>; 3] {
    KINDS.map(|kind| {
        let what = name.replace("KIND", kind);
        marks.sized(&what, of).map(&sample).collect()
    })
}

/// A row of times by the program's own clock: of the run without a trace, if there is one.
fn timed(
    evidence: &Evidence,
    what: &str,
    name: &str,
    (of, told): (u64, Option<u64>),
    sample: impl Fn(&Span) -> u64,
) -> Option<Row> {
    let (marks, source) = evidence.least_disturbed();
    let mut row = Row::of(what, (Unit::Ps, source), told, spans(marks, name, of, &sample))?;
    if source == Source::Bare {
        let traced = spans(&evidence.marks, name, of, &sample);
        let figures = [&mut row.process, &mut row.thread, &mut row.uthread];
        for (figure, mut samples) in figures.into_iter().zip(traced) {
            samples.sort_unstable();
            if let Some(figure) = figure {
                figure.traced_median = median(&samples);
            }
        }
    }
    Some(row)
}

/// A claim that one kind's figure of a row is larger than another's.
fn larger(claim: impl Into<String>, row: Option<&Row>, a: usize, b: usize) -> Claim {
    let figures = row.map_or([None; 3], Row::figures);
    let unit = row.map_or(Unit::Ps, |row| row.unit);
    told(claim, unit, (KINDS[a], figures[a]), (KINDS[b], figures[b]))
}

/// A claim that one figure is larger than another.
fn told(
    claim: impl Into<String>,
    unit: Unit,
    (a, first): (&str, Option<&Figure>),
    (b, second): (&str, Option<&Figure>),
) -> Claim {
    let claim = claim.into();
    let Some((first, second)) = first.zip(second) else {
        return Claim { claim, holds: Holds::Unknown, evidence: "not measured".to_owned() };
    };
    let holds = match order(first, second) {
        Order::Larger => Holds::Yes,
        Order::Smaller => Holds::No,
        Order::Equal | Order::Noise => Holds::Noise,
    };
    let ratio = first.ratio_permille(second).map_or_else(String::new, |ratio| {
        format!(", {}.{:02} times", ratio / 1000, ratio % 1000 / 10)
    });
    let (left, right) = (amount(unit, first.median), amount(unit, second.median));
    Claim { claim, holds, evidence: format!("{a} {left}, {b} {right}{ratio}") }
}

/// A number with its unit.
pub fn amount(unit: Unit, number: u64) -> String {
    match unit {
        Unit::Count => number.to_string(),
        Unit::Ps if number < 1_000_000 => {
            format!("{}.{}ns", number / 1000, number % 1000 / 100)
        }
        Unit::Ps => crate::views::duration(number / 1000),
    }
}

/// Bytes with a unit.
pub fn size(bytes: u64) -> String {
    match bytes {
        1 => "1 byte".to_owned(),
        0..0x10_0000 => format!("{bytes} bytes"),
        0x10_0000..0x4000_0000 => format!("{} MiB", bytes >> 20),
        _ => format!("{} GiB", bytes >> 30),
    }
}

/// `some` of `all`, in words.
fn of_all(some: usize, all: usize) -> String {
    format!("{some} of {all}")
}

#[cfg(test)]
mod tests;
