//! Signals, one by one: those of the truth in the order in which they were sent, each with the next
//! row of the report that has its number, code, sender and target.

use std::collections::BTreeSet;
use std::fmt;

use workloads::truth::{self, Fate, Truth};

use super::Differences;
use crate::report::{Report, Signal};

/// `SIGCHLD`, which the kernel sends for every child, whether the program speaks of it or not.
const SIGCHLD: u32 = 17;

/// What both sides know a signal by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Name {
    signal: u32,
    code: i32,
    sender: u32,
    target: u32,
    group: bool,
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { signal, code, sender, target, group } = self;
        let kind = if *group { "process" } else { "thread" };
        write!(f, "signal {signal} (code {code}) from {sender} to {kind} {target}")
    }
}

/// Compares all signals that the truth knows; the report may have others, of numbers that the
/// program does not speak of.
pub(super) fn compare(truth: &Truth, report: &Report, found: &mut Differences) {
    let mut left: Vec<&Signal> = report.signals.iter().collect();
    let mut sent: Vec<&truth::Signal> = truth.signals.iter().collect();
    sent.sort_by_key(|signal| signal.sent_ns);
    for signal in &sent {
        let name = in_truth(signal);
        let place = left.iter().position(|row| {
            in_report(row) == Some(name) && row.generated_ns >= Some(signal.sent_ns)
        });
        match place {
            Some(place) => one(name, signal, left.remove(place), found),
            None => found.add(name, "is there", format!("{signal:?}"), "no".into()),
        }
    }
    let tids: BTreeSet<u32> = truth.tasks.iter().map(|task| task.tid).collect();
    let numbers: BTreeSet<u32> = sent.iter().map(|signal| signal.signal).collect();
    for row in left {
        let ours = row.sender_tid.is_some_and(|sender| tids.contains(&sender));
        if ours && row.signal != SIGCHLD && numbers.contains(&row.signal) {
            let of = format!("signal {} to {}", row.signal, row.target_tid);
            found.add(of, "is there", "no".into(), format!("{row:?}"));
        }
    }
}

fn in_truth(signal: &truth::Signal) -> Name {
    let &truth::Signal { signal, code, sender, target, group, .. } = signal;
    Name { signal, code, sender, target, group }
}

/// `None` for a signal whose generation was not seen, or that no task sent.
fn in_report(row: &Signal) -> Option<Name> {
    let &Signal { signal, target_tid, group, .. } = row;
    Some(Name { signal, code: row.code?, sender: row.sender_tid?, target: target_tid, group })
}

fn one(name: Name, truth: &truth::Signal, row: &Signal, found: &mut Differences) {
    if let Some(result) = result(truth.fate) {
        found.equal(name, "result", Some(result), row.result.as_deref());
    }
    // Those that are waited for are taken off without a delivery, as the kernel has it.
    let delivered = match truth.fate {
        Fate::Handled | Fate::Killed => Some(true),
        Fate::Waited | Fate::Coalesced | Fate::Ignored | Fate::Pending => Some(false),
        Fate::Unknown | Fate::Stopped => None,
    };
    found.known(name, "was delivered", delivered, Some(row.delivered_ns.is_some()));
    if truth.fate == Fate::Handled {
        found.known(name, "taken by", truth.taken_by, row.delivered_tid);
        let handled = row.handler.as_deref().is_some_and(|handler| handler.starts_with("0x"));
        found.equal(name, "has a handler", true, handled);
    }
    if truth.fate == Fate::Killed {
        found.equal(name, "handler", Some("default"), row.handler.as_deref());
    }
    times(name, truth, row, found);
}

fn result(fate: Fate) -> Option<&'static str> {
    match fate {
        Fate::Handled | Fate::Waited | Fate::Killed | Fate::Pending => Some("delivered"),
        Fate::Coalesced => Some("already_pending"),
        Fate::Ignored => Some("ignored"),
        // What continues a process is ignored and yet does so.
        Fate::Unknown | Fate::Stopped => None,
    }
}

fn times(name: Name, truth: &truth::Signal, row: &Signal, found: &mut Differences) {
    let taken = truth.taken_ns;
    found.at_most(name, "taken after its generation", [row.generated_ns, taken]);
    found.at_most(name, "taken after its delivery", [row.delivered_ns, taken]);
    if row.delivered_ns.is_some() {
        found.at_most(name, "blocked for at least its time", [truth.blocked_ns, row.blocked_ns]);
        let all = taken.map(|taken| taken - truth.sent_ns);
        found.at_most(name, "blocked for no more than all its time", [row.blocked_ns, all]);
    }
}
