//! A nightly with the source of `core`, by rustup, into a home of its own.

use std::env::consts::ARCH;
use std::process::Command;

use anyhow::{Context as _, bail};

use super::compiler::Compiler;
use crate::sh;
use crate::tree::{self, Tree};

/// A dated nightly: its LLVM is the one the linker is built with, and a build next year uses the
/// same compiler as today's.
pub(super) const TOOLCHAIN: &str = "nightly-2026-05-19";

/// Longest time in seconds for the download; a machine without a way out must fail over.
const PATIENCE: &str = "300";

/// Gets the compiler, unless an earlier call did.
pub(super) fn compiler(tree: &Tree) -> anyhow::Result<Compiler> {
    let home = tree.tools.join("rustup");
    let sysroot = home.join("toolchains").join(format!("{TOOLCHAIN}-{ARCH}-unknown-linux-gnu"));
    let origin = format!("{TOOLCHAIN} in target/tools");
    if let Some(compiler) = Compiler::in_sysroot(&sysroot, Vec::new(), &origin) {
        return Ok(compiler);
    }
    if tree::on_path("rustup").is_none() {
        bail!("rustup is not on PATH");
    }
    eprintln!(
        "setup: getting {TOOLCHAIN} with rust-src by rustup into {} (about 700 MB unpacked), \
         because nightly builds `core` for BPF",
        home.display()
    );
    let mut command = Command::new("timeout");
    command
        .args([PATIENCE, "rustup", "toolchain", "install", TOOLCHAIN])
        .args(["--component", "rust-src", "--profile", "minimal", "--no-self-update"])
        // The user's own toolchains and default stay as they are.
        .env("RUSTUP_HOME", &home)
        .env("RUSTUP_MAX_RETRIES", "1")
        // Without a way out its one line of error is enough.
        .env("RUST_BACKTRACE", "0")
        .env_remove("RUSTUP_TOOLCHAIN");
    sh::run(&mut command).context("rustup cannot install it here")?;
    Compiler::in_sysroot(&sysroot, Vec::new(), &origin)
        .with_context(|| format!("rustup left no compiler with source in {}", sysroot.display()))
}
