//! What a workload did, for whoever traced it.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

/// All that a workload did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Truth {
    /// The program.
    pub program: String,
    /// Its process.
    pub pid: u32,
    /// Every task there was, itself included.
    pub tasks: Vec<Task>,
}

/// One task.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Its number; at its birth, if it took over another one later.
    pub tid: u32,
    /// Its process.
    pub tgid: u32,
    /// How it was made.
    pub kind: Kind,
    /// The process it belongs to as a child or, for a thread, its leader's parent; null for the
    /// workload's first task, whose parent is whoever started it.
    pub parent: Option<u32>,
    /// The thread that made it; null likewise.
    pub creator: Option<u32>,
    /// Its last name.
    pub comm: String,
    /// Its exit code; null if a signal ended it.
    pub code: Option<u32>,
    /// The signal that ended it.
    pub signal: Option<u32>,
    /// Sleeps, each of which is a voluntary switch.
    pub sleeps: u64,
}

/// How a task was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// It was there first.
    #[default]
    First,
    /// By `pthread_create`.
    Thread,
    /// By `fork`.
    Fork,
    /// By `posix_spawn`, which is `vfork` and `exec`.
    Spawn,
}

impl Truth {
    /// Writes it, if a file is named.
    ///
    /// # Errors
    /// Those of the file.
    pub fn write(&self, file: Option<&Path>) -> anyhow::Result<()> {
        let Some(file) = file else { return Ok(()) };
        let json = serde_json::to_vec_pretty(self)?;
        fs::write(file, json).with_context(|| format!("cannot write {}", file.display()))
    }
}
