//! Signals of every kind, each with a known fate.
#![no_std]
#![no_main]

extern crate alloc;

mod faults;
mod lock;
mod pending;
mod sent;

use alloc::format;
use alloc::vec::Vec;
use core::time::Duration;

use workloads::cli::{Opt, Program};
use workloads::failure::{Doing as _, Failure, ensure};
use workloads::process::How;
use workloads::rt::{Run, say};
use workloads::signal::child::Child;
use workloads::signal::note::{self, Log, Note};
use workloads::signal::{Signal, info, send};
use workloads::truth::{self, Fate, Truth};
use workloads::{clock, thread};

workloads::program!(&PROGRAM, run);

static PROGRAM: Program = Program {
    name: "signals",
    about: "Signals of every kind, each with a known fate.",
    options: &[
        Opt {
            name: "case",
            value: "CASE",
            default: "all",
            help: "faults: handled on an alternate stack, left or repaired. deadly: faults and kills \
                   that end a child. process: to any thread of a process. thread: to one of them. \
                   blocked: for a known time. coalesced: standard ones, of which one is kept. \
                   queued: real-time ones with values. ignored. stop: and go on. waited: taken by \
                   sigtimedwait. file: read from a signalfd. nested: a handler in a handler, and one \
                   that serves once. lock: a handler that takes the lock of the code it interrupted, \
                   which ends in a deadlock without a mask; a watchdog ends that",
        },
        Opt {
            name: "count",
            value: "N",
            default: "10",
            help: "Signals to coalesce or queue, 2 to 1000",
        },
        Opt {
            name: "blocked",
            value: "TIME",
            default: "20ms",
            help: "How long they stay blocked, at most 10s",
        },
        Opt {
            name: "patience",
            value: "TIME",
            default: "50ms",
            help: "How long the watchdog looks at a deadlock, at most 10s. The truth has every signal, \
                   SIGCHLD of the children among them, and counts by fate and of \"deadlocks\"",
        },
    ],
    examples: &["--case blocked --blocked 100ms", "--case queued --count 100", "--case lock"],
};

type Case = fn(&mut Stage<'_>) -> Result<(), Failure>;

static CASES: [(&str, Case); 13] = [
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

/// Longer than any case takes that goes well, even on a busy machine.
const TOO_LONG: Duration = Duration::from_mins(2);

/// What the cases play on.
struct Stage<'a> {
    truth: &'a mut Truth,
    log: &'static Log,
    count: u64,
    blocked: Duration,
    patience: Duration,
}

fn run(run: &mut Run) -> Result<(), Failure> {
    let longest = Duration::from_secs(10);
    let all = CASES.iter().map(|(name, case)| (*name, Some(*case)));
    let choices: Vec<_> = all.chain([("all", None)]).collect();
    let chosen = run.args.choice("case", &choices)?;
    let count = run.args.number("count", 2..=1000)?;
    let blocked = run.args.time("blocked", Duration::from_micros(1)..=longest)?;
    let patience = run.args.time("patience", Duration::from_millis(1)..=longest)?;
    let limit = rustix::process::getrlimit(rustix::process::Resource::Sigpending).current;
    if limit.is_some_and(|limit| limit < count) {
        let what = format!("--count {count}: no more than {limit:?} may be pending (ulimit -i)");
        return Err(Failure::Usage(what));
    }
    send::alarm(TOO_LONG + blocked * 10 + patience * 2).doing("set the watchdog")?;
    let log = note::open().doing("map memory for the log")?;
    let mut stage = Stage { truth: &mut run.truth, log, count, blocked, patience };
    match chosen {
        Some(case) => case(&mut stage)?,
        None => CASES.iter().try_for_each(|(_, case)| case(&mut stage))?,
    }
    sum_up(&mut run.truth);
    Ok(())
}

/// Counts the fates.
fn sum_up(truth: &mut Truth) {
    for (name, fate) in [
        ("handled", Fate::Handled),
        ("waited", Fate::Waited),
        ("coalesced", Fate::Coalesced),
        ("ignored", Fate::Ignored),
        ("killed", Fate::Killed),
        ("stopped", Fate::Stopped),
    ] {
        let count = truth.signals.iter().filter(|signal| signal.fate == fate).count() as u64;
        truth.count(name, count);
    }
    let counts: Vec<_> = truth.counts.iter().map(|(name, n)| format!("{n} {name}")).collect();
    say(format_args!("{} signals: {}", truth.signals.len(), counts.join(", ")));
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
