//! Two recordings compared, as text and as JSON.

use std::io::{self, Write};

use serde::Serialize;

use crate::model::diff::{Diff, Key, Measure, Row, Trace, Unit};
use crate::source::quality::Quality;
use crate::source::recording::Follow;
use crate::views::table::{Side, Table};
use crate::views::{Style, capture, duration};

#[cfg(test)]
mod tests;

/// Rows of a table unless told otherwise.
pub const ROWS: usize = 6;

/// Lengths that differ by less than one part in this many are as good as equal.
const SAME_LENGTH: u64 = 100;

/// Where one of the two is from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Recording {
    /// The file.
    pub file: String,
    /// Whom it follows.
    pub follow: Follow,
    /// `uname -r`.
    pub kernel: String,
    /// CPUs that were online.
    pub cpus: usize,
    /// Events read.
    pub events: u64,
    /// Records that are missing, at least.
    pub lost: u64,
    /// Whether it stops before its end.
    pub truncated: bool,
    /// In words.
    #[serde(skip)]
    pub words: String,
}

impl Recording {
    /// From what is known of a recording.
    pub fn of(file: String, quality: &Quality) -> Self {
        let Quality { start, events, lost, truncated, .. } = quality;
        let cut = if *truncated { "; CUT OFF" } else { "" };
        Self {
            file,
            follow: start.follow.clone(),
            kernel: start.kernel.clone(),
            cpus: start.cpus.len(),
            events: *events,
            lost: lost.total,
            truncated: *truncated,
            words: format!(
                "{}; {events} events; {}{cut}",
                capture::summary(quality),
                capture::lost(quality)
            ),
        }
    }
}

/// Writes it as one JSON object, with a line break at the end.
///
/// # Errors
/// Those of the writer.
pub fn json(out: &mut dyn Write, diff: &Diff<Recording>) -> io::Result<()> {
    serde_json::to_writer(&mut *out, diff)?;
    out.write_all(b"\n")
}

/// Writes it as tables.
///
/// # Errors
/// Those of the writer.
pub fn text(out: &mut dyn Write, diff: &Diff<Recording>, style: Style) -> io::Result<()> {
    writeln!(out, "{}", style.heading("DIFF"))?;
    side(out, "A", &diff.a, style)?;
    side(out, "B", &diff.b, style)?;
    let [a, b] = [diff.a.length_ns, diff.b.length_ns];
    let rates = a.abs_diff(b) > a.max(b) / SAME_LENGTH;
    if rates {
        let text = "the lengths differ: A/s, B/s and %/s are of sums by second of the recording";
        writeln!(out, "  {text}")?;
    }
    let page = Page { style, rates };
    writeln!(out, "\n{}", style.heading("TASKS"))?;
    page.rows(out, "COMM", (&diff.groups, diff.groups_left_out), Key::text)?;
    writeln!(out, "\n{}", style.heading("CPUS"))?;
    page.rows(out, "CPU", (&diff.cpus, 0), |name| {
        name.cpu.map_or_else(|| "all".to_owned(), |cpu| cpu.to_string())
    })?;
    writeln!(out, "\n{}", style.heading("INTERRUPTS"))?;
    page.rows(out, "SOURCE", (&diff.interrupts, diff.interrupts_left_out), |name| {
        format!("{} {}", name.class, name.name)
    })
}

fn side(out: &mut dyn Write, name: &str, trace: &Trace<Recording>, style: Style) -> io::Result<()> {
    let Recording { file, words, lost, truncated, .. } = &trace.capture;
    let text = format!("{file}: {words}");
    let bounds = *lost > 0 || *truncated || trace.inexact_tasks > 0;
    writeln!(out, "  {name}  {}", if bounds { style.alarm(&text) } else { text })?;
    if trace.inexact_tasks > 0 {
        let (inexact, tasks) = (trace.inexact_tasks, trace.tasks);
        let text = format!("{inexact} of {tasks} tasks are touched by gaps: >= marks lower bounds");
        writeln!(out, "     {}", style.alarm(&text))?;
    }
    Ok(())
}

/// How rows are written.
struct Page {
    style: Style,
    /// With what is in a second of each.
    rates: bool,
}

impl Page {
    /// The measures that changed, row by row.
    fn rows<N: Serialize>(
        &self,
        out: &mut dyn Write,
        head: &str,
        (rows, left_out): (&[Row<N>], usize),
        name: impl Fn(&N) -> String,
    ) -> io::Result<()> {
        let right = |name| (name, Side::Right);
        let mut columns = vec![(head, Side::Left), ("MEASURE", Side::Left)];
        columns.extend(["A", "B", "CHANGE", "%"].map(right));
        if self.rates {
            columns.extend(["A/s", "B/s", "%/s"].map(right));
        }
        let mut table = Table::new(&columns);
        let (mut same, mut any) = (0, false);
        for row in rows {
            let changed = row.measures.iter().filter(|measure| measure.change != Some(0));
            let mut of = name(&row.name);
            for measure in changed.clone() {
                table.row(self.measure(std::mem::take(&mut of), measure, row));
                any = true;
            }
            same += u64::from(changed.count() == 0);
        }
        if any {
            table.write(out, self.style, left_out)?;
        }
        match (any, same) {
            (false, 0) => writeln!(out, "  {}", self.style.dim("none")),
            (_, 0) => Ok(()),
            (_, same) => writeln!(out, "  {same} without any change"),
        }
    }

    fn measure<N: Serialize>(&self, name: String, measure: &Measure, row: &Row<N>) -> Vec<String> {
        let exact = row.a_exact && row.b_exact;
        let about = if exact { "" } else { "~" };
        let change = measure.change.map_or_else(dash, |change| {
            let sign = if change < 0 { '-' } else { '+' };
            format!("{about}{sign}{}", number(measure.unit, change.unsigned_abs()))
        });
        let relative = |milli: Option<i64>| match milli {
            None if measure.a == Some(0) => "new".to_owned(),
            milli => milli.map_or_else(dash, |milli| format!("{about}{}", percent(milli))),
        };
        let [bound_a, bound_b] = [row.a_exact, row.b_exact].map(|exact| bound(measure, exact));
        let value = |bound: &str, value: Option<u64>| {
            value.map_or_else(dash, |value| format!("{bound}{}", number(measure.unit, value)))
        };
        let mut cells = vec![
            name,
            measure.measure.to_owned(),
            value(bound_a, measure.a),
            value(bound_b, measure.b),
            change,
            relative(measure.change_milli),
        ];
        if self.rates {
            let rate = |bound: &str, milli: Option<u64>| {
                milli.map_or_else(dash, |milli| format!("{bound}{}", rate(measure.unit, milli)))
            };
            cells.push(rate(bound_a, measure.a_per_s_milli));
            cells.push(rate(bound_b, measure.b_per_s_milli));
            let is_sum = measure.a_per_s_milli.or(measure.b_per_s_milli).is_some();
            cells.push(if is_sum { relative(measure.rate_change_milli()) } else { dash() });
        }
        cells
    }
}

fn dash() -> String {
    "-".to_owned()
}

/// What stands before a figure that records are missing for: `>=` before sums and the longest of
/// times, `~` before quantiles and the time that is not known, which can be off either way.
fn bound(measure: &Measure, exact: bool) -> &'static str {
    match measure.measure {
        _ if exact => "",
        "delay p50" | "delay p99" | "unknown" => "~",
        _ => ">=",
    }
}

fn number(unit: Unit, number: u64) -> String {
    match unit {
        Unit::Ns if number == 0 => "0".to_owned(),
        Unit::Ns => duration(number),
        Unit::Count => number.to_string(),
    }
}

/// Thousandths a second: a time, or things with one decimal.
fn rate(unit: Unit, milli: u64) -> String {
    match unit {
        Unit::Ns if milli == 0 => "0".to_owned(),
        Unit::Ns => duration(milli / 1000),
        Unit::Count => format!("{}.{}", milli / 1000, milli % 1000 / 100),
    }
}

/// Thousandths as a percentage with its sign.
fn percent(milli: i64) -> String {
    let (sign, milli) = (if milli < 0 { '-' } else { '+' }, milli.unsigned_abs());
    format!("{sign}{}.{}", milli / 10, milli % 10)
}
