//! The page: which fields its tables describe, and the fields of what is written.

use std::collections::BTreeSet;

use serde_json::Value;

const DOC: &str = include_str!("../../../docs/json.md");

/// Objects whose keys are data: numbers, names of programs, of errors, of fields of the kernel.
const MAPS: [&str; 15] = [
    "anomalies",
    "by_cause",
    "decode_errors",
    "emitted_per_cpu",
    "errors",
    "fates",
    "layout",
    "left_out",
    "lost_per_cpu",
    "missed",
    "mitigations",
    "operations",
    "results",
    "seen_per_cpu",
    "unfollowed",
];

/// Objects whose keys are data and whose values have fields: numbers with bounds, causes of sleep.
const MAPS_OF_OBJECTS: [&str; 3] = ["bounds", "sleep_causes_ns", "uninterruptible_causes_ns"];

/// The names of fields that were met.
#[derive(Default)]
pub(super) struct Fields(pub(super) BTreeSet<String>);

impl Fields {
    pub(super) fn read(&mut self, json: &[u8]) -> serde_json::Result<()> {
        self.walk(&serde_json::from_slice(json)?);
        Ok(())
    }

    pub(super) fn walk(&mut self, value: &Value) {
        match value {
            Value::Array(values) => values.iter().for_each(|value| self.walk(value)),
            Value::Object(fields) => {
                for (name, value) in fields {
                    // Else it is the number of a CPU.
                    if name.parse::<u16>().is_err() {
                        self.0.insert(name.clone());
                    }
                    let within = value.as_object().into_iter().flat_map(|fields| fields.values());
                    match name.as_str() {
                        map if MAPS_OF_OBJECTS.contains(&map) => {
                            within.for_each(|value| self.walk(value));
                        }
                        map if MAPS.contains(&map) => {}
                        _ => self.walk(value),
                    }
                }
            }
            _ => {}
        }
    }

    /// Asserts that the tables of a section have exactly these.
    pub(super) fn equal(&self, title: &str) {
        let described = described(section(title));
        let difference = |a: &BTreeSet<String>, b: &BTreeSet<String>| -> Vec<String> {
            a.difference(b).cloned().collect()
        };
        let (missing, stale) = (difference(&self.0, &described), difference(&described, &self.0));
        assert!(missing.is_empty(), "docs/json.md, {title}, does not describe {missing:?}");
        assert!(stale.is_empty(), "docs/json.md, {title}, describes {stale:?}, never written");
    }
}

/// A section of the second level.
pub(super) fn section(title: &str) -> &'static str {
    let begin = format!("{title}\n");
    let section = DOC.split("\n## ").find(|section| section.starts_with(&begin));
    section.unwrap_or_default()
}

/// The last parts of the names in the first column of the tables whose head is `Field`.
pub(super) fn described(section: &str) -> BTreeSet<String> {
    let tables = section.split("\n\n").filter(|part| part.starts_with("| Field |"));
    let names =
        tables.flat_map(str::lines).filter_map(|row| row.strip_prefix("| `")?.split_once('`'));
    names
        .map(|(name, _)| name.rsplit('.').next().unwrap_or(name).trim_end_matches("[]").to_owned())
        .collect()
}
