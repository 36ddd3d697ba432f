//! The words of `tracer timeline`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::args::TaskOptions;
use super::span::{self, Span};
use super::values;

/// Shows a trace by time.
#[derive(Debug, Args)]
pub struct Timeline {
    /// The recording
    #[arg(default_value = "tracer.data", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// CPUs only: who ran on each
    #[arg(long, conflicts_with = "only_tasks")]
    pub cpus: bool,
    /// Tasks only: in which state each was
    #[arg(long = "tasks", id = "only_tasks")]
    pub only_tasks: bool,
    /// Only what happened between two times since the begin of the trace: 10ms,2s or 1s, or ,2s or
    /// 10%,50%
    #[arg(long, value_name = "FROM,TO", value_parser = span::span, allow_hyphen_values = true)]
    pub time: Option<Span>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its fields are documented")]
    pub tasks: TaskOptions,
    /// Most tasks [default: as many as the terminal has lines for]
    #[arg(long, value_name = "ROWS", value_parser = values::rows)]
    pub top: Option<usize>,
    /// Columns of a line [default: those of the terminal, else 120]
    #[arg(long, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(60..))]
    pub width: Option<u16>,
    /// Tasks that did nothing during the trace too
    #[arg(long)]
    pub inactive: bool,
}
