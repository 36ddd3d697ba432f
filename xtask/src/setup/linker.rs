//! bpf-linker: found, or built with the LLVM that the compiler has.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};

use super::compiler::Compiler;
use super::tools::Tools;
use super::{LLVM, packages, trial};
use crate::sh;
use crate::tree::{self, Tree};

/// The version got when there is none.
pub(super) const VERSION: &str = "0.13.0";

/// How a person would build it.
pub(super) const BY_HAND: &str =
    "cargo install bpf-linker --version 0.13.0 --no-default-features --features llvm-22";

/// Finds or gets a linker that works with `compiler`.
pub(super) fn for_compiler(tree: &Tree, compiler: &Compiler) -> anyhow::Result<Tools> {
    let ours = tree.tools.join("linker/bin/bpf-linker");
    let found = [Some(ours.clone()).filter(|ours| ours.is_file()), tree::on_path("bpf-linker")];
    for linker in found.into_iter().flatten() {
        match tried(tree, compiler, &linker) {
            Ok(tools) => return Ok(tools),
            Err(error) => eprintln!("setup: {} does not fit: {error:#}", linker.display()),
        }
    }
    if compiler.llvm > LLVM {
        bail!(
            "{} has LLVM {}, and no bpf-linker here reads its bitcode",
            compiler.rustc.display(),
            compiler.llvm
        );
    }
    get(tree)?;
    tried(tree, compiler, &ours)
}

/// The tools, after they built a small program.
fn tried(tree: &Tree, compiler: &Compiler, linker: &Path) -> anyhow::Result<Tools> {
    let mut library_path = compiler.library_path.clone();
    if linker.starts_with(&tree.tools) {
        let more = packages::library_path(tree);
        library_path
            .extend(more.into_iter().filter(|folder| !compiler.library_path.contains(folder)));
    }
    let tools = Tools { compiler: compiler.clone(), linker: linker.to_path_buf(), library_path };
    trial::build(tree, &tools)?;
    Ok(tools)
}

/// Puts a bpf-linker into the tools' folder; complete or not at all.
fn get(tree: &Tree) -> anyhow::Result<()> {
    let partial = tree.tools.join("linker.partial");
    let place = tree.tools.join("linker");
    for old in [&partial, &place] {
        if old.exists() {
            fs::remove_dir_all(old).with_context(|| format!("cannot remove {}", old.display()))?;
        }
    }
    if tree::on_path("cargo-binstall").is_some()
        && let Err(error) = binstall(&partial)
    {
        eprintln!("setup: {error:#}; building bpf-linker instead");
    }
    if !partial.join("bin/bpf-linker").is_file() {
        compile(tree, &partial)?;
    }
    fs::rename(&partial, &place).with_context(|| format!("cannot move {}", partial.display()))
}

/// Gets the released binary.
fn binstall(partial: &Path) -> anyhow::Result<()> {
    eprintln!(
        "setup: getting bpf-linker {VERSION} by cargo-binstall, because rustc has no linker for BPF"
    );
    let mut command = Command::new("cargo-binstall");
    command
        .args(["--no-confirm", "--disable-strategies", "compile", "--version", VERSION, "--root"])
        .arg(partial)
        .arg("bpf-linker");
    sh::run(&mut command)
}

/// Compiles it, with an LLVM that is installed or unpacked.
fn compile(tree: &Tree, partial: &Path) -> anyhow::Result<()> {
    let llvm = packages::llvm(tree).context("bpf-linker needs LLVM's headers and libraries")?;
    eprintln!(
        "setup: building bpf-linker {VERSION} with {} (two minutes), because rustc has no linker for BPF",
        llvm.display()
    );
    let build = tree.tools.join("linker-build");
    let mut command = Command::new(tree::cargo());
    command
        .args(["install", "bpf-linker", "--version", VERSION, "--locked", "--no-default-features"])
        .args(["--features", &format!("llvm-{LLVM}"), "--no-track", "--root"])
        .arg(partial)
        .arg("--target-dir")
        .arg(&build)
        .env("LLVM_PREFIX", &llvm)
        .env_remove("CARGO_BUILD_TARGET");
    let libraries = packages::library_path(tree);
    if !libraries.is_empty() {
        let name = "LD_LIBRARY_PATH";
        command.env(name, crate::bpf::in_front(name, &libraries)?);
    }
    sh::run(&mut command)
        .context("bpf-linker did not build (is a C and C++ compiler installed?)")?;
    fs::remove_dir_all(&build).with_context(|| format!("cannot remove {}", build.display()))
}
