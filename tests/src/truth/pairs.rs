//! Which row of the report is which task of the truth.
//!
//! Both sides have tasks by number, and a number can be used again: tasks of one number are paired
//! in order of their birth. The truth has a task by its number at birth; a thread that takes over
//! its leader's number by `exec` is known to the report by that one, with the old one beside it, and
//! the leader by the thread's.

use std::collections::BTreeMap;
use std::fmt;

use workloads::truth::{self, Truth};

use super::Differences;
use crate::report::{Report, Task};

/// One task from both sides.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair<'a> {
    pub(super) truth: &'a truth::Task,
    pub(super) report: &'a Task,
    /// Whether it is the truth's first, which was there before the truth was.
    pub(super) first: bool,
}

impl fmt::Display for Pair<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "task {} ({})", self.truth.tid, self.report.comm)
    }
}

/// Pairs all tasks; one that only one side knows is a difference.
pub(super) fn of<'a>(
    truth: &'a Truth,
    report: &'a Report,
    found: &mut Differences,
) -> Vec<Pair<'a>> {
    let mut rows = rows(report);
    let mut pairs = Vec::new();
    // In the order in which they were made, as both sides list them.
    for (place, task) in truth.tasks.iter().enumerate() {
        let row =
            rows.get_mut(&task.tid).and_then(|rows| (!rows.is_empty()).then(|| rows.remove(0)));
        match row {
            Some(report) => pairs.push(Pair { truth: task, report, first: place == 0 }),
            None => {
                found.add(format_args!("task {}", task.tid), "is there", yes(task), "no".into());
            }
        }
    }
    if report.follows_all {
        // Then the others are somebody else's.
        return pairs;
    }
    for row in rows.values().flatten() {
        found.add(format_args!("task {}", row.tid), "is there", "no".into(), yes(row));
    }
    pairs
}

fn yes(task: &impl fmt::Debug) -> String {
    format!("{task:?}")
}

/// The rows by their number at birth, those of one number in order of birth.
fn rows(report: &Report) -> BTreeMap<u32, Vec<&Task>> {
    let mut rows: BTreeMap<u32, Vec<&Task>> = BTreeMap::new();
    for row in &report.tasks {
        rows.entry(at_birth(row, report)).or_default().push(row);
    }
    for rows in rows.values_mut() {
        rows.sort_by_key(|row| row.from_ns);
    }
    rows
}

/// The number that a row's task had at its birth.
fn at_birth(row: &Task, report: &Report) -> u32 {
    if let Some(old) = row.old_tid {
        return old;
    }
    // A leader whose number was taken over died before the exec was done.
    let taken_over = report.tasks.iter().any(|other| {
        other.old_tid == Some(row.tid) && other.tgid == row.tgid && row.from_ns < other.from_ns
    });
    if taken_over { row.tgid } else { row.tid }
}
