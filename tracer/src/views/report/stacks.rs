//! With which stacks tasks left their CPUs, and how long they were off them.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::model::stacks::StackCounts;
use crate::model::summary::StackRow;
use crate::views::duration;
use crate::views::table::{Side, Table};

use super::Page;
use super::columns::{self, STACKS};

/// Stacks that are shown unless told otherwise: each takes some lines.
const SHOWN: usize = 10;

/// Tasks whose longest wait is shown.
const TASKS: usize = 15;

/// Where a line of functions is broken, characters.
const WIDTH: usize = 96;

/// How every switch ends, and every system call begins: said by all, telling nothing.
const FRAME: [&str; 5] =
    ["__schedule", "schedule", "do_syscall_64", "x64_sys_call", "entry_SYSCALL_64_after_hwframe"];

/// Equal stacks of several tasks.
struct Group {
    /// Their sums, and the task that has most of them.
    row: StackRow,
    tasks: usize,
    most_ns: u64,
}

impl Page<'_> {
    pub(super) fn stacks(&self, out: &mut dyn Write) -> io::Result<()> {
        let Some(counts) = &self.summary.stack_counts else {
            return writeln!(out, "  {}", self.options.style.dim("none: record with --stacks"));
        };
        if self.summary.stacks.is_empty() {
            return self.nothing(out);
        }
        let mut groups = groups(&self.summary.stacks);
        groups.sort_by_key(|group| Reverse((group.row.total_ns, group.row.max_ns)));
        let rank = self.options.sort.as_deref().and_then(|name| columns::find(STACKS, name));
        if let Some(rank) = rank {
            groups.sort_by_cached_key(|group| rank(&group.row));
        }
        let shown = self.limit.min(self.options.top.unwrap_or(SHOWN)).min(groups.len());
        for group in &groups[..shown] {
            self.group(out, group)?;
        }
        if groups.len() > shown {
            writeln!(out, "  … {} more, --top", groups.len() - shown)?;
        }
        if !self.options.brief {
            self.longest(out)?;
        }
        missing(out, counts)
    }

    fn group(&self, out: &mut dyn Write, group: &Group) -> io::Result<()> {
        let row = &group.row;
        let average = duration(row.total_ns.checked_div(row.count).unwrap_or(row.total_ns));
        let others = match group.tasks {
            1 => String::new(),
            tasks => format!(" and {} more", tasks - 1),
        };
        let states = row.states_ns.each().into_iter().filter(|(_, ns)| *ns > 0);
        let states: Vec<String> =
            states.map(|(name, ns)| format!("{name} {}", duration(ns))).collect();
        let line = format!(
            "{} off CPU in {}, {average} each, at most {}: {} {}{others}; {}{}",
            duration(row.total_ns),
            times(row.count),
            duration(row.max_ns),
            row.comm,
            row.tid,
            states.join(", "),
            row.cause.as_ref().map_or_else(String::new, |cause| format!("; in {cause}")),
        );
        writeln!(out, "  {}", self.options.style.heading(&line))?;
        functions(out, "kernel", row.kernel.as_deref())?;
        functions(out, "user", row.user.as_deref())
    }

    /// Of each task the longest time off its CPU, and where.
    fn longest(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut longest: BTreeMap<(u32, Option<u64>), &StackRow> = BTreeMap::new();
        for row in &self.summary.stacks {
            let known = longest.entry((row.tid, row.start_ns)).or_insert(row);
            if row.max_ns > known.max_ns {
                *known = row;
            }
        }
        let mut rows: Vec<&StackRow> = longest.into_values().collect();
        rows.sort_by_key(|row| (Reverse(row.max_ns), row.tid));
        let shown = self.options.top.unwrap_or(TASKS).min(rows.len());
        let mut table = Table::new(&[
            ("TID", Side::Right),
            ("COMM", Side::Left),
            ("LONGEST", Side::Right),
            ("IN", Side::Left),
            ("KERNEL", Side::Left),
            ("USER", Side::Left),
        ]);
        for row in &rows[..shown] {
            table.row(vec![
                row.tid.to_string(),
                row.comm.clone(),
                duration(row.max_ns),
                row.cause.as_deref().unwrap_or("-").to_owned(),
                innermost(row.kernel.as_deref()),
                innermost(row.user.as_deref()),
            ]);
        }
        writeln!(out, "\n  the longest time off a CPU of each task:")?;
        table.write(out, self.options.style, rows.len() - shown)
    }
}

/// What the kernel or the names did not tell.
fn missing(out: &mut dyn Write, counts: &StackCounts) -> io::Result<()> {
    let StackCounts { told, collisions, failed, unnamed_programs } = *counts;
    let lines = [
        ("stacks not known, since others had their places in the kernel's map", collisions),
        ("stacks that could not be walked", failed),
        ("programs that ended too early for their user stacks to have names", unnamed_programs),
    ];
    for (what, count) in lines {
        if count > 0 {
            writeln!(out, "  {what}: {count} (of {told} switches with stacks)")?;
        }
    }
    Ok(())
}

/// Rows with equal stacks and cause as one.
fn groups(rows: &[StackRow]) -> Vec<Group> {
    type Same<'a> = (Option<&'a str>, Option<&'a [String]>, Option<&'a [String]>);
    let mut groups: BTreeMap<Same<'_>, Group> = BTreeMap::new();
    for row in rows {
        let same = (row.cause.as_deref(), row.kernel.as_deref(), row.user.as_deref());
        match groups.get_mut(&same) {
            None => {
                let group = Group { row: row.clone(), tasks: 1, most_ns: row.total_ns };
                groups.insert(same, group);
            }
            Some(group) => group.add(row),
        }
    }
    groups.into_values().collect()
}

impl Group {
    fn add(&mut self, row: &StackRow) {
        self.tasks += 1;
        if row.total_ns > self.most_ns {
            self.most_ns = row.total_ns;
            (self.row.tid, self.row.comm) = (row.tid, row.comm.clone());
        }
        let sums = &mut self.row;
        sums.count += row.count;
        sums.total_ns += row.total_ns;
        sums.max_ns = sums.max_ns.max(row.max_ns);
        sums.states_ns.add(&row.states_ns);
    }
}

fn times(count: u64) -> String {
    format!("{count} time{}", if count == 1 { "" } else { "s" })
}

/// The functions that tell something.
fn telling(functions: &[String]) -> Vec<&str> {
    let all = || functions.iter().map(String::as_str);
    let mut telling: Vec<&str> = all().filter(|name| !FRAME.contains(name)).collect();
    // Where frame pointers end, what comes is no address.
    telling.dedup_by(|a, b| a == b && a.starts_with('['));
    if telling.is_empty() { all().collect() } else { telling }
}

/// The first function that tells something and has a name.
fn innermost(functions: Option<&[String]>) -> String {
    let telling = functions.map(telling).unwrap_or_default();
    let named = telling.iter().find(|name| !name.starts_with('['));
    named.or(telling.first()).copied().unwrap_or("-").to_owned()
}

/// A stack, innermost function first, in lines of a readable length.
pub(super) fn functions(
    out: &mut dyn Write,
    whose: &str,
    functions: Option<&[String]>,
) -> io::Result<()> {
    let Some(functions) = functions else { return Ok(()) };
    let mut line = format!("    {whose:<6}  ");
    let mut width = line.len();
    for (at, name) in telling(functions).into_iter().enumerate() {
        let name = if at == 0 { name.to_owned() } else { format!(" < {name}") };
        if width + name.chars().count() > WIDTH && at > 0 {
            writeln!(out, "{line}")?;
            line = " ".repeat(11);
            width = line.len();
        }
        width += name.chars().count();
        line += &name;
    }
    writeln!(out, "{line}")
}
