//! Who wakes one task, and the end of what is remembered of pairs when that is too much.

use std::cmp::Reverse;

use super::{EDGES_MAX, Wakeups};
use crate::model::lives::{LifeId, Lives};

/// Who woke a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WakerRow {
    /// Its number; `None` for an interrupt, and where it was not told.
    pub tid: Option<u32>,
    /// `task`, `hardirq`, `softirq` or `unknown`.
    pub context: &'static str,
    /// How often.
    pub count: u64,
    /// The sleeps that these ended, ns.
    pub sleep_ns: u64,
}

impl Wakeups {
    /// Who woke this task, most often first.
    pub fn of(&self, woken: LifeId) -> Vec<WakerRow> {
        let places = self.places.iter().filter(|((_, id), _)| *id == woken);
        let edges = places.filter_map(|(_, &place)| self.edges.get(place as usize));
        let mut rows: Vec<WakerRow> = edges
            .map(|edge| WakerRow {
                tid: edge.waker_tid,
                context: edge.context,
                count: edge.count,
                sleep_ns: edge.sleep_ns,
            })
            .collect();
        rows.sort_by_key(|row| (Reverse(row.count), Reverse(row.sleep_ns), row.tid, row.context));
        rows
    }

    /// Forgets all pairs if there is no room for more of them: for who watches, new ones matter
    /// more than those of tasks that are gone.
    pub fn make_room(&mut self, lives: &mut Lives) {
        if self.edges.len() < EDGES_MAX {
            return;
        }
        self.edges.clear();
        self.places.clear();
        lives.iter_mut().for_each(|life| life.thread.woken = None);
    }
}
