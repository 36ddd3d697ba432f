//! Loom's machine, and a model of the kernel's futex in it.
//!
//! One loom mutex stands for the kernel's hash buckets: a waiter compares and queues under it, a
//! waker takes it before it looks for waiters (`kernel/futex/waitwake.c`). A wake-up that nobody
//! waits for is forgotten, so a lock that loses one ends in loom's deadlock report. There are no
//! signals and no timeouts.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::unnecessary_wraps,
    clippy::similar_names,
    reason = "it has the kernel's answers and names, and fails as tests do"
)]

pub(crate) use loom::cell::UnsafeCell;
pub(crate) use loom::hint::spin_loop;
pub(crate) use loom::sync::Arc;
pub(crate) use loom::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, fence};
pub(crate) use loom::thread::yield_now;

/// No spinning: it only multiplies the executions to explore.
pub(crate) const fn spins(_wanted: u32) -> u32 {
    0
}

loom::lazy_static! {
    static ref TIDS: AtomicU32 = AtomicU32::new(1);
    static ref KERNEL: Kernel = Kernel::new();
}

loom::thread_local! {
    static TID: u32 = TIDS.fetch_add(1, core::sync::atomic::Ordering::Relaxed);
}

/// A number of this thread alone, from one.
pub(crate) fn tid() -> u32 {
    TID.with(|tid| *tid)
}

/// The tasks asleep: where, and their ticket, in the order of their going to sleep.
type Queue = Vec<(usize, u32)>;

struct Kernel {
    queue: loom::sync::Mutex<(u32, Queue)>,
    moved: loom::sync::Condvar,
}

impl Kernel {
    fn new() -> Self {
        Self { queue: loom::sync::Mutex::new((0, Vec::new())), moved: loom::sync::Condvar::new() }
    }
}

/// The futex calls of the model.
pub(crate) mod kernel {
    use core::sync::atomic::Ordering::{AcqRel, Relaxed};

    use rustix::io::{Errno, Result};

    use super::{AtomicU32, KERNEL, Queue, tid};
    use crate::futex::{Deadline, Scope, Timespec};

    const WAITERS: u32 = 1 << 31;

    fn address(word: &AtomicU32) -> usize {
        core::ptr::from_ref(word).addr()
    }

    /// Queues at `place` and sleeps until somebody takes the ticket out of the queue.
    fn sleep(mut held: loom::sync::MutexGuard<'_, (u32, Queue)>, place: usize) {
        held.0 += 1;
        let ticket = held.0;
        held.1.push((place, ticket));
        while held.1.iter().any(|&(_, queued)| queued == ticket) {
            held = KERNEL.moved.wait(held).unwrap();
        }
    }

    /// Takes up to `most` tickets of `place` out of the queue, the oldest first.
    fn take(queue: &mut Queue, place: usize, most: u32) -> usize {
        let before = queue.len();
        let mut left = most;
        queue.retain(|&(at, _)| {
            let goes = at == place && left > 0;
            left -= u32::from(goes);
            !goes
        });
        before - queue.len()
    }

    pub(crate) fn wait(
        word: &AtomicU32,
        expected: u32,
        _scope: Scope,
        timeout: Option<&Timespec>,
    ) -> Result<()> {
        assert!(timeout.is_none(), "the model has no clock");
        let held = KERNEL.queue.lock().unwrap();
        if word.load(Relaxed) != expected {
            return Err(Errno::AGAIN);
        }
        sleep(held, address(word));
        Ok(())
    }

    pub(crate) fn wait_until(_: &AtomicU32, _: u32, _: Scope, _: &Deadline) -> Result<()> {
        panic!("the model has no clock");
    }

    pub(crate) fn wake(word: &AtomicU32, most: u32, _scope: Scope) -> Result<usize> {
        let mut held = KERNEL.queue.lock().unwrap();
        let woken = take(&mut held.1, address(word), most);
        KERNEL.moved.notify_all();
        Ok(woken)
    }

    pub(crate) fn requeue(
        from: &AtomicU32,
        expected: u32,
        (wake, move_): (u32, u32),
        to: &AtomicU32,
        _scope: Scope,
    ) -> Result<usize> {
        let mut held = KERNEL.queue.lock().unwrap();
        if from.load(Relaxed) != expected {
            return Err(Errno::AGAIN);
        }
        let woken = take(&mut held.1, address(from), wake);
        let movers = held.1.iter_mut().filter(|(at, _)| *at == address(from));
        let moved = movers.take(move_ as usize).map(|entry| entry.0 = address(to)).count();
        KERNEL.moved.notify_all();
        Ok(woken + moved)
    }

    /// `futex_lock_pi_atomic` and the hand-over: the unlocker writes the next owner's tid.
    pub(crate) fn lock_pi(word: &AtomicU32, _scope: Scope) -> Result<()> {
        let held = KERNEL.queue.lock().unwrap();
        loop {
            let now = word.load(Relaxed);
            if now == 0 {
                if word.compare_exchange(0, tid(), AcqRel, Relaxed).is_ok() {
                    return Ok(());
                }
            } else if word.compare_exchange(now, now | WAITERS, AcqRel, Relaxed).is_ok() {
                break;
            }
        }
        // Tickets count up from one, so one that is counted down tells the unlocker the tid.
        let (mut held, ticket) = (held, u32::MAX - tid());
        held.1.push((address(word), ticket));
        while held.1.iter().any(|&(_, queued)| queued == ticket) {
            held = KERNEL.moved.wait(held).unwrap();
        }
        Ok(())
    }

    pub(crate) fn unlock_pi(word: &AtomicU32, _scope: Scope) -> Result<()> {
        let mut held = KERNEL.queue.lock().unwrap();
        if word.load(Relaxed) & !WAITERS != tid() {
            return Err(Errno::PERM);
        }
        let place = address(word);
        let next = held.1.iter().position(|&(at, _)| at == place);
        let owner = next.map_or(0, |at| {
            let (_, ticket) = held.1.remove(at);
            u32::MAX - ticket
        });
        let more = held.1.iter().any(|&(at, _)| at == place);
        word.swap(owner | if more { WAITERS } else { 0 }, AcqRel);
        KERNEL.moved.notify_all();
        Ok(())
    }

    pub(crate) fn trylock_pi(word: &AtomicU32, _scope: Scope) -> Result<bool> {
        let _held = KERNEL.queue.lock().unwrap();
        Ok(word.compare_exchange(0, tid(), AcqRel, Relaxed).is_ok())
    }
}
