//! `bench`: what tracing costs, side by side with perf, as ratios to untraced runs.
//!
//! In each round every tracer runs the same load once, in shuffled order, and is held against the
//! untraced run of that round: machines drift, so only neighbours are compared. What counts is the
//! load's own figure, which leaves out how long a tracer takes to start.

mod account;
mod child;
mod contender;
mod facts;
mod guard;
mod load;
mod page;
mod profile;
mod results;
mod rounds;
mod spread;
mod table;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, bail};
use clap::ValueEnum as _;

use crate::root::Root;
use crate::tree::Tree;
use crate::{build, sh};
use contender::Contender;
use facts::Facts;
use guard::Guard;
use load::Load;
use results::{LoadResult, Results};

/// How to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How often every tracer runs
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u32).range(1..=1000))]
    rounds: u32,
    /// What to trace; may be repeated [default: every load]
    #[arg(long, value_enum)]
    load: Vec<Load>,
    /// Instead: how long a page of two million intervals takes to open and to zoom in a browser
    #[arg(long, conflicts_with_all = ["load", "json"])]
    page: bool,
    /// Every figure of every run, to this file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Measure this tracer instead of building one
    #[arg(long, value_name = "FILE")]
    tracer: Option<PathBuf>,
}

/// What every run needs to know.
#[derive(Debug)]
struct Bench {
    /// The tracer measured.
    tracer: PathBuf,
    /// The recordings' folder.
    folder: PathBuf,
    /// The folder of the workloads' programs.
    workloads: PathBuf,
    /// The CPU of loads that are pinned to one.
    last_cpu: u32,
}

/// The command itself.
pub(crate) fn run(tree: &Tree, options: Options) -> anyhow::Result<ExitCode> {
    let root = Root::find();
    if root == Root::No {
        bail!("loading BPF programs needs root, and there is no sudo: call this as root");
    }
    let tracer = if let Some(file) = &options.tracer {
        fs::canonicalize(file).with_context(|| format!("no {}", file.display()))?
    } else {
        build::all(tree)?;
        tree.release().join("tracer")
    };
    if options.page {
        let (folder, _remover) = folder()?;
        page::run(tree, root, &tracer, &folder)?;
        return Ok(ExitCode::SUCCESS);
    }
    if root == Root::Sudo {
        return by_sudo(&tracer, &options);
    }
    let (loads, mut skipped) = loads(&options.load, &tree.workloads())?;
    // What is asked for but can't be written must not be found out at the end.
    let json = options.json.as_deref().map(create).transpose()?;
    let (folder, remover) = folder()?;
    let facts = Facts::find(&tracer)?;
    let bench = Bench { tracer, folder, workloads: tree.workloads(), last_cpu: facts.last_cpu };
    let mut results = Vec::new();
    for load in loads {
        results.push(measure(&bench, load, options.rounds, &mut skipped)?);
    }
    drop(remover);
    let results = Results {
        schema: 1,
        machine: facts.after()?,
        ring_bytes_of_a_switch: account::RING_BYTES_OF_A_SWITCH,
        skipped,
        loads: results,
    };
    print!("{}", table::all(&results));
    if let Some(file) = json {
        serde_json::to_writer_pretty(file, &results).context("cannot write the JSON")?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A folder for recordings, and what removes it.
fn folder() -> anyhow::Result<(PathBuf, Guard)> {
    let folder = env::temp_dir().join(format!("tracer-bench-{}", std::process::id()));
    fs::create_dir(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let remover = Guard::new("rm -rf -- \"$1\"", &[folder.as_os_str()])?;
    Ok((folder, remover))
}

/// The same command again as root. What is built already is not built as root.
fn by_sudo(tracer: &Path, options: &Options) -> anyhow::Result<ExitCode> {
    let this = env::current_exe().context("cannot tell which program this is")?;
    let mut command = Root::Sudo.command(this);
    command.args(["bench", "--rounds", &options.rounds.to_string(), "--tracer"]).arg(tracer);
    for load in &options.load {
        command.args(["--load", load.name()]);
    }
    if let Some(file) = &options.json {
        command.arg("--json").arg(file);
    }
    let good = sh::status(&mut command)?.success();
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The loads that can run here, and what is skipped and why.
fn loads(asked: &[Load], workloads: &Path) -> anyhow::Result<(Vec<Load>, Vec<String>)> {
    let asked = if asked.is_empty() { Load::value_variants() } else { asked };
    let (mut good, mut skipped) = (Vec::new(), Vec::new());
    for &load in asked {
        match load.missing(workloads) {
            Some(missing) => skipped.push(format!("{}: there is no {missing}", load.name())),
            None => good.push(load),
        }
    }
    if good.is_empty() {
        bail!("no load can run: {}", skipped.join("; "));
    }
    Ok((good, skipped))
}

/// An empty file for the results.
fn create(file: &Path) -> anyhow::Result<fs::File> {
    fs::File::create(file).with_context(|| format!("cannot write {}", file.display()))
}

/// Everything about one load.
fn measure(
    bench: &Bench,
    load: Load,
    rounds: u32,
    skipped: &mut Vec<String>,
) -> anyhow::Result<LoadResult> {
    let contenders = rounds::all(bench, load, rounds, skipped)?;
    eprintln!("bench: {}: one more run with the kernel's own BPF statistics", load.name());
    let programs = profile::run(bench, load).unwrap_or_else(|error| {
        skipped.push(format!("{}: cost of each BPF program: {error:#}", load.name()));
        Vec::new()
    });
    let command = sh::shown(&bench.command(&Contender::ALL[0], load));
    Ok(LoadResult { load: load.name(), command, contenders, programs })
}

impl Bench {
    /// The recording's path; one at a time is kept.
    fn file(&self) -> PathBuf {
        self.folder.join("recording")
    }

    /// A load under a tracer.
    fn command(&self, contender: &Contender, load: Load) -> Command {
        let line = load.line(self.last_cpu, &self.workloads);
        let Some(recorder) = contender.recorder else {
            let mut command = Command::new(&line[0]);
            command.args(&line[1..]);
            return command;
        };
        let mut command = recorder.program(&self.tracer);
        command.args(contender.arguments).arg("-o").arg(self.file()).arg("--").args(line);
        command
    }
}
