//! The queue that all carriers share: what comes from outside of them, and what their own queues
//! have no room for.

use alloc::collections::VecDeque;
use core::sync::atomic::Ordering::Relaxed;

use super::fiber::Live;
use crate::shim::AtomicUsize;
use crate::sync::Mutex;

/// First in, first out, under a lock.
#[derive(Debug)]
pub(super) struct Injector {
    /// How many there are; looked at without the lock.
    count: AtomicUsize,
    fibers: Mutex<VecDeque<Live>>,
}

impl Injector {
    /// An empty one.
    pub(super) fn new() -> Self {
        Self { count: AtomicUsize::new(0), fibers: Mutex::new(VecDeque::new()) }
    }

    /// Adds some.
    pub(super) fn push(&self, fibers: impl Iterator<Item = Live>) {
        let mut queue = self.fibers.lock();
        queue.extend(fibers);
        // Relaxed: the lock orders it for those who take it, and the fence of the idle protocol for
        // those who look without.
        self.count.store(queue.len(), Relaxed);
    }

    /// Takes the oldest.
    pub(super) fn pop(&self) -> Option<Live> {
        if self.is_empty() {
            return None;
        }
        let mut queue = self.fibers.lock();
        let fiber = queue.pop_front();
        self.count.store(queue.len(), Relaxed);
        fiber
    }

    /// Whether it was empty just now.
    pub(super) fn is_empty(&self) -> bool {
        self.count.load(Relaxed) == 0
    }
}
