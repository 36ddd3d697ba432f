//! `tracer export -f html`: one pass over a recording, to the page.

use std::io::{self, Write};
use std::path::Path;

use anyhow::Result;

use super::analyse::Analysis;
use super::telling::{Listener, tell};
use crate::cli::span::Span;
use crate::event::Event;
use crate::model::Model;
use crate::model::stretches::Told;
use crate::model::summary::Report;
use crate::stacks::Table;
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
    let mut tracks = Tracks::default();
    let analysis = tell(path, time, &mut tracks)?;
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
        let stacks = quality.end.as_ref().and_then(|end| end.stacks.as_ref());
        html::write(out, &report, &self.tracks, stacks.unwrap_or(&Table::default()))
    }
}

impl Listener for Tracks {
    fn begin(&mut self, model: &Model, from_ns: u64, to_ns: u64) {
        Self::begin(self, model.start_ns(), from_ns, to_ns);
    }

    fn event(&mut self, event: &Event, model: &Model) -> Result<()> {
        Self::event(self, event, model);
        Ok(())
    }

    fn hear(&mut self, told: Told, _model: Option<&Model>) -> Result<()> {
        self.told(told);
        Ok(())
    }
}
