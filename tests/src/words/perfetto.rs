//! The words of a trace for Perfetto, as its own `trace_processor` finds them.

use std::path::Path;

use super::Places;
use crate::perfetto::ask;

/// Where a word is, and how it is asked for. Names of handlers and of threads are data.
const QUERIES: [(&str, &str); 6] = [
    ("categories", "select distinct category from slice"),
    ("slices", "select distinct name from slice where category != 'irq'"),
    ("states", "select distinct state from thread_state"),
    (
        "arguments",
        "select distinct substr(key, 7) from args where key glob 'debug.*'
         and arg_set_id in (select arg_set_id from slice)",
    ),
    (
        "kinds",
        "select distinct string_value from args where key in ('debug.flags', 'debug.result')
         and arg_set_id in (select arg_set_id from slice)",
    ),
    (
        "tracks",
        "select distinct track.name from track join slice on track.id = slice.track_id union
         select distinct parent.name from track join slice on track.id = slice.track_id
         join track parent on track.parent_id = parent.id",
    ),
];

/// Words by where the trace has them.
///
/// # Panics
/// If the trace cannot be read.
#[track_caller]
pub fn told(dist: &Path, trace: &Path) -> Places {
    let answers = ask(dist, trace, &QUERIES.map(|(_, query)| query.to_owned()));
    let words = answers.iter().map(|rows| {
        let texts = rows.iter().filter_map(|row| row[0].as_str());
        let parts = texts.flat_map(|text| text.split('|'));
        // A CPU's track has its number behind the name.
        let words = parts.map(|part| part.split(" CPU ").next().unwrap_or(part).to_owned());
        words.filter(|word| !word.is_empty()).collect()
    });
    QUERIES.iter().map(|(place, _)| (*place).to_owned()).zip(words).collect()
}
