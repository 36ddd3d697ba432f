//! `tracer export -f perfetto`: one pass over a recording, written as it is read.

use std::io::Write;

use anyhow::Result;

use super::telling::{Listener, tell};
use crate::cli::args::Export;
use crate::event::Event;
use crate::model::Model;
use crate::model::keep::Keep;
use crate::model::stretches::Told;
use crate::source::recording::Start;
use crate::views::perfetto::Perfetto;

/// Writes what happened between two times, or all.
///
/// # Errors
/// The recording cannot be read, has no such part, or the output cannot be written.
pub(super) fn export(args: &Export, out: &mut dyn Write) -> Result<()> {
    let mut perfetto = Perfetto::new(out);
    if args.wakeups {
        perfetto.all_wakeups();
    }
    tell(&args.file, args.time, &mut perfetto)?;
    Ok(perfetto.finish()?)
}

impl Listener for Perfetto<&mut dyn Write> {
    const KEEP: Keep = Keep::STRETCHES;

    fn start(&mut self, start: &Start) -> Result<()> {
        Ok(Self::start(self, start)?)
    }

    fn begin(&mut self, _model: &Model, from_ns: u64, to_ns: u64) {
        self.part(from_ns, to_ns);
    }

    fn event(&mut self, event: &Event, model: &Model) -> Result<()> {
        Ok(self.comes(event.at_ns, model)?)
    }

    fn hear(&mut self, told: Told, model: Option<&Model>) -> Result<()> {
        Ok(self.told(&told, model)?)
    }

    fn after(&mut self, event: &Event, model: &Model) -> Result<()> {
        Ok(self.happen(event, model)?)
    }

    fn end(&mut self, model: &Model) -> Result<()> {
        Ok(self.name_all(model)?)
    }
}
