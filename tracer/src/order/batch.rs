//! The bytes that waiting records are in, kept until the last of them has gone.

use std::collections::VecDeque;

/// Batches of records, numbered as they came.
#[derive(Debug, Default)]
pub(super) struct Batches {
    /// Number of the first that is kept.
    first: u64,
    kept: VecDeque<Batch>,
    bytes: usize,
}

#[derive(Debug)]
struct Batch {
    bytes: Vec<u8>,
    /// Records in it that still wait.
    waiting: usize,
}

impl Batches {
    /// The number that the next batch will have.
    pub(super) fn next(&self) -> u64 {
        self.first + u64::try_from(self.kept.len()).unwrap_or(0)
    }

    /// Bytes that are kept.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Keeps a batch in which so many records wait.
    pub(super) fn push(&mut self, bytes: Vec<u8>, waiting: usize) {
        self.bytes += bytes.len();
        self.kept.push_back(Batch { bytes, waiting });
        self.free();
    }

    /// What begins at a place in a batch.
    pub(super) fn get(&self, batch: u64, begin: u32) -> &[u8] {
        let at = usize::try_from(batch - self.first).ok();
        let batch = at.and_then(|at| self.kept.get(at));
        let begin = usize::try_from(begin).ok();
        batch.zip(begin).and_then(|(batch, begin)| batch.bytes.get(begin..)).unwrap_or_default()
    }

    /// One of a batch's records no longer waits.
    pub(super) fn done(&mut self, batch: u64) {
        let at = usize::try_from(batch - self.first).ok();
        if let Some(batch) = at.and_then(|at| self.kept.get_mut(at)) {
            batch.waiting -= 1;
            if batch.waiting == 0 {
                self.free();
            }
        }
    }

    /// Frees what is no longer waited for, from the front: batches grow old in order.
    fn free(&mut self) {
        while let Some(batch) = self.kept.pop_front_if(|batch| batch.waiting == 0) {
            self.bytes -= batch.bytes.len();
            self.first += 1;
        }
    }
}
