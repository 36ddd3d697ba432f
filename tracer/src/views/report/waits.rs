//! Run delays by CPU and as histograms, who had the CPU meanwhile, and what decided migrations.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::model::delays::DelayRow;
use crate::model::summary::TaskRow;
use crate::views::histogram::Scale;
use crate::views::table::{Side, Table};
use crate::views::units::percent;
use crate::views::{duration, shares_of};

use super::Page;
use super::cells::{name, quantiles};

/// Tasks whose waits are told in detail.
const TOLD: usize = 10;

/// Antagonists named in one cell.
const NAMED: usize = 3;

/// Tasks with a histogram.
const DRAWN: usize = 3;

/// Names by number and start.
type Names<'a> = BTreeMap<(u32, Option<u64>), &'a str>;

impl Page<'_> {
    /// By CPU and by why tasks were runnable.
    pub(super) fn delays_by_cpu(&self, out: &mut dyn Write) -> io::Result<()> {
        let right = |name| (name, Side::Right);
        let mut table = Table::new(&[
            right("CPU"),
            ("RUNNABLE", Side::Left),
            right("DELAYS"),
            right("AVG"),
            right("P50"),
            right("P99"),
            right("MAX"),
        ]);
        let (cpus, left_out) = self.first(&self.summary.cpus);
        let mut any = false;
        for cpu in cpus {
            let DelayRow { new, woken, preempted, .. } = &cpu.run_delays_ns;
            for (why, times) in [("woken", woken), ("preempted", preempted), ("new", new)] {
                if times.count > 0 {
                    let mut row = vec![cpu.cpu.to_string(), why.to_owned()];
                    row.extend(quantiles(times));
                    table.row(row);
                    any = true;
                }
            }
        }
        if any {
            writeln!(out)?;
            table.write(out, self.options.style, left_out)?;
        }
        Ok(())
    }

    /// Of the CPU with most delay and of the tasks with most.
    pub(super) fn delay_histograms(
        &self,
        out: &mut dyn Write,
        tasks: &[&TaskRow],
    ) -> io::Result<()> {
        let mut drawn: Vec<(String, u64, &[u64])> = Vec::new();
        let worst = self.summary.cpus.iter().max_by_key(|cpu| cpu.run_delay_ns.sum);
        if let Some(cpu) = worst {
            let whose = format!("CPU {}", cpu.cpu);
            drawn.push((whose, cpu.run_delay_ns.sum, &cpu.run_delays_ns.histogram));
        }
        let mut tasks: Vec<&TaskRow> = tasks.to_vec();
        tasks.sort_by_key(|task| (std::cmp::Reverse(task.run_delay_ns.sum), task.tid));
        for task in tasks.into_iter().take(DRAWN.min(self.limit)) {
            let whose = format!("{} {}", name(task), task.tid);
            drawn.push((whose, task.run_delay_ns.sum, &task.time.run_delays_ns.histogram));
        }
        let histograms: Vec<&[u64]> = drawn.iter().map(|(_, _, counts)| *counts).collect();
        let Some(scale) = Scale::of(&histograms) else { return Ok(()) };
        let axis = scale.axis();
        let mut table =
            Table::new(&[("MOST DELAY", Side::Left), ("SUM", Side::Right), (&axis, Side::Left)]);
        for (whose, sum_ns, counts) in drawn.into_iter().filter(|(_, sum_ns, _)| *sum_ns > 0) {
            table.row(vec![whose, duration(sum_ns), scale.bars(counts)]);
        }
        writeln!(out)?;
        table.write(out, self.options.style, 0)
    }

    /// Who had the CPU while others waited for it.
    pub(super) fn antagonists(&self, out: &mut dyn Write, tasks: &[&TaskRow]) -> io::Result<()> {
        let mut tasks: Vec<&TaskRow> =
            tasks.iter().copied().filter(|task| task.states_ns.runnable > 0).collect();
        if tasks.is_empty() {
            return Ok(());
        }
        tasks.sort_by_key(|task| (std::cmp::Reverse(task.states_ns.runnable), task.tid));
        let followed = self.summary.tasks.iter();
        let followed = followed.map(|task| ((task.tid, task.start_ns), task.comm.as_str()));
        let others = self.summary.others.iter().map(|(&who, comm)| (who, comm.as_str()));
        let names: Names<'_> = others.chain(followed).collect();
        let right = |name| (name, Side::Right);
        let mut table = Table::new(&[
            right("TID"),
            ("COMM", Side::Left),
            right("WAITED"),
            right("TASKS%"),
            right("OTHER%"),
            right("IDLE%"),
            right("NEW%"),
            right("?%"),
            ("WHO HAD THE CPU", Side::Left),
            ("TOOK IT", Side::Left),
        ]);
        let told = TOLD.min(self.limit).min(tasks.len());
        for task in &tasks[..told] {
            let waits = &task.time.antagonists;
            let parts = [
                waits.by_tasks_ns(),
                waits.other_ns,
                waits.idle_ns,
                waits.created_ns,
                waits.unknown_ns,
            ];
            let mut row = vec![task.tid.to_string(), name(task), duration(task.states_ns.runnable)];
            row.extend(shares_of(parts).map(percent));
            row.push(had(task, &names));
            row.push(took(task, &names));
            table.row(row);
        }
        writeln!(out)?;
        table.write(out, self.options.style, tasks.len() - told)
    }

    /// What decided the migrations of these, in one line.
    pub(super) fn migrations(out: &mut dyn Write, tasks: &[&TaskRow]) -> io::Result<()> {
        let mut sums: Vec<(&str, u64)> = Vec::new();
        for task in tasks {
            for (at, (name, count)) in task.time.migrations_by.each().into_iter().enumerate() {
                match sums.get_mut(at) {
                    Some((_, sum)) => *sum += count,
                    None => sums.push((name, count)),
                }
            }
        }
        sums.retain(|(_, count)| *count > 0);
        sums.sort_by_key(|&(name, count)| (std::cmp::Reverse(count), name));
        let places: Vec<String> =
            sums.iter().map(|(name, count)| format!("{name} {count}")).collect();
        let elsewhere =
            tasks.iter().filter(|task| task.time.placed_elsewhere == Some(true)).count();
        let born = tasks.iter().filter(|task| task.time.placed_elsewhere.is_some()).count();
        let places = if places.is_empty() { "none".to_owned() } else { places.join(", ") };
        write!(out, "\n  migrations: {places}")?;
        if born > 0 {
            write!(
                out,
                "; {elsewhere} of {born} new tasks began on another CPU than their creator"
            )?;
        }
        writeln!(out)
    }
}

fn call<'a>(names: &Names<'a>, tid: u32, start_ns: Option<u64>) -> &'a str {
    names.get(&(tid, start_ns)).copied().filter(|comm| !comm.is_empty()).unwrap_or("?")
}

/// The heaviest antagonists with their share of the wait, and what is not told apart.
fn had(task: &TaskRow, names: &Names<'_>) -> String {
    let waits = &task.time.antagonists;
    let total = task.states_ns.runnable.max(1);
    let share = |ns: u64| u128::from(ns) * 100 / u128::from(total);
    let mut texts: Vec<String> = waits
        .tasks
        .iter()
        .take(NAMED)
        .filter(|by| share(by.ns) > 0)
        .map(|by| format!("{} {} {}%", call(names, by.tid, by.start_ns), by.tid, share(by.ns)))
        .collect();
    if share(waits.rest_ns) > 0 {
        texts.push(format!("any of them {}%", share(waits.rest_ns)));
    }
    texts.join(", ")
}

/// Who took the CPU from it most often, and how long it waited then.
fn took(task: &TaskRow, names: &Names<'_>) -> String {
    let most = task.time.antagonists.tasks.iter().max_by_key(|by| (by.preemptions, by.ns));
    let Some(by) = most.filter(|by| by.preemptions > 0) else { return String::new() };
    let comm = call(names, by.tid, by.start_ns);
    format!("{comm} {} {}x, {}", by.tid, by.preemptions, duration(by.preempted_ns))
}
