//! The page of a large recording in a browser: how long it takes to open and to answer a zoom.

use std::path::Path;
use std::process::Command;

use crate::root::Root;
use crate::sh;
use crate::tree::{Tree, cargo};

/// Two million intervals: each hand-over ends about three.
const LOAD: &str = "--kind switch --tasks 32 --pin spread --count 32000";

/// Records, exports, and has the page opened; fails if that takes too long.
pub(super) fn run(tree: &Tree, root: Root, tracer: &Path, folder: &Path) -> anyhow::Result<()> {
    let (recording, page) = (folder.join("recording"), folder.join("page.html"));
    let mut record = root.command(tracer);
    record.args(["record", "-o"]).arg(&recording).arg("--").arg(tree.workloads().join("storm"));
    sh::run(record.args(LOAD.split(' ')))?;
    sh::run(root.command(tracer).arg("export").arg(&recording).arg("-o").arg(&page))?;
    let mut show = Command::new(cargo());
    show.current_dir(&tree.root).args(["run", "--quiet", "-p", "tests", "--example", "page"]);
    sh::run(show.arg(&page))
}
