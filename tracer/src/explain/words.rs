//! The entries that are written, and their format.
//!
//! A file is a family: a first line `= NAME: about`, then entries with an empty line between. An entry
//! is four lines: its names with ` | ` between, the kernel's term, the meaning, what to look at. A name
//! that ends in `*` stands for all that begin so; `{}` in a line for the name that was asked for.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::{Entry, plain};

const FILES: &[&str] = &[
    include_str!("words/clone.txt"),
    include_str!("words/states.txt"),
    include_str!("words/causes.txt"),
    include_str!("words/signals.txt"),
    include_str!("words/fates.txt"),
    include_str!("words/interrupts.txt"),
    include_str!("words/report.txt"),
    include_str!("words/sections.txt"),
    include_str!("words/events.txt"),
    include_str!("words/calls.txt"),
    include_str!("words/uthreads.txt"),
    include_str!("words/screens.txt"),
    include_str!("words/trace.txt"),
    include_str!("words/inspect.txt"),
    include_str!("words/compare.txt"),
];

/// Words of one kind.
#[derive(Clone, Debug)]
pub struct Family {
    /// What they are, in a word or two.
    pub name: &'static str,
    /// The same, in a line.
    pub about: &'static str,
    /// What they mean.
    pub entries: Vec<Entry>,
}

static FAMILIES: LazyLock<Vec<Family>> =
    LazyLock::new(|| FILES.iter().filter_map(|text| family(text)).collect());

/// All of them.
pub fn families() -> &'static [Family] {
    &FAMILIES
}

/// A file; `None` if it has no title. What has not four lines is no entry.
pub(super) fn family(text: &'static str) -> Option<Family> {
    let (title, rest) = text.split_once('\n')?;
    let (name, about) = title.strip_prefix("= ")?.split_once(": ")?;
    let entries = rest.split("\n\n").filter_map(|block| entry(name, block.trim())).collect();
    Some(Family { name, about, entries })
}

fn entry(family: &str, block: &str) -> Option<Entry> {
    let mut lines = block.lines().map(str::to_owned);
    let names = lines.next()?.split(" | ").map(str::to_owned).collect();
    let (term, meaning, look) = (lines.next()?, lines.next()?, lines.next()?);
    let entry = Entry { family: family.to_owned(), names, term, meaning, look };
    lines.next().is_none().then_some(entry)
}

/// Places of entries, by family, of each name as it is compared; and the beginnings of names.
struct Index {
    names: HashMap<String, Vec<&'static Entry>>,
    begins: Vec<(String, &'static Entry)>,
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let mut index = Index { names: HashMap::new(), begins: Vec::new() };
    for entry in families().iter().flat_map(|family| &family.entries) {
        for name in &entry.names {
            if let Some(begin) = name.strip_suffix('*').filter(|begin| !begin.is_empty()) {
                index.begins.push((plain(begin), entry));
            } else {
                let of_name = index.names.entry(plain(name)).or_default();
                if !of_name.contains(&entry) {
                    of_name.push(entry);
                }
            }
        }
    }
    index
});

/// The entries of a word, first those that have it in that case. A letter means only what it means in
/// that case, if it means anything in it.
pub(super) fn find(word: &str) -> Vec<Entry> {
    let word = word.trim();
    let asked = plain(word);
    let of_name = INDEX.names.get(&asked).into_iter().flatten().copied();
    let begins = |begin: &str| asked.len() > begin.len() && asked.starts_with(begin);
    let of_begin = INDEX.begins.iter().filter(|(begin, _)| begins(begin)).map(|&(_, entry)| entry);
    let mut found: Vec<&Entry> = of_name.chain(of_begin).collect();
    let in_that_case = |entry: &Entry| entry.names.iter().any(|name| name == word);
    found.sort_by_key(|entry| !in_that_case(entry));
    if word.chars().count() == 1 && found.first().is_some_and(|entry| in_that_case(entry)) {
        found.retain(|entry| in_that_case(entry));
    }
    found.dedup();
    found.into_iter().map(|entry| about(entry, word)).collect()
}

fn about(entry: &Entry, word: &str) -> Entry {
    let name = entry.names.iter().find(|name| plain(name) == plain(word));
    let fill = |line: &String| line.replace("{}", name.map_or(word, String::as_str));
    let (term, meaning, look) = (fill(&entry.term), fill(&entry.meaning), fill(&entry.look));
    Entry { term, meaning, look, ..entry.clone() }
}
