//! Interrupts over all CPUs, how long they took, and from whom.

use std::io::{self, Write};

use crate::model::interrupts::TotalRow;
use crate::model::summary::{CpuRow, TaskRow};
use crate::views::duration;
use crate::views::histogram::Scale;
use crate::views::table::{Side, Table};
use crate::views::units::percent;

use super::Page;
use super::cells::{name, some_time};
use super::columns::IRQS;

/// Tasks from which time was taken that are told.
const TOLD: usize = 10;

/// CPUs that are told of an interrupt.
const CPUS: usize = 4;

impl Page<'_> {
    pub(super) fn irqs(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut totals: Vec<&TotalRow> = self.summary.interrupt_totals.iter().collect();
        if totals.is_empty() {
            return self.nothing(out);
        }
        self.sort(&mut totals, IRQS);
        let (totals, left_out) = self.first(&totals);
        let right = |name| (name, Side::Right);
        let mut table = Table::new(&[
            ("CLASS", Side::Left),
            right("NR"),
            ("NAME", Side::Left),
            right("COUNT"),
            right("TOTAL"),
            right("AVG"),
            right("P50"),
            right("P99"),
            right("MAX"),
            right("KSOFTIRQD"),
            ("BY CPU", Side::Left),
        ]);
        for total in totals {
            table.row(row(total));
        }
        table.write(out, self.options.style, left_out)?;
        self.times_of_interrupts(out, totals)?;
        self.interrupted_cpus(out)?;
        self.stolen_from(out)
    }

    fn times_of_interrupts(&self, out: &mut dyn Write, totals: &[&TotalRow]) -> io::Result<()> {
        let histograms: Vec<&[u64]> =
            totals.iter().map(|total| total.own.histogram.as_slice()).collect();
        let Some(scale) = Scale::of(&histograms) else { return Ok(()) };
        let axis = scale.axis();
        let mut table =
            Table::new(&[("TIME OF", Side::Left), ("TOTAL", Side::Right), (&axis, Side::Left)]);
        for total in totals {
            table.row(vec![
                format!("{} {}", total.class, total.name),
                duration(total.own.total_ns),
                scale.bars(&total.own.histogram),
            ]);
        }
        writeln!(out)?;
        table.write(out, self.options.style, 0)
    }

    fn interrupted_cpus(&self, out: &mut dyn Write) -> io::Result<()> {
        let right = |name| (name, Side::Right);
        let mut table = Table::new(&[
            right("CPU"),
            right("HARD"),
            right("TIME"),
            right("IDLE"),
            right("SOFT"),
            right("TIME"),
            right("IDLE"),
            right("KSOFTIRQD"),
            right("OF ALL%"),
        ]);
        let interrupted = |cpu: &&CpuRow| cpu.irqs + cpu.softirqs > 0;
        let mut cpus: Vec<&CpuRow> = self.summary.cpus.iter().filter(interrupted).collect();
        cpus.sort_by_key(|cpu| (std::cmp::Reverse(cpu.irq_ns + cpu.softirq_ns), cpu.cpu));
        let (cpus, left_out) = self.first(&cpus);
        for cpu in cpus {
            table.row(vec![
                cpu.cpu.to_string(),
                cpu.irqs.to_string(),
                some_time(cpu.irq_ns),
                some_time(cpu.idle_irq_ns),
                cpu.softirqs.to_string(),
                some_time(cpu.softirq_ns),
                some_time(cpu.idle_softirq_ns),
                some_time(cpu.ksoftirqd_ns),
                share(cpu.irq_ns + cpu.softirq_ns, self.summary.length_ns()),
            ]);
        }
        writeln!(out)?;
        table.write(out, self.options.style, left_out)
    }

    fn stolen_from(&self, out: &mut dyn Write) -> io::Result<()> {
        let stolen_ns = |task: &TaskRow| task.irq_stolen_ns + task.softirq_stolen_ns;
        let mut tasks: Vec<&TaskRow> =
            self.summary.tasks.iter().filter(|task| stolen_ns(task) > 0).collect();
        if tasks.is_empty() {
            return Ok(());
        }
        tasks.sort_by_key(|task| (std::cmp::Reverse(stolen_ns(task)), task.tid));
        let right = |name| (name, Side::Right);
        let mut table = Table::new(&[
            right("TID"),
            ("STOLEN FROM", Side::Left),
            right("RUNNING"),
            right("OWN"),
            right("HARD"),
            right("SOFT"),
            right("STOLEN%"),
        ]);
        let told = TOLD.min(self.limit).min(tasks.len());
        for task in &tasks[..told] {
            table.row(vec![
                task.tid.to_string(),
                name(task),
                duration(task.states_ns.running),
                duration(task.own_running_ns),
                some_time(task.irq_stolen_ns),
                some_time(task.softirq_stolen_ns),
                share(stolen_ns(task), task.states_ns.running),
            ]);
        }
        writeln!(out)?;
        table.write(out, self.options.style, tasks.len() - told)
    }
}

fn row(total: &TotalRow) -> Vec<String> {
    let own = &total.own;
    let average = own.total_ns.checked_div(own.count).unwrap_or_default();
    let threaded = match total.ksoftirqd_count {
        0 => "-".to_owned(),
        count => count.to_string(),
    };
    let mut cells = vec![
        total.class.to_owned(),
        total.number.to_string(),
        total.name.clone(),
        own.count.to_string(),
    ];
    cells.extend([own.total_ns, average, own.p50_ns, own.p99_ns, own.max_ns].map(duration));
    cells.extend([threaded, by_cpu(total)]);
    cells
}

/// The CPUs that it hit most often.
fn by_cpu(total: &TotalRow) -> String {
    let mut cpus: Vec<(u16, u64)> = total.cpus.iter().map(|(&cpu, &count)| (cpu, count)).collect();
    cpus.sort_by_key(|&(cpu, count)| (std::cmp::Reverse(count), cpu));
    let told: Vec<String> =
        cpus.iter().take(CPUS).map(|(cpu, count)| format!("{cpu}:{count}")).collect();
    match cpus.len().saturating_sub(CPUS) {
        0 => told.join(" "),
        more => format!("{} and {more} more", told.join(" ")),
    }
}

/// A part of a time in percent; a dash for none.
fn share(part_ns: u64, whole_ns: u64) -> String {
    let rest_ns = whole_ns.saturating_sub(part_ns);
    let [part, _] = crate::views::shares_of([part_ns, rest_ns]);
    percent(part)
}
