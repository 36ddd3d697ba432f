//! One line per event, as it happens: text for people, JSON for programs.
//!
//! It shows what the records say and computes nothing but names. Events without a line are the
//! task iterator's about tasks that are not followed: they only teach names.

mod codes;
mod filter;
mod json;
mod known;
#[cfg(test)]
mod tests;
mod text;
mod words;

use std::io::{self, Write};

pub use self::filter::Filter;

use self::known::Known;
use self::text::Text;
use crate::event::Event;
use crate::source::quality::Quality;
use crate::source::recording::Start;

use super::Style;

/// How an event is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A line of columns.
    Text {
        /// Whether to use ANSI colours.
        colour: bool,
    },
    /// A JSON object a line: first a header, then events, at last the account. Integers are ns
    /// and raw values under the names of the record's fields, with decoded names beside them.
    Json,
}

/// The view.
#[derive(Debug)]
pub struct Live {
    form: Form,
    known: Known,
    filter: Filter,
    /// Reused for every event.
    line: String,
}

#[derive(Debug)]
enum Form {
    Text(Text),
    /// With the header, until it has been written.
    Json(Option<Box<Start>>),
}

impl Live {
    /// A view of what begins so.
    pub fn new(format: Format, start: &Start) -> Self {
        let all = start.follow.is_all();
        let (form, fit): (Form, fn(&str) -> String) = match format {
            Format::Text { colour } => {
                let start_ns = start.clocks.monotonic_ns;
                (Form::Text(Text { start_ns, all, style: Style { colour } }), text::fit)
            }
            Format::Json => (Form::Json(Some(Box::new(start.clone()))), json::fit),
        };
        let known = Known::new(start, fit);
        Self { form, known, filter: Filter::default(), line: String::new() }
    }

    /// Shows only what these tasks have a part in.
    #[must_use]
    pub fn only(mut self, filter: Filter) -> Self {
        self.filter = filter.fit(|name| self.known.fit(name));
        self
    }

    /// Takes in an event that is not to be shown.
    pub fn skip(&mut self, event: &Event) {
        self.known.learn(event);
    }

    /// Writes an event's line, if it has one. Events are expected in the order of time.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn event(&mut self, event: &Event, out: &mut dyn Write) -> io::Result<()> {
        self.begin(out)?;
        let Self { form, known, line, filter } = self;
        line.clear();
        match form {
            _ if !filter.wants(&event.what, known) => {}
            Form::Text(text) => text.line(line, event, known).map_err(io::Error::other)?,
            Form::Json(_) => json::line(line, event, known),
        }
        known.learn(event);
        out.write_all(line.as_bytes())
    }

    /// Writes what is to be said at the end: as text what was lost, if anything; as JSON the
    /// account in any case.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn finish(&mut self, quality: &Quality, out: &mut dyn Write) -> io::Result<()> {
        self.begin(out)?;
        let Self { form, line, .. } = self;
        line.clear();
        match form {
            Form::Text(text) => text.end(line, quality).map_err(io::Error::other)?,
            Form::Json(_) => json::end(line, quality),
        }
        out.write_all(line.as_bytes())
    }

    /// Writes the header, once.
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let Form::Json(header) = &mut self.form else { return Ok(()) };
        header.take().map_or(Ok(()), |start| out.write_all(json::header(&start)?.as_bytes()))
    }
}
