//! `check`: formatting, lints for both sides, and the rules of [`crate::tidy`].
//!
//! All of them run even if one fails, so that one call shows everything.

use std::process::{Command, ExitCode};

use crate::tree::{self, Tree};
use crate::{sh, tidy, workloads};

/// The command itself.
pub(crate) fn run(tree: &Tree) -> anyhow::Result<ExitCode> {
    let mut good = true;
    let workloads = workloads::ALL_LINTS.map(workloads::lints);
    for mut command in [format(), host_lints(), bpf_lints()].into_iter().chain(workloads) {
        good &= sh::status(command.current_dir(&tree.root))?.success();
    }
    eprintln!("tidy: this workspace's own rules");
    good &= tidy::run(&tree.root)?;
    eprintln!("check: {}", if good { "all is well" } else { "something is wrong, see above" });
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Formatting of every crate.
fn format() -> Command {
    let mut command = Command::new(tree::cargo());
    command.args(["fmt", "--all", "--check"]);
    command
}

/// Lints of everything that runs in userspace with std.
fn host_lints() -> Command {
    let mut command = Command::new(tree::cargo());
    command.args(["clippy", "--workspace", "--exclude", "tracer-ebpf", "--exclude", "workloads"]);
    command.args(["--all-targets", "--", "-D", "warnings"]);
    command
}

/// Lints of the kernel side, checked as if for the host: that needs neither a compiler for BPF nor
/// a nightly's clippy.
fn bpf_lints() -> Command {
    let mut command = Command::new(tree::cargo());
    command
        .args(["clippy", "--package", "tracer-ebpf", "--", "-D", "warnings"])
        // A program without std cannot unwind.
        .env("CARGO_PROFILE_DEV_PANIC", "abort");
    command
}
