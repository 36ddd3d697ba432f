//! The store of a channel: two queues, one for each side.
//!
//! Senders push to the inbox; receivers pop from the outbox and, when it is empty, exchange the
//! two. So the sides meet once in a batch, not at each message, and the memory of both queues is
//! used again and again. Who needs both locks takes the outbox's first.
//!
//! Two numbers, of the messages ever sent and ever taken, say how many there are: each is written
//! by one side, under its lock, and neither is ever behind its true value in a way that matters.
//! A sender that reads an old number of the taken finds less room than there is, and then looks
//! under the receivers' lock.
//!
//! Who finds no room sleeps at a word of the exit, who finds no message at one of the entry. They
//! enter themselves as sleepers under the lock of the side that will wake them, and it takes them
//! out again, so that there is a wake call for each sleeper, and none for nobody.

use alloc::collections::VecDeque;
use core::mem;
use core::sync::atomic::Ordering::Relaxed;

use super::{SendError, TryRecvError, TrySendError};
use crate::futex::{self, Scope};
use crate::shim::{AtomicU32, AtomicU64};
use crate::sync::backoff::Patience;
use crate::sync::mutex::{Mutex, MutexGuard};

/// Messages, or room for so many, that a waiter is content with at most.
const ENOUGH: u64 = 512;

/// A queue, bounded or not.
pub(super) struct Queue<T> {
    entry: Entry<T>,
    exit: Exit<T>,
}

/// The senders' side. A cache line of its own: two, as the hardware fetches them in pairs.
#[repr(align(128))]
struct Entry<T> {
    inbox: Mutex<Side<T>>,
    /// How many messages there may be.
    capacity: u64,
    /// Messages ever sent.
    sent: AtomicU64,
    /// Where receivers sleep.
    turn: Turn,
}

/// The receivers' side.
#[repr(align(128))]
struct Exit<T> {
    outbox: Mutex<Side<T>>,
    /// Messages ever taken.
    taken: AtomicU64,
    /// Where senders sleep.
    turn: Turn,
}

/// What a side's lock guards.
struct Side<T> {
    messages: VecDeque<T>,
    /// Those of the other side who sleep, or are about to, and whom nobody has begun to wake.
    sleepers: u32,
    /// The number of the taken as last read; for the inbox alone.
    taken: u64,
    closed: bool,
}

/// Where one side sleeps.
struct Turn {
    /// One more with each wake. Written under the lock of the side that wakes.
    number: AtomicU32,
    patience: Patience,
    /// Held by who wakes, and by who is about to sleep. On one CPU a woken task may preempt its
    /// waker, find one message, or room for one, and want to sleep again, and so on one by one.
    /// With this it waits for the waker, which then goes on to do many; none with room for one.
    waking: Option<Mutex<()>>,
}

// The atomics of this file are relaxed throughout: everything passes from one side to the other
// under a lock, and what is read without is a hint, or grows in one direction only.
impl Turn {
    fn new(capacity: u64) -> Self {
        Self {
            number: AtomicU32::new(0),
            patience: Patience::new(),
            waking: (capacity > 1).then(|| Mutex::new(())),
        }
    }

    /// Enters the caller as a sleeper, leaves the lock, and sleeps until it is woken.
    fn sleep<T>(&self, mut side: MutexGuard<'_, Side<T>>) {
        side.sleepers = side.sleepers.saturating_add(1);
        let now = self.number.load(Relaxed);
        drop(side);
        self.patience.learn(futex::wait_while(&self.number, now, Scope::Private, None));
    }

    /// Takes up to `most` sleepers out, leaves the lock, and wakes them.
    #[inline]
    fn wake<T>(&self, side: MutexGuard<'_, Side<T>>, most: u32) {
        if side.sleepers > 0 {
            self.wake_some(side, most);
        }
    }

    #[cold]
    fn wake_some<T>(&self, mut side: MutexGuard<'_, Side<T>>, most: u32) {
        side.sleepers = side.sleepers.saturating_sub(most);
        // One turn more: who has entered itself and does not sleep yet will not.
        self.number.fetch_add(1, Relaxed);
        drop(side);
        let _waking = self.waking();
        futex::wake(&self.number, most, Scope::Private);
    }

    /// Waits for whoever wakes, and keeps out others.
    fn waking(&self) -> Option<MutexGuard<'_, ()>> {
        self.waking.as_ref().map(Mutex::lock)
    }
}

impl<T> Side<T> {
    fn new() -> Mutex<Self> {
        Mutex::new(Self { messages: VecDeque::new(), sleepers: 0, taken: 0, closed: false })
    }
}

impl<T> Queue<T> {
    /// An empty queue for `capacity` messages.
    pub(super) fn new(capacity: u64) -> Self {
        Self {
            entry: Entry {
                inbox: Side::new(),
                capacity,
                sent: AtomicU64::new(0),
                turn: Turn::new(capacity),
            },
            exit: Exit { outbox: Side::new(), taken: AtomicU64::new(0), turn: Turn::new(capacity) },
        }
    }

    /// Sends if there is room.
    #[inline]
    pub(super) fn try_send(&self, message: T) -> Result<(), TrySendError<T>> {
        self.push(message, 1)
    }

    /// Sends if the number of the taken, read when it is needed, leaves room for `wanted`.
    #[inline]
    fn push(&self, message: T, wanted: u64) -> Result<(), TrySendError<T>> {
        let Self { entry, exit } = self;
        let mut inbox = entry.inbox.lock();
        if inbox.closed {
            return Err(TrySendError::Closed(message));
        }
        let sent = entry.sent.load(Relaxed);
        if sent - inbox.taken >= entry.capacity {
            inbox.taken = exit.taken.load(Relaxed);
            if sent - inbox.taken + wanted > entry.capacity {
                return Err(TrySendError::Full(message));
            }
        }
        inbox.messages.push_back(message);
        // One more.
        entry.sent.store(sent + 1, Relaxed);
        entry.turn.wake(inbox, 1);
        Ok(())
    }

    /// Sends when there is room.
    #[inline]
    pub(super) fn send(&self, mut message: T) -> Result<(), SendError<T>> {
        let mut wanted = self.enough();
        loop {
            match self.push(message, wanted) {
                Ok(()) => return Ok(()),
                Err(TrySendError::Closed(message)) => return Err(SendError(message)),
                Err(TrySendError::Full(back)) => message = back,
            }
            if wanted > 1 {
                // A little room is filled at once, and then the other side's line is read again.
                self.exit.turn.patience.gather(wanted, || self.room());
                wanted = 1;
            } else {
                self.wait_for_room();
            }
        }
    }

    /// Waits while the queue is full and open.
    #[cold]
    fn wait_for_room(&self) {
        let Self { entry, exit } = self;
        if exit.turn.patience.wait(self.enough(), || self.room()) {
            return;
        }
        drop(exit.turn.waking());
        let outbox = exit.outbox.lock();
        // Nobody takes now. The number of the sent may be old, but it is never more than the
        // capacity ahead, so where it seems to be, it is.
        if !outbox.closed && self.len() >= entry.capacity {
            exit.turn.sleep(outbox);
        }
    }

    /// What a waiter is content with where there was nothing: half of what there can be.
    fn enough(&self) -> u64 {
        ENOUGH.min(self.entry.capacity.div_ceil(2))
    }

    /// How much room there is, or was a moment ago.
    fn room(&self) -> u64 {
        self.entry.capacity.saturating_sub(self.len())
    }

    /// How many messages there are, or were a moment ago.
    pub(super) fn len(&self) -> u64 {
        let taken = self.exit.taken.load(Relaxed);
        self.entry.sent.load(Relaxed).saturating_sub(taken)
    }

    /// Receives if there is a message.
    #[inline]
    pub(super) fn try_recv(&self) -> Result<T, TryRecvError> {
        let mut outbox = self.exit.outbox.lock();
        match outbox.messages.pop_front() {
            Some(message) => Ok(self.taken(outbox, message)),
            None => self.try_exchange(outbox),
        }
    }

    /// Receives when there is a message.
    #[inline]
    pub(super) fn recv(&self) -> Option<T> {
        loop {
            let mut outbox = self.exit.outbox.lock();
            if let Some(message) = outbox.messages.pop_front() {
                return Some(self.taken(outbox, message));
            }
            drop(outbox);
            // A few are taken at once, and then the other side's lock is to be taken again.
            self.entry.turn.patience.gather(self.enough(), || self.len());
            match self.try_recv() {
                Ok(message) => return Some(message),
                Err(TryRecvError::Closed) => return None,
                Err(TryRecvError::Empty) => self.wait_for_message(),
            }
        }
    }

    /// Takes the first of the inbox, and makes the rest the outbox, which is empty.
    fn try_exchange(&self, mut outbox: MutexGuard<'_, Side<T>>) -> Result<T, TryRecvError> {
        let mut inbox = self.entry.inbox.lock();
        mem::swap(&mut outbox.messages, &mut inbox.messages);
        let closed = inbox.closed;
        drop(inbox);
        match outbox.messages.pop_front() {
            Some(message) => Ok(self.taken(outbox, message)),
            None if closed => Err(TryRecvError::Closed),
            None => Err(TryRecvError::Empty),
        }
    }

    /// Counts a message that was taken, and wakes a sender for the room.
    #[inline]
    fn taken(&self, outbox: MutexGuard<'_, Side<T>>, message: T) -> T {
        // One more.
        let taken = self.exit.taken.load(Relaxed);
        self.exit.taken.store(taken + 1, Relaxed);
        self.exit.turn.wake(outbox, 1);
        message
    }

    /// Waits while the queue is empty and open.
    #[cold]
    fn wait_for_message(&self) {
        let Self { entry, exit } = self;
        if entry.turn.patience.wait(self.enough(), || self.len()) {
            return;
        }
        drop(entry.turn.waking());
        let outbox = exit.outbox.lock();
        let inbox = entry.inbox.lock();
        // Both, as another receiver may have exchanged them. Nobody sends now.
        if !inbox.closed && inbox.messages.is_empty() && outbox.messages.is_empty() {
            drop(outbox);
            entry.turn.sleep(inbox);
        }
    }

    /// Lets nobody send any more, and wakes all who sleep.
    pub(super) fn close(&self) {
        let Self { entry, exit } = self;
        let mut inbox = entry.inbox.lock();
        inbox.closed = true;
        entry.turn.wake(inbox, futex::ALL);
        let mut outbox = exit.outbox.lock();
        outbox.closed = true;
        exit.turn.wake(outbox, futex::ALL);
    }
}
