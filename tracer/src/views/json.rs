//! The report as one JSON object.

use std::io::{self, Write};

use serde::Serialize;

use crate::model::summary::Report;

/// Writes it, with a line break at the end.
pub fn write<C: Serialize>(out: &mut dyn Write, report: &Report<C>) -> io::Result<()> {
    serde_json::to_writer(&mut *out, report)?;
    out.write_all(b"\n")
}
