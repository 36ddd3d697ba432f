//! Signals, one by one: those of the truth in the order in which they were sent, each with the next
//! row of the report that has its number, code, sender and target.

use std::collections::BTreeSet;
use std::fmt;

use workloads::truth::{self, Fate, Truth};

use super::Differences;
use crate::report::{Report, Signal};

/// `SIGCHLD`, which the kernel sends for every child, whether the program speaks of it or not.
const SIGCHLD: u32 = 17;

/// `SI_USER`, `SI_KERNEL`: what a program is told of a signal that the kernel sent without details,
/// for which the report has no code.
const WITHOUT_DETAILS: [i32; 2] = [0, 0x80];

/// A signal of the truth, by what it is known by.
#[derive(Clone, Copy, Debug)]
struct Name<'a>(&'a truth::Signal);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let truth::Signal { signal, code, sender, target, group, .. } = self.0;
        let kind = if *group { "process" } else { "thread" };
        write!(f, "signal {signal} (code {code}) from {sender} to {kind} {target}")
    }
}

impl Name<'_> {
    /// Whether a row has it and was generated in its time; 0 is the sender of what no task sent.
    fn is(self, row: &Signal) -> bool {
        let &truth::Signal { signal, code, sender, target, group, sent_ns, taken_ns, .. } = self.0;
        let without = row.code.is_none() && WITHOUT_DETAILS.contains(&code);
        (row.signal, row.target_tid, row.group) == (signal, target, group)
            && (row.code == Some(code) || without)
            && row.sender_tid.unwrap_or(0) == sender
            && row.generated_ns.is_some_and(|at_ns| {
                sent_ns <= at_ns && taken_ns.is_none_or(|taken_ns| at_ns <= taken_ns)
            })
    }
}

/// Compares all signals that the truth knows; the report may have others, of numbers that the
/// program does not speak of.
pub(super) fn compare(truth: &Truth, report: &Report, found: &mut Differences) {
    let mut left: Vec<&Signal> = report.signals.iter().collect();
    let mut sent: Vec<&truth::Signal> = truth.signals.iter().collect();
    sent.sort_by_key(|signal| signal.sent_ns);
    for signal in &sent {
        let name = Name(signal);
        match left.iter().position(|row| name.is(row)) {
            Some(place) => one(name, signal, left.remove(place), found),
            // An interrupt that sent it can have hit a task in which no BPF program runs.
            None if signal.sender == 0 && report.hides_tasks => {}
            None => found.add(name, "is there", format!("{signal:?}"), "no".into()),
        }
    }
    let tids: BTreeSet<u32> = truth.tasks.iter().map(|task| task.tid).collect();
    let numbers: BTreeSet<u32> = sent.iter().map(|signal| signal.signal).collect();
    for row in left {
        let sent = row.sender_tid.is_some_and(|sender| tids.contains(&sender));
        let ours = sent || tids.contains(&row.target_tid);
        if ours && row.signal != SIGCHLD && numbers.contains(&row.signal) {
            let of = format!("signal {} to {}", row.signal, row.target_tid);
            found.add(of, "is there", "no".into(), format!("{row:?}"));
        }
    }
}

fn one(name: Name<'_>, truth: &truth::Signal, row: &Signal, found: &mut Differences) {
    if let Some(result) = result(truth.fate) {
        found.equal(name, "result", Some(result), row.result.as_deref());
    }
    let fates = fates(truth.fate);
    if !fates.is_empty() && !fates.contains(&row.fate.as_str()) {
        found.add(name, "fate", format!("{fates:?}"), row.fate.clone());
    }
    let taken = matches!(row.fate.as_str(), "delivered" | "waited");
    found.equal(name, "has a time of its delivery", taken, row.delivered_ns.is_some());
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

/// What the report may say became of it; nothing if that is not compared. A read of a signalfd is
/// waiting for a signal too, and no record says of which one.
fn fates(fate: Fate) -> &'static [&'static str] {
    match fate {
        Fate::Handled | Fate::Killed => &["delivered"],
        Fate::Waited => &["waited", "taken_unseen", "discarded", "pending"],
        Fate::Coalesced => &["coalesced"],
        Fate::Ignored => &["ignored"],
        Fate::Pending => &["pending", "discarded"],
        Fate::Unknown | Fate::Stopped => &[],
    }
}

fn times(name: Name<'_>, truth: &truth::Signal, row: &Signal, found: &mut Differences) {
    let taken = truth.taken_ns;
    found.at_most(name, "taken after its delivery", [row.delivered_ns, taken]);
    if row.delivered_ns.is_some() {
        found.at_most(name, "blocked for at least its time", [truth.blocked_ns, row.blocked_ns]);
        let all = taken.map(|taken| taken - truth.sent_ns);
        found.at_most(name, "blocked for no more than all its time", [row.blocked_ns, all]);
    }
}
