//! The comparison as tables.

use std::io::{self, Write};

use super::{cells, holds, machine_lines, name, traced, verdict};
use crate::compare::aspects::amount;
use crate::compare::{Aspect, Comparison, Holds, Row, Source};
use crate::views::Style;
use crate::views::table::{Side, Table};

/// Writes it.
///
/// # Errors
/// Those of the writer.
pub fn text(out: &mut dyn Write, found: &Comparison, style: Style) -> io::Result<()> {
    writeln!(out, "{}", style.heading("PROCESS, THREAD, USER-LEVEL THREAD"))?;
    for (name, value) in machine_lines(&found.machine) {
        writeln!(out, "  {name:<12} {value}")?;
    }
    writeln!(
        out,
        "  {:<12} medians (with the interval that has it at {} %); p99 with 100 samples and more",
        "figures", found.confidence_percent
    )?;
    let sources = "b: by the program's clock, without a trace; t: likewise, traced; \
                   e: by the kernel's events";
    writeln!(out, "  {:<12} {sources}", "from")?;
    let lost: u64 = found.recordings.iter().map(|row| row.lost).sum();
    let events: u64 = found.recordings.iter().map(|row| row.events).sum();
    let lost = if lost == 0 { "none lost".to_owned() } else { format!("{lost} LOST") };
    let count = found.recordings.len();
    writeln!(out, "  {:<12} {count} recordings, {events} events, {lost}", "trace")?;
    let unsure: usize = found.recordings.iter().map(|row| row.unsure_tasks).sum();
    if unsure > 0 {
        let line = "tasks came onto a CPU or left it unseen: no times are taken from their traces";
        writeln!(out, "  {:<12} {unsure} {line}", "unsure")?;
    }
    if found.quick {
        writeln!(out, "  {:<12} a short run: intervals are wide", "quick")?;
    }
    for warning in &found.warnings {
        writeln!(out, "  {:<12} {}", "warning", style.alarm(warning))?;
    }
    for left_out in &found.left_out {
        writeln!(out, "  {:<12} {left_out}", "left out")?;
    }
    for aspect in &found.aspects {
        writeln!(out)?;
        section(out, aspect, style)?;
    }
    Ok(())
}

fn section(out: &mut dyn Write, aspect: &Aspect, style: Style) -> io::Result<()> {
    writeln!(out, "{}", style.heading(&aspect.aspect.replace('_', "-").to_uppercase()))?;
    writeln!(out, "  {}", aspect.about)?;
    if !aspect.facts.is_empty() {
        let left = |name| (name, Side::Left);
        let mut table =
            Table::new(&[left("what"), left("process"), left("thread"), left("user-level thread")]);
        for fact in &aspect.facts {
            let cells = [&fact.what, &fact.process, &fact.thread, &fact.uthread];
            table.row(cells.map(Clone::clone).to_vec());
        }
        table.write(out, style, 0)?;
    }
    if !aspect.rows.is_empty() {
        figures(out, &aspect.rows, style)?;
    }
    for claim in &aspect.claims {
        let verdict = holds(claim.holds);
        let verdict = match claim.holds {
            Holds::No => style.alarm(verdict),
            _ => verdict.to_owned(),
        };
        writeln!(out, "  {}: {verdict} ({})", claim.claim, claim.evidence)?;
    }
    let see = aspect.see.join("; ");
    writeln!(out, "{}", style.dim(&format!("  see it: {see}")))
}

fn figures(out: &mut dyn Write, rows: &[Row], style: Style) -> io::Result<()> {
    let mut table = Table::new(&[
        ("what", Side::Left),
        ("from", Side::Left),
        ("process", Side::Right),
        ("thread", Side::Right),
        ("user-level thread", Side::Right),
        ("difference", Side::Left),
    ]);
    let followed = rows.iter().skip(1).map(|next| next.source == Source::Trace).chain([false]);
    for (row, has_parts) in rows.iter().zip(followed) {
        let from = match row.source {
            Source::Bare => "b",
            Source::Traced => "t",
            Source::Trace => "e",
        };
        let differences: Vec<String> = row.pairs.iter().map(verdict).collect();
        let mut line = vec![name(row), from.to_owned()];
        line.extend(cells(row));
        line.push(differences.join(", "));
        table.row(line);
        if row.figures().iter().flatten().any(|figure| figure.p99.is_some()) {
            let tail = |figure: Option<&crate::compare::stats::Figure>| {
                let tail = figure.and_then(|figure| figure.p99);
                tail.map_or_else(String::new, |tail| amount(row.unit, tail))
            };
            let mut line = vec!["    p99".to_owned(), String::new()];
            line.extend(row.figures().map(tail));
            table.row(line);
        }
        // What follows are its parts, in that run.
        if let Some(medians) = traced(row).filter(|_| has_parts) {
            let head = ["    while traced".to_owned(), "t".to_owned()];
            table.row(head.into_iter().chain(medians).collect());
        }
    }
    table.write(out, style, 0)
}
