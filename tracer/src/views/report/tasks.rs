//! Capture, states, switches and CPUs.

use std::io::{self, Write};

use crate::model::distribution::Quantiles;
use crate::model::summary::{CpuRow, TaskRow};
use crate::views::table::{Side, Table};
use crate::views::units::percent;
use crate::views::{duration, shares_of};

use super::Page;

impl Page<'_> {
    pub(super) fn capture(&self, out: &mut dyn Write, lines: &[String]) -> io::Result<()> {
        for line in lines {
            writeln!(out, "  {line}")?;
        }
        let inexact = self.summary.tasks.iter().filter(|task| !task.exact).count();
        if inexact > 0 {
            let text =
                format!("{inexact} tasks are touched by gaps: their figures are lower bounds");
            writeln!(out, "  {}", self.options.style.alarm(&text))?;
        }
        let surprises: Vec<String> = self
            .summary
            .anomalies
            .iter()
            .map(|(anomaly, count)| format!("{} {count}", anomaly.name()))
            .collect();
        if !surprises.is_empty() {
            writeln!(out, "  surprises: {}", surprises.join(", "))?;
        }
        Ok(())
    }

    pub(super) fn tasks(&self, out: &mut dyn Write) -> io::Result<()> {
        let tasks = self.by_running();
        let (tasks, left_out) = self.first(&tasks);
        if tasks.is_empty() {
            return self.nothing(out);
        }
        let right = |name| (name, Side::Right);
        let mut table = Table::new(&[
            right("TID"),
            ("COMM", Side::Left),
            right("TIME"),
            right("RUN%"),
            right("RUNNABLE%"),
            right("SLEEP%"),
            right("DISK%"),
            right("STOP%"),
            right("TRACE%"),
            right("ZOMB%"),
            right("?%"),
        ]);
        for task in tasks {
            let shares = shares_of(task.states_ns.each().map(|(_, ns)| ns));
            let mut row = vec![task.tid.to_string(), name(task), duration(task.observed_ns())];
            row.extend(shares.map(percent));
            table.row(row);
        }
        table.write(out, self.options.style, left_out)
    }

    pub(super) fn switches(&self, out: &mut dyn Write) -> io::Result<()> {
        let tasks = self.by_running();
        let (tasks, left_out) = self.first(&tasks);
        if tasks.is_empty() {
            self.nothing(out)?;
        } else {
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
                table.row(switches(task));
            }
            table.write(out, self.options.style, left_out)?;
        }
        writeln!(out)?;
        self.cpus(out)
    }

    fn cpus(&self, out: &mut dyn Write) -> io::Result<()> {
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
            table.row(cpu_row(cpu));
        }
        table.write(out, self.options.style, left_out)
    }
}

/// A task's name, marked if its figures are lower bounds.
fn name(task: &TaskRow) -> String {
    if task.exact { task.comm.clone() } else { format!("{} (>=)", task.comm) }
}

fn switches(task: &TaskRow) -> Vec<String> {
    let mut row = vec![
        task.tid.to_string(),
        name(task),
        duration(task.states_ns.running),
        task.switches.voluntary.to_string(),
        task.switches.involuntary.to_string(),
        task.migrations.to_string(),
    ];
    row.extend(quantiles(&task.run_delay_ns));
    row.push(some_time(task.irq_stolen_ns + task.softirq_stolen_ns));
    let cpus: Vec<String> = task.cpus.keys().map(u16::to_string).collect();
    row.push(match cpus.len() {
        0..=8 => cpus.join(","),
        more => format!("{more} CPUs"),
    });
    row
}

/// A time, or a dash for none.
fn some_time(ns: u64) -> String {
    if ns == 0 { "-".to_owned() } else { duration(ns) }
}

/// Count, average and the rest; dashes if there is nothing.
pub(super) fn quantiles(times: &Quantiles) -> [String; 5] {
    match times.sum.checked_div(times.count) {
        None => ["0", "-", "-", "-", "-"].map(str::to_owned),
        Some(average) => [
            times.count.to_string(),
            duration(average),
            duration(times.p50),
            duration(times.p99),
            duration(times.max),
        ],
    }
}

fn cpu_row(cpu: &CpuRow) -> Vec<String> {
    let parts = [cpu.busy_ns, cpu.idle_ns.unwrap_or_default(), cpu.other_ns, cpu.unknown_ns];
    let mut row = vec![cpu.cpu.to_string()];
    row.extend(shares_of(parts).map(percent));
    let counts = [
        cpu.switches,
        cpu.same_mm_switches,
        cpu.cross_mm_switches,
        cpu.kernel_switches,
        cpu.unknown_mm_switches,
    ];
    row.extend(counts.map(|count| count.to_string()));
    row.extend([cpu.irq_ns, cpu.softirq_ns].map(some_time));
    row
}
