//! One row a CPU: who ran on it.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

use crate::model::lives::LifeId;
use crate::model::summary::Summary;
use crate::source::quality::GapAt;
use crate::views::shares_of;
use crate::views::{Style, duration};

use super::grid::Grid;
use super::tracks::{ByTask, Runs};
use super::{NAMES, Shares, label, paint};

/// Names that have a letter of their own.
const NAMED: usize = 12;

/// Colours of letters, in turn.
const COLOURS: [&str; 6] = ["1;32", "1;33", "1;34", "1;35", "1;36", "1;31"];

/// The others; nobody; records are missing.
const REST: char = '*';
const NOBODY: (char, &str) = ('.', "2");
const LOST: (char, &str) = ('?', "1;31");

/// Headings, as the report has them.
const HEADS: [&str; 4] = ["BUSY%", "IDLE%", "OTHER%", "?%"];

pub(super) fn write(
    out: &mut dyn Write,
    (grid, summary, gaps): (Grid, &Summary, &[GapAt]),
    (tasks, runs): (&ByTask, &HashMap<u16, Runs>),
    style: Style,
) -> io::Result<()> {
    let names = names(summary, tasks);
    let times = times(runs, &names);
    let letters = letters(&times);
    let shares = summary.cpus.iter().map(|cpu| {
        shares_of([cpu.busy_ns, cpu.idle_ns.unwrap_or_default(), cpu.other_ns, cpu.unknown_ns])
    });
    let shares = Shares::new(HEADS, shares.collect());
    let head = format!("{:>NAMES$} {:cells$}{}", "CPU", "", shares.head(), cells = grid.cells);
    writeln!(out, "{}", style.dim(&head))?;
    for (index, cpu) in summary.cpus.iter().enumerate() {
        let nothing = Runs::new();
        let of_cpu = runs.get(&cpu.cpu).unwrap_or(&nothing);
        let lost = lost(grid, gaps, cpu.cpu);
        let line: Vec<(char, &str)> = (0..grid.cells)
            .map(|cell| {
                let length_ns = grid.begin_ns(cell + 1) - grid.begin_ns(cell);
                let lost_ns = lost.get(&cell).copied().unwrap_or_default();
                letter((of_cpu.get(cell), length_ns, lost_ns), &names, &letters)
            })
            .collect();
        let name = label("CPU", &cpu.cpu.to_string());
        writeln!(out, "{name} {}{}", paint(&line, style), shares.row(index))?;
    }
    legend(out, &times, &letters, style)
}

/// The name of each task of the report, nothing for those that are not wanted.
fn names<'a>(summary: &'a Summary, tasks: &ByTask) -> HashMap<LifeId, &'a str> {
    let mut names: HashMap<LifeId, &str> = tasks.values().map(|(life, _)| (*life, "")).collect();
    for task in &summary.tasks {
        if let Some((life, _)) = tasks.get(&(task.tid, task.start_ns, task.from_ns)) {
            names.insert(*life, &task.comm);
        }
    }
    names
}

/// How long tasks of each name ran, ns, the longest first.
fn times<'a>(runs: &HashMap<u16, Runs>, names: &HashMap<LifeId, &'a str>) -> Vec<(&'a str, u64)> {
    let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
    for (life, ns) in runs.values().flatten().flatten() {
        if let Some(name) = names.get(life).filter(|name| !name.is_empty()) {
            *sums.entry(name).or_default() += ns;
        }
    }
    let mut sums: Vec<(&str, u64)> = sums.into_iter().collect();
    sums.sort_by_key(|&(name, ns)| (std::cmp::Reverse(ns), name));
    sums
}

/// A letter for each of the first names: one that it has, if that is free.
fn letters<'a>(times: &[(&'a str, u64)]) -> HashMap<&'a str, (char, &'static str)> {
    let mut letters = HashMap::new();
    let mut free: Vec<char> = ('a'..='z').chain('A'..='Z').chain('0'..='9').collect();
    let initial = |name: &str| name.chars().next();
    for (&(name, _), colour) in times.iter().take(NAMED).zip(COLOURS.into_iter().cycle()) {
        let alike = times.iter().filter(|(other, _)| initial(other) == initial(name)).count();
        // The numbers of alike ones tell them apart.
        let last = name.chars().last().filter(|c| alike > 1 && c.is_ascii_digit());
        let own = last.into_iter().chain(name.chars());
        let own = own.flat_map(|c| [c, c.to_ascii_lowercase(), c.to_ascii_uppercase()]);
        let mut own = own.filter_map(|c| free.iter().position(|&is| is == c));
        letters.insert(name, (free.remove(own.next().unwrap_or(0)), colour));
    }
    letters
}

/// What most of a cell went to.
fn letter(
    (runs, length_ns, lost_ns): (Option<&HashMap<LifeId, u64>>, u64, u64),
    names: &HashMap<LifeId, &str>,
    letters: &HashMap<&str, (char, &'static str)>,
) -> (char, &'static str) {
    let mut sums: BTreeMap<(char, &'static str), u64> = BTreeMap::new();
    for (life, ns) in runs.into_iter().flatten() {
        if let Some(name) = names.get(life) {
            *sums.entry(letters.get(name).copied().unwrap_or((REST, ""))).or_default() += ns;
        }
    }
    let ran: u64 = sums.values().sum();
    let lost_ns = lost_ns.min(length_ns.saturating_sub(ran));
    let nobody_ns = length_ns.saturating_sub(ran + lost_ns);
    let most = sums.into_iter().chain([(LOST, lost_ns), (NOBODY, nobody_ns)]);
    // Of equals the last: the empty cell is the least news, but it is what the others are not.
    most.max_by_key(|&(_, ns)| ns).map_or(NOBODY, |(letter, _)| letter)
}

/// How much of each cell of a CPU is not known, ns.
fn lost(grid: Grid, gaps: &[GapAt], cpu: u16) -> HashMap<usize, u64> {
    let mut lost: HashMap<usize, u64> = HashMap::new();
    for gap in gaps.iter().filter(|gap| gap.cpu == cpu) {
        for (cell, ns) in grid.split(gap.from_ns, gap.to_ns) {
            *lost.entry(cell).or_default() += ns;
        }
    }
    lost
}

fn legend(
    out: &mut dyn Write,
    times: &[(&str, u64)],
    letters: &HashMap<&str, (char, &'static str)>,
    style: Style,
) -> io::Result<()> {
    let named = times.iter().filter_map(|(name, ns)| {
        let letter = paint(&[*letters.get(name)?], style);
        Some(format!("{letter} {} {}", label(name, "").trim_start(), duration(*ns)))
    });
    let mut parts: Vec<String> = named.collect();
    let rest: u64 = times.iter().skip(NAMED).map(|(_, ns)| ns).sum();
    if rest > 0 {
        parts.push(format!("{REST} {} others {}", times.len() - NAMED, duration(rest)));
    }
    parts.push(format!("{} idle, not followed, or billed to nobody", paint(&[NOBODY], style)));
    for line in parts.chunks(4) {
        writeln!(out, "{:NAMES$} {}", "", line.join("  "))?;
    }
    Ok(())
}
