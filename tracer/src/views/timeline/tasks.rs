//! One row a task: in which state it was.

use std::io::{self, Write};

use crate::model::summary::{Summary, TaskRow};
use crate::views::shares_of;

use super::grid::Grid;
use super::tracks::{ByTask, LETTERS};
use super::{NAMES, Options, Shares, label, paint};

/// The states' names in the legend, in the order of the report.
const NAMES_OF: [&str; 8] = [
    "running",
    "runnable",
    "sleeping",
    "uninterruptible",
    "stopped",
    "traced",
    "zombie",
    "unknown",
];

/// Their colours.
const COLOURS: [&str; 8] = ["1;32", "1;33", "2", "1;34", "1;35", "35", "2;31", "1;31"];

/// Headings, as the report has them but shorter.
const HEADS: [&str; 8] = ["RUN%", "RNBL%", "SLEEP%", "DISK%", "STOP%", "TRACE%", "ZOMB%", "?%"];

pub(super) fn write(
    out: &mut dyn Write,
    (grid, summary): (Grid, &Summary),
    cells: &ByTask,
    options: &Options,
) -> io::Result<()> {
    let tasks = chosen(summary, options);
    let rows: Vec<&TaskRow> = tasks.iter().copied().take(options.rows).collect();
    let shares = rows.iter().map(|task| shares_of(task.states_ns.each().map(|(_, ns)| ns)));
    let shares = Shares::new(HEADS, shares.collect());
    let style = options.style;
    let head = format!("{:>NAMES$} {:cells$}{}", "TASK", "", shares.head(), cells = grid.cells);
    writeln!(out, "{}", style.dim(&head))?;
    let mut used = [false; 8];
    for (index, task) in rows.iter().enumerate() {
        let nothing = vec![None; grid.cells];
        let of_task = cells.get(&(task.tid, task.start_ns, task.from_ns));
        let of_task = of_task.map_or(&nothing, |(_, cells)| cells);
        let letters: Vec<(char, &str)> = of_task
            .iter()
            .map(|state| match state.map(usize::from) {
                Some(state) => {
                    used[state] = true;
                    (LETTERS[state], COLOURS[state])
                }
                None => (' ', ""),
            })
            .collect();
        let name = label(&task.comm, &task.tid.to_string());
        writeln!(out, "{name} {}{}", paint(&letters, style), shares.row(index))?;
    }
    if tasks.len() > rows.len() {
        writeln!(out, "{:>NAMES$} {} more, --top", "…", tasks.len() - rows.len())?;
    }
    let legend = (0..8).filter(|&state| used[state]).map(|state| {
        format!("{} {}", paint(&[(LETTERS[state], COLOURS[state])], style), NAMES_OF[state])
    });
    let legend: Vec<String> = legend.collect();
    if legend.is_empty() { Ok(()) } else { writeln!(out, "{:NAMES$} {}", "", legend.join("  ")) }
}

/// The tasks that did most, in the order of process and birth.
fn chosen<'a>(summary: &'a Summary, options: &Options) -> Vec<&'a TaskRow> {
    let mut tasks: Vec<&TaskRow> = summary.tasks.iter().collect();
    if !options.inactive {
        tasks.retain(|task| task.active());
    }
    // Those beyond the rows that there are come last, and are only counted.
    tasks.sort_by_key(|task| (std::cmp::Reverse(task.states_ns.running), task.tid));
    let rows = options.rows.min(tasks.len());
    tasks[..rows].sort_by_key(|task| (task.tgid, task.tid != task.tgid, task.from_ns, task.tid));
    tasks
}
