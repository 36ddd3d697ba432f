//! The report's tables as comma-separated values (RFC 4180), one table a file.
//!
//! A row is a row of an array of `report --json`, a column one of its fields by its path, such as
//! `states_ns.running`: the meanings are those of docs/json.md. What is null there is empty; what is a
//! list or a map there is JSON in its cell.

mod columns;
mod stretches;

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

use crate::model::summary::Summary;
use crate::source::quality::GapAt;

pub use stretches::Stretches;

/// A table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the array of the report with that name")]
pub enum Table {
    #[default]
    Tasks,
    /// The time of each task in each state, a row each.
    States,
    /// Every closed stretch of every task's states: not of the report but of the trace.
    Stretches,
    Processes,
    Sharing,
    Cpus,
    Signals,
    SignalTotals,
    Irqs,
    Softirqs,
    Vectors,
    InterruptTotals,
    Futexes,
    Wakeups,
    LongestWaits,
    LockChains,
    Stuck,
    Deadlocks,
    Stacks,
    Findings,
    UthreadProcesses,
    Carriers,
    Uthreads,
    Gaps,
}

impl Table {
    /// All of them.
    pub const ALL: [Self; 24] = [
        Self::Tasks,
        Self::States,
        Self::Stretches,
        Self::Processes,
        Self::Sharing,
        Self::Cpus,
        Self::Signals,
        Self::SignalTotals,
        Self::Irqs,
        Self::Softirqs,
        Self::Vectors,
        Self::InterruptTotals,
        Self::Futexes,
        Self::Wakeups,
        Self::LongestWaits,
        Self::LockChains,
        Self::Stuck,
        Self::Deadlocks,
        Self::Stacks,
        Self::Findings,
        Self::UthreadProcesses,
        Self::Carriers,
        Self::Uthreads,
        Self::Gaps,
    ];

    /// What it is called.
    pub fn name(self) -> &'static str {
        self.described().0
    }

    /// The table of this name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.name() == name)
    }

    /// Its columns.
    pub fn columns(self) -> impl Iterator<Item = &'static str> {
        self.described().1.split_whitespace()
    }

    fn described(self) -> (&'static str, &'static str) {
        match self {
            Self::Tasks => ("tasks", columns::TASKS),
            Self::States => ("states", columns::STATES),
            Self::Stretches => ("stretches", columns::STRETCHES),
            Self::Processes => ("processes", columns::PROCESSES),
            Self::Sharing => ("sharing", columns::SHARING),
            Self::Cpus => ("cpus", columns::CPUS),
            Self::Signals => ("signals", columns::SIGNALS),
            Self::SignalTotals => ("signal_totals", columns::SIGNAL_TOTALS),
            Self::Irqs => ("irqs", columns::IRQS),
            Self::Softirqs => ("softirqs", columns::SOFTIRQS),
            Self::Vectors => ("vectors", columns::VECTORS),
            Self::InterruptTotals => ("interrupt_totals", columns::INTERRUPT_TOTALS),
            Self::Futexes => ("futexes", columns::FUTEXES),
            Self::Wakeups => ("wakeups", columns::WAKEUPS),
            Self::LongestWaits => ("longest_waits", columns::LONGEST_WAITS),
            Self::LockChains => ("lock_chains", columns::LOCK_CHAINS),
            Self::Stuck => ("stuck", columns::STUCK),
            Self::Deadlocks => ("deadlocks", columns::DEADLOCKS),
            Self::Stacks => ("stacks", columns::STACKS),
            Self::Findings => ("findings", columns::FINDINGS),
            Self::UthreadProcesses => ("uthread_processes", columns::UTHREAD_PROCESSES),
            Self::Carriers => ("carriers", columns::CARRIERS),
            Self::Uthreads => ("uthreads", columns::UTHREADS),
            Self::Gaps => ("gaps", columns::GAPS),
        }
    }
}

/// Writes a table; nothing but the heading for [`Table::Stretches`], which are told one by one.
///
/// # Errors
/// Those of the writer.
pub fn write(
    out: &mut dyn Write,
    table: Table,
    summary: &Summary,
    gaps: &[GapAt],
) -> io::Result<()> {
    let mut rows = Rows::new(out, table)?;
    match table {
        Table::Tasks => rows.all(&summary.tasks),
        Table::States => summary.tasks.iter().try_for_each(|task| {
            let mut states = task.states_ns.each().into_iter();
            states.try_for_each(|(state, ns)| {
                let (comm, start_ns) = (&*task.comm, task.start_ns);
                rows.row(&StateRow { tid: task.tid, tgid: task.tgid, comm, start_ns, state, ns })
            })
        }),
        Table::Stretches => Ok(()),
        Table::Processes => rows.all(&summary.processes),
        Table::Sharing => rows.all(&summary.sharing),
        Table::Cpus => rows.all(&summary.cpus),
        Table::Signals => rows.all(&summary.signals),
        Table::SignalTotals => rows.all(&summary.signal_totals),
        Table::Irqs => rows.all(&summary.irqs),
        Table::Softirqs => rows.all(&summary.softirqs),
        Table::Vectors => rows.all(&summary.vectors),
        Table::InterruptTotals => rows.all(&summary.interrupt_totals),
        Table::Futexes => rows.all(&summary.futexes),
        Table::Wakeups => rows.all(&summary.wakeups),
        Table::LongestWaits => rows.all(&summary.longest_waits),
        Table::LockChains => rows.all(&summary.lock_chains),
        Table::Stuck => rows.all(&summary.stuck),
        Table::Deadlocks => rows.all(&summary.deadlocks),
        Table::Stacks => rows.all(&summary.stacks),
        Table::Findings => rows.all(&summary.findings()),
        Table::UthreadProcesses => rows.all(&summary.uthreads.processes),
        Table::Carriers => rows.all(&summary.uthreads.carriers),
        Table::Uthreads => rows.all(&summary.uthreads.threads),
        Table::Gaps => rows.all(gaps),
    }?;
    rows.finish()
}

/// A row of `states`.
#[derive(Serialize)]
struct StateRow<'a> {
    tid: u32,
    tgid: u32,
    comm: &'a str,
    start_ns: Option<u64>,
    state: &'static str,
    ns: u64,
}

/// A table that is being written.
struct Rows<'a> {
    out: ::csv::Writer<&'a mut dyn Write>,
    columns: Vec<&'static str>,
}

impl<'a> Rows<'a> {
    /// Begins with the heading.
    fn new(out: &'a mut dyn Write, table: Table) -> io::Result<Self> {
        let mut out = ::csv::Writer::from_writer(out);
        let columns: Vec<&str> = table.columns().collect();
        out.write_record(&columns)?;
        Ok(Self { out, columns })
    }

    fn all<T: Serialize>(&mut self, rows: &[T]) -> io::Result<()> {
        rows.iter().try_for_each(|row| self.row(row))
    }

    fn row(&mut self, row: &impl Serialize) -> io::Result<()> {
        let row = serde_json::to_value(row)?;
        for column in &self.columns {
            self.out.write_field(cell(field(&row, column)))?;
        }
        Ok(self.out.write_record(None::<&[u8]>)?)
    }

    fn texts(&mut self, cells: &[&str]) -> io::Result<()> {
        Ok(self.out.write_record(cells)?)
    }

    fn finish(mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A field by its path; `None` if there is no such field, or nothing that could have it.
fn field<'a>(row: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(row, |value, name| value.get(name))
}

fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    }
}

#[cfg(test)]
mod tests;
