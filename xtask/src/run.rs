//! `run`: traces a bundled workload, any command, or, without either, a tour of workloads.

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::bail;

use crate::root::Root;
use crate::tree::Tree;
use crate::{build, sh, workloads};

/// Exit status of wrong usage, as clap's.
const USAGE: u8 = 2;

/// The command itself; its exit code is tracer's, which is the traced command's.
pub(crate) fn run(
    tree: &Tree,
    workload: Option<String>,
    rest: Vec<OsString>,
) -> anyhow::Result<ExitCode> {
    if let Some(name) = &workload {
        // Before anything is built.
        let names = workloads::names(tree)?;
        if !names.contains(name) {
            eprintln!("xtask: {}", unknown(name, &names));
            return Ok(ExitCode::from(USAGE));
        }
    }
    let root = Root::find();
    if root == Root::No {
        bail!("loading BPF programs needs root, and there is no sudo: call this as root");
    }
    build::all(tree)?;
    let mut command = root.command(tree.release().join("tracer"));
    command.args(["run", "--"]);
    match workload {
        Some(name) => command.arg(workloads::program(tree, &name)),
        None if rest.is_empty() => return workloads::tour(tree, root),
        None => &mut command,
    };
    let status = sh::status(command.args(rest))?;
    // A killed tracer has no code of its own.
    Ok(status.code().map_or(ExitCode::FAILURE, |code| {
        u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from)
    }))
}

/// What to say to a name that is no workload's.
fn unknown(name: &str, names: &[String]) -> String {
    format!(
        "there is no workload {name}; there are {}. Any other command goes after `--`: \
         cargo xtask run -- {name}",
        names.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::unknown;

    #[test]
    fn an_unknown_name_is_told_what_there_is_in_one_line() {
        let said = unknown("nap", &["lock".to_owned(), "spawn".to_owned()]);
        assert!(said.contains("nap") && said.contains("lock, spawn"), "{said}");
        assert_eq!(said.lines().count(), 1);
    }
}
