//! Perfetto's own `trace_processor`, which says what Perfetto makes of a trace.
//!
//! `cargo xtask setup` gets it; Node runs it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub use self::held::{Part, held};
pub use self::wakeups::wakeups_agree;
use crate::machine::{has, skip};
use crate::program::built;

mod counts;
mod held;
mod wakeups;

/// A row of an answer: its cells.
type Row = Vec<serde_json::Value>;

/// The folder it is in; if it is not here, says so.
pub fn trace_processor() -> Option<PathBuf> {
    let folder = built("TRACER_PERFETTO", "tools/perfetto");
    if !has("node") {
        return None;
    }
    if !folder.join("trace_processor.wasm").is_file() {
        skip(&format!(
            "Perfetto's trace_processor is not in {}: `cargo xtask setup` gets it, or says why not",
            folder.display()
        ));
        return None;
    }
    Some(folder)
}

/// What it answers to each of these queries: rows of cells.
///
/// # Panics
/// If it refuses the trace or a query.
#[track_caller]
pub fn ask(dist: &Path, trace: &Path, queries: &[String]) -> Vec<Vec<Row>> {
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
