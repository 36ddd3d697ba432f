//! The build of the kernel side: one cargo command with its own compiler, flags and folder.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};

use crate::setup::Tools;
use crate::sh;
use crate::tree::{self, Tree};

/// Separates flags in `CARGO_ENCODED_RUSTFLAGS`.
const SEPARATOR: &str = "\x1f";

/// The BPF target with this machine's byte order.
pub(crate) const TARGET: &str =
    if cfg!(target_endian = "big") { "bpfeb-unknown-none" } else { "bpfel-unknown-none" };

/// Builds the BPF programs and returns the object's path.
pub(crate) fn build(tree: &Tree, tools: &Tools, log: bool) -> anyhow::Result<PathBuf> {
    let target = tree.bpf_target();
    let mut command = cargo_build(tools, &target)?;
    command.current_dir(&tree.root).args(["--package", "tracer-ebpf"]);
    if log {
        command.args(["--features", "log"]);
    }
    sh::run(&mut command).context("the BPF programs did not build")?;
    let object = object(&target, "tracer-ebpf");
    if !object.is_file() {
        bail!(
            "the BPF build left no {}; has tracer-ebpf a [[bin]] of that name?",
            object.display()
        );
    }
    Ok(object)
}

/// Where a BPF build into `target` puts the program `name`.
pub(crate) fn object(target: &Path, name: &str) -> PathBuf {
    target.join(TARGET).join("release").join(name)
}

/// `cargo build` for BPF into `target`; the caller adds what to build.
///
/// The flags are given to this one command, so they never reach the rest of the workspace.
pub(crate) fn cargo_build(tools: &Tools, target: &Path) -> anyhow::Result<Command> {
    let flags = [
        format!("--cfg=bpf_target_arch=\"{}\"", env::consts::ARCH),
        "-Cdebuginfo=2".into(),
        format!("-Clinker={}", tools.linker.display()),
        "-Clink-arg=--btf".into(),
        "-Ctarget-cpu=v3".into(),
    ];
    let mut command =
        tools.command(tools.compiler.cargo.clone().map_or_else(tree::cargo, OsString::from))?;
    command
        .args(["build", "--release", "--target", TARGET, "--target-dir"])
        .arg(target)
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join(SEPARATOR))
        .env("RUSTC", &tools.compiler.rustc)
        // A stable compiler refuses the features aya-ebpf and build-std need without this.
        .env("RUSTC_BOOTSTRAP", "1")
        .env_remove("RUSTC_WRAPPER")
        .env_remove("RUSTC_WORKSPACE_WRAPPER")
        .env_remove("RUSTFLAGS")
        // rustup's cargo must take RUSTC, not the toolchain that runs this program.
        .env_remove("RUSTUP_TOOLCHAIN")
        .env_remove("CARGO_BUILD_TARGET")
        .env_remove("CARGO_TARGET_DIR");
    if tools.compiler.build_std {
        command.args(["-Z", "build-std=core"]);
    }
    Ok(command)
}

/// `folders` in front of the list of folders in the environment variable `name`.
pub(crate) fn in_front(name: &str, folders: &[PathBuf]) -> anyhow::Result<OsString> {
    let old = env::var_os(name).unwrap_or_default();
    let old = env::split_paths(&old).filter(|folder| !folder.as_os_str().is_empty());
    env::join_paths(folders.iter().cloned().chain(old))
        .with_context(|| format!("a folder for {name} has a colon in its name"))
}
