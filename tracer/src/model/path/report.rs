//! What is told of a critical path.

use std::collections::BTreeMap;

use serde::Serialize;

/// Stretches of the path that are told one by one: the longest.
const LONGEST: usize = 50;

/// What the path does in a stretch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The task runs.
    Running,
    /// It waits for a CPU.
    Runnable,
    /// It sleeps until an interrupt wakes it: a timer, a device.
    Interrupt,
    /// It sleeps, and nobody was seen to wake it.
    Sleeping,
    /// It is not known what it does, or who woke it.
    Unknown,
}

/// A stretch of the path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PathSegment {
    /// Its begin, ns.
    pub from_ns: u64,
    /// Its end, ns.
    pub to_ns: u64,
    /// Whose.
    pub tid: u32,
    /// Its name.
    pub comm: String,
    /// What it did.
    pub kind: Kind,
}

/// All stretches of one task and one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PathShare {
    /// Whose.
    pub tid: u32,
    /// Its name.
    pub comm: String,
    /// What it did.
    pub kind: Kind,
    /// For how long in all, ns.
    pub ns: u64,
    /// In how many stretches.
    pub count: u64,
    /// The longest of them, ns.
    pub max_ns: u64,
}

/// The critical path of a task between two times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CriticalPath {
    /// Whose.
    pub tid: u32,
    /// Its name.
    pub comm: String,
    /// Its begin, ns.
    pub from_ns: u64,
    /// Its end, ns.
    pub to_ns: u64,
    /// What it is made of; the shares add up to its length. The largest first.
    pub shares: Vec<PathShare>,
    /// Its longest stretches, in the order of time.
    pub longest: Vec<PathSegment>,
    /// Stretches it has in all.
    pub segments: u64,
}

/// Takes in the path backwards.
#[derive(Debug, Default)]
pub(super) struct Builder {
    shares: BTreeMap<(u32, Kind), PathShare>,
    longest: BTreeMap<(u64, u64), PathSegment>,
    open: Option<PathSegment>,
    segments: u64,
}

impl Builder {
    /// The path goes on, towards its begin, with this stretch.
    pub(super) fn add(&mut self, from_ns: u64, to_ns: u64, task: (u32, &str), kind: Kind) {
        if from_ns == to_ns {
            return;
        }
        let (tid, comm) = task;
        if let Some(open) = &mut self.open
            && (open.tid, open.kind, open.from_ns) == (tid, kind, to_ns)
        {
            open.from_ns = from_ns;
            return;
        }
        self.close();
        self.open = Some(PathSegment { from_ns, to_ns, tid, comm: comm.to_owned(), kind });
    }

    fn close(&mut self) {
        let Some(segment) = self.open.take() else { return };
        let ns = segment.to_ns - segment.from_ns;
        self.segments += 1;
        let share = self.shares.entry((segment.tid, segment.kind)).or_insert_with(|| PathShare {
            tid: segment.tid,
            comm: segment.comm.clone(),
            kind: segment.kind,
            ns: 0,
            count: 0,
            max_ns: 0,
        });
        share.ns += ns;
        share.count += 1;
        share.max_ns = share.max_ns.max(ns);
        self.longest.insert((ns, segment.from_ns), segment);
        if self.longest.len() > LONGEST {
            self.longest.pop_first();
        }
    }

    /// It is complete.
    pub(super) fn finish(mut self, tid: u32, comm: &str, from_ns: u64, to_ns: u64) -> CriticalPath {
        self.close();
        let mut shares: Vec<PathShare> = self.shares.into_values().collect();
        shares.sort_by_key(|share| std::cmp::Reverse(share.ns));
        let mut longest: Vec<PathSegment> = self.longest.into_values().collect();
        longest.sort_by_key(|segment| segment.from_ns);
        let comm = comm.to_owned();
        CriticalPath { tid, comm, from_ns, to_ns, shares, longest, segments: self.segments }
    }
}
