//! Words like one that nobody prints.

use std::collections::BTreeSet;

use super::{families, fields, plain};

/// Most words that are suggested.
const SHOWN: usize = 3;

/// Less alike than this is no typing error.
const ALIKE: f64 = 0.8;

/// The words most like it, the likeliest first.
pub fn nearest(word: &str) -> Vec<String> {
    let asked = plain(word);
    let names = families().iter().flat_map(|family| &family.entries).flat_map(|entry| &entry.names);
    let names = names.map(|name| (name.trim_end_matches('*'), 0.05));
    let paths = fields::all().iter().filter_map(|field| field.path.rsplit('.').next());
    let words: Vec<(&str, f64)> = names.chain(paths.map(|path| (path, 0.0))).collect();
    let mut scored: Vec<(f64, &str)> = words
        .into_iter()
        .filter(|(name, _)| name.len() > 1)
        .map(|(name, written)| (likeness(&asked, &plain(name)) + written, name))
        .filter(|&(score, _)| score >= ALIKE)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    let mut seen = BTreeSet::new();
    scored.retain(|(_, name)| seen.insert(plain(name)));
    scored.into_iter().take(SHOWN).map(|(_, name)| name.to_owned()).collect()
}

/// From 0 to 1. A word within the other counts as much as a small error.
fn likeness(asked: &str, name: &str) -> f64 {
    let within = asked.len() > 2 && name.split(' ').any(|part| part == asked);
    let errors = strsim::normalized_damerau_levenshtein(asked, name);
    let begins = strsim::jaro_winkler(asked, name) - 0.05;
    errors.max(begins).max(if within { 0.9 } else { 0.0 })
}
