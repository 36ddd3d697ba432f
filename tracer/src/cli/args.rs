//! What the user typed, and nothing else.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueHint};
use clap_complete::Shell;

use super::compare::Compare;
use super::examples;
pub use super::explain::Explain;
pub use super::export::{Export, ExportFormat};
pub use super::inspect::Inspect;
pub use super::show::{Pick, ShowOptions};
use super::stacks::{NoStacks, StackOption};
use super::timeline::Timeline;
use super::values;
use crate::probe::Families;
use crate::usdt::Wanted;

/// Traces the life of Linux tasks: how they are created and what they share, when and where they
/// run, why they wait and who wakes them, which signals and interrupts hit them, how they die.
#[derive(Debug, Parser)]
#[command(name = "tracer", version, after_help = examples::TRACER, disable_help_subcommand = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What tracer does.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Trace a program and all it starts, from birth to last exit, and print the report
    #[command(after_help = examples::RUN)]
    Run(Run),
    /// Record to a file
    #[command(after_help = examples::RECORD)]
    Record(Record),
    /// Print the report of a recording
    #[command(after_help = examples::REPORT)]
    Report(Report),
    /// Compare two recordings by the same measures: what changed most comes first
    #[command(after_help = examples::DIFF)]
    Diff(Diff),
    /// Measure processes against threads and user-level threads on this machine
    #[command(after_help = examples::COMPARE)]
    Compare(Compare),
    /// Hold a recording against the kernel's own accounts; exit status 1 if they disagree
    #[command(after_help = examples::VERIFY)]
    Verify(Verify),
    /// Write a recording in a format of other programs
    #[command(after_help = examples::EXPORT)]
    Export(Export),
    /// Show a recording by time on one screen: who ran on each CPU, in which state each task was
    #[command(after_help = examples::TIMELINE)]
    Timeline(Timeline),
    /// Print one line an event, as it happens
    #[command(after_help = examples::LIVE)]
    Live(Live),
    /// Watch tasks and CPUs full screen: what each did in the last second, sorted as you like
    Top(Top),
    /// Show one live process: what its threads share, and both halves of each, read in one pass
    #[command(after_help = examples::INSPECT)]
    Inspect(Inspect),
    /// Say what a word of any view means: a flag, a state, a signal, a heading, a field
    #[command(after_help = examples::EXPLAIN)]
    Explain(Explain),
    /// Say what this kernel and these privileges allow, what is missing, and how to get it
    #[command(after_help = examples::DOCTOR)]
    Doctor(Doctor),
    /// Print a completion script for a shell
    #[command(after_help = examples::COMPLETIONS)]
    Completions {
        /// Which shell
        shell: Shell,
    },
    /// Print a manual page, or write all of them
    #[command(after_help = examples::MAN)]
    Man(Man),
}

/// What a program to be traced is given as.
#[derive(Debug, Args)]
pub struct Run {
    /// Keep the recording in this file
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its fields are documented")]
    pub capture: CaptureOptions,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its fields are documented")]
    pub stacks: StackOption,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its fields are documented")]
    pub show: ShowOptions,
    /// Write the report to this file instead of standard output
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub report: Option<PathBuf>,
    /// The program and its arguments
    #[arg(last = true, required = true, value_name = "CMD", value_hint = ValueHint::CommandWithArguments)]
    pub command: Vec<OsString>,
}

/// Whom to record.
#[derive(Debug, Args)]
pub struct Whom {
    /// Every task of the machine; with CMD, until it exits
    #[arg(short, long, conflicts_with_all = ["pid", "cgroup"])]
    pub all: bool,
    /// Running processes with all their threads, and what they will start
    #[arg(short, long, value_name = "PID", value_delimiter = ',', value_parser = values::pid,
          conflicts_with_all = ["cgroup", "command"])]
    pub pid: Vec<u32>,
    /// The tasks of a cgroup (v2) and below, and what they will start
    #[arg(long, value_name = "PATH", value_hint = ValueHint::DirPath, conflicts_with = "command")]
    pub cgroup: Option<PathBuf>,
    /// Stop after this time: 10s, 500ms, 2m
    #[arg(short, long, value_name = "TIME", value_parser = values::duration)]
    pub duration: Option<Duration>,
    /// A program to start and trace with all it starts
    #[arg(last = true, value_name = "CMD", value_hint = ValueHint::CommandWithArguments)]
    pub command: Vec<OsString>,
}

/// What and how to capture.
#[derive(Clone, Debug, Args)]
pub struct CaptureOptions {
    /// Families of events to record, or with a minus to leave out: task, sched, signal, irq,
    /// vector, futex, call, usdt
    #[arg(
        short,
        long,
        value_name = "LIST",
        default_value = "task,sched,signal,irq,vector,futex,call,usdt",
        hide_default_value = true,
        allow_hyphen_values = true
    )]
    pub events: Families,
    /// Record the USDT probes of a program or library, of provider uthread if none is named; those
    /// of the command and of processes named by -p are found by themselves, those of programs
    /// that they start are not
    #[arg(long, value_name = "FILE[:PROVIDER]", value_parser = values::usdt,
          value_hint = ValueHint::FilePath)]
    pub usdt: Vec<Wanted>,
    /// Size of each ring buffer (rounded up to a power of two)
    #[arg(long, value_name = "SIZE", default_value = "8M", value_parser = values::size)]
    pub buffer_size: u64,
    /// Number of ring buffers, which the CPUs share [default: one for each CPU]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=512))]
    pub buffers: Option<u32>,
    /// Run as `SCHED_RR` with this priority, 1 to 99, so as to keep up with a machine that has more
    /// to do than CPUs
    #[arg(long, value_name = "PRIO", value_parser = clap::value_parser!(u8).range(1..=99))]
    pub realtime: Option<u8>,
}

/// Records to a file.
#[derive(Debug, Args)]
pub struct Record {
    #[command(flatten)]
    #[expect(missing_docs, reason = "its fields are documented")]
    pub whom: Whom,
    /// The file; one that exists is kept as FILE.old
    #[arg(short, long, value_name = "FILE", default_value = "tracer.data",
          value_hint = ValueHint::FilePath)]
    pub output: PathBuf,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its fields are documented")]
    pub capture: CaptureOptions,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its fields are documented")]
    pub stacks: StackOption,
}

/// Reports.
#[derive(Debug, Args)]
pub struct Report {
    /// The recording
    #[arg(default_value = "tracer.data", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its fields are documented")]
    pub show: ShowOptions,
}

/// Compares.
#[derive(Debug, Args)]
pub struct Diff {
    /// The first recording
    #[arg(value_name = "A", value_hint = ValueHint::FilePath)]
    pub a: PathBuf,
    /// The second recording
    #[arg(value_name = "B", value_hint = ValueHint::FilePath)]
    pub b: PathBuf,
    /// One JSON object instead of text
    #[arg(long)]
    pub json: bool,
    /// Only processes and threads with these names, CPUs and interrupts
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub comm: Vec<String>,
    /// Most names of tasks and of interrupts [default: 6; with --json all]
    #[arg(long, value_name = "ROWS", value_parser = values::rows)]
    pub top: Option<usize>,
}

/// Verifies.
#[derive(Debug, Args)]
pub struct Verify {
    /// The recording
    #[arg(default_value = "tracer.data", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// One JSON object instead of text
    #[arg(long)]
    pub json: bool,
}

/// Of which tasks.
#[derive(Clone, Debug, Default, Args)]
pub struct TaskOptions {
    /// Only what these tasks have a part in
    #[arg(long, value_name = "TID", value_delimiter = ',',
          value_parser = clap::value_parser!(u32).range(1..))]
    pub tid: Vec<u32>,
    /// Only what tasks with these names have a part in
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub comm: Vec<String>,
}

/// Shows events as they happen.
#[derive(Debug, Args)]
pub struct Live {
    #[command(flatten)]
    #[expect(missing_docs, reason = "its fields are documented")]
    pub whom: Whom,
    /// One JSON object a line
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its fields are documented")]
    pub stacks: NoStacks,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its fields are documented")]
    pub tasks: TaskOptions,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its fields are documented")]
    pub capture: CaptureOptions,
}

/// Watches tasks.
#[derive(Debug, Args)]
#[command(mut_arg("events", |arg| arg.default_value(super::top::EVENTS)), after_help = super::top::EXAMPLES)]
pub struct Top {
    #[command(flatten)]
    #[expect(missing_docs, reason = "its fields are documented")]
    pub whom: Whom,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its fields are documented")]
    pub look: super::top::Look,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its fields are documented")]
    pub capture: CaptureOptions,
}

/// Manual pages.
#[derive(Debug, Args)]
pub struct Man {
    /// Of this command [default: of the program]
    #[arg(value_name = "COMMAND", conflicts_with = "dir")]
    pub command: Option<String>,
    /// Write all pages to this folder
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub dir: Option<PathBuf>,
}

/// Looks at the machine.
#[derive(Debug, Args)]
pub struct Doctor {
    /// One JSON object instead of text
    #[arg(long)]
    pub json: bool,
}
