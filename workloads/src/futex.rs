//! `futex(2)`: wait, wake, requeue and the priority-inheriting lock, each call counted on demand.
//!
//! All locks of [`crate::sync`] go through here, and nothing else of this crate makes the call.
//! What was asked of the kernel, and what it answered, is counted in [`count`], once that is
//! enabled; a tracer's figures are held against it.

pub mod count;

use core::time::Duration;

use rustix::io::{Errno, Result};
pub use rustix::time::Timespec;

use self::count::Kind;
use crate::shim::{AtomicU32, kernel};

/// Wakes every waiter. The kernel takes the number as a signed one, and -1 would wake one waiter.
pub const ALL: u32 = i32::MAX.cast_unsigned();

/// Where the tasks that meet at a word are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// In one address space. The kernel finds the word by its address alone.
    Private,
    /// Maybe in several, which share the memory. The kernel looks up the page.
    Shared,
}

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// By a wake, or for no reason (which the kernel allows itself).
    Woken,
    /// The word did not hold the expected value (`EAGAIN`); the caller never slept.
    Changed,
    /// By a signal (`EINTR`).
    Interrupted,
    /// The time was up (`ETIMEDOUT`).
    TimedOut,
}

/// A point in time of the monotonic clock, after which a wait ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(Timespec);

impl Deadline {
    /// The point `duration` from now; the end of time if that is past it.
    pub fn after(duration: Duration) -> Self {
        let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
        Self(now.checked_add(timespec(duration)).unwrap_or(END_OF_TIME))
    }

    /// As the kernel takes it.
    #[cfg(not(all(test, loom)))]
    pub(crate) fn timespec(&self) -> &Timespec {
        &self.0
    }
}

/// The latest time that the kernel takes.
const END_OF_TIME: Timespec = Timespec { tv_sec: i64::MAX, tv_nsec: 999_999_999 };

/// `duration` as the kernel takes it, at most [`END_OF_TIME`].
fn timespec(duration: Duration) -> Timespec {
    Timespec::try_from(duration).unwrap_or(END_OF_TIME)
}

/// `FUTEX_WAIT`: sleeps while `word` is `expected`, at most for `timeout`.
///
/// # Panics
/// On an error that no valid word has, such as a system call filter's.
pub fn wait(word: &AtomicU32, expected: u32, scope: Scope, timeout: Option<Duration>) -> Outcome {
    let timeout = timeout.map(timespec);
    counted_wait(word, scope, || kernel::wait(word, expected, scope, timeout.as_ref()))
}

/// `FUTEX_WAIT_BITSET`: sleeps while `word` is `expected`, at most until `deadline`.
///
/// # Panics
/// As [`wait`].
pub fn wait_until(word: &AtomicU32, expected: u32, scope: Scope, deadline: &Deadline) -> Outcome {
    counted_wait(word, scope, || kernel::wait_until(word, expected, scope, deadline))
}

/// Sleeps until `word` is seen to differ from `expected`, or a wake comes, or `deadline`; signals
/// do not end it. Makes no call if the word differs already, which is [`Outcome::Changed`].
///
/// A wake does not mean that the word has changed: the caller looks again.
///
/// # Panics
/// As [`wait`].
pub fn wait_while(
    word: &AtomicU32,
    expected: u32,
    scope: Scope,
    deadline: Option<&Deadline>,
) -> Outcome {
    // Relaxed: the value only decides whether to ask the kernel, which compares again. Whoever
    // acquires something by a change of the word reads it once more.
    while word.load(core::sync::atomic::Ordering::Relaxed) == expected {
        let outcome = match deadline {
            None => wait(word, expected, scope, None),
            Some(deadline) => wait_until(word, expected, scope, deadline),
        };
        if outcome != Outcome::Interrupted {
            return outcome;
        }
    }
    Outcome::Changed
}

/// `FUTEX_WAKE`: wakes at most `most` of those that wait at `word`, and returns how many it woke.
///
/// An error counts as nobody: a lock may be freed by its next owner between the store that
/// releases it and this call, and then the kernel finds no page under a shared word.
pub fn wake(word: &AtomicU32, most: u32, scope: Scope) -> u32 {
    let row = count::row(word, scope);
    row.add(Kind::Wakes, 1);
    let woken = kernel::wake(word, most, scope).map_or(0, tasks);
    row.add(Kind::TasksWoken, woken);
    woken
}

/// What a [`requeue`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Requeued {
    /// How many tasks it woke.
    pub woken: u32,
    /// How many wait at the other word now.
    pub moved: u32,
}

/// `FUTEX_CMP_REQUEUE`: if `from` is `expected`, wakes at most `wake` of those that wait there and
/// makes at most `move_` others wait at `to`. `None` if `from` has another value.
///
/// # Panics
/// As [`wait`].
pub fn requeue(
    from: &AtomicU32,
    expected: u32,
    (wake, move_): (u32, u32),
    to: &AtomicU32,
    scope: Scope,
) -> Option<Requeued> {
    let row = count::row(from, scope);
    row.add(Kind::Requeues, 1);
    let result = kernel::requeue(from, expected, (wake, move_), to, scope);
    if result == Err(Errno::AGAIN) {
        return None;
    }
    // The kernel returns the sum (`task_count` of `futex_requeue`), and wakes before it moves.
    let touched = match result {
        Ok(touched) => tasks(touched),
        Err(errno) => unreachable!("futex requeue: {errno}"),
    };
    let woken = touched.min(wake);
    let done = Requeued { woken, moved: touched - woken };
    row.add(Kind::RequeueWoken, done.woken);
    row.add(Kind::RequeueMoved, done.moved);
    Some(done)
}

/// `FUTEX_LOCK_PI`: makes the caller the owner of `word`, which holds zero or the owner's tid, and
/// lends the owner its priority for as long as it waits.
///
/// # Errors
/// `EDEADLK` if the caller owns it already, `ESRCH` if the owner does not exist, `EAGAIN` if the
/// owner is about to exit, `EPERM` if it may not be waited for.
pub fn lock_pi(word: &AtomicU32, scope: Scope) -> Result<()> {
    let row = count::row(word, scope);
    row.add(Kind::LockPi, 1);
    let result = kernel::lock_pi(word, scope);
    row.add(Kind::LockPiErrors, u32::from(result.is_err()));
    result
}

/// `FUTEX_UNLOCK_PI`: hands `word` to the waiter of the highest priority, or sets it to zero.
///
/// # Errors
/// `EPERM` if the caller does not own it.
pub fn unlock_pi(word: &AtomicU32, scope: Scope) -> Result<()> {
    let row = count::row(word, scope);
    row.add(Kind::UnlockPi, 1);
    let result = kernel::unlock_pi(word, scope);
    row.add(Kind::UnlockPiErrors, u32::from(result.is_err()));
    result
}

/// `FUTEX_TRYLOCK_PI`: as [`lock_pi`], but false instead of waiting.
///
/// # Errors
/// Those of [`lock_pi`].
pub fn trylock_pi(word: &AtomicU32, scope: Scope) -> Result<bool> {
    let row = count::row(word, scope);
    row.add(Kind::TrylockPi, 1);
    let result = match kernel::trylock_pi(word, scope) {
        // The kernel does not wait: the word is another's.
        Err(Errno::AGAIN) => Ok(false),
        result => result,
    };
    row.add(Kind::TrylockPiFailed, u32::from(result != Ok(true)));
    result
}

/// Makes a call that waits at `word`, and counts it. It is counted as made before, as it may
/// never return: a signal can kill a waiter.
fn counted_wait(word: &AtomicU32, scope: Scope, call: impl FnOnce() -> Result<()>) -> Outcome {
    let row = count::row(word, scope);
    row.add(Kind::Waits, 1);
    let (outcome, kind) = match call() {
        Ok(()) => (Outcome::Woken, Kind::Woken),
        Err(Errno::AGAIN) => (Outcome::Changed, Kind::Changed),
        Err(Errno::INTR) => (Outcome::Interrupted, Kind::Interrupted),
        Err(Errno::TIMEDOUT) => (Outcome::TimedOut, Kind::TimedOut),
        Err(errno) => unreachable!("futex wait: {errno}"),
    };
    row.add(kind, 1);
    outcome
}

/// A number of tasks, of which there are at most 2^22 (`PID_MAX_LIMIT`).
fn tasks(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(all(test, not(loom)))]
mod tests;
