//! Fields of JSON and columns of CSV, as `docs/json.md` describes them.

use std::sync::LazyLock;

use super::{Entry, plain};

const DOC: &str = include_str!("../../../docs/json.md");

/// Rows of one name that are shown.
const SHOWN: usize = 3;

/// A row of a table.
#[derive(Clone, Debug)]
pub(super) struct Field {
    /// The output: a title of the second level.
    output: &'static str,
    /// The part of it: of the third level.
    part: Option<&'static str>,
    /// Path, as `tasks[].tid`.
    pub(super) path: &'static str,
    /// As it is compared.
    plain: String,
    kind: &'static str,
    meaning: &'static str,
    null: &'static str,
}

static FIELDS: LazyLock<Vec<Field>> = LazyLock::new(|| read(DOC));

/// All of them.
pub(super) fn all() -> &'static [Field] {
    &FIELDS
}

fn read(text: &'static str) -> Vec<Field> {
    let (mut output, mut part) = ("", None);
    let mut fields = Vec::new();
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            (output, part) = (title, None);
        } else if let Some(title) = line.strip_prefix("### ") {
            part = Some(title);
        }
        let Some(row) = line.strip_prefix("| `") else { continue };
        let Some((path, rest)) = row.split_once("` |") else { continue };
        let mut cells = rest.split('|').map(str::trim);
        let (first, second, third) = (cells.next(), cells.next(), cells.next());
        let (kind, meaning, null) = match (first, second, third) {
            (Some(kind), Some(meaning), Some(null)) if !meaning.is_empty() => (kind, meaning, null),
            (Some(meaning), ..) => ("name", meaning, ""),
            _ => continue,
        };
        let plain = plain(path);
        fields.push(Field { output, part, path, plain, kind, meaning, null });
    }
    fields
}

/// The rows of a path, or else of its last name; also without the unit, as the HTML page heads its
/// columns. Of a path that no row has, those of its parts.
pub(super) fn find(word: &str) -> Vec<Entry> {
    let word = plain(word.trim_start_matches("$."));
    let of = |is: &dyn Fn(&Field) -> bool| {
        let rows: Vec<&Field> = all().iter().filter(|field| is(field)).collect();
        some(&rows)
    };
    let mut found = of(&|field| field.plain == word);
    if found.is_empty() && !word.is_empty() {
        let is = |name: &str| name == word || name.strip_suffix(" ns") == Some(&word);
        found = of(&|field| is(field.last()));
    }
    if found.is_empty() && word.contains('.') {
        let parts: Vec<Vec<Entry>> = word.split('.').map(super::find).collect();
        if parts.iter().all(|entries| !entries.is_empty()) {
            found = parts.into_iter().filter_map(|entries| entries.into_iter().next()).collect();
        }
    }
    found
}

/// Rows that mean the same once, and not too many.
fn some(rows: &[&Field]) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut more = 0;
    for row in rows {
        if entries.iter().any(|entry| entry.meaning == row.sentence()) {
            continue;
        }
        if entries.len() < SHOWN {
            entries.push(row.entry());
        } else {
            more += 1;
        }
    }
    if let Some(last) = entries.last_mut().filter(|_| more > 0) {
        last.look = format!("{} {more} more of this name: docs/json.md.", last.look);
    }
    entries
}

impl Field {
    /// The last name of the path, as it is compared.
    fn last(&self) -> &str {
        self.plain.rsplit('.').next().unwrap_or(&self.plain).trim_end_matches("[]")
    }

    fn sentence(&self) -> String {
        let null = match self.null {
            "" => String::new(),
            null => format!(" Null: {}.", unlinked(null)),
        };
        let meaning = unlinked(self.meaning);
        let (first, rest) = meaning.split_at(meaning.chars().next().map_or(0, char::len_utf8));
        format!("{}{rest}.{null}", first.to_uppercase())
    }

    pub(super) fn entry(&self) -> Entry {
        let part = self.part.map(|part| format!(", {part}")).unwrap_or_default();
        let last = self.path.rsplit('.').next().unwrap_or(self.path).trim_end_matches("[]");
        let mut names = vec![self.path.to_owned(), last.to_owned()];
        names.dedup();
        Entry {
            family: "fields".to_owned(),
            names,
            term: format!("{} of {}{part}: {}.", self.path, self.output, unlinked(self.kind)),
            meaning: self.sentence(),
            look: format!("`{}`; docs/json.md.", self.command()),
        }
    }

    /// What writes it.
    fn command(&self) -> &'static str {
        match self.output {
            "Diff" => "tracer diff --json A B",
            "Verify" => "tracer verify --json",
            "Live" => "tracer export -f jsonl",
            "CSV" => "tracer export -f csv",
            "Doctor" => "tracer doctor --json",
            "Inspect" => "tracer inspect --json PID",
            "Compare" => "tracer compare --json",
            "Explain" => "tracer explain --json WORD",
            _ => "tracer report --json",
        }
    }
}

/// Text without the targets of its links.
fn unlinked(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, link)) = rest.split_once('[') {
        plain.push_str(before);
        match link.split_once("](") {
            Some((name, after)) if !name.contains([']', '[']) => {
                plain.push_str(name);
                rest = after.split_once(')').map_or("", |(_, after)| after);
            }
            _ => {
                plain.push('[');
                rest = link;
            }
        }
    }
    plain.push_str(rest);
    plain
}
