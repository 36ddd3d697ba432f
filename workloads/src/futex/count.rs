//! What was asked of the kernel at each futex word, and what it answered.
//!
//! The table is memory that forked children share, so that they count into the same. It is off,
//! at the cost of one load, until [`enable`]; [`rows`] reads it out. A row is known by the word's
//! virtual address and its scope: words of two processes at one address that are not the same
//! memory share a row.
#![expect(unsafe_code, reason = "the table is found by a pointer that may be null")]

use alloc::vec::Vec;
use core::ptr;
// Never loom's: the table is no part of what a lock does.
use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use core::sync::atomic::{AtomicPtr, AtomicU64};

use rustix::io::Result;
use zerocopy::FromZeros;

use super::Scope;
use crate::shared::Shared;
use crate::shim::AtomicU32;
use crate::truth::{Futex, Truth};

/// Words that find a row; the kernel gives memory only to rows that are used.
const ROWS: usize = 1 << 15;

/// What is counted at a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Waits,
    Woken,
    Changed,
    Interrupted,
    TimedOut,
    Wakes,
    TasksWoken,
    Requeues,
    RequeueWoken,
    RequeueMoved,
    LockPi,
    LockPiErrors,
    UnlockPi,
    UnlockPiErrors,
    TrylockPi,
    TrylockPiFailed,
}

/// How many kinds there are.
const KINDS: usize = Kind::TrylockPiFailed as usize + 1;

/// The calls at one word. Each kind of call is counted when it is made, its results when it
/// returns: what is missing of the results belongs to waiters that were killed, or still wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the calls and results of `futex`, under its own names")]
pub struct Row {
    /// The word's virtual address.
    pub address: usize,
    /// Whether the calls were made without `FUTEX_PRIVATE_FLAG`.
    pub shared: bool,
    pub waits: u64,
    pub woken: u64,
    pub changed: u64,
    pub interrupted: u64,
    pub timed_out: u64,
    pub wakes: u64,
    /// Tasks that the wakes woke.
    pub tasks_woken: u64,
    pub requeues: u64,
    pub requeue_woken: u64,
    pub requeue_moved: u64,
    pub lock_pi: u64,
    pub lock_pi_errors: u64,
    pub unlock_pi: u64,
    pub unlock_pi_errors: u64,
    pub trylock_pi: u64,
    pub trylock_pi_failed: u64,
}

impl Row {
    /// How many calls of any kind were made.
    pub fn calls(&self) -> u64 {
        self.waits + self.wakes + self.requeues + self.lock_pi + self.unlock_pi + self.trylock_pi
    }

    /// As a truth has it, when all is done. What is missing of the results is of waiters that were
    /// killed: whether the kernel had woken them before, for nothing, they could not say any more.
    fn futex(&self) -> Futex {
        Futex {
            address: self.address as u64,
            private: !self.shared,
            waits: self.waits,
            woken: self.woken,
            changed: self.changed,
            interrupted: self.interrupted,
            timed_out: self.timed_out,
            wakes: self.wakes,
            wakened: self.tasks_woken,
            requeues: self.requeues,
            requeued: self.requeue_woken + self.requeue_moved,
            // A try is a call too; it fails where the lock is another's.
            lock_pi: self.lock_pi + self.trylock_pi,
            unlock_pi: self.unlock_pi,
            failed: self.lock_pi_errors + self.unlock_pi_errors + self.trylock_pi_failed,
        }
    }
}

/// A row as it is counted. Zeroes are an empty row.
#[derive(Debug, FromZeros)]
#[repr(C, align(64))]
pub(super) struct Cells {
    /// The word's address, with the lowest bit set if it is shared; zero if the row is free.
    key: AtomicU64,
    counts: [AtomicU64; KINDS],
}

/// All rows, in memory that the kernel filled with zeroes.
#[derive(Debug, FromZeros)]
#[repr(C)]
struct Table {
    rows: [Cells; ROWS],
    /// Calls at words that found no row.
    lost: AtomicU64,
}

/// The table, or null while counting is off.
static TABLE: AtomicPtr<Table> = AtomicPtr::new(ptr::null_mut());

/// Begins to count, in this process and in the children that it forks from now on. A second call
/// does nothing.
///
/// # Errors
/// Those of `mmap`.
pub fn enable() -> Result<()> {
    if table().is_some() {
        return Ok(());
    }
    let tables = Shared::<Table>::new(1)?;
    let first = tables.as_ptr().cast_mut();
    // Release: who sees the pointer sees a mapped table.
    if TABLE.compare_exchange(ptr::null_mut(), first, Release, Relaxed).is_ok() {
        tables.leak();
    }
    Ok(())
}

/// Every word that a call was made at, in order of address.
pub fn rows() -> Vec<Row> {
    let Some(table) = table() else { return Vec::new() };
    let mut rows: Vec<Row> = table.rows.iter().filter_map(Cells::read).collect();
    rows.sort_by_key(|row| (row.address, row.shared));
    rows
}

/// Writes down what was counted: fills in the futexes of `truth`.
pub fn fill(truth: &mut Truth) {
    truth.futexes.extend(rows().iter().map(Row::futex));
    if lost() > 0 {
        truth.count("futex_calls_without_room", lost());
    }
}

/// How many calls and results found no row, since the table was full.
pub fn lost() -> u64 {
    // Relaxed: a sum, and nothing is concluded from it.
    table().map_or(0, |table| table.lost.load(Relaxed))
}

/// The table, if counting is on.
#[inline]
fn table() -> Option<&'static Table> {
    // Acquire: pairs with the release of `enable`. On x86 it is a plain load.
    let table = TABLE.load(Acquire);
    // SAFETY: null, or a table that is never unmapped.
    unsafe { table.as_ref() }
}

/// Where the calls at one word are counted.
#[derive(Clone, Copy)]
pub(super) enum Counter {
    /// Counting is off.
    Off,
    /// In this row.
    Row(&'static Cells),
    /// There is no row left.
    Full(&'static AtomicU64),
}

impl Counter {
    /// Adds to one kind. Relaxed, as the sums are read when all is over.
    #[inline]
    pub(super) fn add(self, kind: Kind, times: u32) {
        let cell = match self {
            Self::Off => return,
            Self::Row(cells) => &cells.counts[kind as usize],
            Self::Full(lost) => lost,
        };
        cell.fetch_add(u64::from(times), Relaxed);
    }
}

/// The row of a word, which this takes if it has none yet.
#[inline]
pub(super) fn row(word: &AtomicU32, scope: Scope) -> Counter {
    table().map_or(Counter::Off, |table| table.find(ptr::from_ref(word).addr(), scope))
}

impl Table {
    /// The row of the word at `address`: the first from its hash on that is its own, or free.
    #[cold]
    fn find(&'static self, address: usize, scope: Scope) -> Counter {
        let key = address as u64 | u64::from(scope == Scope::Shared);
        // Fibonacci hashing: the top bits of a product with 2^64 / the golden ratio.
        let hash = key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - ROWS.ilog2());
        let first = usize::try_from(hash).unwrap_or(0);
        for row in self.rows[first..].iter().chain(&self.rows[..first]) {
            // Relaxed: the key is all that is written, and the counts stand for themselves.
            let mut owner = row.key.load(Relaxed);
            if owner == 0 {
                // From free to ours, or to whoever was quicker.
                owner =
                    row.key.compare_exchange(0, key, Relaxed, Relaxed).map_or_else(|o| o, |_| key);
            }
            if owner == key {
                return Counter::Row(row);
            }
        }
        Counter::Full(&self.lost)
    }
}

impl Cells {
    /// The row, unless it is free.
    fn read(&self) -> Option<Row> {
        // Relaxed, both: the caller has seen the end of those that count.
        let key = self.key.load(Relaxed);
        let count = |kind: Kind| self.counts[kind as usize].load(Relaxed);
        (key != 0).then(|| Row {
            address: usize::try_from(key & !1).unwrap_or(usize::MAX),
            shared: key & 1 == 1,
            waits: count(Kind::Waits),
            woken: count(Kind::Woken),
            changed: count(Kind::Changed),
            interrupted: count(Kind::Interrupted),
            timed_out: count(Kind::TimedOut),
            wakes: count(Kind::Wakes),
            tasks_woken: count(Kind::TasksWoken),
            requeues: count(Kind::Requeues),
            requeue_woken: count(Kind::RequeueWoken),
            requeue_moved: count(Kind::RequeueMoved),
            lock_pi: count(Kind::LockPi),
            lock_pi_errors: count(Kind::LockPiErrors),
            unlock_pi: count(Kind::UnlockPi),
            unlock_pi_errors: count(Kind::UnlockPiErrors),
            trylock_pi: count(Kind::TrylockPi),
            trylock_pi_failed: count(Kind::TrylockPiFailed),
        })
    }
}
