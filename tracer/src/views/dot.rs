//! The process tree and who shares what, as a graph for graphviz (`dot -Tsvg`).
//!
//! A process is a box with its threads in it; what all of them share, and nobody else, stands in its
//! title. Solid edges go from creator to child. A group that goes beyond one process, or has only
//! some of its threads, is a node of its own with dashed lines to its members.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use crate::model::sharing::SharingRow;
use crate::model::summary::{Kind, Summary, TaskRow};

use super::duration;

/// Most tasks that are drawn; a graph of more is read by nobody.
const TASKS: usize = 400;

/// Most threads of a process that are drawn.
const THREADS: usize = 16;

/// Most lines from a group to its members; one with more stands in the title.
const LINES: usize = 20;

/// Colours that the colour-blind can tell apart (Okabe and Ito).
const COLOURS: [&str; 7] =
    ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"];

/// Tasks by process.
struct Graph<'a> {
    summary: &'a Summary,
    /// Processes that are drawn: places of their tasks that are drawn.
    processes: BTreeMap<Group, Vec<usize>>,
    drawn: BTreeSet<usize>,
    /// Threads beyond those, by process.
    further: BTreeMap<Group, usize>,
    left_out: usize,
}

/// Which process: its number, and the place of its first task.
type Group = (usize, u32);

/// Groups with the same tasks.
type Bundles<'a> = BTreeMap<Vec<usize>, Vec<&'a SharingRow>>;

/// Writes it; tasks that did nothing are left out unless `inactive`.
///
/// # Errors
/// Those of the writer.
pub fn write(out: &mut dyn Write, summary: &Summary, inactive: bool) -> io::Result<()> {
    let graph = Graph::new(summary, inactive);
    let bundles = graph.bundles();
    writeln!(out, "digraph tracer {{")?;
    writeln!(out, "  graph [rankdir=LR, fontname=\"sans-serif\", labelloc=t, compound=true,")?;
    writeln!(out, "         label={}];", quoted(&graph.title(&bundles)))?;
    writeln!(out, "  node [shape=box, style=\"rounded,filled\", fillcolor=white,")?;
    writeln!(out, "        fontname=\"sans-serif\", fontsize=11];")?;
    writeln!(out, "  edge [fontname=\"sans-serif\", fontsize=9];")?;
    for (group, tasks) in &graph.processes {
        graph.process(out, *group, tasks, &bundles)?;
    }
    graph.births(out)?;
    graph.sharing(out, &bundles)?;
    writeln!(out, "}}")
}

impl<'a> Graph<'a> {
    fn new(summary: &'a Summary, inactive: bool) -> Self {
        let mut graph = Self {
            summary,
            processes: BTreeMap::new(),
            drawn: BTreeSet::new(),
            further: BTreeMap::new(),
            left_out: 0,
        };
        let mut newest: BTreeMap<u32, Group> = BTreeMap::new();
        for (place, row) in summary.tasks.iter().enumerate() {
            if row.kind == Kind::Kernel || !inactive && !row.active() {
                continue;
            }
            if row.kind == Kind::Process {
                newest.insert(row.tgid, (place, row.tgid));
            }
            let group = *newest.entry(row.tgid).or_insert((place, row.tgid));
            let threads = graph.processes.get(&group).map_or(0, Vec::len);
            if graph.drawn.len() == TASKS {
                graph.left_out += 1;
            } else if threads == THREADS {
                *graph.further.entry(group).or_default() += 1;
            } else {
                graph.processes.entry(group).or_default().push(place);
                graph.drawn.insert(place);
            }
        }
        graph
    }

    /// What is shared, by who shares it.
    fn bundles(&self) -> Bundles<'a> {
        let mut bundles = Bundles::new();
        for row in &self.summary.sharing {
            let members: BTreeSet<usize> = row
                .members
                .iter()
                .map(|member| member.task)
                .filter(|task| self.summary.tasks[*task].kind != Kind::Kernel)
                .filter(|task| self.drawn.contains(task))
                .collect();
            if members.len() > 1 {
                bundles.entry(members.into_iter().collect()).or_default().push(row);
            }
        }
        bundles
    }

    /// Whether that is everybody.
    fn all(&self, members: &[usize]) -> bool {
        self.processes.len() > 1 && members.len() == self.drawn.len()
    }

    /// Whether these are the threads of one process.
    fn one_process(&self, members: &[usize]) -> bool {
        self.processes.values().any(|tasks| tasks == members)
    }

    fn title(&self, bundles: &Bundles<'_>) -> String {
        let mut title = vec![format!("{} tasks", self.drawn.len())];
        for (members, rows) in bundles {
            if self.all(members) {
                title.push(format!("all share {}", names(rows)));
            } else if self.ends(members).len() > LINES {
                title.push(format!("{} share {}", members.len(), names(rows)));
            }
        }
        if self.left_out > 0 {
            title.push(format!("{} more are not drawn", self.left_out));
        }
        format!("{}\nsolid: created; dashed: share", title.join("; "))
    }

    fn process(
        &self,
        out: &mut dyn Write,
        group: Group,
        tasks: &[usize],
        bundles: &Bundles<'_>,
    ) -> io::Result<()> {
        let first = &self.summary.tasks[tasks[0]];
        let program = first.execs.last().map(|exec| format!(": {}", exec.filename));
        let shared = bundles.get(tasks).map(|rows| format!("\nshare {}", names(rows)));
        let (program, shared) = (program.unwrap_or_default(), shared.unwrap_or_default());
        let title = format!("process {}{program}{shared}", first.tgid);
        writeln!(out, "  subgraph cluster_{} {{", group.0)?;
        writeln!(out, "    label={}; fontsize=10; color=gray60;", quoted(&title))?;
        writeln!(out, "    style=\"rounded,filled\"; fillcolor=\"#f4f4f4\";")?;
        for &task in tasks {
            let row = &self.summary.tasks[task];
            writeln!(out, "    t{task} [label={}{}];", quoted(&label(row)), looks(row))?;
        }
        if let Some(further) = self.further.get(&group) {
            let text = format!("{further} more threads");
            writeln!(out, "    more{} [label={}, style=dashed];", group.0, quoted(&text))?;
        }
        writeln!(out, "  }}")
    }

    /// Edges from creators to children.
    fn births(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut lives: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for &task in &self.drawn {
            let row = &self.summary.tasks[task];
            for tid in [Some(row.tid), row.old_tid].into_iter().flatten() {
                lives.entry(tid).or_default().push(task);
            }
        }
        for &task in &self.drawn {
            let row = &self.summary.tasks[task];
            let creator = row.creator_tid.or((row.kind == Kind::Process).then_some(row.parent_tid));
            let alive =
                |of: &&usize| **of != task && self.summary.tasks[**of].from_ns <= row.from_ns;
            let lives = creator.and_then(|tid| lives.get(&tid));
            let Some(creator) = lives.and_then(|of| of.iter().rfind(alive)) else { continue };
            writeln!(out, "  t{creator} -> t{task} [label={}];", quoted(how(row)))?;
        }
        Ok(())
    }

    /// Nodes of what is shared beyond one process, or by some threads of it.
    fn sharing(&self, out: &mut dyn Write, bundles: &Bundles<'_>) -> io::Result<()> {
        let drawn = |members: &[usize]| {
            !self.all(members) && !self.one_process(members) && self.ends(members).len() <= LINES
        };
        let wide = bundles.iter().filter(|(members, _)| drawn(members));
        for (number, (members, rows)) in wide.enumerate() {
            let colour = COLOURS[number % COLOURS.len()];
            let text = quoted(&names(rows));
            writeln!(out, "  s{number} [label={text}, shape=ellipse, color=\"{colour}\",")?;
            writeln!(out, "    fontcolor=\"{colour}\"];")?;
            for (task, whole) in self.ends(members) {
                let tail = whole.map(|group| format!(", ltail=cluster_{}", group.0));
                writeln!(
                    out,
                    "  t{task} -> s{number} [dir=none, style=dashed, color=\"{colour}\"{}];",
                    tail.unwrap_or_default()
                )?;
            }
        }
        Ok(())
    }

    /// Where lines to these members end: at a task, or at the box of a process of which all
    /// threads are members.
    fn ends(&self, members: &[usize]) -> Vec<(usize, Option<Group>)> {
        let mut ends = Vec::new();
        for (&group, tasks) in &self.processes {
            let is_member = |task: &&usize| members.binary_search(task).is_ok();
            if tasks.len() > 1 && tasks.iter().all(|task| is_member(&task)) {
                ends.push((tasks[0], Some(group)));
            } else {
                ends.extend(tasks.iter().filter(is_member).map(|&task| (task, None)));
            }
        }
        ends
    }
}

/// How a task was created: what says most about it.
fn how(row: &TaskRow) -> &'static str {
    let Some(flags) = &row.clone_flags else { return "" };
    let has = |flag| flags.contains(&flag);
    match () {
        () if has("CLONE_THREAD") => "thread",
        () if has("CLONE_VFORK") && has("CLONE_VM") => "vfork",
        () if has("CLONE_VM") => "clone, shares mm",
        () if row.shared_at_birth.iter().any(|name| !["nsproxy", "cred"].contains(name)) => {
            "clone, shares"
        }
        () => "fork",
    }
}

fn label(row: &TaskRow) -> String {
    let signal = row.exit.as_ref().and_then(|exit| exit.signal_name.as_ref());
    let killed = signal.map(|signal| format!("\n{signal}")).unwrap_or_default();
    format!("{} {}\n{} running{killed}", row.comm, row.tid, duration(row.states_ns.running))
}

/// Leaders stand out, and who was killed does.
fn looks(row: &TaskRow) -> &'static str {
    let killed = row.exit.as_ref().is_some_and(|exit| exit.signal.is_some());
    match (row.kind, killed) {
        (Kind::Process, false) => ", penwidth=2",
        (Kind::Process, true) => ", penwidth=2, color=\"#d55e00\"",
        (_, true) => ", color=\"#d55e00\"",
        (_, false) => "",
    }
}

fn names(rows: &[&SharingRow]) -> String {
    let name = |row: &&SharingRow| {
        let doubt = if row.confirmed { "" } else { "?" };
        format!("{}{doubt} {}", row.resource, row.id)
    };
    rows.iter().map(name).collect::<Vec<_>>().join(", ")
}

/// A string of graphviz.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            // Neither graphviz nor a terminal is to be told anything by a task's name.
            letter if letter.is_control() => quoted.push('?'),
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests;
