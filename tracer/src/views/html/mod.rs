//! A page that opens anywhere: one file with the timeline and the report in it, which loads nothing.
//!
//! The page is the files beside this one, put together as they are. Four blocks of data are in it,
//! compressed (deflate) and in base64: the JSON of `tracer report --json`, the stretches in the form
//! that [`tracks`] writes and `data.js` reads, the names of [`stacks`], and the [`interrupts`].
//! Everything that the page shows comes of them.

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::DeflateEncoder;
use serde::Serialize;

use crate::model::summary::Report;
use crate::stacks::Table;

mod base64;
mod interrupts;
mod stacks;
#[cfg(test)]
mod tests;
mod tracks;

pub use tracks::Tracks;

use base64::Base64;

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("style.css");

/// In the order in which they need each other.
const SCRIPTS: [&str; 19] = [
    include_str!("units.js"),
    include_str!("states.js"),
    include_str!("data.js"),
    include_str!("levels.js"),
    include_str!("stacks.js"),
    include_str!("interrupts.js"),
    include_str!("tree.js"),
    include_str!("pixels.js"),
    include_str!("draw.js"),
    include_str!("overview.js"),
    include_str!("instants.js"),
    include_str!("pick.js"),
    include_str!("links.js"),
    include_str!("findings.js"),
    include_str!("details.js"),
    include_str!("input.js"),
    include_str!("mouse.js"),
    include_str!("search.js"),
    include_str!("tables.js"),
];

/// Comes last: it starts the page.
const MAIN: &str = include_str!("main.js");

/// Writes the page.
///
/// # Errors
/// Those of the writer.
pub fn write<C: Serialize>(
    out: &mut dyn Write,
    report: &Report<C>,
    tracks: &Tracks,
    stacks: &Table,
) -> io::Result<()> {
    let mut rest = PAGE;
    while let Some((before, (name, after))) = next_place(rest) {
        out.write_all(before.as_bytes())?;
        match name {
            "style" => out.write_all(STYLE.as_bytes())?,
            "script" => {
                for script in SCRIPTS.iter().chain([&MAIN]) {
                    out.write_all(script.as_bytes())?;
                }
            }
            "report" => block(out, |to| Ok(serde_json::to_writer(to, report)?))?,
            "stacks" => block(out, |to| tracks.stacks.write(to, stacks))?,
            "interrupts" => block(out, |to| tracks.interrupts.write(to, &report.summary))?,
            _ => block(out, |to| tracks.write(to, &report.summary))?,
        }
        rest = after;
    }
    out.write_all(rest.as_bytes())
}

/// The text before the next `/*{name}*/` of the page, the name, and the text after it.
fn next_place(page: &str) -> Option<(&str, (&str, &str))> {
    let (before, rest) = page.split_once("/*{")?;
    Some((before, rest.split_once("}*/")?))
}

/// What `write` writes, compressed and as text.
fn block(
    out: &mut dyn Write,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let mut to = io::BufWriter::with_capacity(
        1 << 16,
        DeflateEncoder::new(Base64::new(out), Compression::default()),
    );
    write(&mut to)?;
    let encoder = to.into_inner().map_err(io::IntoInnerError::into_error)?;
    encoder.finish()?.finish()
}
