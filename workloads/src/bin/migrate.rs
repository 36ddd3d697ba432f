//! Threads that hop from CPU to CPU, each hop a migration that the kernel counts.
//!
//! The kernel counts a migration where a task's CPU changes (kernel/sched/core.c, `set_task_cpu`,
//! v6.18): by the balancer, at a wake-up, or because its CPU is no longer allowed. Here only the last
//! can happen: each thread is born on a single CPU, inherited from its creator, and is allowed a
//! single one at any time. The placement at birth is not counted.
#![no_std]
#![no_main]

extern crate alloc;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use workloads::cli::{Opt, Program};
use workloads::failure::{Doing as _, Failure, ensure};
use workloads::rt::{Run, say};
use workloads::truth::Span;
use workloads::word::Word;
use workloads::{clock, sched, thread};

workloads::program!(&PROGRAM, run);

static PROGRAM: Program = Program {
    name: "migrate",
    about: "Threads that hop from CPU to CPU, each hop a migration that the kernel counts.",
    options: &[
        Opt { name: "threads", value: "N", default: "2", help: "Threads that hop, up to 256" },
        Opt { name: "hops", value: "K", default: "100", help: "Hops of each, up to 1000000" },
        Opt {
            name: "by",
            value: "WHO",
            default: "self",
            help: "Who forces a hop: self, or other, while the thread sleeps and so moves when it \
                   is woken. The truth has for each thread its migrations and a span \"hops\" (of: \
                   how many), and the count \"hops\" of all",
        },
    ],
    examples: &["--hops 1000", "--threads 1 --hops 50 --by other"],
};

/// What a thread that hopped found.
struct Hopped {
    span: Span,
    /// Where it was not on the CPU that it should have been on.
    astray: Option<String>,
    /// The kernel's own count.
    counted: Option<u64>,
}

/// Who forces a hop.
#[derive(Clone, Copy)]
enum By {
    Itself,
    Other,
}

/// How a thread's creator and the thread itself take turns, hop by hop.
struct Turns {
    /// The thread may be moved: it sleeps, or is about to.
    arrived: Word,
    /// It has been moved, and shall look.
    moved: Word,
}

fn run(run: &mut Run) -> Result<(), Failure> {
    let threads = run.args.count("threads", 1..=256)?;
    let hops = run.args.count("hops", 1..=1_000_000)?;
    let by = run.args.choice("by", &[("self", By::Itself), ("other", By::Other)])?;
    let cpus = sched::allowed().doing("ask for the CPUs that are allowed")?;
    if cpus.len() < 2 {
        let what = format!("there is only CPU {cpus:?} to run on: a hop needs two");
        return Err(Failure::Usage(what));
    }
    // What is born from here on is born on this CPU, and stays until it hops.
    sched::pin(cpus[0]).doing("pin the first thread")?;
    let mut hopped = Vec::new();
    match by {
        By::Itself => {
            let mut handles = Vec::new();
            for _ in 0..threads {
                let cpus = cpus.clone();
                let made = thread::spawn(move || hop_alone(&cpus, hops));
                handles.push(made.doing("make a thread")?);
            }
            hopped.extend(handles.into_iter().map(thread::JoinHandle::join));
        }
        By::Other => {
            for _ in 0..threads {
                hopped.push(hop_by_other(&cpus, hops)?);
            }
        }
    }
    let total = (threads * hops) as u64;
    for one in hopped {
        check(&one, hops)?;
        run.truth.spans.push(one.span);
    }
    run.truth.count("hops", total);
    say(format_args!("{threads} threads hopped {hops} times each over CPUs {cpus:?}"));
    Ok(())
}

/// Hops around the CPUs, from the first one, where the calling thread was born.
fn hop_alone(cpus: &[usize], hops: usize) -> Hopped {
    let from_ns = clock::now_ns();
    let mut astray = look(cpus[0]);
    for hop in 1..=hops {
        let cpu = cpus[hop % cpus.len()];
        if let Err(error) = sched::pin(cpu) {
            astray = Some(format!("hop {hop} to CPU {cpu}: {error}"));
        }
        astray = astray.or_else(|| look(cpu));
    }
    finish(from_ns, hops, astray)
}

/// Makes a thread and moves it around the CPUs, each time while it waits to be moved.
fn hop_by_other(cpus: &[usize], hops: usize) -> Result<Hopped, Failure> {
    let turns = Turns { arrived: Word::new(), moved: Word::new() };
    thread::scope(|scope| {
        let hopper = scope.spawn(|| hop_when_moved(cpus, hops, &turns)).doing("make a thread")?;
        let mut refused = Ok(());
        for hop in 1..=hops {
            turns.arrived.wait(count(hop));
            let cpu = cpus[hop % cpus.len()];
            let moved = sched::restrict(Some(hopper.tid()), &sched::set_of(&[cpu]));
            refused = refused.and(moved.doing(format_args!("move a thread to CPU {cpu}")));
            turns.moved.add(1);
        }
        let found = hopper.join();
        refused.map(|()| found)
    })
}

/// Says that it can be moved, and looks where it has been moved to, each time.
fn hop_when_moved(cpus: &[usize], hops: usize, turns: &Turns) -> Hopped {
    let from_ns = clock::now_ns();
    let mut astray = look(cpus[0]);
    for hop in 1..=hops {
        turns.arrived.add(1);
        turns.moved.wait(count(hop));
        astray = astray.or_else(|| look(cpus[hop % cpus.len()]));
    }
    finish(from_ns, hops, astray)
}

fn finish(from_ns: u64, hops: usize, astray: Option<String>) -> Hopped {
    if let Some(entry) = thread::current().entry() {
        entry.migrated(hops as u64);
    }
    let span = Span {
        what: String::from("hops"),
        tid: thread::tid(),
        of: hops as u64,
        from_ns,
        to_ns: clock::now_ns(),
    };
    Hopped { span, astray, counted: sched::migrations().unwrap_or_default() }
}

/// Whether the calling thread is on another CPU than it should be.
fn look(expected: usize) -> Option<String> {
    let cpu = sched::cpu();
    (cpu != expected).then(|| format!("on CPU {cpu} instead of {expected}"))
}

/// The kernel's count is the truth, if it shows it.
fn check(hopped: &Hopped, hops: usize) -> Result<(), Failure> {
    let tid = hopped.span.tid;
    ensure(hopped.astray.is_none(), || format!("thread {tid}: {:?}", hopped.astray))?;
    let counted = hopped.counted.unwrap_or(hops as u64);
    ensure(counted == hops as u64, || {
        format!("thread {tid} hopped {hops} times, and the kernel counted {counted} migrations")
    })
}

/// Hops so far, as a word has them.
fn count(hop: usize) -> u32 {
    u32::try_from(hop).unwrap_or(u32::MAX)
}
