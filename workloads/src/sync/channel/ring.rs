//! The store of a bounded channel: a ring of slots without a lock, after Dmitry Vyukov's bounded
//! queue, and who sleeps at its ends.
//!
//! An end is one word:
//!
//! ```text
//! bit 63          the channel is closed
//! bits 22 to 62   position: lap and index of the slot that is next
//! bits 0 to 21    how many sleep until this end moves on
//! ```
//!
//! The slot's stamp says whose turn it is: the position at which it is free to be written, or one
//! more if it can be read. Senders move the tail, receivers the head, both by an exchange of the
//! whole word. As those who sleep are in the word that has to move for them to wake, no fence is
//! needed to see them: who goes to sleep enters itself by an exchange which fails if the end has
//! moved, and who moves the end takes one out and wakes it. There are never more asleep than are
//! entered; there may be fewer (see `Sleepers`), at the cost of a wake that finds nobody.
#![expect(unsafe_code, reason = "a slot is written by one thread and read by another")]

use alloc::boxed::Box;
use core::fmt;
use core::mem::MaybeUninit;
use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};

use super::{SendError, TryRecvError, TrySendError};
use crate::futex::{self, Scope};
use crate::shim::{AtomicU32, AtomicU64, UnsafeCell};
use crate::sync::backoff::{Backoff, spin_until};

/// How often to look for room or a message before sleeping.
const SPINS: u32 = 200;

/// As many bits as the most tasks of a machine need (`PID_MAX_LIMIT`).
const SLEEPER_BITS: u32 = 22;
const SLEEPERS: u64 = (1 << SLEEPER_BITS) - 1;
const CLOSED: u64 = 1 << 63;

/// The position in an end's word.
#[inline]
fn position(end: u64) -> u64 {
    (end & !CLOSED) >> SLEEPER_BITS
}

/// An end that moved on to `position`, with one sleeper fewer than `end` if it had any.
#[inline]
fn moved(end: u64, position: u64) -> u64 {
    end & CLOSED | position << SLEEPER_BITS | (end & SLEEPERS).saturating_sub(1)
}

/// A cache line of its own: two, as the hardware fetches them in pairs.
#[repr(align(128))]
struct Padded<T>(T);

/// One end of the ring.
struct End {
    state: AtomicU64,
    /// Where those sleep who wait for this end to move; one more with each wake.
    turn: AtomicU32,
}

impl End {
    fn new() -> Padded<Self> {
        Padded(Self { state: AtomicU64::new(0), turn: AtomicU32::new(0) })
    }

    /// Sleeps until this end moves on, or closes, if it is `stuck` now.
    fn sleep_while(&self, stuck: impl Fn(u64) -> bool) {
        let stuck = |state: u64| state & CLOSED == 0 && stuck(state);
        // Relaxed: hints, here and below, but for the exchange.
        if spin_until(SPINS, || !stuck(self.state.load(Relaxed))) {
            return;
        }
        // Before the entry, so that the wake for the entry comes with a later turn. Acquire: so
        // that it stays before.
        let turn = self.turn.load(Acquire);
        let mut state = self.state.load(Relaxed);
        while stuck(state) {
            let entered = if state & SLEEPERS == SLEEPERS { state } else { state + 1 };
            // To one sleeper more; fails if the end has moved. Release: the turn was read before.
            match self.state.compare_exchange_weak(state, entered, AcqRel, Relaxed) {
                Ok(_) => {
                    futex::wait_while(&self.turn, turn, Scope::Private, None);
                    return;
                }
                Err(other) => state = other,
            }
        }
    }

    /// Closes this end, and wakes all who sleep at it.
    fn close(&self) {
        // From open to closed: nobody moves it or goes to sleep at it any more. Release: all that
        // was sent before is seen by who sees it closed.
        if self.state.fetch_or(CLOSED, AcqRel) & SLEEPERS != 0 {
            self.wake(futex::ALL);
        }
    }

    /// Wakes some of those who sleep at this end.
    #[cold]
    fn wake(&self, most: u32) {
        // One turn more: who has entered itself and does not sleep yet will not. Release: keeps
        // it after the exchange that took the sleeper out.
        self.turn.fetch_add(1, Release);
        futex::wake(&self.turn, most, Scope::Private);
    }
}

struct Slot<T> {
    stamp: AtomicU64,
    message: UnsafeCell<MaybeUninit<T>>,
}

/// A bounded queue.
pub(super) struct Ring<T> {
    /// Where the next message goes. Receivers sleep here, until it moves.
    tail: Padded<End>,
    /// Where the next message is. Senders sleep here, until it moves.
    head: Padded<End>,
    slots: Box<[Slot<T>]>,
    /// From a position to the one with the same index a lap later.
    lap: u64,
}

// SAFETY: a message is moved from one thread to another; no two ever reach it at a time.
unsafe impl<T: Send> Send for Ring<T> {}
// SAFETY: the same.
unsafe impl<T: Send> Sync for Ring<T> {}

/// What one look at an end came to.
enum Turn<'a, T> {
    /// The slot is the caller's, to be given back with this stamp, after which so many are to be
    /// woken at the end that moved.
    Mine(&'a Slot<T>, u64, u32),
    /// The ring is full, or empty, with the other end at this position.
    Blocked,
    /// The ring is closed: to senders, or to receivers when it is empty.
    Closed,
}

impl<T> Ring<T> {
    /// An empty ring of `capacity` slots, which is not zero.
    pub(super) fn new(capacity: usize) -> Self {
        let slot = |stamp| Slot {
            stamp: AtomicU64::new(stamp),
            message: UnsafeCell::new(MaybeUninit::uninit()),
        };
        let capacity = capacity as u64;
        Self {
            tail: End::new(),
            head: End::new(),
            slots: (0..capacity).map(slot).collect(),
            // A power of two, so that the index is cheap to find. More than the capacity, so that
            // the stamp of a full slot is not that of the next one, free.
            lap: (capacity + 1).next_power_of_two(),
        }
    }

    /// The slot of a position.
    #[inline]
    fn slot(&self, position: u64) -> &Slot<T> {
        #[expect(clippy::cast_possible_truncation, reason = "an index, which is a usize")]
        let index = (position & (self.lap - 1)) as usize;
        &self.slots[index]
    }

    /// The position after this one.
    #[inline]
    fn after(&self, position: u64) -> u64 {
        let index = position & (self.lap - 1);
        if index + 1 < self.slots.len() as u64 {
            position + 1
        } else {
            // The first of the next lap, around to zero where the word has no more bits.
            (position - index + self.lap) & (!CLOSED >> SLEEPER_BITS)
        }
    }

    /// The same index a lap later.
    #[inline]
    fn next_lap(&self, position: u64) -> u64 {
        (position + self.lap) & (!CLOSED >> SLEEPER_BITS)
    }

    /// Takes the slot at the tail for writing.
    #[inline]
    fn take_tail(&self) -> Turn<'_, T> {
        let mut backoff = Backoff::default();
        loop {
            // Relaxed: the exchange compares, and the stamp tells whether it is up to date.
            let tail = self.tail.0.state.load(Relaxed);
            if tail & CLOSED != 0 {
                return Turn::Closed;
            }
            let at = position(tail);
            let slot = self.slot(at);
            // Acquire: the receiver of the lap before is done with the slot.
            let stamp = slot.stamp.load(Acquire);
            if stamp == at {
                let new = moved(tail, self.after(at));
                // From this position to the next. Release: who finds the tail moved sees what
                // came before. Acquire: whom it takes out of the sleepers has read the turn.
                if self.tail.0.state.compare_exchange_weak(tail, new, AcqRel, Relaxed).is_ok() {
                    return Turn::Mine(slot, at + 1, u32::from(tail & SLEEPERS != 0));
                }
            } else if self.next_lap(stamp) == at + 1 && self.is_full(at) {
                return Turn::Blocked;
            } else {
                // Another sender has moved the tail, or a receiver is about to free the slot.
                backoff.snooze();
            }
        }
    }

    /// Takes the slot at the head for reading.
    #[inline]
    fn take_head(&self) -> Turn<'_, T> {
        let mut backoff = Backoff::default();
        loop {
            // Relaxed: as for the tail.
            let head = self.head.0.state.load(Relaxed);
            let at = position(head);
            let slot = self.slot(at);
            // Acquire: see the message.
            let stamp = slot.stamp.load(Acquire);
            if stamp == at + 1 {
                let new = moved(head, self.after(at));
                // From this position to the next; orders as for the tail.
                if self.head.0.state.compare_exchange_weak(head, new, AcqRel, Relaxed).is_ok() {
                    return Turn::Mine(slot, self.next_lap(at), u32::from(head & SLEEPERS != 0));
                }
            } else if stamp == at {
                // Acquire: if it is closed, all that was sent before is to be seen. The head was
                // read before, and the tail is never behind it.
                let tail = self.tail.0.state.load(Acquire);
                if position(tail) == at {
                    return if tail & CLOSED == 0 { Turn::Blocked } else { Turn::Closed };
                }
                // A sender is about to write the slot.
                backoff.snooze();
            } else {
                backoff.snooze();
            }
        }
    }

    /// Whether the head is a lap behind the position `tail`. Acquire: the head is what makes
    /// room, and if it has moved, the stamp is to be read anew.
    fn is_full(&self, tail: u64) -> bool {
        self.next_lap(position(self.head.0.state.load(Acquire))) == tail
    }

    /// Sends if there is room.
    #[inline]
    pub(super) fn try_send(&self, message: T) -> Result<(), TrySendError<T>> {
        match self.take_tail() {
            Turn::Mine(slot, stamp, sleepers) => {
                // SAFETY: the exchange of the tail gave the slot to this thread alone.
                slot.message.with_mut(|place| unsafe { (*place).write(message) });
                // From free to full. Release: who reads the message sees it written.
                slot.stamp.store(stamp, Release);
                if sleepers > 0 {
                    self.tail.0.wake(sleepers);
                }
                Ok(())
            }
            Turn::Blocked => Err(TrySendError::Full(message)),
            Turn::Closed => Err(TrySendError::Closed(message)),
        }
    }

    /// Receives if there is a message.
    #[inline]
    pub(super) fn try_recv(&self) -> Result<T, TryRecvError> {
        match self.take_head() {
            Turn::Mine(slot, stamp, sleepers) => {
                // SAFETY: the exchange of the head gave the slot, which its stamp says was
                // written, to this thread alone.
                let message = slot.message.with(|place| unsafe { (*place).assume_init_read() });
                // From full to free. Release: the message has been read.
                slot.stamp.store(stamp, Release);
                if sleepers > 0 {
                    self.head.0.wake(sleepers);
                }
                Ok(message)
            }
            Turn::Blocked => Err(TryRecvError::Empty),
            Turn::Closed => Err(TryRecvError::Closed),
        }
    }

    /// Sends when there is room.
    #[inline]
    pub(super) fn send(&self, mut message: T) -> Result<(), SendError<T>> {
        loop {
            match self.try_send(message) {
                Ok(()) => return Ok(()),
                Err(TrySendError::Closed(message)) => return Err(SendError(message)),
                Err(TrySendError::Full(back)) => message = back,
            }
            self.wait_for_room();
        }
    }

    /// Receives when there is a message.
    #[inline]
    pub(super) fn recv(&self) -> Option<T> {
        loop {
            match self.try_recv() {
                Ok(message) => return Some(message),
                Err(TryRecvError::Closed) => return None,
                Err(TryRecvError::Empty) => self.wait_for_message(),
            }
        }
    }

    /// Sleeps while the ring is full and open.
    #[cold]
    fn wait_for_room(&self) {
        // The tail is not behind the head by more than a lap, so where it seems to be a lap ahead
        // of a head that has not moved, it is. Relaxed: as the exchange of the head decides.
        self.head.0.sleep_while(|head| {
            self.next_lap(position(head)) == position(self.tail.0.state.load(Relaxed))
        });
    }

    /// Sleeps while the ring is empty and open.
    #[cold]
    fn wait_for_message(&self) {
        // Nor is it ever behind.
        self.tail.0.sleep_while(|tail| position(tail) == position(self.head.0.state.load(Relaxed)));
    }

    /// Lets nobody send any more, and wakes everybody.
    pub(super) fn close(&self) {
        self.tail.0.close();
        self.head.0.close();
    }
}

impl<T> Drop for Ring<T> {
    fn drop(&mut self) {
        while self.try_recv().is_ok() {}
    }
}

impl<T> fmt::Debug for Ring<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ring").field("capacity", &self.slots.len()).finish_non_exhaustive()
    }
}
