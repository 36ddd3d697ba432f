//! What one CPU has told and has not been passed on.

use std::collections::VecDeque;

use super::sequence::Sequence;

/// Where a record's bytes are, and by what it is ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Waiting {
    /// The record's time, ns.
    pub(super) at_ns: u64,
    /// Its whole number on its CPU.
    pub(super) number: u64,
    /// Its batch.
    pub(super) batch: u64,
    /// Where in the batch it begins.
    pub(super) begin: u32,
}

/// One CPU.
#[derive(Clone, Debug)]
pub(super) struct Lane {
    /// Which numbers have come.
    pub(super) sequence: Sequence,
    /// Time of the last record that was passed on, or when the recording began, ns.
    pub(super) last_ns: u64,
    /// Records passed on.
    pub(super) seen: u64,
    /// Records given up.
    pub(super) lost: u64,
    waiting: VecDeque<Waiting>,
    /// Whether `waiting` is in order. Inversions are rare and found late, so it is sorted as a
    /// whole when it is needed.
    sorted: bool,
}

impl Lane {
    /// A CPU of which nothing is known since `start_ns`.
    pub(super) fn new(start_ns: u64) -> Self {
        Self {
            sequence: Sequence::default(),
            last_ns: start_ns,
            seen: 0,
            lost: 0,
            waiting: VecDeque::new(),
            sorted: true,
        }
    }

    /// Takes a record.
    pub(super) fn push(&mut self, waiting: Waiting) {
        self.sorted &= self.waiting.back().is_none_or(|last| *last <= waiting);
        self.waiting.push_back(waiting);
    }

    /// Puts what waits in order.
    pub(super) fn sort(&mut self) {
        if !self.sorted {
            self.waiting.make_contiguous().sort();
            self.sorted = true;
        }
    }

    /// The first of what waits, once sorted.
    pub(super) fn first(&self) -> Option<&Waiting> {
        self.waiting.front()
    }

    /// The last of what waits, once sorted.
    pub(super) fn last(&self) -> Option<&Waiting> {
        self.waiting.back()
    }

    /// Takes the first, once sorted.
    pub(super) fn pop(&mut self) -> Option<Waiting> {
        self.waiting.pop_front()
    }
}
