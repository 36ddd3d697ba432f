//! What words mean, as text and as JSON.

use std::io::{self, Write};

use serde::Serialize;

use super::Style;
use crate::explain::{Entry, families};

/// Blanks between two words of the list.
const GAP: usize = 2;

/// Entries, as JSON has them.
#[derive(Debug, Serialize)]
struct Explained<'a> {
    schema: u32,
    entries: &'a [Entry],
}

/// One object on one line.
///
/// # Errors
/// Those of the writer.
pub fn json(out: &mut dyn Write, entries: &[Entry]) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &Explained { schema: 1, entries })?;
    writeln!(out)
}

/// Each entry under its names, in lines that fit.
///
/// # Errors
/// Those of the writer.
pub fn text(out: &mut dyn Write, entries: &[Entry], style: Style, width: usize) -> io::Result<()> {
    for (index, entry) in entries.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        let mut names = entry.names.iter().map(String::as_str);
        let first = names.next().unwrap_or_default();
        let others: Vec<&str> = names.collect();
        let also = if others.is_empty() { "" } else { "; also " };
        let about = format!("[{}{also}{}]", entry.family, others.join(", "));
        if first.chars().count() + GAP + about.chars().count() <= width {
            writeln!(out, "{}  {}", style.heading(first), style.dim(&about))?;
        } else {
            writeln!(out, "{}", style.heading(first))?;
            filled(out, &about, width)?;
        }
        for line in [&entry.term, &entry.meaning] {
            filled(out, line, width)?;
        }
        filled(out, &format!("see: {}", entry.look), width)?;
    }
    Ok(())
}

/// All families with their words.
///
/// # Errors
/// Those of the writer.
pub fn list(out: &mut dyn Write, style: Style, width: usize) -> io::Result<()> {
    for family in families() {
        writeln!(out, "{}", style.heading(family.name))?;
        filled(out, family.about, width)?;
        let words: Vec<&str> = family
            .entries
            .iter()
            .filter_map(|entry| entry.names.first())
            .map(String::as_str)
            .collect();
        columns(out, &words, width)?;
        writeln!(out)?;
    }
    let rest = "Also: numbers of signals and exit statuses, system calls, and every field of JSON and \
                CSV (docs/json.md). tracer explain WORD says what one means, --all what all do.";
    filled(out, rest, width)
}

/// A text, broken between words so that no line is longer than the width.
fn filled(out: &mut dyn Write, text: &str, width: usize) -> io::Result<()> {
    let mut line = String::from(" ");
    for word in text.split(' ') {
        if line.len() > 2 && line.chars().count() + 1 + word.chars().count() > width {
            writeln!(out, "{line}")?;
            line = String::from("   ");
        }
        line.push(' ');
        line.push_str(word);
    }
    writeln!(out, "{line}")
}

/// Words in columns of one width, from left to right.
fn columns(out: &mut dyn Write, words: &[&str], width: usize) -> io::Result<()> {
    let widest = words.iter().map(|word| word.chars().count()).max().unwrap_or(0) + GAP;
    let each = (width.saturating_sub(GAP) / widest.max(1)).max(1);
    for row in words.chunks(each) {
        let cells: Vec<String> = row.iter().map(|word| format!("{word:<widest$}")).collect();
        writeln!(out, "  {}", cells.concat().trim_end())?;
    }
    Ok(())
}
