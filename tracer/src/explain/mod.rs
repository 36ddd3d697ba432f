//! What the words of the views mean, offline: entries of three lines.
//!
//! Entries are text, a file a family in `words/` ([`words`]). The fields of JSON and CSV are explained
//! by the rows of `docs/json.md`, which a test holds against what is written ([`fields`]). What goes by
//! a rule, as numbers of signals and system calls, has its entry made ([`rules`]).

mod fields;
mod nearest;
mod rules;
#[cfg(test)]
mod tests;
mod words;

use serde::Serialize;

pub use nearest::nearest;
pub use words::{Family, families};

/// What one word means, or several that mean the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// What kind of word it is, in a word or two.
    pub family: String,
    /// The word, first as it is mostly written.
    pub names: Vec<String>,
    /// What it is, by the kernel's own term.
    pub term: String,
    /// What it means here.
    pub meaning: String,
    /// What to look at.
    pub look: String,
}

/// The entries of a word: of several families if it means several things; none if nobody prints it.
pub fn find(word: &str) -> Vec<Entry> {
    let exact = found(word);
    if !exact.is_empty() {
        return exact;
    }
    let bare = word.trim().trim_start_matches('+').trim_end_matches(['%', ':', ',', '.']);
    let within = |begin, end| bare.strip_prefix(begin).and_then(|word| word.strip_suffix(end));
    let bare = within('(', ')').or_else(|| within('[', ']')).unwrap_or(bare);
    if bare != word && !bare.is_empty() { found(bare) } else { Vec::new() }
}

/// Every entry that is written, by family; the fields of JSON and CSV last.
pub fn all() -> Vec<Entry> {
    let written = families().iter().flat_map(|family| family.entries.iter().cloned());
    written.chain(fields::all().iter().map(fields::Field::entry)).collect()
}

fn found(word: &str) -> Vec<Entry> {
    let made = [words::find, rules::find, fields::find];
    made.iter().map(|find| find(word)).find(|entries| !entries.is_empty()).unwrap_or_default()
}

/// A word as it is compared: whatever its case, and `_`, `-` and blanks are the same.
fn plain(word: &str) -> String {
    let same = |c: char| if matches!(c, '_' | '-') { ' ' } else { c.to_ascii_lowercase() };
    let word: String = word.trim().chars().map(same).collect();
    let parts: Vec<&str> = word.split_whitespace().collect();
    if parts.is_empty() { word } else { parts.join(" ") }
}
