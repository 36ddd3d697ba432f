//! Who wakes whom: edges from waker to woken, with what the woken one waited for and how long it
//! then waited for a CPU; and the longest sleeps with who woke the waker, and so on.
//!
//! Edges are kept by pairs of lives, at most [`EDGES_MAX`] of them; wakings of further pairs are
//! counted only.

use std::collections::HashMap;

use serde::Serialize;
use tracer_common::record::{Context, Waking};

use super::distribution::{Distribution, Quantiles};
use super::lives::{Life, LifeId, Lives};
use super::path::Waker;

mod chain;
mod wakers;

pub use chain::{ChainLink, LongWait};
pub use wakers::WakerRow;

use chain::Longest;

/// Most pairs that are kept.
pub const EDGES_MAX: usize = 50_000;

/// Where a waking came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Source {
    /// A task: its life if it has one, and its number.
    Task(Option<LifeId>, u32),
    /// A hard interrupt.
    Hardirq,
    /// A softirq.
    Softirq,
    /// It was not told.
    Unknown,
}

/// The latest waking of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Woken {
    at_ns: u64,
    slept_ns: u64,
    from: Source,
    /// Its edge, if that is kept.
    edge: Option<u32>,
    /// Whether it has been switched in since.
    ran: bool,
}

#[derive(Clone, Debug, Default)]
struct Edge {
    waker_tid: Option<u32>,
    context: &'static str,
    woken_tid: u32,
    sleep_ns: u64,
    sleep_max_ns: u64,
    count: u64,
    latency: Distribution,
}

/// All edges.
#[derive(Clone, Debug, Default)]
pub struct Wakeups {
    edges: Vec<Edge>,
    /// Never iterated: its order means nothing.
    places: HashMap<(Source, LifeId), u32>,
    longest: Longest,
    omitted: u64,
    /// Whether nobody asks for latencies.
    brief: bool,
}

/// A row of `wakeups`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WakeupRow {
    /// Who woke; null for an interrupt, and where it was not told.
    pub waker_tid: Option<u32>,
    /// `task`, `hardirq`, `softirq` or `unknown`.
    pub context: &'static str,
    /// Who was woken.
    pub woken_tid: u32,
    /// How often.
    pub count: u64,
    /// The sleeps that these ended, ns, as far as their begin is known.
    pub sleep_ns: u64,
    /// The longest of them, ns.
    pub sleep_max_ns: u64,
    /// From the waking to the CPU, ns; of those that came there.
    pub latency_ns: Quantiles,
}

impl Source {
    fn of(waking: &Waking, lives: &Lives) -> Self {
        match waking.context {
            Context::TASK => Self::Task(lives.current(waking.waker_tid), waking.waker_tid),
            Context::HARDIRQ => Self::Hardirq,
            Context::SOFTIRQ => Self::Softirq,
            _ => Self::Unknown,
        }
    }

    fn tid(self) -> Option<u32> {
        match self {
            Self::Task(_, tid) => Some(tid),
            _ => None,
        }
    }

    pub(super) fn context(self) -> &'static str {
        match self {
            Self::Task(..) => "task",
            Self::Hardirq => "hardirq",
            Self::Softirq => "softirq",
            Self::Unknown => "unknown",
        }
    }
}

impl Wakeups {
    /// A followed task was woken, out of a sleep of this length, ns; or on its way into one.
    pub fn woken(&mut self, at_ns: u64, lives: &mut Lives, id: LifeId, woken: (&Waking, u64)) {
        let (waking, slept_ns) = woken;
        let from = Source::of(waking, lives);
        if self.longest.takes(slept_ns) {
            self.longest.add(at_ns, lives, id, (from, slept_ns));
        }
        let Some(life) = lives.get_mut(id) else { return };
        // Mostly it is the same task that wakes it again.
        let last = life.thread.woken.filter(|last| last.from == from);
        let edge = match last {
            Some(last) => last.edge,
            None => self.place(from, id, life),
        };
        match edge.and_then(|edge| self.edges.get_mut(edge as usize)) {
            Some(edge) => {
                edge.count += 1;
                edge.sleep_ns += slept_ns;
                edge.sleep_max_ns = edge.sleep_max_ns.max(slept_ns);
            }
            None => self.omitted += 1,
        }
        life.thread.woken = Some(Woken { at_ns, slept_ns, from, edge, ran: false });
    }

    /// Whether latencies are kept.
    pub(super) fn keep(&mut self, latencies: bool) {
        self.brief = !latencies;
    }

    /// A task came onto a CPU.
    pub fn ran(&mut self, at_ns: u64, life: &mut Life) {
        if self.brief {
            return;
        }
        let Some(woken) = &mut life.thread.woken else { return };
        if std::mem::replace(&mut woken.ran, true) {
            return;
        }
        if let Some(edge) = woken.edge.and_then(|edge| self.edges.get_mut(edge as usize)) {
            edge.latency.add(at_ns.saturating_sub(woken.at_ns));
        }
    }

    /// All accounts begin anew. The pairs stay, for tasks know their own.
    pub fn restart(&mut self) {
        for edge in &mut self.edges {
            let Edge { waker_tid, context, woken_tid, .. } = *edge;
            *edge = Edge { waker_tid, context, woken_tid, ..Edge::default() };
        }
        self.longest = Longest::default();
        self.omitted = 0;
    }

    fn place(&mut self, from: Source, id: LifeId, life: &Life) -> Option<u32> {
        if let Some(&place) = self.places.get(&(from, id)) {
            return Some(place);
        }
        if self.edges.len() == EDGES_MAX {
            return None;
        }
        let place = u32::try_from(self.edges.len()).ok()?;
        self.edges.push(Edge {
            waker_tid: from.tid(),
            context: from.context(),
            woken_tid: life.tid,
            ..Edge::default()
        });
        self.places.insert((from, id), place);
        Some(place)
    }

    /// Who woke a task last.
    pub fn waker(lives: &Lives, id: LifeId) -> Waker {
        match lives.get(id).and_then(|life| life.thread.woken).map(|woken| woken.from) {
            Some(Source::Task(Some(waker), _)) => Waker::Task(waker),
            Some(Source::Hardirq | Source::Softirq) => Waker::Interrupt,
            _ => Waker::Unknown,
        }
    }

    /// Who woke a task at this time, ns, who had woken that one, and so on, at most `depth` of them;
    /// none if it was not woken then.
    pub fn wakers(lives: &Lives, id: LifeId, at_ns: u64, depth: usize) -> Vec<ChainLink> {
        let woken = lives.get(id).and_then(|life| life.thread.woken);
        let woken = woken.filter(|woken| woken.at_ns == at_ns);
        woken.map(|woken| chain::chain(at_ns, lives, woken.from, depth)).unwrap_or_default()
    }

    /// Wakings of pairs beyond [`EDGES_MAX`].
    pub fn omitted(&self) -> u64 {
        self.omitted
    }

    /// The edges, those that ended most sleep first.
    pub fn rows(&self) -> Vec<WakeupRow> {
        let row = |edge: &Edge| WakeupRow {
            waker_tid: edge.waker_tid,
            context: edge.context,
            woken_tid: edge.woken_tid,
            count: edge.count,
            sleep_ns: edge.sleep_ns,
            sleep_max_ns: edge.sleep_max_ns,
            latency_ns: edge.latency.quantiles(),
        };
        let mut rows: Vec<WakeupRow> = self.edges.iter().map(row).collect();
        rows.retain(|row| row.count + row.latency_ns.count > 0);
        rows.sort_by_key(|row| (std::cmp::Reverse(row.sleep_ns), row.woken_tid, row.waker_tid));
        rows
    }

    /// The longest sleeps, with who ended them.
    pub fn longest(&self) -> Vec<LongWait> {
        self.longest.rows()
    }
}
