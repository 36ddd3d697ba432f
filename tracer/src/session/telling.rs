//! Reading a recording for views that want every stretch of every task.

use std::io::{Read, Seek};
use std::path::Path;

use anyhow::{Context, Result};

use super::analyse::{Analysis, end_of, open, understood};
use crate::cli::span::Span;
use crate::event::Event;
use crate::model::Model;
use crate::model::keep::Keep;
use crate::model::stretches::Told;
use crate::model::window::Windowed;
use crate::source::recording::{Reader, Start};
use crate::source::replay::try_replay;

/// Who is told the stretches.
pub(super) trait Listener {
    /// What the recording says of itself; the first of all.
    ///
    /// # Errors
    /// It cannot be passed on: nothing is read.
    fn start(&mut self, _start: &Start) -> Result<()> {
        Ok(())
    }

    /// The trace begins, or the part of it, at this time, and ends at this one, ns: at the end of all
    /// times if that is not known.
    fn begin(&mut self, _model: &Model, _from_ns: u64, _to_ns: u64) {}

    /// An event is next; with the model as it is before.
    ///
    /// # Errors
    /// It cannot be passed on: the reading stops.
    fn event(&mut self, _event: &Event, _model: &Model) -> Result<()> {
        Ok(())
    }

    /// The next one; with the model as it is then, unless the trace has ended.
    ///
    /// # Errors
    /// It cannot be passed on: the reading stops.
    fn hear(&mut self, told: Told, model: Option<&Model>) -> Result<()>;

    /// That event is over and what it led to is told; with the model as it is then.
    ///
    /// # Errors
    /// It cannot be passed on: the reading stops.
    fn after(&mut self, _event: &Event, _model: &Model) -> Result<()> {
        Ok(())
    }

    /// There are no more events, and the rest is told next; with the model as it is before its end.
    ///
    /// # Errors
    /// It cannot be passed on: the reading stops.
    fn end(&mut self, _model: &Model) -> Result<()> {
        Ok(())
    }

    /// Whether it must know the end at the begin: the recording is read twice then.
    const NEEDS_END: bool = false;

    /// What is kept for the summary.
    const KEEP: Keep = Keep::ALL;
}

/// Analyses the recording of this name, or a part of it, and tells its stretches.
///
/// # Errors
/// It cannot be read, has no such part, or what the listener says.
pub(super) fn tell(
    path: &Path,
    time: Option<Span>,
    listener: &mut impl Listener,
) -> Result<Analysis> {
    tell_of(open(path)?, time, listener).with_context(|| path.display().to_string())
}

fn tell_of<L: Listener>(
    mut input: impl Read + Seek,
    time: Option<Span>,
    listener: &mut L,
) -> Result<Analysis> {
    let end_ns = match time {
        _ if L::NEEDS_END => end_of(&mut input)?,
        Some(time) if time.needs_end() => end_of(&mut input)?,
        _ => u64::MAX,
    };
    let reader = Reader::open(input)?;
    listener.start(reader.start())?;
    let mut model = Model::new(reader.start());
    model.keep(L::KEEP);
    model.tell_stretches();
    let start_ns = model.start_ns();
    let (from_ns, to_ns) = match time {
        Some(time) => time.of(start_ns, end_ns)?,
        None => (None, None),
    };
    let last_ns = if L::NEEDS_END { end_ns } else { u64::MAX };
    listener.begin(&model, from_ns.unwrap_or(start_ns), to_ns.unwrap_or(last_ns));
    let mut window = Windowed::new(model, from_ns, to_ns);
    let mut told = Vec::new();
    let read = try_replay(reader, |event| {
        listener.event(event, window.model())?;
        window.apply(event);
        told.extend(window.take_told());
        told.drain(..).try_for_each(|told| listener.hear(told, Some(window.model())))?;
        listener.after(event, window.model())
    });
    let quality = read??;
    if let Some(time) = time {
        // Now that the end is known.
        time.of(quality.start_ns, quality.end_ns)?;
    }
    listener.end(window.model())?;
    let (mut summary, rest) = window.finish_telling(quality.end_ns);
    rest.into_iter().try_for_each(|told| listener.hear(told, None))?;
    if time.is_none() {
        summary.window = None;
    }
    Ok(understood(quality, summary))
}
