//! Entries are whole, and every word of the views' own tables has one.
//!
//! A word is what a view chooses itself: a heading, a legend, a name of one of the kinds that a value
//! can be of. Names of tasks, paths, functions and numbers are data. The tables of words that the code
//! has are asked directly; headings of tables of text are read from the views' source, so that one that
//! no test prints is not forgotten. `tests/tests/explain.rs` does the same with what is really printed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use clap::Parser as _;
use clap::error::ErrorKind;
use serde_json::Value;

use super::*;
use crate::cli::args::Cli;
use crate::model::names;
use crate::model::syscall::Class;
use crate::views::csv::Table;
use crate::views::report::Section;
use crate::views::top::Column;

const SCHEMA: &str = include_str!("../../../docs/schema/events-1.json");

/// Lines are not longer.
const LONGEST: usize = 135;

fn unknown<'a>(words: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    words.into_iter().filter(|word| find(word).is_empty()).collect()
}

fn assert_known<S: AsRef<str>>(words: impl IntoIterator<Item = S>) {
    let words: BTreeSet<String> = words.into_iter().map(|word| word.as_ref().to_owned()).collect();
    assert!(!words.is_empty());
    let unknown = unknown(words.iter().map(String::as_str));
    assert!(unknown.is_empty(), "words without an entry in tracer/src/explain/words: {unknown:?}");
}

#[test]
fn every_file_is_a_family_of_whole_entries() {
    assert_eq!(families().len(), 15);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/explain/words");
    for file in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        let family = words::family(text.clone().leak()).expect("a title with a colon");
        let blocks = text.split("\n\n").count() - 1;
        assert!(family.entries.len() >= blocks, "{}: some entry is not four lines", family.name);
        for entry in &family.entries {
            for line in [&entry.term, &entry.meaning, &entry.look] {
                assert!(line.chars().count() <= LONGEST, "{line}");
                assert!(!line.trim().is_empty() && line.trim() == line, "{line:?}");
            }
        }
    }
}

#[test]
fn a_family_has_each_name_once() {
    for family in families() {
        let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
        for entry in &family.entries {
            for name in &entry.names {
                let before = seen.insert(name, &entry.names[0]);
                assert_eq!(before, None, "{name} twice in {}", family.name);
                assert!(find(name).contains(&words::find(name)[0]), "{name}");
            }
        }
    }
}

/// What stands for something in a command.
fn filled(command: &str) -> Vec<String> {
    let fill = [("FROM,TO", "1ms,2ms"), ("FILE:PROVIDER", "a:b"), ("FILE", "a"), ("PID", "1")];
    let more = [("TID", "1"), ("LIST", "task"), ("PATH", "/"), ("WORD", "a"), ("CALL", "a")];
    let words = command.split(" | ").next().unwrap_or_default().split_whitespace();
    let fill: Vec<_> = fill.into_iter().chain(more).collect();
    let word = |word: &str| {
        let known = fill.iter().find(|(place, _)| *place == word);
        known.map_or_else(|| word.to_owned(), |(_, filled)| (*filled).to_owned())
    };
    words.map(word).collect()
}

#[test]
fn what_to_look_at_can_be_looked_at() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let (mut commands, mut wrong) = (0, Vec::new());
    for entry in all() {
        for part in entry.look.split('`').skip(1).step_by(2) {
            // A section alone is one of the report that was named before.
            let whole = match part {
                _ if part.starts_with("tracer ") => part.to_owned(),
                _ if part.starts_with("-s ") => format!("tracer report {part}"),
                _ => continue,
            };
            let command = filled(&whole);
            let parsed = Cli::try_parse_from(&command);
            let refused = parsed.err().filter(|error| error.kind() != ErrorKind::DisplayHelp);
            wrong.extend(refused.map(|_| format!("{}: {part}", entry.names[0])));
            commands += 1;
        }
        for word in entry.look.split([' ', ';', ':', ',']) {
            let word = word.trim_end_matches('.');
            assert!(!word.starts_with("docs/") || docs.join(word).exists(), "{word}");
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(commands > 500, "{commands}");
}

#[test]
fn flags_signals_and_the_rest_of_the_kernel_s_names_are_explained() {
    assert_known(names::clone_flags(u64::MAX));
    assert_known((1..=64).map(names::signal));
    assert_known((1..=64).map(|number: u32| number.to_string()));
    for signal in 1..=31 {
        let entry = &find(&names::signal(signal))[0];
        assert!(entry.names.contains(&signal.to_string()), "{entry:?}");
        let short = names::signal(signal);
        let short = short.trim_start_matches("SIG");
        assert!(!find(short).is_empty(), "{short}");
        assert!(entry.term.starts_with(&format!("Signal {signal}")), "{entry:?}");
    }
    for softirq in 0..10 {
        let entry = find(&names::softirq(softirq)).remove(0);
        assert!(entry.term.starts_with(&format!("Softirq {softirq}")), "{entry:?}");
    }
    assert_known((0..5).map(names::vector));
    assert_known((0..5).map(names::signal_result));
    assert_known((0..8).map(names::policy));
    let errors = [1, 3, 4, 11, 12, 14, 22, 35, 38, 110, 130, 512, 513, 514, 516];
    assert_known(errors.map(names::errno));
    assert_known(Class::ALL.map(Class::name));
}

#[test]
fn every_column_is_explained() {
    assert_known(Section::ALL.map(Section::name));
    assert_known(Column::ALL.map(Column::heading));
    assert_known(Column::ALL.map(Column::name));
    assert_known(Table::ALL.into_iter().flat_map(Table::columns));
    let mut headings = BTreeSet::new();
    headings_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/views"), &mut headings);
    assert!(headings.len() > 120, "{headings:?}");
    assert_known(headings);
}

/// Headings of tables of text, by how the source writes them.
fn headings_in(folder: &Path, headings: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            headings_in(&path, headings);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(path).unwrap();
            let text = text.split("#[cfg(test)]").next().unwrap_or_default();
            headings_of(text, headings);
        }
    }
}

fn headings_of(text: &str, headings: &mut BTreeSet<String>) {
    for begin in ["right(\"", "left(\"", "(\""] {
        for after in text.split(begin).skip(1) {
            let Some((word, rest)) = after.split_once('"') else { continue };
            if begin != "(\"" || rest.starts_with(", Side::") {
                headings.insert(word.to_owned());
            }
        }
    }
    for begin in ["const HEADS: [&str; ", "const NAMES_OF: [&str; "] {
        for after in text.split(begin).skip(1) {
            let array = after.split("];").next().unwrap_or_default();
            headings.extend(array.split('"').skip(1).step_by(2).map(str::to_owned));
        }
    }
}

#[test]
fn every_name_of_the_events_is_explained() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let mut words = BTreeSet::new();
    names_in(&schema, &mut words);
    assert!(words.len() > 150);
    assert_known(words);
}

/// Names of properties, and the values that one of a kind can have.
fn names_in(value: &Value, words: &mut BTreeSet<String>) {
    if let Some(properties) = value.get("properties").and_then(Value::as_object) {
        words.extend(properties.keys().cloned());
    }
    let values = value.get("enum").and_then(Value::as_array).into_iter().flatten();
    words.extend(values.chain(value.get("const")).filter_map(Value::as_str).map(str::to_owned));
    match value {
        Value::Object(fields) => fields.values().for_each(|value| names_in(value, words)),
        Value::Array(values) => values.iter().for_each(|value| names_in(value, words)),
        _ => {}
    }
}

/// The page describes a value of a kind as `word`.
#[test]
fn every_value_of_a_kind_is_explained() {
    let mut words = BTreeSet::new();
    for field in fields::all() {
        let entry = field.entry();
        let is_kind = entry.term.contains(": string") || entry.term.contains(": array of strings");
        let values = entry.meaning.split(" Null:").next().unwrap_or_default().split('`');
        if is_kind {
            words.extend(values.skip(1).step_by(2).map(str::to_owned));
        }
    }
    let is_word =
        |word: &String| word.len() > 1 && word.chars().all(|c| c.is_lowercase() || c == '_');
    words.retain(is_word);
    assert!(words.len() > 60, "{words:?}");
    assert_known(words);
}

#[test]
fn a_word_is_found_however_it_is_written() {
    for word in ["CLONE_VM", "clone_vm", "vm", "VM"] {
        assert_eq!(find(word)[0].names[0], "CLONE_VM", "{word}");
    }
    assert_eq!((&*find("T")[0].names[0], &*find("t")[0].names[0]), ("stopped", "traced"));
    assert_eq!(find("sigrtmin+3")[0].names[0], "SIGRTMIN");
    assert_eq!(find("139")[1].names[0], "SIGSEGV");
    assert_eq!(find("states_ns.running")[0].family, "fields");
    assert_eq!(find("own running")[0].names[0], "own_running_ns");
    assert!(find("clock nanosleep")[0].term.contains("clock_nanosleep"));
    assert!(find("openat")[0].term.contains("openat"));
    assert!(find("recvmsg")[0].term.contains("recvmsg"));
    assert!(find("mount")[0].term.contains("number 165 on x86_64"));
    for nothing in ["", " ", "xyzzy", "\n", "🦀", "tasks..tid", "99999999999"] {
        assert_eq!(find(nothing), [], "{nothing:?}");
    }
    assert_eq!(nearest("SIGSEV")[0], "SIGSEGV");
    assert_eq!(nearest("preemted")[0], "preempted");
    assert!(nearest("").is_empty() && nearest("xyzzyxyzzy").is_empty());
}
