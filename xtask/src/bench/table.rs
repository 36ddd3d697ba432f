//! The results for people.

use super::results::{ContenderResult, LoadResult, Recorded, Results, float};
use super::spread::Spread;

/// Heads of the first table.
const TRACERS: [&str; 10] = [
    "tracer",
    "time (quartiles)",
    "ratio (quartiles)",
    "+ns/event",
    "events",
    "lost",
    "file KiB",
    "B/event",
    "B/switch",
    "ring B/event",
];

/// Heads of the second.
const PROGRAMS: [&str; 4] = ["program", "runs", "ns a run", "total ms"];

/// What the heads do not say.
const LEGEND: &str = "\
time: what the load says of itself. ratio: to the untraced run of the same round. +ns/event: time
added to a load on one CPU for each event recorded. lost: sum of all rounds. B/event: the file over
its events. B/switch: the same file over its sched_switch events alone. All but lost are medians.
";

/// All of it.
pub(super) fn all(results: &Results) -> String {
    let machine = &results.machine;
    let cpu = machine.cpu.as_deref().unwrap_or("CPU without a name");
    let mut text = format!(
        "Linux {} {}, {cpu}, CPUs {}\n{}\nload average {} before, {} after\n",
        machine.kernel,
        machine.machine,
        machine.cpus,
        machine.tools.join(", "),
        machine.load_average_before,
        machine.load_average_after,
    );
    text.extend(results.skipped.iter().map(|what| format!("SKIPPED {what}\n")));
    text.push_str(LEGEND);
    let switch = results.ring_bytes_of_a_switch;
    text.extend(["A sched_switch takes ", &switch.to_string(), " bytes in tracer's ring.\n"]);
    text.extend(results.loads.iter().map(load));
    text
}

/// One load's tables.
fn load(load: &LoadResult) -> String {
    let rounds = load.contenders.first().map_or(0, |bare| bare.samples.len());
    let rows = load.contenders.iter().map(contender).collect();
    let tracers = aligned(&TRACERS, rows);
    let mut text = format!("\n{}: `{}`, {rounds} rounds\n{tracers}", load.load, load.command);
    if !load.programs.is_empty() {
        let rows = load.programs.iter().map(|program| {
            let each = float(program.run_time_ns) / float(program.runs);
            vec![
                program.name.clone(),
                program.runs.to_string(),
                format!("{each:.0}"),
                format!("{:.1}", float(program.run_time_ns) / 1e6),
            ]
        });
        text.push_str("\ntracer record -a, by the kernel's statistics, their own cost included\n");
        text.push_str(&aligned(&PROGRAMS, rows.collect()));
    }
    text
}

/// One tracer's row.
fn contender(result: &ContenderResult) -> Vec<String> {
    let mut row = vec![result.name.to_owned(), time(result.cost)];
    let Some(recorded) = &result.recorded else {
        row.resize(TRACERS.len(), "-".to_owned());
        return row;
    };
    row.push(quartiles(result.ratio, 1.0));
    row.extend(cells(recorded));
    row
}

/// What was recorded, in the order of the heads.
fn cells(recorded: &Recorded) -> [String; 7] {
    let or_dash = |figure: Option<f64>, digits: usize| {
        figure.map_or_else(|| "-".to_owned(), |figure| format!("{figure:.digits$}"))
    };
    [
        or_dash(recorded.added_ns_per_event, 0),
        format!("{:.0}", recorded.events),
        lost(recorded),
        format!("{:.0}", recorded.file_bytes / 1024.0),
        or_dash(recorded.file_bytes_per_event, 1),
        or_dash(recorded.file_bytes_per_switch, 1),
        or_dash(recorded.ring_bytes_per_event, 1),
    ]
}

/// What was lost, with its share of what happened in all rounds: of which the events are a median.
fn lost(recorded: &Recorded) -> String {
    match (recorded.lost, recorded.lost_share) {
        (None, _) => "?".to_owned(),
        (Some(lost), Some(share)) if lost > 0 => format!("{lost} ({:.1}%)", share * 100.0),
        (Some(lost), _) => lost.to_string(),
    }
}

/// A time in a unit that fits.
fn time(cost: Spread) -> String {
    let (factor, unit) = if cost.median < 1e-3 { (1e9, "ns/op") } else { (1.0, "s") };
    format!("{} {unit}", quartiles(cost, factor))
}

/// Median and quartiles.
fn quartiles(spread: Spread, factor: f64) -> String {
    let Spread { lower, median, upper } = spread;
    let digits = if median * factor < 100.0 { 2 } else { 0 };
    let [median, lower, upper] =
        [median, lower, upper].map(|figure| format!("{:.digits$}", figure * factor));
    format!("{median} ({lower}-{upper})")
}

/// Columns as wide as they need to be, the first to the left and figures to the right.
fn aligned(heads: &[&str], rows: Vec<Vec<String>>) -> String {
    let heads: Vec<String> = heads.iter().map(|&head| head.to_owned()).collect();
    let lines: Vec<Vec<String>> = std::iter::once(heads).chain(rows).collect();
    let width =
        |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..lines[0].len()).map(width).collect();
    let padded = |line: &Vec<String>| {
        let cells = line.iter().zip(&widths).enumerate().map(|(column, (cell, &width))| {
            if column == 0 { format!("{cell:width$}") } else { format!("  {cell:>width$}") }
        });
        cells.chain(["\n".to_owned()]).collect::<String>()
    };
    lines.iter().map(padded).collect()
}

#[cfg(test)]
mod tests {
    use super::{Spread, aligned, time};

    #[test]
    fn columns_are_aligned() {
        let rows = vec![vec!["long name".to_owned(), "1".to_owned()]];
        assert_eq!(aligned(&["a", "head"], rows), "a          head\nlong name     1\n");
    }

    #[test]
    fn times_have_a_unit_that_fits() {
        let of = |median| time(Spread { lower: median, median, upper: median });
        assert_eq!(of(0.5), "0.50 (0.50-0.50) s");
        assert_eq!(of(4.2e-7), "420 (420-420) ns/op");
    }
}
