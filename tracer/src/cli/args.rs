//! What the user typed, and nothing else.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueHint};
use clap_complete::Shell;

use super::compare::Compare;
use super::examples;
pub use super::explain::Explain;
pub use super::export::{Export, ExportFormat};
pub use super::inspect::Inspect;
use super::span::{self, Span};
use super::stacks::StackOption;
use super::timeline::Timeline;
use super::values;
use crate::probe::Families;
use crate::usdt::Wanted;
use crate::views::report::Section;

/// Traces the life of Linux tasks: how they are created and what they share, when and where they
/// run, why they wait and who wakes them, which signals and interrupts hit them, how they die.
#[derive(Debug, Parser)]
#[command(name = "tracer", version, after_help = EXAMPLES, disable_help_subcommand = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "\
Examples:
  sudo tracer run -- make -j4             a program and all it starts, and its report
  sudo tracer record -a -d 10s            the whole machine for ten seconds, to tracer.data
  sudo tracer record -p 1234 -o slow.data a running process with all its threads
  tracer report slow.data                 the same report again, no root needed
  tracer report -s latency --sort max --top 5 --comm ls,cat
                                          those that waited longest for a CPU, of these names
  tracer diff before.data after.data      what changed between two recordings, in time and counts
  tracer report --time 10ms,2s            what happened between these times of it
  tracer report --json | jq '.tasks[].comm'
  tracer export -f dot | dot -Tsvg        who created whom and shares what, as a picture
  tracer export -o trace.html             timeline and report, in one page for any browser
  tracer timeline                         who ran where, and in which state each task was
  tracer export -o off.svg                a flame graph of the time off the CPUs
  tracer verify                           does the trace agree with the kernel's own accounts?
  sudo tracer compare --quick             what a thread shares and costs here, against a process
  sudo tracer live -p 1234                one line an event, as it happens
  sudo tracer top                         all tasks by what they did in the last second
  sudo tracer inspect 1234                what a process and its threads are right now
  tracer explain CLONE_VM                 what a word of any view means
  sudo tracer doctor                      what works on this machine";

/// `--section` for all of them.
const ALL_SECTIONS: &str = "all";

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

/// What to show of a trace.
#[derive(Clone, Debug, Args)]
pub struct ShowOptions {
    /// These parts of the report in full, or all; without it a short report. `critical-path` is
    /// shown, and in --json, only if it or all is named
    #[arg(
        short,
        long,
        value_name = "SECTION",
        value_delimiter = ',',
        value_parser = sections()
    )]
    pub section: Vec<Pick>,
    /// Only what happened between two times since the begin of the trace: 10ms,2s or 1s, or ,2s or
    /// 10%,50%
    #[arg(long, value_name = "FROM,TO", value_parser = span::span, allow_hyphen_values = true)]
    pub time: Option<Span>,
    /// One JSON object instead of text
    #[arg(long)]
    pub json: bool,
    /// Only rows of these tasks, and of CPUs
    #[arg(long, value_name = "TID", value_delimiter = ',',
          value_parser = clap::value_parser!(u32).range(1..))]
    pub tid: Vec<u32>,
    /// Only rows of tasks with these names, and of CPUs
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub comm: Vec<String>,
    /// Sort by this column: a heading of the sections' tables, in any case
    #[arg(long, value_name = "COLUMN")]
    pub sort: Option<String>,
    /// Most rows of a table, and with --json of an array
    #[arg(long, value_name = "ROWS", value_parser = values::rows)]
    pub top: Option<usize>,
    /// Tasks that did nothing during the trace too
    #[arg(long)]
    pub inactive: bool,
}

/// What `--section` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pick {
    /// All sections.
    All,
    /// This one.
    One(Section),
}

impl ShowOptions {
    /// The sections that were named, in full; none for the short report.
    pub fn sections(&self) -> Vec<Section> {
        if self.section.contains(&Pick::All) {
            return Section::ALL.to_vec();
        }
        let named = self.section.iter().filter_map(|pick| match pick {
            Pick::All => None,
            Pick::One(section) => Some(*section),
        });
        named.collect()
    }
}

fn sections() -> impl TypedValueParser<Value = Pick> {
    let names = Section::ALL.map(Section::name).into_iter().chain([ALL_SECTIONS]);
    PossibleValuesParser::new(names).try_map(|name| match name.as_str() {
        ALL_SECTIONS => Ok(Pick::All),
        name => Section::of_name(name).map(Pick::One).ok_or("no such section"),
    })
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
