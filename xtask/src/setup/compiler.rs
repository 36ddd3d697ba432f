//! Compilers: what makes one fit for BPF, and those the machine already has.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use crate::{bpf, sh, tree};

/// A rustc that can build for BPF.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Compiler {
    /// Path of rustc itself, never of rustup's proxy.
    pub(crate) rustc: PathBuf,
    /// Its own cargo; none means that the cargo in use will do.
    pub(crate) cargo: Option<PathBuf>,
    /// Whether `core` must be built from source.
    pub(crate) build_std: bool,
    /// Major version of its LLVM.
    pub(crate) llvm: u32,
    /// Folders of its shared libraries, if it is not installed.
    pub(crate) library_path: Vec<PathBuf>,
    /// Where it came from, for people.
    pub(crate) origin: String,
}

impl Compiler {
    /// Looks into `sysroot`; none if it can't build for BPF.
    pub(super) fn in_sysroot(
        sysroot: &Path,
        library_path: Vec<PathBuf>,
        origin: &str,
    ) -> Option<Self> {
        let rustc = sysroot.join("bin/rustc");
        let rustlib = sysroot.join("lib/rustlib");
        let has_core = rustlib.join(bpf::TARGET).join("lib").is_dir();
        let has_source = rustlib.join("src/rust/library/core").is_dir();
        if !has_core && !has_source {
            return None;
        }
        let mut command = Command::new(&rustc);
        if !library_path.is_empty() {
            command.env("LD_LIBRARY_PATH", env::join_paths(&library_path).ok()?);
        }
        let version = sh::output(command.arg("-vV")).ok()?;
        Some(Self {
            llvm: llvm_major(&version)?,
            rustc,
            // build-std needs the cargo that knows this compiler's source layout.
            cargo: Some(sysroot.join("bin/cargo")).filter(|cargo| cargo.is_file()),
            build_std: !has_core,
            library_path,
            origin: origin.into(),
        })
    }
}

/// LLVM's major version out of `rustc -vV`.
fn llvm_major(version: &str) -> Option<u32> {
    let line = version.lines().find_map(|line| line.strip_prefix("LLVM version: "))?;
    line.split('.').next()?.trim().parse().ok()
}

/// Compilers on the machine that can build for BPF: those with a prebuilt `core` first.
pub(super) fn installed() -> Vec<Compiler> {
    let mut found: Vec<Compiler> = Vec::new();
    for (sysroot, origin) in sysroots() {
        if let Some(compiler) = Compiler::in_sysroot(&sysroot, Vec::new(), origin)
            && !found.iter().any(|other| other.rustc == compiler.rustc)
        {
            found.push(compiler);
        }
    }
    found.sort_by_key(|compiler| compiler.build_std);
    found
}

/// Folders that may be a compiler's sysroot.
fn sysroots() -> Vec<(PathBuf, &'static str)> {
    let mut sysroots = vec![(PathBuf::from("/usr"), "the system's rustc")];
    if let Ok(sysroot) = sh::output(Command::new("rustc").args(["--print", "sysroot"])) {
        sysroots.push((sysroot.trim_end().into(), "the rustc in use"));
    }
    match rustup_toolchains() {
        Ok(toolchains) => {
            sysroots.extend(toolchains.into_iter().map(|path| (path, "a nightly of rustup")));
        }
        Err(error) => eprintln!("setup: no toolchains of rustup: {error:#}"),
    }
    sysroots
}

/// Folders of rustup's nightlies, newest name first.
fn rustup_toolchains() -> anyhow::Result<Vec<PathBuf>> {
    if tree::on_path("rustup").is_none() {
        return Ok(Vec::new());
    }
    let home = sh::output(Command::new("rustup").args(["show", "home"]))?;
    let folder = Path::new(home.trim_end()).join("toolchains");
    let entries =
        fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?;
    let mut toolchains: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("nightly"))
        .map(|entry| entry.path())
        .collect();
    toolchains.sort();
    toolchains.reverse();
    Ok(toolchains)
}

#[cfg(test)]
mod tests {
    use super::llvm_major;

    #[test]
    fn llvm_version_is_read() {
        let text = "rustc 1.95.0 (59807616e 2026-04-14)\nrelease: 1.95.0\nLLVM version: 22.1.2\n";
        assert_eq!(llvm_major(text), Some(22));
        assert_eq!(llvm_major("rustc 1.95.0"), None);
        assert_eq!(llvm_major("LLVM version: unknown"), None);
    }
}
