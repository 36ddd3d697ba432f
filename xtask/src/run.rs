//! `run`: traces a bundled workload, or any command.

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::bail;

use crate::root::Root;
use crate::tree::Tree;
use crate::{build, sh};

/// The workload traced unless another is named.
const DEFAULT: &str = "spawn";

/// The command itself; its exit code is tracer's, which is the traced command's.
pub(crate) fn run(
    tree: &Tree,
    workload: Option<String>,
    rest: Vec<OsString>,
) -> anyhow::Result<ExitCode> {
    let root = Root::find();
    if root == Root::No {
        bail!("loading BPF programs needs root, and there is no sudo: call this as root");
    }
    build::all(tree)?;
    let traced = traced(tree, workload, rest)?;
    let mut command = root.command(tree.release().join("tracer"));
    command.args(["run", "--"]).args(traced);
    let status = sh::status(&mut command)?;
    // A killed tracer has no code of its own.
    Ok(status.code().map_or(ExitCode::FAILURE, |code| {
        u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from)
    }))
}

/// The command line to trace.
fn traced(
    tree: &Tree,
    workload: Option<String>,
    rest: Vec<OsString>,
) -> anyhow::Result<Vec<OsString>> {
    if workload.is_none() && !rest.is_empty() {
        return Ok(rest);
    }
    let name = workload.unwrap_or_else(|| DEFAULT.to_owned());
    let program = tree.release().join(&name);
    if !program.is_file() {
        bail!(
            "there is no workload {name}: {} does not exist. Any other command goes after `--`: \
             cargo xtask run -- {name}",
            program.display()
        );
    }
    let mut line = vec![program.into_os_string()];
    line.extend(rest);
    Ok(line)
}
