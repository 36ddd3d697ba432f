//! The workloads' programs, which have no std: built and checked apart from the rest, since in one
//! build the features that std needs would be theirs too.

mod checks;
mod list;
mod tour;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Context as _;

use crate::sh;
use crate::tidy;
use crate::tree::{self, Tree};

pub(crate) use checks::{ALL_LINTS, lints, tests};
pub(crate) use list::run as list;
pub(crate) use tour::run as tour;

/// The profile, also the folder of what is built with it, and the feature that makes a program of
/// a binary.
const PROGRAMS: [&str; 4] = ["--profile", "workloads", "--features", "program"];

/// Builds all programs.
pub(crate) fn build(tree: &Tree) -> anyhow::Result<()> {
    let mut command = Command::new(tree::cargo());
    command.current_dir(&tree.root).args(["build", "-p", "workloads"]).args(PROGRAMS);
    sh::run(&mut command)
}

/// The names of the programs, in order.
pub(crate) fn names(tree: &Tree) -> anyhow::Result<Vec<String>> {
    let manifest = tree.root.join("workloads/Cargo.toml");
    let text = fs::read_to_string(&manifest)
        .with_context(|| format!("cannot read {}", manifest.display()))?;
    let mut names = tidy::programs(&text);
    names.sort();
    Ok(names)
}

/// Where the program `name` is built to.
pub(crate) fn program(tree: &Tree, name: &str) -> PathBuf {
    tree.workloads().join(name)
}
