//! `tracer compare`: runs the workload without and with a trace, keeps both, and computes.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write, stderr, stdout};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, anyhow, bail};
use serde::{Deserialize, Serialize};

use super::analyse::analyse_file;
use super::commands::coloured;
use super::failure::Failure;
use super::record::record;
use crate::cli::args::CaptureOptions;
use crate::cli::compare::Compare as Args;
use crate::cli::plan;
use crate::compare::machine::Machine;
use crate::compare::marks::Marks;
use crate::compare::programs::{PROGRAM, Run, runs};
use crate::compare::stats::CONFIDENCE_PERCENT;
use crate::compare::{Comparison, Evidence, RecordingRow, Runs, SCHEMA, aspects};
use crate::views::Style;
use crate::views::compare as view;

/// The file that makes a directory a comparison's.
const INDEX: &str = "compare.json";

/// Room for the records of each CPU, bytes: talk is fast.
const BUFFER: u64 = 32 << 20;

/// What is kept beside the recordings.
#[derive(Debug, Serialize, Deserialize)]
struct Index {
    schema: u32,
    machine: Machine,
    quick: bool,
    left_out: Vec<String>,
    /// Names of runs, in order.
    runs: Vec<String>,
}

/// Measures, or computes again what was measured, and prints it.
///
/// # Errors
/// See [`Failure`].
pub(super) fn compare(args: &Args) -> Result<u8, Failure> {
    let page = args
        .html
        .as_ref()
        .map(|path| File::create(path).with_context(|| format!("cannot write {}", path.display())));
    let page = page.transpose()?;
    let found = match &args.from {
        Some(dir) => read(dir)?,
        None => measure(args)?,
    };
    if let Some(page) = page {
        let mut page = BufWriter::new(page);
        view::html(&mut page, &found)?;
        page.flush()?;
    }
    let mut out = BufWriter::new(stdout().lock());
    if args.json {
        view::json(&mut out, &found)?;
    } else {
        view::text(&mut out, &found, Style { colour: coloured() })?;
    }
    out.flush()?;
    Ok(0)
}

/// Runs everything, in the directory that was named or one that goes with the end.
fn measure(args: &Args) -> Result<Comparison, Failure> {
    let program = program(args.workloads.as_deref()).map_err(Failure::usage)?;
    let temporary;
    let dir = if let Some(dir) = &args.output {
        new(dir).map_err(Failure::usage)?;
        dir.as_path()
    } else {
        temporary = tempfile::tempdir().context("cannot make a temporary directory")?;
        temporary.path()
    };
    let machine = Machine::here();
    let (all, left_out) = runs(args.quick, &machine);
    for run in &all {
        writeln!(stderr(), "tracer: {} {}", PROGRAM, run.args.join(" "))?;
        if run.bare {
            alone(&program, run, &dir.join(format!("{}.bare.json", run.name)))?;
        }
        traced(&program, run, dir)?;
    }
    let runs = all.iter().map(|run| run.name.to_owned()).collect();
    let index = Index { schema: SCHEMA, machine, quick: args.quick, left_out, runs };
    let path = dir.join(INDEX);
    let text = serde_json::to_vec_pretty(&index).map_err(anyhow::Error::from)?;
    fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(read(dir)?)
}

/// The program to be run.
fn program(named: Option<&Path>) -> Result<PathBuf> {
    let own = std::env::current_exe().ok();
    let beside = own.as_deref().and_then(Path::parent);
    let folders: Vec<PathBuf> = match (named, beside) {
        (Some(named), _) => vec![named.to_owned()],
        (None, Some(beside)) => {
            vec![beside.to_owned(), beside.join("../workloads"), PathBuf::from("target/workloads")]
        }
        (None, None) => vec![PathBuf::from("target/workloads")],
    };
    let found = folders.iter().map(|folder| folder.join(PROGRAM)).find(|path| path.is_file());
    found.ok_or_else(|| {
        let looked: Vec<String> =
            folders.iter().map(|folder| folder.display().to_string()).collect();
        anyhow!(
            "the workload '{PROGRAM}' is not in {}: `cargo xtask build` builds it, --workloads DIR \
             says where it is",
            looked.join(", ")
        )
    })
}

/// Makes the directory, which must have no comparison in it yet.
fn new(dir: &Path) -> Result<()> {
    fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    let mut there = fs::read_dir(dir).with_context(|| format!("cannot read {}", dir.display()))?;
    if there.next().is_some() {
        bail!("{} is not empty: name a new directory, or read it with --from", dir.display());
    }
    Ok(())
}

/// Without a trace.
fn alone(program: &Path, run: &Run, marks: &Path) -> Result<()> {
    let mut command = Command::new(program);
    command.args(&run.args).arg("--marks").arg(marks).stdin(Stdio::null());
    let status = command.status().with_context(|| format!("cannot run {}", program.display()))?;
    if !status.success() {
        bail!("{} {}: {status}", program.display(), run.args.join(" "));
    }
    Ok(())
}

/// With one.
fn traced(program: &Path, run: &Run, dir: &Path) -> Result<()> {
    let marks = dir.join(format!("{}.json", run.name));
    let mut command = vec![program.as_os_str().to_owned()];
    command.extend(run.args.iter().map(Into::into));
    command.extend(["--marks".into(), marks.into_os_string()]);
    let options = CaptureOptions {
        realtime: None,
        events: run.events.parse().map_err(anyhow::Error::msg)?,
        usdt: Vec::new(),
        buffer_size: BUFFER,
        buffers: None,
    };
    let plan = plan::command(command, &options)?;
    let recorded = record(plan, Some(&dir.join(format!("{}.data", run.name))))?;
    if let Some(signal) = recorded.interrupted {
        bail!("signal {signal} ended the run '{}'", run.name);
    }
    match recorded.status {
        Some(status) if status.success() => Ok(()),
        status => bail!("{} {}: {status:?}", program.display(), run.args.join(" ")),
    }
}

/// Computes everything from what is in a directory.
fn read(dir: &Path) -> Result<Comparison> {
    let index: Index = parse(&dir.join(INDEX))?;
    if index.schema != SCHEMA {
        bail!("{} is of version {}, not {SCHEMA}", dir.join(INDEX).display(), index.schema);
    }
    // Which runs there can be; the index says which there were.
    let (known, _) = runs(index.quick, &index.machine);
    let mut evidence: Runs = BTreeMap::new();
    let mut recordings = Vec::new();
    for run in known.iter().filter(|run| index.runs.iter().any(|name| name == run.name)) {
        let marks: Marks = parse(&dir.join(format!("{}.json", run.name)))?;
        let bare = run.bare.then(|| parse(&dir.join(format!("{}.bare.json", run.name))));
        let analysis = analyse_file(&dir.join(format!("{}.data", run.name)), &[], None)?;
        recordings.push(RecordingRow {
            name: run.name.to_owned(),
            args: marks.args.clone(),
            events: analysis.quality.events,
            lost: analysis.quality.lost.total,
            unsure_tasks: analysis.summary.tasks.iter().filter(|row| !row.exact).count(),
        });
        let trace = analysis.summary;
        evidence.insert(run.name, Evidence { bare: bare.transpose()?, marks, trace });
    }
    Ok(Comparison {
        schema: SCHEMA,
        warnings: index.machine.warnings(),
        machine: index.machine,
        quick: index.quick,
        left_out: index.left_out,
        confidence_percent: CONFIDENCE_PERCENT,
        recordings,
        aspects: aspects::all(&evidence),
    })
}

fn parse<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T> {
    let text = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("cannot read {}", path.display()))
}
