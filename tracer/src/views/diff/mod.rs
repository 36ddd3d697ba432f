//! Two recordings compared, as text and as JSON.

use std::io::{self, Write};

use serde::Serialize;

use crate::model::diff::{Diff, Measure, Row, Trace, Unit};
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
    page.rows(out, "COMM", &diff.groups, diff.groups_left_out, |key| key.text())?;
    writeln!(out, "\n{}", style.heading("CPUS"))?;
    page.rows(out, "CPU", &diff.cpus, 0, |name| {
        name.cpu.map_or_else(|| "all".to_owned(), |cpu| cpu.to_string())
    })?;
    writeln!(out, "\n{}", style.heading("INTERRUPTS"))?;
    page.rows(out, "SOURCE", &diff.interrupts, diff.interrupts_left_out, |name| {
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
        rows: &[Row<N>],
        left_out: usize,
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
        let dash = || "-".to_owned();
        let value = |value: Option<u64>, exact: bool| {
            let bound = if exact { "" } else { ">=" };
            value.map_or_else(dash, |value| format!("{bound}{}", number(measure.unit, value)))
        };
        let change = measure.change.map_or_else(dash, |change| {
            let sign = if change < 0 { '-' } else { '+' };
            format!("{sign}{}", number(measure.unit, change.unsigned_abs()))
        });
        let mut cells = vec![
            name,
            measure.measure.to_owned(),
            value(measure.a, row.a_exact),
            value(measure.b, row.b_exact),
            change,
            percent(measure.change_milli),
        ];
        if self.rates {
            let rate =
                |milli: Option<u64>| milli.map_or_else(dash, |milli| rate(measure.unit, milli));
            cells.extend([measure.a_per_s_milli, measure.b_per_s_milli].map(rate));
            cells.push(percent(measure.rate_change_milli()));
        }
        cells
    }
}

fn number(unit: Unit, number: u64) -> String {
    match unit {
        Unit::Ns => duration(number),
        Unit::Count => number.to_string(),
    }
}

/// Thousandths a second: a time, or things with one decimal.
fn rate(unit: Unit, milli: u64) -> String {
    match unit {
        Unit::Ns => duration(milli / 1000),
        Unit::Count => format!("{}.{}", milli / 1000, milli % 1000 / 100),
    }
}

/// Thousandths as a percentage with its sign.
fn percent(milli: Option<i64>) -> String {
    let Some(milli) = milli else { return "-".to_owned() };
    let (sign, milli) = (if milli < 0 { '-' } else { '+' }, milli.unsigned_abs());
    format!("{sign}{}.{}", milli / 10, milli % 10)
}
