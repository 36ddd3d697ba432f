//! The same as plain text, one screen after the other, for scripts.

use std::io::{self, Write};

use super::bars;
use super::columns::{self, Column};
use super::draw;
use super::order::Order;
use super::rows::{About, Interval};

/// Writes one screen: all columns, and at most so many rows.
///
/// # Errors
/// Those of `out`.
pub fn screen(
    out: &mut dyn Write,
    interval: &Interval,
    (about, order): (&About, &Order),
    most: Option<usize>,
) -> io::Result<()> {
    writeln!(out, "{}", draw::summary(interval, &about.whom, false))?;
    writeln!(out, "{}", draw::loss(interval).0)?;
    for cpu in &interval.cpus {
        writeln!(out, "cpu {:<4} {}", cpu.number, bars::words(cpu, about.irqs, about.all))?;
    }
    let headings = Column::ALL.map(|column| column.heading().to_owned());
    writeln!(out, "{}", columns::line(&headings, &Column::ALL))?;
    let placed = order.place(&interval.rows);
    let most = most.unwrap_or(usize::MAX);
    for placed in placed.iter().take(most) {
        let Some(row) = interval.rows.get(placed.row) else { continue };
        let mut cells = columns::cells(row, &Column::ALL, about.irqs);
        if let Some(name) = cells.last_mut() {
            name.insert_str(0, &"  ".repeat(placed.depth));
        }
        writeln!(out, "{}", columns::line(&cells, &Column::ALL))?;
    }
    if placed.len() > most {
        writeln!(out, "  … {} more, --top", placed.len() - most)?;
    }
    writeln!(out)?;
    out.flush()
}
