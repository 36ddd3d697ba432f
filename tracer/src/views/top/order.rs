//! Which rows are on the screen, and in which order: sorted, or as a tree.

use std::collections::{HashMap, HashSet};

use super::columns::{self, Column};
use super::filter::Filter;
use super::rows::Row;

/// How rows are chosen and put in order.
#[derive(Clone, Debug)]
pub struct Order {
    /// By what.
    pub column: Column,
    /// Against the column's own direction.
    pub turned: bool,
    /// Threads under their processes, processes under their parents.
    pub tree: bool,
    /// Without rows that did nothing.
    pub only_active: bool,
    /// Which rows.
    pub filter: Filter,
}

impl Default for Order {
    fn default() -> Self {
        let column = Column::Share(0);
        let filter = Filter::default();
        Self { column, turned: false, tree: false, only_active: false, filter }
    }
}

/// A row on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Which.
    pub row: usize,
    /// How deep in the tree.
    pub depth: usize,
}

impl Order {
    /// The rows to show.
    pub fn place(&self, rows: &[Row]) -> Vec<Placed> {
        let wanted = |row: &Row| self.filter.wants(row) && (!self.only_active || row.active());
        let mut order: Vec<usize> = (0..rows.len()).collect();
        columns::sort(&mut order, rows, self.column, self.turned);
        if self.tree {
            return tree(&order, rows, wanted);
        }
        order.retain(|&row| wanted(&rows[row]));
        order.into_iter().map(|row| Placed { row, depth: 0 }).collect()
    }
}

/// Rows under their parents, siblings as they are ordered; of what is wanted all ancestors too.
fn tree(order: &[usize], rows: &[Row], wanted: impl Fn(&Row) -> bool) -> Vec<Placed> {
    let is_leader = |row: &Row| row.task.tid == row.task.tgid;
    let mut leaders: HashMap<u32, usize> = HashMap::new();
    for &row in order {
        let task = &rows[row].task;
        // The number may be another's by now: the one that lives counts.
        if is_leader(&rows[row]) && (!task.ended || !leaders.contains_key(&task.tgid)) {
            leaders.insert(task.tgid, row);
        }
    }
    let parent = |row: usize| {
        let task = &rows[row].task;
        let above = if is_leader(&rows[row]) { task.parent_tgid } else { task.tgid };
        leaders.get(&above).copied().filter(|&parent| parent != row)
    };
    let mut needed = HashSet::new();
    for &row in order.iter().filter(|&&row| wanted(&rows[row])) {
        let mut next = Some(row);
        while let Some(row) = next.filter(|&row| needed.insert(row)) {
            next = parent(row);
        }
    }
    let mut children: HashMap<Option<usize>, Vec<usize>> = HashMap::new();
    for &row in order.iter().filter(|row| needed.contains(row)) {
        children.entry(parent(row)).or_default().push(row);
    }
    let mut placed = Vec::with_capacity(needed.len());
    let root = |row| Placed { row, depth: 0 };
    let mut stack: Vec<Placed> =
        children.remove(&None).unwrap_or_default().into_iter().rev().map(root).collect();
    loop {
        while let Some(top) = stack.pop() {
            let below = children.remove(&Some(top.row)).unwrap_or_default();
            let depth = top.depth + 1;
            stack.extend(below.into_iter().rev().map(|row| Placed { row, depth }));
            placed.push(top);
        }
        // Who is its own ancestor, by numbers that were used again, has no root: it becomes one.
        let Some(ring) = children.keys().flatten().min().copied() else { return placed };
        stack.push(root(ring));
        cut(&mut children, ring);
    }
}

/// Takes a row from under its parent.
fn cut(children: &mut HashMap<Option<usize>, Vec<usize>>, row: usize) {
    for below in children.values_mut() {
        below.retain(|&child| child != row);
    }
}
