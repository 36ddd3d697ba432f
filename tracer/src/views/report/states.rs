//! Time in each state, by task, and what tasks slept for.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::model::summary::{CauseRow, TaskRow};
use crate::model::syscall::Class;
use crate::views::table::{Side, Table};
use crate::views::units::percent;
use crate::views::{duration, shares_of};

use super::Page;
use super::cells::name;
use super::columns::STATES;

/// Causes named in one cell.
const NAMED: usize = 2;

/// All sleeps of one class.
#[derive(Default)]
struct Sleeps<'a> {
    count: u64,
    sum_ns: u64,
    max_ns: u64,
    calls: BTreeMap<&'a str, u64>,
}

impl Page<'_> {
    pub(super) fn states(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut tasks = self.by_running();
        self.sort(&mut tasks, STATES);
        let (first, left_out) = self.first(&tasks);
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
            ("SLEEPS IN", Side::Left),
        ]);
        for task in first {
            let shares = shares_of(task.states_ns.each().map(|(_, ns)| ns));
            let mut row = vec![task.tid.to_string(), name(task), duration(task.observed_ns())];
            row.extend(shares.map(percent));
            row.push(sleeps_in(task));
            table.row(row);
        }
        table.write(out, self.options.style, left_out)?;
        if self.options.brief { Ok(()) } else { self.causes(out, &tasks) }
    }

    /// What all of these slept for.
    fn causes(&self, out: &mut dyn Write, tasks: &[&TaskRow]) -> io::Result<()> {
        let mut classes: BTreeMap<(Class, bool), Sleeps<'_>> = BTreeMap::new();
        for task in tasks {
            for (deep, name, cause) in each(task) {
                let sleeps = classes.entry((cause.class, deep)).or_default();
                sleeps.count += cause.count;
                sleeps.sum_ns += cause.sum;
                sleeps.max_ns = sleeps.max_ns.max(cause.max);
                *sleeps.calls.entry(name).or_default() += cause.sum;
            }
        }
        if classes.is_empty() {
            return Ok(());
        }
        let mut classes: Vec<((Class, bool), Sleeps<'_>)> = classes.into_iter().collect();
        classes.sort_by_key(|(class, sleeps)| (std::cmp::Reverse(sleeps.sum_ns), *class));
        let right = |name| (name, Side::Right);
        let mut table = Table::new(&[
            ("SLEPT FOR", Side::Left),
            right("SLEEPS"),
            right("TIME"),
            right("AVG"),
            right("MAX"),
            ("IN", Side::Left),
        ]);
        for ((class, deep), sleeps) in classes {
            let average = sleeps.sum_ns.checked_div(sleeps.count).unwrap_or_default();
            table.row(vec![
                format!("{}{}", class.name(), if deep { " (D)" } else { "" }),
                sleeps.count.to_string(),
                duration(sleeps.sum_ns),
                duration(average),
                duration(sleeps.max_ns),
                calls(&sleeps),
            ]);
        }
        writeln!(out)?;
        table.write(out, self.options.style, 0)
    }
}

/// The causes of a task's sleeps, and whether they were uninterruptible.
fn each(task: &TaskRow) -> impl Iterator<Item = (bool, &str, &CauseRow)> {
    let of = |deep: bool| {
        if deep { &task.time.uninterruptible_causes_ns } else { &task.time.sleep_causes_ns }
    };
    [false, true]
        .into_iter()
        .flat_map(move |deep| of(deep).iter().map(move |(name, cause)| (deep, &**name, cause)))
}

/// The causes that it slept longest for, with their share of its sleep.
fn sleeps_in(task: &TaskRow) -> String {
    let mut causes: Vec<_> = each(task).collect();
    let total: u64 = causes.iter().map(|(_, _, cause)| cause.sum).sum();
    causes.sort_by_key(|&(deep, name, cause)| (std::cmp::Reverse(cause.sum), deep, name));
    let share = |ns: u64| (u128::from(ns) * 100 / u128::from(total.max(1))).to_string();
    let named = causes.iter().take(NAMED).filter(|(_, _, cause)| cause.sum * 100 >= total);
    let texts: Vec<String> = named
        .map(|(deep, name, cause)| {
            format!("{name}{} {}%", if *deep { "(D)" } else { "" }, share(cause.sum))
        })
        .collect();
    texts.join(", ")
}

/// The calls of a class that were slept in longest.
fn calls(sleeps: &Sleeps<'_>) -> String {
    let mut calls: Vec<(&str, u64)> = sleeps.calls.iter().map(|(&name, &ns)| (name, ns)).collect();
    calls.sort_by_key(|&(name, ns)| (std::cmp::Reverse(ns), name));
    let more = calls.len().saturating_sub(NAMED);
    let names: Vec<&str> = calls.iter().take(NAMED).map(|&(name, _)| name).collect();
    let names = names.join(", ");
    if more > 0 { format!("{names} and {more} more") } else { names }
}
