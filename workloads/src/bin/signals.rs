//! Signals of every kind, each with a known fate.
#![no_std]
#![no_main]

extern crate alloc;

use alloc::format;
use alloc::vec::Vec;
use core::time::Duration;

use workloads::cli::{Opt, Program};
use workloads::failure::{Doing as _, Failure};
use workloads::rt::{Run, say};
use workloads::signal::cases::{CASES, Stage};
use workloads::signal::{note, send};
use workloads::truth::{Fate, Truth};

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

/// Longer than any case takes that goes well, even on a busy machine.
const TOO_LONG: Duration = Duration::from_mins(2);

fn run(run: &mut Run) -> Result<(), Failure> {
    let longest = Duration::from_secs(10);
    let all = CASES.iter().map(|(name, case)| (*name, Some(*case)));
    let choices: Vec<_> = all.chain([("all", None)]).collect();
    let chosen = run.args.choice("case", &choices)?;
    let count = run.args.number("count", 2..=1000)?;
    let blocked = run.args.time("blocked", Duration::from_micros(1)..=longest)?;
    let patience = run.args.time("patience", Duration::from_millis(1)..=longest)?;
    let limit = rustix::process::getrlimit(rustix::process::Resource::Sigpending).current;
    if let Some(limit) = limit.filter(|limit| *limit < count) {
        let what = format!("--count {count}: no more than {limit} may be pending (ulimit -i)");
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
