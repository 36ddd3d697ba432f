//! What `tracer top` shows, as it is typed.

use std::time::Duration;

use clap::Args;

use super::values;
use crate::views::top::Column;

/// What is recorded unless somebody asks for more or less: what the table and the bars need.
pub(super) const EVENTS: &str = "task,sched,signal,irq";

pub(super) const EXAMPLES: &str = "\
Examples:
  sudo tracer top                         every task of the machine; ? for help, q to quit
  sudo tracer top --sort delay            those that wait longest for a CPU first
  sudo tracer top -p 1234 --tree          one process and what it starts, as a tree
  sudo tracer top -- make -j4             a program; its own output is dropped meanwhile
  sudo tracer top -e task,sched,futex     with the futexes of the task you look at (Enter)
  sudo tracer top --realtime 1            on a machine with more to do than CPUs
  sudo tracer top --batch 3 --top 10      three screens of ten rows as text, for scripts";

/// How to show it.
#[derive(Clone, Debug, Args)]
pub struct Look {
    /// Length of the intervals: 1s, 500ms
    #[arg(short, long, value_name = "TIME", default_value = "1s", value_parser = interval)]
    pub interval: Duration,
    /// Sort by this column: tid, pid, state, run, runnable, sleep, disk, stop, trace, zombie,
    /// unknown, gone, delay, vol, inv, mig, irq, wakes, sig, cpu, comm
    #[arg(long, value_name = "COLUMN", default_value = "run", value_parser = column)]
    pub sort: Column,
    /// The other way around
    #[arg(long)]
    pub reverse: bool,
    /// Threads under their processes, processes under their parents
    #[arg(long)]
    pub tree: bool,
    /// Only these tasks: a part of a name, a number, tid:N, pid:N or comm:NAME, several with commas
    #[arg(long, value_name = "FILTER")]
    pub filter: Option<String>,
    /// Without tasks that only slept
    #[arg(long)]
    pub active: bool,
    /// Print so many screens as plain text and end; needs no terminal
    #[arg(long, value_name = "N", value_parser = values::rows)]
    pub batch: Option<usize>,
    /// Most rows of a screen in --batch
    #[arg(long, value_name = "ROWS", value_parser = values::rows, requires = "batch")]
    pub top: Option<usize>,
}

fn interval(text: &str) -> Result<Duration, String> {
    let time = values::duration(text)?;
    let possible = Duration::from_millis(100)..=Duration::from_hours(1);
    if possible.contains(&time) {
        Ok(time)
    } else {
        Err(format!("'{text}': an interval is at least 100ms and at most 1h"))
    }
}

fn column(word: &str) -> Result<Column, String> {
    Column::named(word).ok_or_else(|| format!("no column '{word}': {}", Column::names()))
}
