//! What the workload wrote down: spans of time by its own clock, which is the tracer's, and counts.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The marks of one run.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Marks {
    /// The program's arguments.
    #[serde(default)]
    pub args: Vec<String>,
    /// Its process.
    #[serde(default)]
    pub pid: u32,
    /// Times that something took.
    #[serde(default)]
    pub spans: Vec<Span>,
    /// What was counted.
    #[serde(default)]
    pub counts: BTreeMap<String, u64>,
}

/// A time that something took.
#[derive(Clone, Debug, Deserialize)]
pub struct Span {
    /// What.
    pub what: String,
    /// Whose, 0 for nobody's.
    pub tid: u32,
    /// Of what: bytes, a number.
    pub of: u64,
    /// Its begin, ns.
    pub from_ns: u64,
    /// Its end, ns.
    pub to_ns: u64,
}

impl Span {
    /// How long it took, ps.
    pub fn ps(&self) -> u64 {
        self.to_ns.saturating_sub(self.from_ns).saturating_mul(1000)
    }
}

impl Marks {
    /// Spans of this name.
    pub fn named<'a>(&'a self, what: &'a str) -> impl Iterator<Item = &'a Span> {
        self.spans.iter().filter(move |span| span.what == what)
    }

    /// Spans of this name and of so many bytes or tasks.
    pub fn sized<'a>(&'a self, what: &'a str, of: u64) -> impl Iterator<Item = &'a Span> {
        self.named(what).filter(move |span| span.of == of)
    }

    /// What was counted by this name, zero if nothing was.
    pub fn count(&self, name: &str) -> u64 {
        self.counts.get(name).copied().unwrap_or(0)
    }

    /// All sizes of spans of this name, in order.
    pub fn sizes(&self, what: &str) -> Vec<u64> {
        let mut sizes: Vec<u64> = self.named(what).map(|span| span.of).collect();
        sizes.sort_unstable();
        sizes.dedup();
        sizes
    }
}
