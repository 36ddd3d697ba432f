//! The workspace's own rules, those that neither rustfmt nor clippy knows.
//!
//! Each rule is a pure function from a file's text to what is wrong with it, and has a test.

mod links;
mod manifest;
mod programs;
mod source;

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// Folders that hold nothing of ours.
const NOT_OURS: [&str; 2] = ["target", ".git"];

/// Where `unsafe_code` may be opened: these files, and all under those that end in a slash.
const UNSAFE: &[&str] = &[
    "tests/src/kcmp.rs",
    "tests/src/ptrace.rs",
    "tracer-ebpf/",
    "tracer/src/child.rs",
    "tracer/src/capture/wakeups.rs",
    "tracer/src/probe/uprobe.rs",
    "tracer/src/realtime.rs",
    "workloads/src/arch/",
    "workloads/src/clone/",
    "workloads/src/futex/count.rs",
    "workloads/src/ledger.rs",
    "workloads/src/process/exec.rs",
    "workloads/src/process/fork.rs",
    "workloads/src/rt/",
    "workloads/src/sched/",
    "workloads/src/shared.rs",
    "workloads/src/signal/",
    "workloads/src/stack.rs",
    "workloads/src/stack/cache.rs",
    "workloads/src/sync/lock.rs",
    "workloads/src/sync/loom_tests.rs",
    "workloads/src/sync/once/cell.rs",
    "workloads/src/sync/rwlock/guard.rs",
    "workloads/src/sys.rs",
    "workloads/src/thread/",
    "workloads/src/usage.rs",
    "workloads/src/uthread/carrier.rs",
    "workloads/src/uthread/fiber.rs",
    "workloads/src/uthread/mutex.rs",
    "workloads/src/uthread/native.rs",
    "workloads/src/uthread/parking.rs",
    "workloads/src/uthread/queue.rs",
    "workloads/src/uthread/queue/tests.rs",
];

/// The manifest that lists programs without std, and the folder that they are in.
const WORKLOADS: &str = "workloads/Cargo.toml";
const PROGRAMS: &str = "workloads/src/bin/";

/// What is wrong at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Finding {
    /// Its line, from one; zero is the whole file.
    line: usize,
    /// What is wrong and what to do.
    message: String,
    /// Whether it fails the check.
    severity: Severity,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Severity {
    /// Shown.
    Warning,
    /// Fails the check.
    Error,
}

impl Finding {
    /// A finding that fails the check.
    fn error(line: usize, message: impl Into<String>) -> Self {
        Self { line, message: message.into(), severity: Severity::Error }
    }

    /// A finding that is only shown.
    fn warning(line: usize, message: impl Into<String>) -> Self {
        Self { line, message: message.into(), severity: Severity::Warning }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// Checks every file under `root`, prints what is wrong, and returns whether nothing is.
pub(crate) fn run(root: &Path) -> anyhow::Result<bool> {
    let mut good = true;
    let members = manifest::members(&read(&root.join("Cargo.toml"))?);
    for path in files(root)? {
        let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
        for finding in file(root, &name, &members)? {
            eprintln!("{}: {name}:{}: {}", finding.severity, finding.line, finding.message);
            good &= finding.severity == Severity::Warning;
        }
    }
    Ok(good)
}

/// What is wrong with the file `name` under `root`.
fn file(root: &Path, name: &str, members: &[String]) -> anyhow::Result<Vec<Finding>> {
    let path = root.join(name);
    let extension = path.extension().unwrap_or_default();
    if extension == "rs" {
        let text = read(&path)?;
        let mut findings = source::check(&text, listed(name, UNSAFE));
        if name.strip_prefix(PROGRAMS).and_then(programs::name).is_some() {
            findings.extend(programs::source(&text));
        }
        return Ok(findings);
    }
    if extension == "md" {
        let folder = path.parent().unwrap_or(root);
        return Ok(links::check(&read(&path)?, |link| folder.join(link).exists()));
    }
    match name.strip_suffix("/Cargo.toml") {
        Some(member) if members.iter().any(|known| known == member) => {
            let text = read(&path)?;
            let mut findings = manifest::check(&text);
            if name == WORKLOADS {
                let there = there(&root.join(PROGRAMS))?;
                findings.extend(programs::listed(&manifest::programs(&text), &there));
            }
            Ok(findings)
        }
        _ => Ok(Vec::new()),
    }
}

/// Whether `name` is in `list`, itself or by a folder.
fn listed(name: &str, list: &[&str]) -> bool {
    list.iter().any(|entry| name == *entry || (entry.ends_with('/') && name.starts_with(entry)))
}

/// The names of the programs that the workloads' manifest, this text, lists.
pub(crate) fn programs(manifest: &str) -> Vec<String> {
    manifest::programs(manifest).into_iter().map(|program| program.name).collect()
}

/// The names of the programs whose sources are below `folder`.
fn there(folder: &Path) -> anyhow::Result<Vec<String>> {
    let name = |path: &PathBuf| {
        let name = programs::name(&path.strip_prefix(folder).ok()?.to_string_lossy())?.to_owned();
        Some(name)
    };
    Ok(files(folder)?.iter().filter_map(name).collect())
}

/// The text of a file.
fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// All files under `folder`, in order of name.
fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    for entry in entries {
        let entry = entry.with_context(|| format!("cannot list {}", folder.display()))?;
        let kind = entry.file_type().context("a file without a type")?;
        if kind.is_file() {
            found.push(entry.path());
        } else if kind.is_dir() && !NOT_OURS.iter().any(|name| entry.file_name() == *name) {
            found.extend(files(&entry.path())?);
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::{UNSAFE, listed};

    #[test]
    fn unsafe_list_has_files_and_folders() {
        assert!(listed("tracer/src/child.rs", UNSAFE));
        assert!(listed("workloads/src/thread/life.rs", UNSAFE));
        assert!(!listed("tracer/src/child.rs.rs", UNSAFE));
        assert!(!listed("tracer/src/session.rs", UNSAFE));
    }
}
