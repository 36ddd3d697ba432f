//! The store of an unbounded channel: two queues, one for each side.
//!
//! Senders push to the inbox; receivers pop from the outbox and, when it is empty, exchange the
//! two. So the sides meet once in a batch, not at each message, and the memory of both queues is
//! used again and again.

use alloc::collections::VecDeque;
use core::mem;
use core::sync::atomic::Ordering::Relaxed;

use super::{SendError, TryRecvError};
use crate::futex::{self, Scope};
use crate::shim::AtomicU32;
use crate::sync::backoff::spin_until;
use crate::sync::mutex::{Mutex, MutexGuard};

/// How often to look for a message before sleeping.
const SPINS: u32 = 200;

/// An unbounded queue.
pub(super) struct Queue<T> {
    inbox: Mutex<Inbox<T>>,
    /// One if a receiver has reason to look into the inbox. Written under its lock.
    ready: AtomicU32,
    /// Where receivers sleep: one more with each wake.
    turn: AtomicU32,
    outbox: Mutex<VecDeque<T>>,
}

/// What senders write.
struct Inbox<T> {
    messages: VecDeque<T>,
    /// Receivers who sleep, or are about to, and whom nobody has begun to wake.
    sleepers: u32,
    closed: bool,
}

/// What a receiver found.
enum Found<T> {
    Message(T),
    /// Nothing, and it is entered as a sleeper, if it wanted to be, until the turn changes.
    Nothing(u32),
    Closed,
}

impl<T> Queue<T> {
    /// An empty queue.
    pub(super) fn new() -> Self {
        let inbox = Inbox { messages: VecDeque::new(), sleepers: 0, closed: false };
        Self {
            inbox: Mutex::new(inbox),
            ready: AtomicU32::new(0),
            turn: AtomicU32::new(0),
            outbox: Mutex::new(VecDeque::new()),
        }
    }

    /// Sends.
    #[inline]
    pub(super) fn send(&self, message: T) -> Result<(), SendError<T>> {
        let mut inbox = self.inbox.lock();
        if inbox.closed {
            return Err(SendError(message));
        }
        if inbox.messages.is_empty() {
            // Relaxed: a hint to those who spin; the lock orders the rest.
            self.ready.store(1, Relaxed);
        }
        inbox.messages.push_back(message);
        if inbox.sleepers > 0 {
            inbox.sleepers -= 1;
            self.wake(inbox, 1);
        }
        Ok(())
    }

    /// Receives if there is a message.
    pub(super) fn try_recv(&self) -> Result<T, TryRecvError> {
        match self.take(false) {
            Found::Message(message) => Ok(message),
            Found::Nothing(_) => Err(TryRecvError::Empty),
            Found::Closed => Err(TryRecvError::Closed),
        }
    }

    /// Receives when there is a message.
    #[inline]
    pub(super) fn recv(&self) -> Option<T> {
        let mut sleeps = false;
        loop {
            match self.take(sleeps) {
                Found::Message(message) => return Some(message),
                Found::Closed => return None,
                Found::Nothing(turn) if sleeps => {
                    futex::wait_while(&self.turn, turn, Scope::Private, None);
                    sleeps = false;
                }
                // Relaxed: a hint.
                Found::Nothing(_) => {
                    sleeps = !spin_until(SPINS, || self.ready.load(Relaxed) != 0);
                }
            }
        }
    }

    /// Takes the next message; if there is none, enters the caller as a sleeper if it `sleeps`.
    #[inline]
    fn take(&self, sleeps: bool) -> Found<T> {
        let mut outbox = self.outbox.lock();
        match outbox.pop_front() {
            Some(message) => Found::Message(message),
            None => self.exchange(outbox, sleeps),
        }
    }

    /// Takes the first of the inbox, and makes the rest the outbox, which is empty.
    fn exchange(&self, mut outbox: MutexGuard<'_, VecDeque<T>>, sleeps: bool) -> Found<T> {
        let mut inbox = self.inbox.lock();
        mem::swap(&mut *outbox, &mut inbox.messages);
        if let Some(message) = outbox.pop_front() {
            // Relaxed: as in `send`. Once closed, there is always reason to look.
            self.ready.store(u32::from(inbox.closed), Relaxed);
            return Found::Message(message);
        }
        if inbox.closed {
            return Found::Closed;
        }
        if sleeps {
            inbox.sleepers = inbox.sleepers.saturating_add(1);
        }
        // Relaxed: written under the inbox's lock.
        Found::Nothing(self.turn.load(Relaxed))
    }

    /// Lets nobody send any more, and wakes all who sleep.
    pub(super) fn close(&self) {
        let mut inbox = self.inbox.lock();
        inbox.closed = true;
        self.ready.store(1, Relaxed);
        if mem::take(&mut inbox.sleepers) > 0 {
            self.wake(inbox, futex::ALL);
        }
    }

    /// Wakes some receivers, without the lock that they will want.
    #[cold]
    fn wake(&self, inbox: MutexGuard<'_, Inbox<T>>, most: u32) {
        // One turn more: who has entered itself and does not sleep yet will not. Relaxed: under
        // the inbox's lock.
        self.turn.fetch_add(1, Relaxed);
        drop(inbox);
        futex::wake(&self.turn, most, Scope::Private);
    }
}
