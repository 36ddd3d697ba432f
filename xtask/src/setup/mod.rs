//! `setup`: a compiler and a linker that can build BPF, found or got, and what tests want besides.
//!
//! Stable Rust has no `core` for BPF and no linker for it. What the machine lacks is put under
//! `target/tools`, so that nothing global changes and deleting that folder undoes everything.
//! `setup.json` is written last, after a trial build: without it, nothing here is believed good.

mod compiler;
mod linker;
mod packages;
mod perfetto;
mod rustup;
mod tools;
mod trial;

use std::fs::{self, File, TryLockError};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::ValueEnum;

pub(crate) use self::compiler::Compiler;
pub(crate) use self::perfetto::trace_processor;
pub(crate) use self::tools::Tools;
use crate::tree::Tree;

/// LLVM's major version in the compilers and linkers got here. A linker reads the bitcode of its
/// own and of older versions only.
const LLVM: u32 = 22;

/// Where to get what is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Source {
    /// What is there already, then rustup, then the distribution
    Any,
    /// What is there already
    Installed,
    /// A nightly with its source, by rustup into a private home
    Rustup,
    /// The distribution's packages, unpacked without being installed
    Packages,
}

impl Source {
    /// The sources to try, in order.
    const fn order(self) -> &'static [Self] {
        match self {
            Self::Any => &[Self::Installed, Self::Rustup, Self::Packages],
            Self::Installed => &[Self::Installed],
            Self::Rustup => &[Self::Rustup],
            Self::Packages => &[Self::Packages],
        }
    }

    /// The compilers this source has, best first; getting them if need be.
    fn compilers(self, tree: &Tree) -> anyhow::Result<Vec<Compiler>> {
        match self {
            Self::Any | Self::Installed => Ok(compiler::installed()),
            Self::Rustup => rustup::compiler(tree).map(|compiler| vec![compiler]),
            Self::Packages => packages::compiler(tree).map(|compiler| vec![compiler]),
        }
    }
}

/// The command itself: makes the tools ready and says which they are.
pub(crate) fn run(tree: &Tree, source: Source) -> anyhow::Result<ExitCode> {
    let tools = tools(tree, source)?;
    eprintln!("BPF compiler: {} ({})", tools.compiler.rustc.display(), tools.compiler.origin);
    eprintln!("BPF linker:   {}", tools.linker.display());
    match trace_processor(tree) {
        Ok(folder) => eprintln!("Perfetto:     {}", folder.display()),
        Err(error) => eprintln!("Perfetto:     tests of its export are skipped: {error:#}"),
    }
    Ok(ExitCode::SUCCESS)
}

/// The tools, set up first unless an earlier call did.
pub(crate) fn tools(tree: &Tree, source: Source) -> anyhow::Result<Tools> {
    if let Some(tools) = Tools::load(tree) {
        return Ok(tools);
    }
    fs::create_dir_all(&tree.tools)
        .with_context(|| format!("cannot create {}", tree.tools.display()))?;
    let _lock = lock(tree)?;
    // Another setup may have ended while this one waited for the lock.
    if let Some(tools) = Tools::load(tree) {
        return Ok(tools);
    }
    eprintln!("setup: stable Rust cannot build BPF; looking for a compiler and a linker that can");
    for &source in source.order() {
        match from(tree, source) {
            Ok(tools) => {
                tools.save(tree)?;
                return Ok(tools);
            }
            Err(error) => eprintln!("setup: {source:?}: no: {error:#}"),
        }
    }
    bail!("{}", by_hand())
}

/// Tools from one source, tried.
fn from(tree: &Tree, source: Source) -> anyhow::Result<Tools> {
    let compilers = source.compilers(tree)?;
    if compilers.is_empty() {
        bail!("no compiler with a `core` for BPF, or with the source of one");
    }
    let mut last = anyhow::anyhow!("no linker fits");
    for compiler in compilers {
        eprintln!("setup: compiler {} ({})", compiler.rustc.display(), compiler.origin);
        match linker::for_compiler(tree, &compiler) {
            Ok(tools) => return Ok(tools),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Takes the lock that keeps two setups apart; it goes when the file is closed, also by a kill.
fn lock(tree: &Tree) -> anyhow::Result<File> {
    let path = tree.tools.join("lock");
    let file = File::create(&path).with_context(|| format!("cannot create {}", path.display()))?;
    if matches!(file.try_lock(), Err(TryLockError::WouldBlock)) {
        eprintln!("setup: another setup is at work here; waiting for it");
        file.lock().with_context(|| format!("cannot lock {}", path.display()))?;
    }
    Ok(file)
}

/// What a person can do when nothing worked.
fn by_hand() -> String {
    format!(
        "no compiler for BPF could be found or got (the reasons are above). Install by hand either\n  \
         - rustup, then: rustup toolchain install {} --component rust-src --profile minimal\n    \
           and bpf-linker {}: https://github.com/aya-rs/bpf-linker#installation\n  \
         - or on Debian and Ubuntu: apt-get install {} and a C compiler,\n    \
           then: LLVM_PREFIX=/usr/lib/llvm-{LLVM} {}\n\
         and call `cargo xtask setup` again.",
        rustup::TOOLCHAIN,
        linker::VERSION,
        packages::COMPILER.join(" "),
        linker::BY_HAND,
    )
}
