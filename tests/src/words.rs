//! Which of what a view prints is a word of the view's own, which `tracer explain` must know.
//!
//! A word is a heading, a legend, or a name of one of the kinds that a value can be of, as a state or a
//! fate. Names of tasks, paths, functions, keys of locks and numbers are data: they are of the program
//! that was traced. Headings are known by how they look: a line of nothing but capitals, in columns two
//! blanks apart, among which there may be times, the axis of a histogram. Sentences are no words: they
//! say themselves what they mean.

pub mod page;
pub mod perfetto;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// Fields whose values are words.
const KINDS: [&str; 23] = [
    "action",
    "born_as",
    "call_name",
    "came",
    "class",
    "clone_flags",
    "clone_flags_names",
    "code_name",
    "context",
    "context_name",
    "event",
    "fate",
    "how",
    "kind",
    "left",
    "model",
    "op_name",
    "outcome",
    "policy_name",
    "prev_state_name",
    "resource",
    "result_name",
    "section",
];

/// Fields whose values are words, too, but are data elsewhere.
const NAMES: [(&str, &str); 4] =
    [("findings", "about"), ("signals", "name"), ("softirqs", "name"), ("vectors", "name")];

/// Fields whose fields are data.
const MAPS: [&str; 1] = ["mitigations"];

/// Words by where a view has them.
pub type Places = BTreeMap<String, BTreeSet<String>>;

/// Adds those of one more file.
pub fn merge(all: &mut Places, found: Places) {
    for (place, words) in found {
        all.entry(place).or_default().extend(words);
    }
}

/// Asserts that there are some, and that `tracer explain` knows them all.
///
/// # Panics
/// If it does not.
#[track_caller]
pub fn assert_explained<W: AsRef<str>>(view: &str, words: impl IntoIterator<Item = W>) {
    let words: BTreeSet<String> = words.into_iter().map(|word| word.as_ref().to_owned()).collect();
    assert!(!words.is_empty(), "{view} has no words");
    let unknown: Vec<&String> =
        words.iter().filter(|word| tracer::explain::find(word).is_empty()).collect();
    assert!(
        unknown.is_empty(),
        "{view} prints words without an entry in tracer/src/explain/words: {unknown:?}"
    );
}

/// What stands in the columns of a line.
pub fn cells(line: &str) -> impl Iterator<Item = &str> {
    line.split("  ").map(str::trim).filter(|cell| !cell.is_empty())
}

/// The headings of the tables and sections of a text.
pub fn headings(text: &str) -> Vec<&str> {
    text.lines().filter_map(heading).flatten().collect()
}

fn heading(line: &str) -> Option<Vec<&str>> {
    let heads: Vec<&str> = cells(line).filter(|cell| !is_time(cell)).collect();
    let is_head = |cell: &&str| {
        let fits = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || " +%?()/-".contains(c);
        let says = |c: char| c.is_ascii_uppercase() || "%?".contains(c);
        cell.chars().all(fits) && cell.chars().any(says)
    };
    let all = !heads.is_empty() && heads.iter().all(is_head);
    // A signal's name alone begins a row.
    (all && !heads[0].starts_with("SIG")).then_some(heads).or_else(|| signal_heading(line))
}

/// The one table whose first heading looks like a signal.
fn signal_heading(line: &str) -> Option<Vec<&str>> {
    let heads: Vec<&str> = cells(line).collect();
    (heads.first() == Some(&"SIGNAL")).then_some(heads)
}

fn is_time(cell: &str) -> bool {
    let number = cell.trim_end_matches(|c: char| c.is_ascii_lowercase());
    number.len() < cell.len() && number.chars().all(|c| c.is_ascii_digit() || c == '.')
}

/// The names of all fields of a JSON value, and the values that are words.
pub fn json(value: &Value) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    walk(value, "", &mut words);
    words
}

fn walk(value: &Value, within: &str, words: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                // The time on a CPU is by its number.
                let word = name.trim_end_matches(|c: char| c.is_ascii_digit());
                let word = word.strip_suffix('.').unwrap_or(name);
                if is_word(word) {
                    words.insert(word.to_owned());
                }
                let is_name = NAMES.contains(&(within, name));
                if KINDS.contains(&&**name) || is_name {
                    words.extend(texts(value).filter(|text| is_word(text)));
                }
                if !MAPS.contains(&&**name) {
                    walk(value, name, words);
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| walk(value, within, words)),
        _ => {}
    }
}

/// Numbers are keys of maps by CPU or task, and codes that have no name.
fn is_word(name: &str) -> bool {
    !name.is_empty() && !name.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
}

fn texts(value: &Value) -> impl Iterator<Item = String> + '_ {
    let many = value.as_array().into_iter().flatten().filter_map(Value::as_str);
    value.as_str().into_iter().chain(many).map(str::to_owned)
}
