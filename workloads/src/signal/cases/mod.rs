//! The cases of the program `signals`: each sends signals, knows what becomes of them, and writes it
//! into the truth.

mod faults;
mod lock;
mod pending;
mod sent;

use alloc::format;
use core::time::Duration;

use super::child::Child;
use super::note::{Log, Note};
use super::{Signal, info, send};
use crate::failure::{Doing as _, Failure, ensure};
use crate::process::How;
use crate::truth::{self, Fate, Truth};
use crate::{clock, thread};

/// Does its part on the stage.
pub type Case = fn(&mut Stage<'_>) -> Result<(), Failure>;

/// All of them, by name.
pub static CASES: [(&str, Case); 13] = [
    ("faults", faults::handled),
    ("deadly", faults::deadly),
    ("process", sent::to_process),
    ("thread", sent::to_thread),
    ("blocked", pending::blocked),
    ("coalesced", pending::coalesced),
    ("queued", pending::queued),
    ("ignored", sent::ignored),
    ("stop", sent::stop),
    ("waited", pending::waited),
    ("file", pending::file),
    ("nested", sent::nested),
    ("lock", lock::lock),
];

/// What the cases play on.
#[derive(Debug)]
pub struct Stage<'a> {
    /// Where all is written down.
    pub truth: &'a mut Truth,
    /// Where handlers write.
    pub log: &'static Log,
    /// Signals to coalesce or to queue.
    pub count: u64,
    /// How long they stay blocked.
    pub blocked: Duration,
    /// How long a deadlock is looked at.
    pub patience: Duration,
}

/// How a child ends whose signals were as expected.
const EXITED: How = How::Exited(0);

/// How a child ends that this signal kills.
fn killed_by(signal: u32) -> How {
    // There are 64.
    How::Killed { signal: signal.to_le_bytes()[0], core: false }
}

/// A signal that the calling task is about to send.
fn sending(signal: Signal, code: i32, target: u32, group: bool) -> truth::Signal {
    truth::Signal {
        signal: signal.number(),
        code,
        sender: thread::tid(),
        target,
        group,
        sent_ns: clock::now_ns(),
        ..truth::Signal::default()
    }
}

/// Sends a signal to a process, or to one of its threads.
fn send_to(signal: Signal, pid: u32, tid: Option<u32>) -> Result<truth::Signal, Failure> {
    let (call, sent) = match tid {
        None => (sending(signal, info::BY_KILL, pid, true), send::process(pid, signal)),
        Some(tid) => (sending(signal, info::BY_TGKILL, tid, false), send::thread(pid, tid, signal)),
    };
    sent.doing(format_args!("send {signal} to {pid}")).map(|()| call)
}

/// Writes down that a handler took a signal, which must be this one.
fn handled(signal: &mut truth::Signal, note: &Note) -> Result<(), Failure> {
    signal.fate = Fate::Handled;
    signal.taken_by = Some(note.tid());
    signal.taken_ns = Some(note.at_ns());
    let found = (note.signal(), note.code());
    ensure(found == (signal.signal, signal.code), || format!("{signal:?} was taken as {found:?}"))
}

impl Stage<'_> {
    /// Waits for a child's end, which must be this, and for the signal that tells of it.
    fn ended(&mut self, child: Child, expected: How) -> Result<(), Failure> {
        let pid = child.pid();
        let end = child.wait().doing("wait for a child")?;
        let killed = matches!(end, How::Killed { .. });
        self.told(pid, if killed { info::CHILD_KILLED } else { info::CHILD_EXITED });
        ensure(end == expected, || format!("child {pid} {end} instead of {expected}"))
    }

    /// A child's `SIGCHLD` to this process, which does not care.
    fn told(&mut self, child: u32, code: i32) {
        let mut told = sending(Signal::CHLD, code, thread::tid(), true);
        told.sender = child;
        told.sent_ns = self.truth.start_ns;
        told.fate = Fate::Ignored;
        self.truth.signals.push(told);
    }
}
