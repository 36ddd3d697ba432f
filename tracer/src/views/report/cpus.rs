//! What each CPU did with its time.

use std::io::{self, Write};

use crate::model::summary::CpuRow;
use crate::views::shares_of;
use crate::views::table::{Side, Table};
use crate::views::units::percent;

use super::Page;
use super::cells::some_time;

impl Page<'_> {
    pub(super) fn cpus(&self, out: &mut dyn Write) -> io::Result<()> {
        let right = |name| (name, Side::Right);
        let mut table = Table::new(&[
            right("CPU"),
            right("BUSY%"),
            right("IDLE%"),
            right("OTHER%"),
            right("?%"),
            right("SWITCHES"),
            right("SAME-MM"),
            right("CROSS-MM"),
            right("KERNEL"),
            right("?-MM"),
            right("IRQ"),
            right("SOFTIRQ"),
        ]);
        let (cpus, left_out) = self.first(&self.summary.cpus);
        for cpu in cpus {
            table.row(row(cpu));
        }
        table.write(out, self.options.style, left_out)
    }
}

fn row(cpu: &CpuRow) -> Vec<String> {
    let parts = [cpu.busy_ns, cpu.idle_ns.unwrap_or_default(), cpu.other_ns, cpu.unknown_ns];
    let mut cells = vec![cpu.cpu.to_string()];
    cells.extend(shares_of(parts).map(percent));
    let counts = [
        cpu.switches,
        cpu.same_mm_switches,
        cpu.cross_mm_switches,
        cpu.kernel_switches,
        cpu.unknown_mm_switches,
    ];
    cells.extend(counts.map(|count| count.to_string()));
    cells.extend([cpu.irq_ns, cpu.softirq_ns].map(some_time));
    cells
}
