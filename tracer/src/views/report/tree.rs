//! The tree: who created whom, what they share, how they ended.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::model::summary::{ExitRow, Kind, TaskRow};
use crate::views::duration;
use crate::views::table::{Side, Table};

use super::Page;

/// What can be shared with the creator, and its letter.
const LETTERS: [(&str, char); 7] = [
    ("mm", 'm'),
    ("files", 'f'),
    ("fs", 'd'),
    ("sighand", 'h'),
    ("signal", 's'),
    ("nsproxy", 'n'),
    ("cred", 'c'),
];

/// Rows by their place in the tree.
struct Forest<'a> {
    rows: Vec<&'a TaskRow>,
    children: BTreeMap<usize, Vec<usize>>,
    roots: Vec<usize>,
}

impl Page<'_> {
    pub(super) fn tree(&self, out: &mut dyn Write) -> io::Result<()> {
        let (kernel, user): (Vec<&TaskRow>, Vec<&TaskRow>) = self
            .summary
            .tasks
            .iter()
            .filter(|task| self.shows(task))
            .partition(|task| task.kind == Kind::Kernel);
        let forest = Forest::new(user);
        let mut table = Table::new(&[
            ("TASK", Side::Left),
            ("SHARES", Side::Left),
            ("LIFE", Side::Right),
            ("END", Side::Left),
            ("PROGRAM", Side::Left),
        ]);
        let left_out = forest.write(&mut table, self.limit);
        if forest.roots.is_empty() {
            self.nothing(out)?;
        } else {
            table.write(out, self.options.style, left_out)?;
            let legend = "shared with the creator: m mm, f files, d fs, h sighand, s signal, \
                          n nsproxy, c cred";
            if !self.options.brief {
                writeln!(out, "  {}", self.options.style.dim(legend))?;
            }
        }
        if !kernel.is_empty() {
            let running = kernel.iter().map(|task| task.states_ns.running).sum();
            writeln!(out, "  and {} kernel threads, running {}", kernel.len(), duration(running))?;
        }
        Ok(())
    }
}

impl<'a> Forest<'a> {
    fn new(rows: Vec<&'a TaskRow>) -> Self {
        let mut forest = Self { rows, children: BTreeMap::new(), roots: Vec::new() };
        let mut leaders: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (index, row) in forest.rows.iter().enumerate() {
            if row.kind == Kind::Process {
                leaders.entry(row.tid).or_default().push(index);
            }
        }
        let groups: BTreeMap<u32, u32> =
            forest.rows.iter().map(|row| (row.tid, row.tgid)).collect();
        for (index, row) in forest.rows.iter().enumerate() {
            let leader = |tgid: u32| {
                let alive = |&&at: &&usize| forest.rows[at].from_ns <= row.from_ns;
                leaders.get(&tgid).and_then(|of| of.iter().rfind(alive)).copied()
            };
            let creator = row.creator_tid.map(|tid| groups.get(&tid).copied().unwrap_or(tid));
            let above = match row.kind {
                Kind::Thread => leader(row.tgid)
                    .or_else(|| leaders.get(&row.tgid).and_then(|of| of.first()).copied()),
                // Only what comes earlier in the order of birth, so that there is no circle.
                _ => leader(creator.unwrap_or(row.parent_tid)).filter(|&above| above < index),
            };
            match above {
                Some(above) => forest.children.entry(above).or_default().push(index),
                None => forest.roots.push(index),
            }
        }
        forest
    }

    /// The first tasks from the top down; gives back how many there were beyond the limit.
    fn write(&self, table: &mut Table<'_>, limit: usize) -> usize {
        // What is still to be written, the next one last: a task, what leads to it, and what to
        // those below it. No recursion, for a chain of forks can be as long as it likes.
        let mut ahead: Vec<(usize, String, String)> = Vec::new();
        ahead.extend(self.roots.iter().rev().map(|&root| (root, String::new(), String::new())));
        let mut written = 0;
        while written < limit
            && let Some((at, branch, stem)) = ahead.pop()
        {
            self.row(at, &branch, table);
            written += 1;
            let below = self.children.get(&at).map_or(&[][..], Vec::as_slice);
            for (index, &child) in below.iter().enumerate().rev() {
                let last = index + 1 == below.len();
                let (turn, line) = if last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
                ahead.push((child, format!("{stem}{turn}"), format!("{stem}{line}")));
            }
        }
        self.rows.len() - written
    }

    fn row(&self, at: usize, branch: &str, table: &mut Table<'_>) {
        let row = self.rows[at];
        let name = match row.kind {
            Kind::Thread => format!("{{{}}}", row.comm),
            _ => row.comm.clone(),
        };
        table.row(vec![
            format!("{branch}{name} {}", row.tid),
            if row.born { letters(&row.shared_at_birth) } else { String::new() },
            duration(row.observed_ns()),
            end(row),
            program(row),
        ]);
    }
}

fn letters(shared: &[&str]) -> String {
    LETTERS
        .iter()
        .map(|&(name, letter)| if shared.contains(&name) { letter } else { '.' })
        .collect()
}

fn program(row: &TaskRow) -> String {
    let names: Vec<&str> = row.execs.iter().map(|exec| exec.filename.as_str()).collect();
    names.join(" > ")
}

fn end(row: &TaskRow) -> String {
    let Some(exit) = &row.exit else { return "alive".to_owned() };
    let mut parts = vec![how(exit)];
    if row.kind == Kind::Process {
        if exit.parent_tid != row.parent_tid {
            parts.push(format!("orphaned to {}", exit.parent_tid));
        }
        match exit.reaped_by {
            Some(tid) => parts.push(format!("reaped by {tid}")),
            None if exit.released_ns.is_none() => parts.push("zombie".to_owned()),
            None => {}
        }
    }
    parts.join(", ")
}

fn how(exit: &ExitRow) -> String {
    match (&exit.signal_name, exit.code) {
        (Some(name), _) if exit.core => format!("{name} (core)"),
        (Some(name), _) => name.clone(),
        (None, code) => format!("exit {}", code.unwrap_or_default()),
    }
}
