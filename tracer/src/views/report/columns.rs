//! The columns that the tables of the report can be sorted by, and the sorting: the same for text
//! and for JSON.
//!
//! The names are the headings. Times and counts have the largest first, names and numbers the
//! smallest.

use std::cmp::Reverse;

use crate::model::summary::Summary;

use super::Section;

mod lists;

pub(super) use lists::*;

/// Where a row comes by one column.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// The largest first.
    Most(Reverse<u128>),
    /// The smallest first; what has none is last.
    Least(bool, u64),
    /// By the alphabet.
    Name(String),
}

/// A column: its heading, and where a row comes by it.
pub(super) type Column<R> = (&'static str, fn(&R) -> Rank);

/// The column of this name, whatever its case.
pub(super) fn find<R>(columns: &[Column<R>], name: &str) -> Option<fn(&R) -> Rank> {
    columns.iter().find(|(head, _)| head.eq_ignore_ascii_case(name)).map(|&(_, rank)| rank)
}

/// The columns of a section's tables; none for those that have no rows to sort.
pub(super) fn names(section: Section) -> Vec<&'static str> {
    fn heads<R>(columns: &[Column<R>]) -> Vec<&'static str> {
        columns.iter().map(|&(head, _)| head).collect()
    }
    match section {
        Section::Capture | Section::Tree | Section::Sharing | Section::Findings => Vec::new(),
        Section::States => heads(STATES),
        Section::Latency => heads(LATENCY),
        Section::Wakeups => heads(WAKEUPS),
        Section::Signals => heads(SIGNALS),
        Section::Irqs => heads(IRQS),
        Section::Locks => heads(LOCKS),
        Section::Life => heads(LIFE),
        Section::Cpus => heads(CPUS),
        Section::CriticalPath => heads(PATH),
        Section::Stacks => heads(STACKS),
        Section::Uthreads => {
            let mut both = heads(CARRIERS);
            both.extend(heads(UTHREADS).into_iter().filter(|head| find(CARRIERS, head).is_none()));
            both
        }
    }
}

/// Whether one of these sections has this column.
///
/// # Errors
/// None has. The text lists what they have, in one line.
pub fn check(sections: &[Section], name: &str) -> Result<(), String> {
    let each = sections.iter().map(|&section| (section.name(), names(section)));
    let lists: Vec<(&str, Vec<&str>)> = each.filter(|(_, heads)| !heads.is_empty()).collect();
    if lists.iter().flat_map(|(_, heads)| heads).any(|head| head.eq_ignore_ascii_case(name)) {
        return Ok(());
    }
    let lists: Vec<String> = lists
        .iter()
        .map(|(section, heads)| format!("{section} has {}", heads.join(", ")))
        .collect();
    if lists.is_empty() {
        return Err(format!("there is no table to sort by '{name}' in these sections"));
    }
    Err(format!("there is no column '{name}': {}", lists.join("; ")))
}

/// Sorts rows by this column; those that are equal stay in their order.
pub(super) fn sort<R>(rows: &mut [&R], columns: &[Column<R>], name: Option<&str>) {
    if let Some(rank) = name.and_then(|name| find(columns, name)) {
        rows.sort_by_cached_key(|row| rank(row));
    }
}

/// Sorts what JSON has as the text of these sections does.
pub fn sort_rows(summary: &mut Summary, sections: &[Section], name: &str) {
    fn by<R>(rows: &mut [R], columns: &[Column<R>], name: &str) {
        if let Some(rank) = find(columns, name) {
            rows.sort_by_cached_key(rank);
        }
    }
    for section in sections {
        match section {
            Section::Capture | Section::Tree | Section::Sharing | Section::Findings => {}
            Section::States => by(&mut summary.tasks, STATES, name),
            Section::Latency => by(&mut summary.tasks, LATENCY, name),
            Section::Life => by(&mut summary.tasks, LIFE, name),
            Section::Wakeups => by(&mut summary.wakeups, WAKEUPS, name),
            Section::Signals => by(&mut summary.signals, SIGNALS, name),
            Section::Irqs => by(&mut summary.interrupt_totals, IRQS, name),
            Section::Locks => by(&mut summary.futexes, LOCKS, name),
            Section::Cpus => by(&mut summary.cpus, CPUS, name),
            Section::CriticalPath => {
                if let Some(path) = &mut summary.critical_path {
                    by(&mut path.shares, PATH, name);
                }
            }
            Section::Stacks => by(&mut summary.stacks, STACKS, name),
            Section::Uthreads => {
                by(&mut summary.uthreads.carriers, CARRIERS, name);
                by(&mut summary.uthreads.threads, UTHREADS, name);
            }
        }
    }
}
