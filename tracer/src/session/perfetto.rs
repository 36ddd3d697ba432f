//! A recording to Perfetto's format, while it is replayed.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};

use super::analyse::{end_of, open};
use crate::cli::span::Span;
use crate::model::Model;
use crate::model::window::Windowed;
use crate::source::recording::Reader;
use crate::source::replay::replay;
use crate::views::perfetto::Perfetto;

/// Writes what happened between two times, or all.
///
/// # Errors
/// The recording cannot be read, has no such part, or the output cannot be written.
pub(super) fn export(path: &Path, time: Option<Span>, out: &mut dyn Write) -> Result<()> {
    let name = || path.display().to_string();
    let mut input = open(path)?;
    let end_ns = match time {
        Some(_) => end_of(&mut input).with_context(name)?,
        None => u64::MAX,
    };
    let reader = Reader::open(input).with_context(name)?;
    let start = reader.start().clone();
    let mut model = Model::new(&start);
    model.tell_stretches();
    let (from_ns, to_ns) = match time {
        Some(time) => time.of(model.start_ns(), end_ns).with_context(name)?,
        None => (None, None),
    };
    let part = (from_ns.unwrap_or(0), to_ns.unwrap_or(u64::MAX));
    let mut perfetto = Perfetto::new(&start, part, out)?;
    let mut window = Windowed::new(model, from_ns, to_ns);
    let (mut told, mut failed) = (Vec::new(), None);
    let quality = replay(reader, |event| {
        if failed.is_some() {
            return;
        }
        window.apply(event);
        told.clear();
        told.extend(window.take_told());
        failed = perfetto.step(event, window.model(), &told).err();
    })
    .with_context(name)?;
    if let Some(error) = failed {
        return Err(error.into());
    }
    perfetto.name_all(window.model())?;
    let (_summary, told) = window.finish_telling(quality.end_ns);
    perfetto.finish(&told)?;
    Ok(())
}
