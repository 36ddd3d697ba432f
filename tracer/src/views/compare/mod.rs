//! Process against thread, as text, as JSON and as a page with plots.

mod html;
mod plot;
mod text;

use std::io::{self, Write};

use crate::compare::aspects::{amount, size};
use crate::compare::machine::Machine;
use crate::compare::stats::Order;
use crate::compare::{Comparison, Holds, Pair, Row};

pub use html::html;
pub use text::text;

/// Writes it as one JSON object, with a line break at the end.
///
/// # Errors
/// Those of the writer.
pub fn json(out: &mut dyn Write, comparison: &Comparison) -> io::Result<()> {
    serde_json::to_writer(&mut *out, comparison)?;
    out.write_all(b"\n")
}

/// The machine in lines: a name and what it is.
fn machine_lines(machine: &Machine) -> Vec<(&'static str, String)> {
    let cpu = if machine.cpu.is_empty() { "unknown" } else { &machine.cpu };
    let guest = if machine.virtual_machine { ", in a virtual machine" } else { "" };
    let gib = |bytes: u64| format!("{}.{} GiB", bytes >> 30, (bytes >> 20) % 1024 * 10 / 1024);
    let against: Vec<String> = machine
        .mitigations
        .iter()
        .map(|(name, text)| format!("{name}: {}", text.trim_start_matches("Mitigation: ")))
        .collect();
    vec![
        ("CPU", format!("{} x {cpu}{guest}", machine.cpus)),
        ("kernel", format!("{} {}", machine.kernel, machine.machine)),
        (
            "memory",
            format!(
                "{}, {} to be had; pages of {} bytes; huge pages {}, here without",
                gib(machine.memory_bytes),
                gib(machine.memory_available_bytes),
                machine.page_bytes,
                machine.huge_pages
            ),
        ),
        (
            "load",
            format!("{}.{:02} before", machine.load_percent / 100, machine.load_percent % 100),
        ),
        ("mitigations", format!("{}; {} not affected", against.join("; "), machine.not_affected)),
    ]
}

/// A row's figure of each kind: median and interval.
fn cells(row: &Row) -> [String; 3] {
    row.figures().map(|figure| {
        let Some(figure) = figure else { return "-".to_owned() };
        let median = amount(row.unit, figure.median);
        match figure.low.zip(figure.high) {
            Some((low, high)) if low == high => median,
            Some((low, high)) => {
                format!("{median} ({}-{})", amount(row.unit, low), amount(row.unit, high))
            }
            None => format!("{median} (?)"),
        }
    })
}

/// The medians of the same in the run that was traced, if this is of the other one.
fn traced(row: &Row) -> Option<[String; 3]> {
    let medians = row.figures().map(|figure| figure?.traced_median);
    let any = medians.iter().any(Option::is_some);
    let text = |median: Option<u64>| median.map_or_else(String::new, |ps| amount(row.unit, ps));
    any.then(|| medians.map(text))
}

/// A row's name, with its size.
fn name(row: &Row) -> String {
    match row.bytes {
        Some(bytes) if !row.what.starts_with(&size(bytes)) && !row.what.starts_with(' ') => {
            format!("{}, {} touched", row.what, size(bytes))
        }
        _ => row.what.clone(),
    }
}

/// What two figures say.
fn verdict(pair: &Pair) -> String {
    let times = |ratio: u64| match ratio {
        0..100_000 => format!("{}.{}x", ratio / 1000, ratio % 1000 / 100),
        _ => format!("{}x", ratio / 1000),
    };
    match (pair.order, pair.ratio_permille) {
        (Order::Noise, _) => format!("{}/{} noise", pair.a, pair.b),
        (Order::Equal, _) => format!("{}/{} equal", pair.a, pair.b),
        (_, Some(ratio)) => format!("{}/{} {}", pair.a, pair.b, times(ratio)),
        (Order::Larger, None) => format!("{} > {}", pair.a, pair.b),
        (Order::Smaller, None) => format!("{} < {}", pair.a, pair.b),
    }
}

/// A claim's verdict as a word.
fn holds(holds: Holds) -> &'static str {
    match holds {
        Holds::Yes => "holds",
        Holds::No => "DOES NOT HOLD",
        Holds::Noise => "noise: cannot be told",
        Holds::Unknown => "unknown",
    }
}
