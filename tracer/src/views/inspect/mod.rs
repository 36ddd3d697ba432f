//! One process as text: the four structures, each in its section.

use std::io::{self, Write};

use super::Style;
use crate::inspect::Inspection;

mod cpus;
mod process;
mod threads;

/// What is to be shown.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked {
    /// One thread in full; the others not.
    pub tid: Option<u32>,
    /// Every thread in full.
    pub full: bool,
    /// Most rows of a table.
    pub top: Option<usize>,
}

/// Rows of a table unless told otherwise.
const ROWS: usize = 50;

/// Writes it.
///
/// # Errors
/// Those of the output.
pub fn text(
    found: &Inspection,
    asked: &Asked,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    process::write(found, style, out)?;
    threads::write(found, asked, style, out)?;
    cpus::write(found, style, out)
}

/// A line with what it is about in front.
fn line(out: &mut dyn Write, about: &str, what: &str) -> io::Result<()> {
    writeln!(out, "  {about:<14}{what}")
}

/// Words that are listed.
const LISTED: usize = 16;

/// Words with commas between; `-` for none, and of many the first.
fn list<T: ToString>(words: impl IntoIterator<Item = T>) -> String {
    let mut words: Vec<String> = words.into_iter().map(|word| word.to_string()).collect();
    let left = words.len().saturating_sub(LISTED);
    if left > 0 {
        words.truncate(LISTED);
        words.push(format!("… {left} more"));
    }
    if words.is_empty() { "-".to_owned() } else { words.join(", ") }
}

/// What may not be known.
fn known<T>(value: Option<T>, show: impl FnOnce(T) -> String) -> String {
    value.map_or_else(|| "?".to_owned(), show)
}

/// Bytes for people: exact below a MiB.
fn bytes(bytes: u64) -> String {
    match bytes {
        0 => "0".to_owned(),
        _ if !bytes.is_multiple_of(1024) => format!("{bytes} B"),
        _ if bytes < 1 << 20 => format!("{} KiB", bytes >> 10),
        _ => format!("{}.{} MiB", bytes >> 20, ((bytes & 0xf_ffff) * 10) >> 20),
    }
}
