//! Switches to each task by what became of the loaded address space, with the gap since it left.

use std::cmp::Reverse;
use std::io::{self, Write};

use crate::model::gaps::{Gap, Gaps};
use crate::model::summary::TaskRow;
use crate::views::duration;
use crate::views::table::{Side, Table};

use super::Page;
use super::cells::name;

/// Tasks that are told.
const TOLD: usize = 10;

impl Page<'_> {
    /// Tasks and CPUs by how often they were switched to.
    pub(super) fn arrivals(&self, out: &mut dyn Write) -> io::Result<()> {
        let count = |task: &TaskRow| -> u64 {
            let arrivals = task.time.arrivals;
            arrivals.same_mm + arrivals.cross_mm + arrivals.kernel + arrivals.unknown
        };
        let mut tasks: Vec<&TaskRow> = self.by_running();
        tasks.retain(|task| count(task) > 0);
        tasks.sort_by_key(|task| (Reverse(count(task)), task.tid));
        if tasks.is_empty() {
            return Ok(());
        }
        let right = |name| (name, Side::Right);
        let mut table = Table::new(&[
            ("SWITCHED TO", Side::Left),
            right("SAME-MM"),
            right("GAP-AVG"),
            right("CROSS-MM"),
            right("GAP-AVG"),
            right("KERNEL"),
            right("GAP-AVG"),
            right("?-MM"),
            right("GAP-MAX"),
        ]);
        for cpu in self.summary.cpus.iter().filter(|cpu| cpu.switches > 0).take(TOLD) {
            let counts = [
                cpu.same_mm_switches,
                cpu.cross_mm_switches,
                cpu.kernel_switches,
                cpu.unknown_mm_switches,
            ];
            table.row(row(format!("CPU {}", cpu.cpu), counts, &cpu.arrival_gaps_ns));
        }
        for task in tasks.iter().take(TOLD.min(self.limit)) {
            let arrivals = task.time.arrivals;
            let counts = [arrivals.same_mm, arrivals.cross_mm, arrivals.kernel, arrivals.unknown];
            let name = format!("{} {}", name(task), task.tid);
            table.row(row(name, counts, &task.time.arrival_gaps_ns));
        }
        writeln!(out)?;
        table.write(out, self.options.style, tasks.len().saturating_sub(TOLD))
    }
}

fn row(name: String, counts: [u64; 4], gaps: &Gaps) -> Vec<String> {
    let average = |gap: Gap| gap.sum.checked_div(gap.count).map_or("-".to_owned(), duration);
    let some = |count: u64| if count == 0 { "-".to_owned() } else { count.to_string() };
    let [same_mm, cross_mm, kernel, unknown] = counts.map(some);
    let max_ns = gaps.each().iter().map(|(_, gap)| gap.max).max().unwrap_or_default();
    vec![
        name,
        same_mm,
        average(gaps.same_mm),
        cross_mm,
        average(gaps.cross_mm),
        kernel,
        average(gaps.kernel),
        unknown,
        if max_ns == 0 { "-".to_owned() } else { duration(max_ns) },
    ]
}
