//! USDT probes in programs: found before a capture begins, from the programs' notes.
//!
//! Looked at are the program of the command, those of the processes named by `-p`, and the files
//! named by `--usdt`. A program that is started later by the traced one is not known yet: it is to
//! be named. What cannot be used is said in one line, and the tracing goes on without it.

mod find;
mod notes;
mod operand;

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tracer_common::usdt::Site;

pub use find::{Finder, entry_of, in_path};

/// The provider whose probes tell of user-level threads.
pub const UTHREAD: &str = "uthread";

/// A file whose probes are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The program or library.
    pub file: PathBuf,
    /// Whose probes.
    pub provider: String,
}

/// A probe that a recording has, once for all its places in one file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// The program or library.
    pub file: String,
    /// Who defines it.
    pub provider: String,
    /// Its name.
    pub name: String,
    /// Places in the program.
    pub sites: u32,
}

/// Where to attach, and how to read what is passed there.
#[derive(Clone, Debug)]
pub struct Place {
    /// The file, kept open so that it stays the one that was read.
    pub file: Arc<File>,
    /// Where in it, bytes.
    pub offset: u64,
    /// Where in it its counter is, bytes; zero for none.
    pub semaphore: u64,
    /// Its arguments.
    pub site: Site,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The probes, by their numbers in records.
    pub probes: Vec<Probe>,
    /// Their places.
    pub places: Vec<Place>,
    /// What could not be used, one line each.
    pub troubles: Vec<String>,
}
