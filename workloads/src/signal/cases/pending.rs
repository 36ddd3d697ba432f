//! Signals that stay pending until their target wants them.

use alloc::format;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;

use crate::clock;
use crate::failure::{Doing as _, Failure, ensure};
use crate::shared::Shared;
use crate::signal::child;
use crate::signal::note::{self, Note};
use crate::signal::{Action, Set, Signal, info, mask, send, take};
use crate::truth::{self, Fate};
use crate::word::Word;
use rustix::io::Errno;
use zerocopy::FromZeros;

use super::{EXITED, Stage, send_to, sending};

/// A real-time one: it is kept as often as it is sent.
const QUEUED: Signal = Signal::real_time(3).expect("one of 33");

/// One signal, for a known time.
pub(super) fn blocked(stage: &mut Stage<'_>) -> Result<(), Failure> {
    both_ways(stage, Pending { signal: Signal::USR1, sends: 1, taking: Taking::Handler })
}

/// Many standard ones, of which one is kept.
pub(super) fn coalesced(stage: &mut Stage<'_>) -> Result<(), Failure> {
    let sends = stage.count;
    both_ways(stage, Pending { signal: Signal::USR1, sends, taking: Taking::Handler })
}

/// Many real-time ones, all of which are kept.
pub(super) fn queued(stage: &mut Stage<'_>) -> Result<(), Failure> {
    let sends = stage.count;
    both_ways(stage, Pending { signal: QUEUED, sends, taking: Taking::Handler })
}

/// Taken by waiting for them.
pub(super) fn waited(stage: &mut Stage<'_>) -> Result<(), Failure> {
    let sends = stage.count;
    both_ways(stage, Pending { signal: Signal::USR1, sends, taking: Taking::Wait })?;
    both_ways(stage, Pending { signal: QUEUED, sends, taking: Taking::Wait })
}

/// Taken by reading them from a file.
pub(super) fn file(stage: &mut Stage<'_>) -> Result<(), Failure> {
    let sends = stage.count;
    both_ways(stage, Pending { signal: Signal::USR1, sends, taking: Taking::File })?;
    both_ways(stage, Pending { signal: QUEUED, sends, taking: Taking::File })
}

/// What is sent, and how it is taken.
#[derive(Clone, Copy)]
struct Pending {
    signal: Signal,
    sends: u64,
    taking: Taking,
}

/// How a target takes what is pending.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Taking {
    Handler,
    Wait,
    File,
}

impl Pending {
    /// How many of them are kept.
    fn kept(self) -> u64 {
        if self.signal.is_real_time() { self.sends } else { 1 }
    }
}

/// What a child and its parent tell each other.
#[derive(Debug, FromZeros)]
#[repr(C)]
struct Meeting {
    /// The last signal has been sent.
    sent: Word,
    reserved: u32,
    /// The child was about to take them then.
    until_ns: AtomicU64,
}

/// A signal that was sent, and when it had been.
struct Sent {
    signal: truth::Signal,
    after_ns: u64,
}

/// To a child's only thread, and to the child.
fn both_ways(stage: &mut Stage<'_>, pending: Pending) -> Result<(), Failure> {
    for group in [false, true] {
        pend(stage, pending, group)?;
    }
    Ok(())
}

fn pend(stage: &mut Stage<'_>, pending: Pending, group: bool) -> Result<(), Failure> {
    let Pending { signal, sends, .. } = pending;
    let meeting = Shared::<Meeting>::new(1).doing("map memory")?;
    let meeting = &meeting[0];
    let mark = stage.log.count();
    let old = Action::handler(note::handler).install(signal).doing("install a handler")?;
    // The child is born with the mask of its parent.
    let blocked = mask::block(Set::of(&[signal]));
    let wait = stage.blocked;
    let child = child::fork(|| target(pending, meeting, wait)).doing("fork")?;
    drop(blocked);
    let pid = child.pid();
    let sent = (0..sends).map(|value| send(signal, pid, group, value));
    let sent = sent.collect::<Result<Vec<_>, _>>()?;
    meeting.sent.add(1);
    stage.ended(child, EXITED)?;
    old.install(signal).doing("put the old action back")?;
    settle(stage, pending, (mark, meeting), sent)
}

/// Sends one, with a value if it is a real-time one.
fn send(signal: Signal, pid: u32, group: bool, value: u64) -> Result<Sent, Failure> {
    let sent = if signal.is_real_time() {
        let sending = sending(signal, info::QUEUED, pid, group);
        let queue = if group { send::queue } else { send_to_thread };
        queue(pid, signal, value).doing(format_args!("queue {signal}"))?;
        sending
    } else {
        send_to(signal, pid, if group { None } else { Some(pid) })?
    };
    Ok(Sent { signal: sent, after_ns: clock::now_ns() })
}

/// To the first thread of a process.
fn send_to_thread(pid: u32, signal: Signal, value: u64) -> Result<(), Errno> {
    send::queue_thread(pid, pid, signal, value)
}

/// The child: lets the signals be pending for the time, and takes them.
fn target(pending: Pending, meeting: &Meeting, blocked: Duration) -> u8 {
    meeting.sent.wait(1);
    clock::sleep(blocked);
    meeting.until_ns.store(clock::now_ns(), Ordering::Relaxed);
    let taken = take_all(pending);
    let left = mask::pending().contains(pending.signal);
    u8::from(left || taken.is_err())
}

fn take_all(pending: Pending) -> Result<(), Errno> {
    let set = Set::of(&[pending.signal]);
    match pending.taking {
        // All of them come before it is blocked again.
        Taking::Handler => drop(mask::unblock(set)),
        Taking::Wait => {
            for _ in 0..pending.kept() {
                note::write(&take::wait(set, None)?);
            }
        }
        Taking::File => {
            let file = take::SignalFd::new(set)?;
            for _ in 0..pending.kept() {
                note::write(&file.read()?.info());
            }
        }
    }
    Ok(())
}

/// Holds what was taken against what was sent.
fn settle(
    stage: &mut Stage<'_>,
    pending: Pending,
    (mark, meeting): (u32, &Meeting),
    sent: Vec<Sent>,
) -> Result<(), Failure> {
    let Pending { signal, sends, taking } = pending;
    let notes = stage.log.after(mark);
    ensure(notes.len() as u64 == pending.kept(), || {
        format!("{signal} was sent {sends} times, and taken {} times", notes.len())
    })?;
    let until_ns = meeting.until_ns.load(Ordering::Relaxed);
    for (value, Sent { mut signal, after_ns }) in sent.into_iter().enumerate() {
        signal.fate = Fate::Coalesced;
        if let Some(note) = notes.get(value) {
            take_one(&mut signal, note, value as u64)?;
            let least_ns = until_ns.saturating_sub(after_ns);
            ensure(u128::from(least_ns) >= stage.blocked.as_nanos(), || {
                format!("{signal:?} was pending for {least_ns} ns only")
            })?;
            match taking {
                Taking::Handler => signal.blocked_ns = Some(least_ns),
                Taking::Wait | Taking::File => signal.fate = Fate::Waited,
            }
        }
        stage.truth.signals.push(signal);
    }
    Ok(())
}

/// This one was taken so; those with a value in their order.
fn take_one(signal: &mut truth::Signal, note: &Note, value: u64) -> Result<(), Failure> {
    super::handled(signal, note)?;
    ensure(signal.code != info::QUEUED || note.value() == value, || {
        format!("value {} came in the place of {value}", note.value())
    })?;
    ensure(note.tid() == signal.target, || format!("{signal:?} was taken by {}", note.tid()))
}
