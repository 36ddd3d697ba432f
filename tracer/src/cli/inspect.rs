//! The words of `tracer inspect`.

use std::time::Duration;

use clap::Args;

use super::values;

/// Inspects.
#[derive(Debug, Args)]
pub struct Inspect {
    /// The process; of a thread's number, its process and that thread in full
    #[arg(value_name = "PID", value_parser = values::pid)]
    pub pid: u32,
    /// One JSON object on one line instead of text
    #[arg(long)]
    pub json: bool,
    /// Again and again, until the process has exited; every second, or at this interval: 500ms, 5s
    #[arg(long, value_name = "TIME", num_args = 0..=1, require_equals = true,
          default_missing_value = "1s", value_parser = values::duration)]
    pub watch: Option<Duration>,
    /// Both halves of every thread in full, not one line each
    #[arg(long)]
    pub full: bool,
    /// Most threads of a table
    #[arg(long, value_name = "ROWS", value_parser = values::rows)]
    pub top: Option<usize>,
}
