//! One function for each kind of finding.

use std::cmp::Reverse;

use super::super::{CauseRow, Kind, Summary, TaskRow};
use super::{About, Finding};
use crate::model::signals::{KilledBy, SignalRow};
use crate::model::syscall::Class;

/// A single time, ns, that stands out in a trace of any length.
const LONG_NS: u64 = 10_000_000;

/// Sleeps that are a waiting for work, for time to pass, or for a child's end.
const IDLE: [Class; 6] =
    [Class::Poll, Class::Timer, Class::ChildWait, Class::SignalWait, Class::Kernel, Class::Unknown];

/// Whether a time is more than a hundredth of a whole, ns.
fn is_much(ns: u64, whole_ns: u64) -> bool {
    ns > 0 && u128::from(ns) * 100 >= u128::from(whole_ns)
}

/// Whether a sum of times, or the longest of them, stands out in this trace.
fn stands_out(summary: &Summary, sum_ns: u64, max_ns: u64) -> bool {
    max_ns >= LONG_NS || is_much(sum_ns, summary.length_ns())
}

pub(super) fn lost(summary: &Summary) -> Option<Finding> {
    let lost: u64 = summary.cpus.iter().map(|cpu| cpu.lost).sum();
    let mut finding = Finding::new(About::Lost, "capture");
    (finding.count, finding.at_least) = (lost, true);
    (lost > 0).then_some(finding)
}

pub(super) fn killed(summary: &Summary) -> Option<Finding> {
    let of = |task: &TaskRow| {
        let exit = task.exit.as_ref().filter(|_| task.kind == Kind::Process)?;
        exit.signal.map(|signal| (exit.at_ns, signal))
    };
    let killed = summary.tasks.iter().filter_map(|task| Some((of(task)?, task)));
    let count = u64::try_from(killed.clone().count()).unwrap_or(u64::MAX);
    let ((_, signal), task) = killed.min_by_key(|&((at_ns, _), task)| (at_ns, task.tid))?;
    let exit = task.exit.as_ref()?;
    let sent = exit.killed_by.as_ref();
    let is_fault = |row: &SignalRow| {
        row.sync && row.signal == signal && Some(row.target_tid) == sent.map(|sent| sent.taken_by)
    };
    let fault = summary.signals.iter().rfind(|row| is_fault(row));
    let about = if fault.is_some() { About::Crashed } else { About::Killed };
    let by = fault.map(|row| row.target_tid).or_else(|| sent.and_then(|sent| sent.sender_tid));
    let name = exit.signal_name.clone().unwrap_or_default();
    let mut finding = Finding::new(about, "signals").of(task).what(name).by(by, summary);
    if let (None, Some(KilledBy { sender_comm: Some(comm), .. })) = (fault, sent) {
        finding.by_comm = Some(comm.clone());
    }
    finding.count = count;
    Some(finding)
}

pub(super) fn deadlock(summary: &Summary) -> Option<Finding> {
    let row = summary.deadlocks.first()?;
    let link = row.links.first()?;
    let mut finding = Finding::new(About::Deadlock, "locks").by(link.blocked_by, summary);
    (finding.tid, finding.comm) = (Some(link.tid), summary.comm(link.tid).map(str::to_owned));
    finding.what.clone_from(&link.key);
    let since_ns = row.since_ns.unwrap_or(summary.start_ns);
    let ns = row.killed_ns.unwrap_or(summary.end_ns).saturating_sub(since_ns);
    finding.at_least = row.since_ns.is_none();
    let count = u64::try_from(row.links.len()).unwrap_or(u64::MAX);
    Some(finding.times(ns, Some(ns), count))
}

pub(super) fn still_waiting(summary: &Summary) -> Option<Finding> {
    if !summary.deadlocks.is_empty() {
        return None;
    }
    // Those that began before the trace wait for work, and those for children are no locks.
    let waits = summary.stuck.iter().filter_map(|row| {
        let key = row.link.key.as_ref()?;
        Some((row.link.from_ns?, row, key))
    });
    let count = u64::try_from(waits.clone().count()).unwrap_or(u64::MAX);
    let (begin_ns, row, key) = waits.min_by_key(|&(begin_ns, row, _)| (begin_ns, row.link.tid))?;
    let tid = row.link.tid;
    let mut finding = Finding::new(About::StillWaiting, "locks").what(key);
    (finding.tid, finding.comm) = (Some(tid), summary.comm(tid).map(str::to_owned));
    let ns = row.killed_ns.unwrap_or(summary.end_ns).saturating_sub(begin_ns);
    Some(finding.times(ns, Some(ns), count).by(row.link.blocked_by, summary))
}

pub(super) fn run_delay(summary: &Summary) -> Option<Finding> {
    let task =
        summary.tasks.iter().max_by_key(|task| (task.run_delay_ns.max, Reverse(task.tid)))?;
    let delay = &task.run_delay_ns;
    let by = task.time.antagonists.tasks.first().map(|by| by.tid);
    stands_out(summary, delay.sum, delay.max).then(|| {
        let finding = Finding::new(About::RunDelay, "latency").of(task);
        finding.times(delay.sum, Some(delay.max), delay.count).by(by, summary)
    })
}

pub(super) fn sleep(summary: &Summary) -> Option<Finding> {
    let sleeps = summary.tasks.iter().flat_map(|task| {
        let causes = task.time.sleep_causes_ns.iter();
        let causes = causes.filter(|(_, row)| !IDLE.contains(&row.class));
        let causes = causes.map(move |(name, row)| (task, &**name, row));
        causes.filter(|(task, _, row)| !was_held(summary, task, row.max))
    });
    longest(summary, About::Sleep, sleeps)
}

pub(super) fn uninterruptible(summary: &Summary) -> Option<Finding> {
    let sleeps = summary.tasks.iter().flat_map(|task| {
        let causes = task.time.uninterruptible_causes_ns.iter();
        // Threads of the kernel's own wait for work in this state too.
        let causes = causes.filter(|(_, row)| row.class != Class::Kernel);
        causes.map(move |(name, row)| (task, &**name, row))
    });
    longest(summary, About::Uninterruptible, sleeps)
}

/// Whether the task slept for so long, ns, before its first program of the trace: so does a command
/// that tracer holds until all is ready.
fn was_held(summary: &Summary, task: &TaskRow, sleep_ns: u64) -> bool {
    let Some(exec) = task.execs.first().filter(|_| !task.born) else { return false };
    let mut waits = summary.longest_waits.iter();
    waits.any(|wait| {
        wait.tid == task.tid && wait.sleep_ns == sleep_ns && wait.woken_ns <= exec.at_ns
    })
}

/// The longest single sleep, and who ended it if that is known.
fn longest<'a>(
    summary: &Summary,
    about: About,
    sleeps: impl Iterator<Item = (&'a TaskRow, &'a str, &'a CauseRow)>,
) -> Option<Finding> {
    let (task, name, row) = sleeps.max_by_key(|(task, _, row)| (row.max, Reverse(task.tid)))?;
    let mut waits = summary.longest_waits.iter();
    let wait = waits.find(|wait| wait.tid == task.tid && wait.sleep_ns == row.max);
    let by = wait.and_then(|wait| wait.chain.first()).and_then(|link| link.tid);
    stands_out(summary, row.sum, row.max).then(|| {
        let finding = Finding::new(about, "states").of(task).what(name);
        finding.times(row.sum, Some(row.max), row.count).by(by, summary)
    })
}

pub(super) fn lock(summary: &Summary) -> Option<Finding> {
    // What nobody wakes by a call is the end of a thread, for which the kernel does.
    let locks = summary.futexes.iter().filter(|row| row.wakes > 0);
    let row = locks.max_by_key(|row| row.wait_ns.sum)?;
    let wait = &row.wait_ns;
    stands_out(summary, wait.sum, wait.max).then(|| {
        let mut finding = Finding::new(About::Lock, "locks").what(&row.key);
        let longest = row.longest.as_ref();
        finding.tid = longest.map(|longest| longest.tid);
        finding.comm = finding.tid.and_then(|tid| summary.comm(tid)).map(str::to_owned);
        finding.at_least = !row.exact;
        let by = longest.and_then(|longest| longest.blocked_by);
        finding.times(wait.sum, Some(wait.max), wait.count).by(by, summary)
    })
}

pub(super) fn blocked(summary: &Summary) -> Option<Finding> {
    let blocked_ns = |row: &SignalRow| row.blocked_ns.unwrap_or_default();
    let row = summary.signals.iter().max_by_key(|row| blocked_ns(row))?;
    let ns = blocked_ns(row);
    let tid = row.delivered_tid.unwrap_or(row.target_tid);
    stands_out(summary, ns, ns).then(|| {
        let mut finding = Finding::new(About::Blocked, "signals").what(&row.name);
        (finding.tid, finding.comm) = (Some(tid), summary.comm(tid).map(str::to_owned));
        finding.at_least = !row.blocked_exact;
        finding.times(ns, Some(ns), 1).by(row.sender_tid, summary)
    })
}

pub(super) fn stolen(summary: &Summary) -> Option<Finding> {
    let stolen_ns = |task: &TaskRow| task.irq_stolen_ns + task.softirq_stolen_ns;
    let task = summary.tasks.iter().max_by_key(|task| (stolen_ns(task), Reverse(task.tid)))?;
    let ns = stolen_ns(task);
    is_much(ns, task.states_ns.running)
        .then(|| Finding::new(About::Stolen, "irqs").of(task).times(ns, None, 1))
}

pub(super) fn uthread_stall(summary: &Summary) -> Option<Finding> {
    let row = summary.uthreads.processes.iter().max_by_key(|row| row.stalls.max)?;
    let stalls = row.stalls;
    stands_out(summary, stalls.sum, stalls.max).then(|| {
        let mut finding = Finding::new(About::UthreadStall, "uthreads");
        (finding.tid, finding.comm) = (Some(row.tgid), Some(row.comm.clone()));
        finding.at_least = !row.exact;
        finding.times(stalls.sum, Some(stalls.max), stalls.count)
    })
}
