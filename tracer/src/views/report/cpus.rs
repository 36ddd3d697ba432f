//! What each CPU did with its time, and how many threads of a process ran at the same time.

use std::io::{self, Write};

use crate::model::summary::{CpuRow, ParallelismRow, ProcessRow};
use crate::views::shares_of;
use crate::views::table::{Side, Table};
use crate::views::units::percent;

use super::Page;
use super::cells::some_time;
use super::columns::CPUS;

/// Processes of which it is told how many threads ran together.
const TOLD: usize = 10;

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
            right("QUEUE"),
            right("QMAX"),
        ]);
        let mut cpus: Vec<&CpuRow> = self.summary.cpus.iter().collect();
        self.sort(&mut cpus, CPUS);
        let (cpus, left_out) = self.first(&cpus);
        let length_ns = self.summary.length_ns();
        for cpu in cpus {
            table.row(row(cpu, length_ns));
        }
        table.write(out, self.options.style, left_out)?;
        self.arrivals(out)?;
        self.parallelism(out)
    }

    /// Processes of several threads, by how much ran.
    fn parallelism(&self, out: &mut dyn Write) -> io::Result<()> {
        let several = |process: &&ProcessRow| process.threads_peak > 1 && !process.kernel;
        let mut processes: Vec<&ProcessRow> =
            self.summary.processes.iter().filter(several).collect();
        if processes.is_empty() {
            return Ok(());
        }
        let ran_ns = |process: &ProcessRow| -> u128 {
            let times = &process.parallelism.times.running_ns;
            (0..).zip(times).map(|(threads, &ns)| threads * u128::from(ns)).sum()
        };
        processes.sort_by_key(|process| (std::cmp::Reverse(ran_ns(process)), process.tgid));
        let right = |name| (name, Side::Right);
        let mut table = Table::new(&[
            right("PID"),
            ("COMM", Side::Left),
            right("THREADS"),
            right("RUNNING"),
            right("RUNNABLE"),
            right("0%"),
            right("1%"),
            right("2%"),
            right("3%"),
            right("4+%"),
            right("?"),
        ]);
        let told = TOLD.min(self.limit).min(processes.len());
        for process in &processes[..told] {
            table.row(together(process));
        }
        writeln!(out)?;
        table.write(out, self.options.style, processes.len() - told)
    }
}

/// How many of its threads ran at the same time.
fn together(process: &ProcessRow) -> Vec<String> {
    let ParallelismRow { times, running_milli, runnable_milli } = &process.parallelism;
    let mut parts = [0; 5];
    for (threads, ns) in times.running_ns.iter().enumerate() {
        parts[threads.min(4)] += ns;
    }
    let mut cells =
        vec![process.tgid.to_string(), process.comm.clone(), process.threads_peak.to_string()];
    cells.extend([*running_milli, *runnable_milli].map(thousandths));
    cells.extend(shares_of(parts).map(percent));
    cells.push(some_time(times.unknown_ns));
    cells
}

/// Thousandths as a number with two decimals.
fn thousandths(milli: u64) -> String {
    format!("{}.{:02}", milli / 1000, milli % 1000 / 10)
}

fn row(cpu: &CpuRow, length_ns: u64) -> Vec<String> {
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
    let waiting = u128::from(cpu.runqueue.sum_ns) * 1000 / u128::from(length_ns.max(1));
    cells.push(thousandths(u64::try_from(waiting).unwrap_or(u64::MAX)));
    cells.push(cpu.runqueue.max.to_string());
    cells
}
