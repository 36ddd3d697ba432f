//! What the flags of a creation say, held against what the kernel's structures share.

use std::collections::BTreeSet;

use super::Tasks;
use crate::compare::marks::Marks;
use crate::compare::{Aspect, Fact, KINDS, Runs};
use crate::model::summary::TaskRow;

/// A resource and the flag that shares it, if one does.
const RESOURCES: [(&str, &str, Option<&str>); 7] = [
    ("mm", "address space", Some("CLONE_VM")),
    ("files", "open files", Some("CLONE_FILES")),
    ("fs", "root, working directory, umask", Some("CLONE_FS")),
    ("sighand", "signal handlers", Some("CLONE_SIGHAND")),
    ("signal", "thread group: limits, timers, pending signals", Some("CLONE_THREAD")),
    ("nsproxy", "namespaces", None),
    ("cred", "credentials", None),
];

/// From the run `create`.
pub(super) fn aspect(runs: &Runs) -> Option<Aspect> {
    let evidence = runs.get("create")?;
    let tasks = Tasks::of(&evidence.trace);
    let born = |kind: &str| of_kind(&evidence.marks, &tasks, kind);
    let rows = [born(KINDS[0]), born(KINDS[1])];
    let mut facts =
        vec![Fact::of("flags of clone", [flags(&rows[0]), flags(&rows[1]), "no call".to_owned()])];
    for (name, about, flag) in RESOURCES {
        let shared = |rows: &[&TaskRow]| {
            let count = rows.iter().filter(|row| row.shared_at_birth.contains(&name)).count();
            match count {
                0 => "own".to_owned(),
                count if count == rows.len() => "shared".to_owned(),
                count => format!("shared by {count} of {}", rows.len()),
            }
        };
        let flag = flag.map_or_else(String::new, |flag| format!(", by {flag}"));
        let cells = [shared(&rows[0]), shared(&rows[1]), "its carrier's".to_owned()];
        facts.push(Fact::of(format!("{name}: {about}{flag}"), cells));
    }
    let checked = rows.each_ref().map(|rows| checked(rows));
    let [process, thread] = checked;
    let cells = [process, thread, kernel_tasks(&evidence.marks, &evidence.trace.tasks)];
    facts.push(Fact::of("tasks whose flags and structures disagree", cells));
    Some(Aspect {
        aspect: "sharing",
        about: "The flags of every creation, and whether the new task uses the very structures of \
                its creator.",
        facts,
        see: vec!["tracer report create.data -s sharing".to_owned()],
        ..Aspect::default()
    })
}

/// The tasks of a kind that the trace saw born.
fn of_kind<'a>(marks: &Marks, tasks: &Tasks<'a>, kind: &str) -> Vec<&'a TaskRow> {
    let what = format!("create.{kind}");
    marks.named(&what).filter_map(|span| tasks.born_in(span)).collect()
}

fn flags(rows: &[&TaskRow]) -> String {
    let words = |row: &&TaskRow| {
        let flags = row.clone_flags.as_deref().unwrap_or_default();
        let names: Vec<&str> = flags.iter().map(|name| name.trim_start_matches("CLONE_")).collect();
        if names.is_empty() { "none".to_owned() } else { names.join(" ") }
    };
    let all: BTreeSet<String> = rows.iter().map(words).collect();
    if all.is_empty() {
        "unknown".to_owned()
    } else {
        all.into_iter().collect::<Vec<_>>().join("; ")
    }
}

/// Flags against pointers.
fn checked(rows: &[&TaskRow]) -> String {
    let differs = |row: &&&TaskRow| {
        let flags = row.clone_flags.as_deref().unwrap_or_default();
        RESOURCES.iter().any(|(name, _, flag)| {
            flag.is_some_and(|flag| flags.contains(&flag) != row.shared_at_birth.contains(name))
        })
    };
    super::of_all(rows.iter().filter(differs).count(), rows.len())
}

/// How many tasks the kernel made for user threads, between the call and the first instruction.
fn kernel_tasks(marks: &Marks, rows: &[TaskRow]) -> String {
    let spans: Vec<_> = marks.named("create.uthread").collect();
    let born = |tgid: Option<u32>, from: u64, to: u64| {
        rows.iter()
            .filter(|row| Some(row.tgid) == tgid || row.creator_tid == tgid)
            .filter(|row| row.life.created_ns.is_some_and(|at| (from..=to).contains(&at)))
            .count()
    };
    let made: usize = spans
        .iter()
        .map(|span| {
            let carrier = rows.iter().find(|row| row.tid == span.tid);
            born(carrier.map(|row| row.tgid), span.from_ns, span.to_ns)
        })
        .sum();
    format!("{made} tasks for {} user threads", spans.len())
}
