//! The words that a page shows: the HTML export's, which its script draws, and compare's, which has
//! no script.

use std::collections::BTreeSet;

use super::Places;
use crate::browser::Browser;

/// Collects them in the page: what it says of every kind of stretch, row and table, by the keys that
/// a reader has. Names of tasks are taken out here, since only the page knows them; numbers are
/// taken out later.
const COLLECT: &str = include_str!("../../tools/words.js");

/// Words by where the page shows them, without sentences, names and numbers.
///
/// # Panics
/// If the page does not answer.
#[track_caller]
pub fn shown(browser: &mut Browser) -> Places {
    let found: Places =
        serde_json::from_value(browser.ask(COLLECT)).expect("texts by where they are");
    let own = |texts: BTreeSet<String>| {
        let words = texts.iter().flat_map(|text| text.split(": "));
        let words = words.map(without_numbers).map(|word| without_keys(&word));
        words.filter(|word| !word.is_empty()).collect()
    };
    found.into_iter().map(|(place, texts)| (place, own(texts))).collect()
}

/// A text without its numbers and their units, and without what parts it from them.
fn without_numbers(text: &str) -> String {
    let is_number = |word: &str| {
        let number = word.trim_matches(['(', ')', ',', '+', '-', '%']);
        let unit = number.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        unit.len() < number.len() && ["", "%", "ns", "us", "µs", "ms", "s"].contains(&unit)
    };
    let mut words: Vec<&str> = Vec::new();
    let mut after_number = false;
    for word in text.split_whitespace() {
        let is_unit = ["%", "ns", "us", "µs", "ms", "s"].contains(&word.trim_matches([',', ')']));
        if !(is_number(word) || after_number && is_unit) {
            words.push(word);
        }
        after_number = is_number(word);
    }
    words.join(" ").trim_matches([',', ' ']).to_owned()
}

/// A column's name without numbers of CPUs and tasks by which there are several like it.
fn without_keys(column: &str) -> String {
    let is_key = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = column.split('.').filter(|part| !is_key(part)).collect();
    parts.join(".")
}

/// What stands in the elements of this name of a page without a script, without empty ones.
pub fn elements<'a>(page: &'a str, name: &str) -> BTreeSet<&'a str> {
    let begin = format!("<{name}");
    let texts = page.split(&*begin).skip(1).filter_map(|rest| {
        let (attributes, rest) = rest.split_once('>')?;
        let whole = attributes.is_empty() || attributes.starts_with(' ');
        whole.then(|| rest.split_once('<').map_or(rest, |(text, _)| text).trim())
    });
    texts.filter(|text| !text.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::{elements, without_keys, without_numbers};

    #[test]
    fn numbers_and_units_are_data() {
        for (text, word) in [
            ("CPU 0  35 %", "CPU"),
            ("Tasks (12)", "Tasks"),
            ("250 ms shown", "shown"),
            ("1.5s", ""),
            ("running on CPU 1", "running on CPU"),
            ("task 7, not followed", "task not followed"),
            ("states.running", "states.running"),
        ] {
            assert_eq!(without_numbers(text), word, "{text}");
        }
        assert_eq!(without_keys("bounds.cpus.0.at least"), "bounds.cpus.at least");
    }

    #[test]
    fn elements_are_found_by_their_whole_name() {
        let page = "<table><tr><th></th><th class=\"a\">one</th><thead><th>two</th></table>";
        assert_eq!(elements(page, "th").into_iter().collect::<Vec<_>>(), ["one", "two"]);
    }
}
