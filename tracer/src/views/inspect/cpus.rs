//! The CPUs, as the tasks tell of them.

use std::io::{self, Write};

use crate::inspect::{Inspection, OnCpu};
use crate::views::Style;
use crate::views::table::{Side, Table};

/// Runnable tasks that are named.
const NAMED: usize = 6;

pub(super) fn write(found: &Inspection, style: Style, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n{}", style.heading("Cpus"))?;
    let mut table = Table::new(&[
        ("CPU", Side::Right),
        ("CURRENT", Side::Left),
        ("TASKS", Side::Right),
        ("RUNNABLE", Side::Left),
    ]);
    for cpu in &found.cpus {
        let current = cpu.current.as_ref().map_or_else(|| "idle".to_owned(), named);
        let mut runnable: Vec<String> = cpu.runnable.iter().take(NAMED).map(named).collect();
        if cpu.runnable.len() > NAMED {
            runnable.push(format!("… {} more", cpu.runnable.len() - NAMED));
        }
        let runnable = super::list(runnable);
        table.row(vec![cpu.cpu.to_string(), current, cpu.tasks.to_string(), runnable]);
    }
    table.write(out, style, 0)
}

fn named(task: &OnCpu) -> String {
    format!("{} {}", task.tid, task.comm)
}
