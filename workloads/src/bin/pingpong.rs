//! Two tasks that take turns: by a futex, a pipe or an eventfd, as threads or as processes.
#![no_std]
#![no_main]

extern crate alloc;

use alloc::format;
use alloc::string::String;
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use core::time::Duration;

use rustix::event::{EventfdFlags, eventfd};
use rustix::fd::OwnedFd;
use rustix::io::{Errno, read, write};
use rustix::pipe::{PipeFlags, pipe_with};
use workloads::cli::{Opt, Program};
use workloads::failure::{Doing as _, Failure, ensure};
use workloads::futex::{self, Scope};
use workloads::process::{self, How};
use workloads::rt::{Run, say};
use workloads::shared::Shared;
use workloads::{clock, sched, thread};
use zerocopy::FromZeros;

workloads::program!(&PROGRAM, run);

static PROGRAM: Program = Program {
    name: "pingpong",
    about: "Two tasks that take turns: each wakes the other, and sleeps until it is woken.\n\n\
        The first task is the program's, the second a thread or a process that it makes.\n\
        Counts of the truth: rounds (turns of each task), elapsed_ns, ns_per_round; the second\n\
        task has done all its turns when it ends.",
    options: &[
        Opt { name: "by", value: "HOW", default: "futex", help: "futex, pipe or eventfd" },
        Opt { name: "between", value: "WHOM", default: "threads", help: "threads or processes" },
        Opt { name: "rounds", value: "N", default: "1000", help: "Turns of each, up to 10000000" },
        Opt {
            name: "cpus",
            value: "WHERE",
            default: "any",
            help: "same: both on one CPU; different: on two; any: where the kernel likes",
        },
    ],
    examples: &["--by pipe --between processes --cpus same", "--rounds 100000 --cpus different"],
};

#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Futex,
    Pipe,
    Eventfd,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Between {
    Threads,
    Processes,
}

/// What both tasks share, if need be across processes.
#[derive(Debug, FromZeros)]
#[repr(C)]
struct Table {
    /// Whose turn it is: 0 or 1.
    turn: AtomicU32,
    /// Turns that each has had.
    turns: [AtomicU64; 2],
}

/// What a task takes its turn by.
enum Side<'a> {
    Futex(&'a AtomicU32, Scope),
    Files { from: OwnedFd, to: OwnedFd },
}

fn run(run: &mut Run) -> Result<(), Failure> {
    let by = run
        .args
        .choice("by", &[("futex", By::Futex), ("pipe", By::Pipe), ("eventfd", By::Eventfd)]);
    let (by, args) = (by?, &run.args);
    let between = args
        .choice("between", &[("threads", Between::Threads), ("processes", Between::Processes)])?;
    let rounds = args.number("rounds", 1..=10_000_000)?;
    let cpus = cpus(run)?;
    let tables = Shared::<Table>::new(1).doing("map shared memory")?;
    let table = &tables[0];
    let scope = if between == Between::Threads { Scope::Private } else { Scope::Shared };
    let [first, second] = sides(by, &table.turn, scope)?;
    pin(cpus[0])?;
    let start_ns = clock::now_ns();
    match between {
        Between::Threads => thread::scope(|scope| {
            let other = scope.spawn(|| play(1, &second, table, rounds, cpus[1]));
            let other = other.doing("make a thread")?;
            play(0, &first, table, rounds, None)?;
            other.join()
        }),
        Between::Processes => {
            let other =
                process::fork(|| u8::from(play(1, &second, table, rounds, cpus[1]).is_err()));
            let other = other.doing("make a process")?;
            // Else a first task without its partner would wait for ever.
            drop(second);
            let played = play(0, &first, table, rounds, None);
            drop(first);
            let end = other.wait().doing("wait for the process")?;
            played?;
            ensure(end.how == How::Exited(0), || format!("the process {}", end.how))
        }
    }?;
    let elapsed_ns = clock::now_ns() - start_ns;
    for (number, turns) in table.turns.iter().enumerate() {
        let turns = turns.load(Ordering::Relaxed);
        ensure(turns == rounds, || format!("task {number} had {turns} turns of {rounds}"))?;
    }
    let each = elapsed_ns / rounds;
    say(format_args!(
        "{rounds} rounds in {:?}: {each} ns a round",
        Duration::from_nanos(elapsed_ns)
    ));
    run.truth.count("rounds", rounds);
    run.truth.count("elapsed_ns", elapsed_ns);
    run.truth.count("ns_per_round", each);
    Ok(())
}

/// The CPU of each, if it is to have one.
fn cpus(run: &Run) -> Result<[Option<usize>; 2], Failure> {
    let cpus = sched::allowed().doing("ask for the CPUs that are allowed")?;
    match run.args.choice("cpus", &[("any", 0), ("same", 1), ("different", 2)])? {
        0 => Ok([None; 2]),
        1 => Ok([Some(cpus[0]); 2]),
        _ if cpus.len() < 2 => Err(Failure::Usage(format!(
            "--cpus different: there is only CPU {} to run on",
            cpus[0]
        ))),
        _ => Ok([Some(cpus[0]), Some(cpus[1])]),
    }
}

fn pin(cpu: Option<usize>) -> Result<(), Failure> {
    let Some(cpu) = cpu else { return Ok(()) };
    sched::pin(cpu).doing(format_args!("run on CPU {cpu} alone"))
}

/// What each of the two takes its turn by.
fn sides(by: By, turn: &AtomicU32, scope: Scope) -> Result<[Side<'_>; 2], Failure> {
    let files = || -> Result<[Side<'_>; 2], Errno> {
        if by == By::Pipe {
            let (from_first, to_second) = pipe_with(PipeFlags::CLOEXEC)?;
            let (from_second, to_first) = pipe_with(PipeFlags::CLOEXEC)?;
            let first = Side::Files { from: from_second, to: to_second };
            return Ok([first, Side::Files { from: from_first, to: to_first }]);
        }
        let (first, second) =
            (eventfd(0, EventfdFlags::CLOEXEC)?, eventfd(0, EventfdFlags::CLOEXEC)?);
        let copies = (rustix::io::dup(&first)?, rustix::io::dup(&second)?);
        let mine = Side::Files { from: first, to: second };
        Ok([mine, Side::Files { from: copies.1, to: copies.0 }])
    };
    match by {
        By::Futex => Ok([Side::Futex(turn, scope), Side::Futex(turn, scope)]),
        By::Pipe | By::Eventfd => files().doing("make what the turns go by"),
    }
}

/// Has all turns of one task. The first begins.
fn play(
    number: u32,
    side: &Side<'_>,
    table: &Table,
    rounds: u64,
    cpu: Option<usize>,
) -> Result<(), Failure> {
    pin(cpu)?;
    for round in 0..rounds {
        if number == 1 || round > 0 {
            side.take_turn(number)?;
        }
        table.turns[number as usize].fetch_add(1, Ordering::Relaxed);
        side.pass_turn(number)?;
    }
    if number == 0 {
        // The other's last turn is passed back.
        side.take_turn(number)?;
    }
    Ok(())
}

impl Side<'_> {
    /// Waits until it is this task's turn.
    fn take_turn(&self, number: u32) -> Result<(), Failure> {
        match self {
            Self::Futex(turn, scope) => {
                // Acquire: what the other did before is seen.
                while turn.load(Ordering::Acquire) != number {
                    futex::wait_while(turn, 1 - number, *scope, None);
                }
                Ok(())
            }
            Self::Files { from, .. } => {
                let mut turn = [0; 8];
                let got = read(from, &mut turn).doing("read from the other")?;
                ensure(got > 0, || String::from("the other is gone"))
            }
        }
    }

    /// Makes it the other's.
    fn pass_turn(&self, number: u32) -> Result<(), Failure> {
        match self {
            Self::Futex(turn, scope) => {
                // Release: what this task did is seen by the other.
                turn.store(1 - number, Ordering::Release);
                futex::wake(turn, 1, *scope);
                Ok(())
            }
            // Eight bytes, as an eventfd wants them; a pipe does not care.
            Self::Files { to, .. } => {
                write(to, &1_u64.to_ne_bytes()).doing("write to the other").map(drop)
            }
        }
    }
}
