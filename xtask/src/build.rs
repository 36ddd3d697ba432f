//! `build`: the BPF programs, then tracer with them inside, and the workloads.

use std::process::{Command, ExitCode};

use crate::setup::{self, Source};
use crate::tree::{self, Tree};
use crate::{bpf, sh, workloads};

/// The command itself; `bpf_log` for programs that say what they do.
pub(crate) fn run(tree: &Tree, bpf_log: bool) -> anyhow::Result<ExitCode> {
    with(tree, bpf_log)?;
    eprintln!("built: {}", tree.release().join("tracer").display());
    eprintln!("built: {}/*", tree.workloads().display());
    Ok(ExitCode::SUCCESS)
}

/// Builds everything that a trace needs.
///
/// tracer's build script finds the object at the path it is built to, so a later plain
/// `cargo build` takes the same one.
pub(crate) fn all(tree: &Tree) -> anyhow::Result<()> {
    with(tree, false)
}

fn with(tree: &Tree, bpf_log: bool) -> anyhow::Result<()> {
    let tools = setup::tools(tree, Source::Any)?;
    bpf::build(tree, &tools, bpf_log)?;
    let mut command = Command::new(tree::cargo());
    command.current_dir(&tree.root).args(["build", "--release", "-p", "tracer"]);
    if bpf_log {
        command.args(["--features", "tracer/bpf-log"]);
    }
    sh::run(&mut command)?;
    workloads::build(tree)
}
