//! A task of the report.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A task.
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "the names are those of docs/json.md")]
pub struct Task {
    pub tid: u32,
    pub tgid: u32,
    pub old_tid: Option<u32>,
    pub start_ns: Option<u64>,
    pub end_ns: Option<u64>,
    pub from_ns: u64,
    pub to_ns: u64,
    pub born: bool,
    pub comm: String,
    pub kind: String,
    pub parent_tid: u32,
    pub creator_tid: Option<u32>,
    pub clone_flags: Option<Vec<String>>,
    pub clone_flags_raw: Option<u64>,
    pub stack: Option<u64>,
    pub tls: Option<u64>,
    pub shared_at_birth: Vec<String>,
    pub shares: BTreeMap<String, Option<u32>>,
    pub execs: Vec<serde_json::Value>,
    pub states_ns: BTreeMap<String, u64>,
    pub switches: Switches,
    pub migrations: u64,
    pub missed_migrations: u64,
    pub cpus: BTreeMap<u16, u64>,
    pub exit: Option<Exit>,
    pub kernel: Option<Kernel>,
    pub ledger: Option<Ledger>,
    pub exact: bool,
}

/// Switches away from a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "the names are those of docs/json.md")]
pub struct Switches {
    pub voluntary: u64,
    pub involuntary: u64,
}

/// The end of a task.
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "the names are those of docs/json.md")]
pub struct Exit {
    pub at_ns: u64,
    pub code: Option<u32>,
    pub signal: Option<u32>,
    pub group: bool,
    pub last: Option<bool>,
    pub parent_tid: u32,
    pub reaped_by: Option<u32>,
    pub reaped_ns: Option<u64>,
}

/// The kernel's accounts of a task.
#[derive(Clone, Copy, Debug, Deserialize)]
#[expect(missing_docs, reason = "the names are those of docs/json.md")]
pub struct Kernel {
    pub sum_exec_runtime_ns: Option<u64>,
    pub nvcsw: Option<u64>,
    pub nivcsw: Option<u64>,
    pub nr_migrations: Option<u64>,
}

/// What is compared with them.
#[derive(Clone, Copy, Debug, Deserialize)]
#[expect(missing_docs, reason = "the names are those of docs/json.md")]
pub struct Ledger {
    pub kernel: Kernel,
    pub voluntary: u64,
    pub involuntary: u64,
    pub migrations: u64,
    pub missed_migrations: u64,
    pub running_ns: u64,
    pub stolen_ns: u64,
}

impl Task {
    /// Whether all these flags were given at its creation.
    pub fn was_cloned_with(&self, flags: &[&str]) -> bool {
        let of = |flags: &[String], flag: &str| flags.iter().any(|found| found == flag);
        self.clone_flags.as_ref().is_some_and(|have| flags.iter().all(|flag| of(have, flag)))
    }
}
