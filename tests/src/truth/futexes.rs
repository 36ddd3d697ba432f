//! Futex calls by word and operation.
//!
//! A private word is the same address on both sides. A shared one is an address in the truth and an
//! offset in its object in the report, which agree in their place within a page: words at the same
//! place are compared as one, by their sums. A word that several processes have at one address is
//! one, too.

use std::collections::BTreeMap;
use std::fmt;

use workloads::truth::{self, Truth};

use super::Differences;
use crate::report::{self, Report};

/// Addresses that fall into one page.
const PAGE: u64 = 4096;

/// What both sides know a word by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Word {
    /// A private one, by its address.
    Private(u64),
    /// A shared one, by its place within a page.
    Shared(u64),
}

/// Calls on a word, by their operation and by their result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Calls {
    waits: u64,
    wakes: u64,
    requeues: u64,
    lock_pi: u64,
    unlock_pi: u64,
    /// Tasks woken or moved.
    moved: u64,
    changed: u64,
    /// Ended by a signal, after which the kernel may have begun it again.
    interrupted: u64,
    /// Of callers that were killed: ended by that, or by a wake that came to nothing.
    unfinished: u64,
    timed_out: u64,
    failed: u64,
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Private(address) => write!(f, "private futex {address:#x}"),
            Self::Shared(place) => write!(f, "shared futex at {place:#x} of a page"),
        }
    }
}

/// Compares all words.
pub(super) fn compare(truth: &Truth, report: &Report, found: &mut Differences) {
    let mut words: BTreeMap<Word, [Calls; 2]> = BTreeMap::new();
    for futex in &truth.futexes {
        words.entry(word(futex.private, futex.address)).or_default()[0].add(&in_truth(futex));
    }
    for futex in report.futexes.iter().filter(|futex| is_ours(futex, truth, report)) {
        match address(&futex.key) {
            Some(at) => {
                let calls = &mut words.entry(word(futex.private, at)).or_default()[1];
                calls.add(&in_report(futex));
            }
            None => found.add(&futex.key, "key", "an address".into(), "none".into()),
        }
    }
    // A signal that runs no handler, or one after which calls go on, has the kernel begin a wait
    // again, which its caller does not see.
    let signals = truth.signals.len() as u64;
    for (word, [truth, report]) in words {
        each(word, truth, report, found);
        waits(word, [truth, report], signals, found);
    }
}

/// Whether a row is of the program; where the whole machine is traced, others use futexes too.
fn is_ours(futex: &report::Futex, truth: &Truth, report: &Report) -> bool {
    let mut users = futex.waiters.iter().chain(&futex.wakers);
    !report.follows_all || users.any(|tid| truth.task(*tid).is_some())
}

fn word(private: bool, address: u64) -> Word {
    if private { Word::Private(address) } else { Word::Shared(address % PAGE) }
}

/// The address or offset that a key ends with.
fn address(key: &str) -> Option<u64> {
    u64::from_str_radix(key.rsplit_once(":0x")?.1, 16).ok()
}

fn in_truth(futex: &truth::Futex) -> Calls {
    let returned = futex.woken + futex.changed + futex.interrupted + futex.timed_out;
    Calls {
        waits: futex.waits,
        wakes: futex.wakes,
        requeues: futex.requeues,
        lock_pi: futex.lock_pi,
        unlock_pi: futex.unlock_pi,
        moved: futex.wakened + futex.requeued,
        changed: futex.changed,
        interrupted: futex.interrupted,
        unfinished: futex.waits.saturating_sub(returned),
        timed_out: futex.timed_out,
        failed: futex.failed,
    }
}

fn in_report(futex: &report::Futex) -> Calls {
    let sum = |names: &[&str], of: &BTreeMap<String, u64>| {
        names.iter().filter_map(|name| of.get(*name)).sum::<u64>()
    };
    let calls = |names| sum(names, &futex.operations);
    let changed = sum(&["EAGAIN"], &futex.errors);
    // The last two are the kernel's own, for a call that it may have to begin again.
    let interrupted = sum(&["EINTR", "ERESTARTSYS", "ERESTART_RESTARTBLOCK"], &futex.errors);
    let timed_out = sum(&["ETIMEDOUT"], &futex.errors);
    let all: u64 = futex.errors.values().sum();
    Calls {
        waits: calls(&["FUTEX_WAIT", "FUTEX_WAIT_BITSET", "futex_wait"]),
        wakes: calls(&["FUTEX_WAKE", "FUTEX_WAKE_BITSET", "FUTEX_WAKE_OP", "futex_wake"]),
        requeues: calls(&["FUTEX_REQUEUE", "FUTEX_CMP_REQUEUE", "futex_requeue"]),
        lock_pi: calls(&["FUTEX_LOCK_PI", "FUTEX_LOCK_PI2", "FUTEX_TRYLOCK_PI"]),
        unlock_pi: calls(&["FUTEX_UNLOCK_PI"]),
        moved: futex.woken,
        changed,
        interrupted,
        unfinished: 0,
        timed_out,
        failed: all - changed - interrupted - timed_out,
    }
}

impl Calls {
    fn add(&mut self, other: &Self) {
        self.waits += other.waits;
        self.wakes += other.wakes;
        self.requeues += other.requeues;
        self.lock_pi += other.lock_pi;
        self.unlock_pi += other.unlock_pi;
        self.moved += other.moved;
        self.changed += other.changed;
        self.interrupted += other.interrupted;
        self.unfinished += other.unfinished;
        self.timed_out += other.timed_out;
        self.failed += other.failed;
    }
}

/// Compares all but waits.
fn each(word: Word, truth: Calls, report: Calls, found: &mut Differences) {
    for (field, of) in [
        ("wakes", (|calls| calls.wakes) as fn(&Calls) -> u64),
        ("requeues", |calls| calls.requeues),
        ("locks with priority inheritance", |calls| calls.lock_pi),
        ("unlocks with priority inheritance", |calls| calls.unlock_pi),
        ("woken or moved", |calls| calls.moved),
        ("ETIMEDOUT", |calls| calls.timed_out),
    ] {
        found.equal(word, field, of(&truth), of(&report));
    }
    if truth.lock_pi > 0 {
        // A try that fails has the error of a wait that found the word changed.
        let errors = |calls: Calls| calls.changed + calls.failed;
        found.equal(word, "errors", errors(truth), errors(report));
    } else {
        found.equal(word, "EAGAIN", truth.changed, report.changed);
        found.equal(word, "other errors", truth.failed, report.failed);
    }
}

/// Compares waits: calls of the report are those of the truth, and at most as many more as there were
/// signals, after each of which one may have been begun again. Those that no signal ended are the
/// same on both sides, where no caller was killed.
fn waits(word: Word, [truth, report]: [Calls; 2], signals: u64, found: &mut Differences) {
    let lasting = |calls: Calls| calls.waits - calls.interrupted - calls.unfinished;
    let within = |least: u64, more: u64| least..=least + more;
    let calls = within(truth.waits, signals);
    if !calls.contains(&report.waits) {
        found.add(word, "waits", format!("{calls:?}"), report.waits.to_string());
    }
    let ended = within(lasting(truth), truth.unfinished);
    if !ended.contains(&lasting(report)) {
        let report = lasting(report).to_string();
        found.add(word, "waits that no signal ended", format!("{ended:?}"), report);
    }
}
