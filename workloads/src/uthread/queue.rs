//! A carrier's run queue: a ring that its owner fills at the tail, and that the owner and thieves
//! empty at the head. After the queues of Go's scheduler (`runtime/proc.go`, `runqput` and
//! `runqgrab`) and of tokio.
//!
//! ```text
//! 0 ...... head ........... tail ............... both only ever grow, a place is a number mod N
//!          | taken from here | added here
//! ```
//! A place may be read by a thief while the owner fills it anew. So it is an atomic of its own, and
//! what a thief has read is worth nothing until it has moved the head from where it was when it
//! read: only then nobody else has taken it, and the owner has not come round. The numbers have 64
//! bits, and never come back.
//!
//! A thief takes half, rounded up. A steal is dear: it moves the lines of head, tail and places to
//! another CPU, and the user threads' stacks after them. A thief that took one would be back at once.

#![expect(unsafe_code, reason = "what comes out is made of a pointer again")]

use core::ops::Range;
use core::ptr::{self, NonNull};
use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use crate::shim::{AtomicPtr, AtomicUsize};

/// The most that are taken at a time.
const MOST: usize = 128;

/// A cache line (two, as the hardware fetches them) of its own.
#[derive(Debug)]
#[repr(align(128))]
struct Line<T>(T);

/// Something that is kept as a pointer, and given from hand to hand.
pub(super) trait Token: Copy {
    /// What it points to.
    type Target;

    /// As the queue keeps it.
    fn into_raw(self) -> NonNull<Self::Target>;

    /// Out of the queue again.
    ///
    /// # Safety
    /// It was made by `into_raw`, and comes out once.
    unsafe fn from_raw(raw: NonNull<Self::Target>) -> Self;
}

/// Up to `N` tokens, first in, first out.
#[derive(Debug)]
pub(super) struct Queue<T: Token, const N: usize> {
    head: Line<AtomicUsize>,
    tail: Line<AtomicUsize>,
    places: [AtomicPtr<T::Target>; N],
}

/// What was taken at a time, oldest first.
#[derive(Debug)]
pub(super) struct Batch<T: Token> {
    items: [*mut T::Target; MOST],
    range: Range<usize>,
}

impl<T: Token> Iterator for Batch<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        let item = NonNull::new(self.items[self.range.next()?])?;
        // SAFETY: whoever made the batch took it out of the queue, and it is the batch's only once.
        Some(unsafe { T::from_raw(item) })
    }
}

impl<T: Token, const N: usize> Queue<T, N> {
    /// An empty one.
    pub(super) fn new() -> Self {
        Self {
            head: Line(AtomicUsize::new(0)),
            tail: Line(AtomicUsize::new(0)),
            places: core::array::from_fn(|_| AtomicPtr::new(ptr::null_mut())),
        }
    }

    /// The owner alone: adds one at the tail, or gives it back if there is no room.
    pub(super) fn push(&self, item: T) -> Result<(), T> {
        // Relaxed: nobody else changes it.
        let tail = self.tail.0.load(Relaxed);
        // Acquire: who moved the head has read the places before it.
        let head = self.head.0.load(Acquire);
        if tail - head >= N {
            return Err(item);
        }
        self.place(tail).store(item.into_raw().as_ptr(), Relaxed);
        // One more. Release: who sees the new tail sees the place filled, and what it points to.
        self.tail.0.store(tail + 1, Release);
        Ok(())
    }

    /// The owner alone: takes the oldest.
    pub(super) fn pop(&self) -> Option<T> {
        let tail = self.tail.0.load(Relaxed);
        let mut head = self.head.0.load(Relaxed);
        while head != tail {
            let item = self.place(head).load(Relaxed);
            // One fewer, unless a thief was first. Release: who sees this head sees no older tail.
            match self.head.0.compare_exchange_weak(head, head + 1, Release, Relaxed) {
                // SAFETY: who moves the head takes what is there, alone.
                Ok(_) => return NonNull::new(item).map(|item| unsafe { T::from_raw(item) }),
                Err(other) => head = other,
            }
        }
        None
    }

    /// Anybody: takes the older half, rounded up; `None` if there is nothing.
    pub(super) fn take_half(&self) -> Option<Batch<T>> {
        let mut items = [ptr::null_mut(); MOST];
        // Acquire: the tail that is read next is no older than the owner's at that head.
        let mut head = self.head.0.load(Acquire);
        loop {
            // Acquire: the places up to there are filled.
            let tail = self.tail.0.load(Acquire);
            let there = tail.saturating_sub(head);
            if there == 0 {
                return None;
            }
            let count = there.div_ceil(2).min(MOST);
            for (number, item) in (head..head + count).zip(&mut items) {
                *item = self.place(number).load(Relaxed);
            }
            // So many fewer. Release: the owner fills the places again after they were read here.
            match self.head.0.compare_exchange(head, head + count, Release, Acquire) {
                Ok(_) => return Some(Batch { items, range: 0..count }),
                Err(other) => head = other,
            }
        }
    }

    /// Whether it was empty at some moment of this call.
    pub(super) fn is_empty(&self) -> bool {
        // The head first: it can only be behind what it is by then, never before the tail.
        let head = self.head.0.load(Acquire);
        self.tail.0.load(Acquire) <= head
    }

    fn place(&self, number: usize) -> &AtomicPtr<T::Target> {
        &self.places[number % N]
    }
}

#[cfg(test)]
mod tests;
