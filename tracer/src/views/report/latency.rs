//! Switches, how long tasks waited for a CPU, and for whom.

use std::io::{self, Write};

use crate::model::summary::TaskRow;
use crate::views::duration;
use crate::views::table::{Side, Table};

use super::Page;
use super::cells::{name, quantiles, some_time};
use super::columns::LATENCY;

impl Page<'_> {
    pub(super) fn latency(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut all = self.by_running();
        self.sort(&mut all, LATENCY);
        let (tasks, left_out) = self.first(&all);
        if tasks.is_empty() {
            return self.nothing(out);
        }
        let right = |name| (name, Side::Right);
        let mut table = Table::new(&[
            right("TID"),
            ("COMM", Side::Left),
            right("RUN"),
            right("VOL"),
            right("INVOL"),
            right("MIGR"),
            right("DELAYS"),
            right("AVG"),
            right("P50"),
            right("P99"),
            right("MAX"),
            right("IRQ"),
            ("CPUS", Side::Left),
        ]);
        for task in tasks {
            table.row(row(task));
        }
        table.write(out, self.options.style, left_out)?;
        if self.options.brief {
            return Ok(());
        }
        self.delays_by_cpu(out)?;
        self.delay_histograms(out, &all)?;
        self.antagonists(out, &all)?;
        Self::migrations(out, &all)
    }
}

fn row(task: &TaskRow) -> Vec<String> {
    let mut cells = vec![
        task.tid.to_string(),
        name(task),
        duration(task.states_ns.running),
        task.switches.voluntary.to_string(),
        task.switches.involuntary.to_string(),
        task.migrations.to_string(),
    ];
    cells.extend(quantiles(&task.run_delay_ns));
    cells.push(some_time(task.irq_stolen_ns + task.softirq_stolen_ns));
    let cpus: Vec<String> = task.cpus.keys().map(u16::to_string).collect();
    cells.push(match cpus.len() {
        0..=8 => cpus.join(","),
        more => format!("{more} CPUs"),
    });
    cells
}
