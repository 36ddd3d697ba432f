//! What `tracer verify --json` says.

use serde::Deserialize;

/// What `verify --json` says.
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "the names are those of docs/json.md")]
pub struct Verdict {
    pub outcome: String,
    pub reasons: Vec<String>,
    pub tasks: u64,
    pub tasks_compared: u64,
    pub counters: Vec<Counter>,
    pub checks: Vec<Check>,
}

/// One of the kernel's counters of CPUs.
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "the names are those of docs/json.md")]
pub struct Counter {
    pub name: String,
    pub standing: String,
    pub compared: u64,
    pub equal: u64,
    pub within: u64,
    pub hidden: u64,
    pub hidden_count: u64,
    pub differ: u64,
}

/// One check of it.
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "the names are those of docs/json.md")]
pub struct Check {
    pub name: String,
    pub informational: bool,
    pub checked: u64,
    pub failed: u64,
    pub worst: u64,
}

impl Verdict {
    /// The counter of this name.
    ///
    /// # Panics
    /// If there is none.
    #[track_caller]
    pub fn counter(&self, name: &str) -> &Counter {
        let mut found = self.counters.iter().filter(|counter| counter.name == name);
        found.next().expect("the counter")
    }
}
