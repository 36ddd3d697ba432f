//! `tracer export -f html`: one pass over a recording, to the page.

use std::io::{self, Read, Seek, Write};
use std::path::Path;

use anyhow::{Context, Result};

use super::analyse::{Analysis, end_of, open, understood};
use crate::cli::span::Span;
use crate::model::Model;
use crate::model::summary::Report;
use crate::model::window::Windowed;
use crate::source::recording::Reader;
use crate::source::replay::replay;
use crate::views::capture::Capture;
use crate::views::html::{self, Tracks};

/// What goes into a page.
pub(super) struct Page {
    analysis: Analysis,
    tracks: Tracks,
}

/// Reads the recording of this name, or a part of it.
///
/// # Errors
/// It cannot be read or has no such part.
pub(super) fn page(path: &Path, time: Option<Span>) -> Result<Page> {
    let input = open(path)?;
    let (analysis, tracks) = read(input, time).with_context(|| path.display().to_string())?;
    Ok(Page { analysis, tracks })
}

impl Page {
    /// Writes it.
    ///
    /// # Errors
    /// Those of the writer.
    pub(super) fn write(self, out: &mut dyn Write) -> io::Result<()> {
        let Analysis { quality, summary } = self.analysis;
        let report = Report::new(Capture::of(&quality), summary);
        html::write(out, &report, &self.tracks)
    }
}

/// What a recording says, and every stretch of its tasks.
fn read(mut input: impl Read + Seek, time: Option<Span>) -> Result<(Analysis, Tracks)> {
    let end_ns = match time {
        Some(time) if time.needs_end() => end_of(&mut input)?,
        _ => u64::MAX,
    };
    let reader = Reader::open(input)?;
    let mut model = Model::new(reader.start());
    model.tell_stretches();
    let (from_ns, to_ns) = match time {
        Some(time) => time.of(model.start_ns(), end_ns)?,
        None => (None, None),
    };
    let mut tracks = Tracks::default();
    let mut window = Windowed::new(model, from_ns, to_ns);
    let quality = replay(reader, |event| {
        tracks.event(event, window.model());
        window.apply(event);
        window.take_told().for_each(|told| tracks.told(told));
    })?;
    if let Some(time) = time {
        // Now that the end is known.
        time.of(quality.start_ns, quality.end_ns)?;
    }
    let (mut summary, rest) = window.finish_telling(quality.end_ns);
    for told in rest {
        tracks.told(told);
    }
    summary.window = summary.window.filter(|_| time.is_some());
    Ok((understood(quality, summary), tracks))
}
