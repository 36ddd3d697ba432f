//! One of many faults: a thread takes its whole process with it, a process nobody else.
#![no_std]
#![no_main]

extern crate alloc;

use alloc::format;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use workloads::cli::{Opt, Program};
use workloads::clock;
use workloads::clone::Task;
use workloads::failure::{Doing as _, Failure, ensure};
use workloads::process::{self, How};
use workloads::rt::{Run, say};
use workloads::shared::Shared;
use workloads::signal::fault::Fault;
use workloads::signal::{Signal as Number, send};
use workloads::thread::{self, Builder};
use workloads::truth::{Fate, Signal};
use workloads::word::Word;
use zerocopy::FromZeros;

workloads::program!(&PROGRAM, run);

static PROGRAM: Program = Program {
    name: "crash",
    about: "One of many faults: a thread takes its process with it, a process nobody else.\n\n\
        The program makes N tasks, waits until all are there, and has one of them fault. As threads\n\
        they are those of a process that it makes, whose leader is one of them: all die by the\n\
        signal. As processes the others live, and end with code 0 after it.\n\
        Counts of the truth: died, lived. Its signal is the one of the fault.",
    options: &[
        Opt { name: "in", value: "WHAT", default: "threads", help: "threads, processes or both" },
        Opt { name: "tasks", value: "N", default: "4", help: "Tasks, 2 to 1000" },
        Opt {
            name: "at",
            value: "K",
            default: "2",
            help: "Which of them faults, counted from 1; the first thread is the leader",
        },
        Opt {
            name: "fault",
            value: "FAULT",
            default: "segv",
            help: "segv, bus, ill, trap, fpe (not on every machine), or abort: SIGABRT to itself",
        },
    ],
    examples: &["--in processes --tasks 8", "--in both --fault abort --at 1"],
};

/// What one of them does.
#[derive(Clone, Copy)]
enum Blow {
    Fault(Fault),
    Abort,
}

/// Where the tasks are made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum In {
    Threads,
    Processes,
    Both,
}

/// What all of them see.
#[derive(Debug, FromZeros)]
#[repr(C)]
struct Stage {
    /// Tasks that are there.
    there: Word,
    /// One may fault.
    go: Word,
    /// It has: the others may end.
    over: Word,
    /// Who faults, and when it was about to.
    victim: AtomicU32,
    at_ns: AtomicU64,
}

fn run(run: &mut Run) -> Result<(), Failure> {
    let places = [("threads", In::Threads), ("processes", In::Processes), ("both", In::Both)];
    let place = run.args.choice("in", &places)?;
    let tasks = run.args.count("tasks", 2..=1000)?;
    let at = run.args.count("at", 1..=tasks)?;
    let faults = [
        ("segv", Blow::Fault(Fault::Unmapped)),
        ("bus", Blow::Fault(Fault::BeyondFile)),
        ("ill", Blow::Fault(Fault::Illegal)),
        ("trap", Blow::Fault(Fault::Trap)),
        ("fpe", Blow::Fault(Fault::Divide)),
        ("abort", Blow::Abort),
    ];
    let blow = run.args.choice("fault", &faults)?;
    if let Blow::Fault(fault) = blow
        && !fault.exists()
    {
        let what = run.args.text("fault");
        return Err(Failure::Usage(format!("--fault {what}: this machine does not have it")));
    }
    let (mut died, mut lived) = (0, 0);
    for (is, act) in [(In::Threads, as_threads as Act), (In::Processes, as_processes)] {
        if place == is || place == In::Both {
            let ended = act(run, tasks, at, blow)?;
            died += ended.0;
            lived += ended.1;
        }
    }
    run.truth.count("died", died);
    run.truth.count("lived", lived);
    Ok(())
}

/// Makes the tasks, has one fault; how many died, and how many lived.
type Act = fn(&mut Run, usize, usize, Blow) -> Result<(u64, u64), Failure>;

impl Blow {
    fn signal(self) -> Number {
        match self {
            Self::Fault(fault) => fault.signal(),
            Self::Abort => Number::ABRT,
        }
    }

    /// Does it; it does not come back if all is well.
    fn strike(self, stage: &Stage) {
        stage.victim.store(thread::tid(), Ordering::Relaxed);
        stage.at_ns.store(clock::now_ns(), Ordering::Relaxed);
        match self {
            Self::Fault(fault) => drop(fault.provoke()),
            Self::Abort => drop(send::thread(process::pid(), thread::tid(), Number::ABRT)),
        }
    }

    /// What became of it, for the truth.
    fn told(self, stage: &Stage) -> Signal {
        let victim = stage.victim.load(Ordering::Relaxed);
        Signal {
            signal: self.signal().number(),
            code: match self {
                Self::Fault(fault) => fault.code(),
                // `SI_TKILL`
                Self::Abort => -6,
            },
            sender: victim,
            target: victim,
            group: false,
            sent_ns: stage.at_ns.load(Ordering::Relaxed),
            fate: Fate::Killed,
            taken_by: Some(victim),
            taken_ns: None,
            blocked_ns: None,
        }
    }

    /// Whether a process ended of it.
    fn ended(self, how: How) -> bool {
        matches!(how, How::Killed { signal, .. } if u32::from(signal) == self.signal().number())
    }
}

fn as_threads(run: &mut Run, tasks: usize, at: usize, blow: Blow) -> Result<(u64, u64), Failure> {
    let stages = Shared::<Stage>::new(1).doing("map shared memory")?;
    let stage = &stages[0];
    let made = process::fork(|| u8::from(threads(stage, tasks, at, blow).is_err()));
    let made = made.doing("make a process")?;
    let pid = made.tid();
    let end = made.wait().doing("wait for the process")?;
    ensure(blow.ended(end.how), || format!("the process {pid} {}", end.how))?;
    let there = stage.there.get() as usize;
    ensure(there == tasks, || format!("{there} of {tasks} threads were there"))?;
    run.truth.signals.push(blow.told(stage));
    say(format_args!(
        "thread {at} of {tasks} faulted: process {pid} {}, with all of them",
        end.how
    ));
    Ok((tasks as u64, 0))
}

/// The process whose thread faults: it has the others wait, and faults or waits for it to happen.
fn threads(stage: &Stage, tasks: usize, at: usize, blow: Blow) -> Result<(), Failure> {
    thread::scope(|scope| {
        for number in 2..=tasks {
            let builder = Builder::new().name(&format!("task/{number}"));
            let part = move || part(stage, number == at, blow);
            scope.spawn_with(builder, part).doing("make a thread")?;
        }
        stage.there.add(1);
        stage.there.wait(u32::try_from(tasks).unwrap_or(u32::MAX));
        stage.go.add(1);
        if at == 1 {
            blow.strike(stage);
        }
        // Nobody comes back from here but with the whole process.
        stage.over.wait(1);
        Ok(())
    })
}

/// What all but the first do, as threads and as processes.
fn part(stage: &Stage, faults: bool, blow: Blow) {
    stage.there.add(1);
    if faults {
        stage.go.wait(1);
        blow.strike(stage);
    }
    stage.over.wait(1);
}

fn as_processes(run: &mut Run, tasks: usize, at: usize, blow: Blow) -> Result<(u64, u64), Failure> {
    let stages = Shared::<Stage>::new(1).doing("map shared memory")?;
    let stage = &stages[0];
    let mut children: Vec<Task> = Vec::new();
    let mut refused = Ok(());
    for number in 1..=tasks {
        let child = process::fork(|| {
            part(stage, number == at, blow);
            0
        });
        match child {
            Ok(child) => children.push(child),
            Err(error) => {
                refused = Err(error).doing("make a process");
                break;
            }
        }
    }
    if refused.is_ok() {
        stage.there.wait(u32::try_from(tasks).unwrap_or(u32::MAX));
        stage.go.add(1);
        // The others live on after it has died.
        let pid = children[at - 1].tid();
        process::until_zombie(pid).doing("wait for the process that faults")?;
    } else {
        stage.go.add(1);
    }
    stage.over.add(1);
    let (mut died, mut lived) = (0, 0);
    for child in children {
        let end = child.wait().doing("wait for a process")?;
        died += u64::from(blow.ended(end.how));
        lived += u64::from(end.how == How::Exited(0));
    }
    refused?;
    ensure((died, lived) == (1, tasks as u64 - 1), || {
        format!("of {tasks} processes {died} died and {lived} lived")
    })?;
    run.truth.signals.push(blow.told(stage));
    say(format_args!("process {at} of {tasks} faulted: it died, {lived} lived"));
    Ok((died, lived))
}
