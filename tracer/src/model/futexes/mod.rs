//! Futexes: who waited for whom, and how long.
//!
//! A futex has no object in the kernel. What makes two calls meet is the key: for a private one
//! the address space and the address in it, for a shared one the object that is mapped and the
//! offset there. There is one row for each key that was ever used.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use tracer_common::record::Futex;

use super::bounds::BoundRows;
use super::distribution::{Distribution, Quantiles};
use super::{Model, names};

pub mod operation;

use operation::{Operation, Role};

/// `EAGAIN`: the word was not as expected, and the call did not sleep.
const EAGAIN: i64 = 11;

/// What makes two calls meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// Private: number of the address space, zero if that is not known, and address.
    Private(u32, u64),
    /// Shared: disguised identity of the object, and offset in bytes.
    Shared(u64, u64),
    /// Shared, in an object that is not known: address space and address of one of its users.
    Unknown(u32, u64),
}

impl Key {
    fn of(futex: &Futex, private: bool, mm: u32) -> Self {
        if private {
            Self::Private(mm, futex.uaddr)
        } else if futex.key_unknown != 0 {
            Self::Unknown(mm, futex.uaddr)
        } else {
            Self::Shared(futex.object, futex.offset)
        }
    }

    fn text(self) -> String {
        match self {
            Self::Private(mm, address) => format!("mm{mm}:{address:#x}"),
            Self::Shared(object, offset) => format!("object-{object:x}:{offset:#x}"),
            Self::Unknown(mm, address) => format!("unknown-mm{mm}:{address:#x}"),
        }
    }
}

/// A call that had not ended when the trace did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InProgress {
    /// The caller.
    pub tid: u32,
    /// What it called.
    pub operation: &'static str,
    /// When, ns; null if before the trace began.
    pub begin_ns: Option<u64>,
}

/// What is known of one futex.
#[derive(Clone, Debug, Default)]
struct Use {
    waits: u64,
    wakes: u64,
    woken: u64,
    wait_ns: Distribution,
    errors: BTreeMap<String, u64>,
    operations: BTreeMap<&'static str, u64>,
    waiters: BTreeSet<u32>,
    wakers: BTreeSet<u32>,
    in_progress: Vec<InProgress>,
}

/// A row of `futexes`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FutexRow {
    /// What makes calls meet, as text.
    pub key: String,
    /// Whether only threads of one address space can use it.
    pub private: bool,
    /// Calls that would wait, those included that found the word changed.
    pub waits: u64,
    /// Calls that wake or move waiters.
    pub wakes: u64,
    /// Waiters these calls say they woke or moved.
    pub woken: u64,
    /// Time in calls that waited and ended; not of those that found the word changed.
    pub wait_ns: Quantiles,
    /// Errors of all calls, by name: `EAGAIN` is a wait that found the word changed.
    pub errors: BTreeMap<String, u64>,
    /// Calls by operation.
    pub operations: BTreeMap<&'static str, u64>,
    /// Tasks that waited.
    pub waiters: Vec<u32>,
    /// Tasks that woke.
    pub wakers: Vec<u32>,
    /// Calls that had not ended.
    pub in_progress: Vec<InProgress>,
    /// Between what its numbers lie, if records are missing that may be about them.
    pub bounds: BoundRows,
}

/// All futexes that were used.
#[derive(Clone, Debug, Default)]
pub struct Futexes(BTreeMap<Key, Use>);

impl Futexes {
    /// The rows of `futexes`, by key.
    pub fn rows(self) -> Vec<FutexRow> {
        let row = |(key, used): (Key, Use)| FutexRow {
            key: key.text(),
            private: matches!(key, Key::Private(..)),
            waits: used.waits,
            wakes: used.wakes,
            woken: used.woken,
            wait_ns: used.wait_ns.quantiles(),
            errors: used.errors,
            operations: used.operations,
            waiters: used.waiters.into_iter().collect(),
            wakers: used.wakers.into_iter().collect(),
            in_progress: used.in_progress,
            bounds: BoundRows::new(),
        };
        self.0.into_iter().map(row).collect()
    }
}

impl Use {
    fn ended(&mut self, at_ns: u64, operation: Operation, futex: &Futex) -> Option<u64> {
        *self.operations.entry(operation.name).or_default() += 1;
        if futex.ret < 0 {
            *self.errors.entry(names::errno(futex.ret.unsigned_abs())).or_default() += 1;
        }
        match operation.role {
            Role::Wait => {
                self.waits += 1;
                self.waiters.insert(futex.tid);
                if futex.ret == -EAGAIN || futex.begin_ns == 0 {
                    return None;
                }
                let waited_ns = at_ns.saturating_sub(futex.begin_ns);
                self.wait_ns.add(waited_ns);
                Some(waited_ns)
            }
            Role::Wake => {
                self.wakes += 1;
                self.wakers.insert(futex.tid);
                self.woken += u64::try_from(futex.ret).unwrap_or_default();
                None
            }
            Role::Other => None,
        }
    }
}

impl Model {
    pub(super) fn futex(&mut self, at_ns: u64, in_progress: bool, futex: &Futex) {
        let operation = Operation::of(futex);
        let mm = self.task(futex.tid).and_then(|life| life.held.shares().mm).unwrap_or_default();
        let used = self.futexes.0.entry(Key::of(futex, operation.private, mm)).or_default();
        if in_progress {
            if operation.role == Role::Wait {
                used.waiters.insert(futex.tid);
            }
            used.in_progress.push(InProgress {
                tid: futex.tid,
                operation: operation.name,
                begin_ns: (futex.begin_ns != 0).then_some(futex.begin_ns),
            });
            return;
        }
        let waited_ns = used.ended(at_ns, operation, futex);
        if let Some(lwp) = self.newest(futex.tid).and_then(|life| life.lwp.as_mut()) {
            if let Some(waited_ns) = waited_ns {
                lwp.futex_waits.add(waited_ns);
            }
            lwp.futex_wakes += u64::from(operation.role == Role::Wake);
        }
    }
}
