//! Philosophers who eat with two forks each: in an order of the forks that cannot deadlock, or in
//! one that does.
#![no_std]
#![no_main]

extern crate alloc;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use workloads::cli::{Opt, Program};
use workloads::failure::{Doing as _, Failure, ensure};
use workloads::rt::{Run, say};
use workloads::sync::Mutex;
use workloads::thread::{self, Builder, JoinHandle};
use workloads::truth::Span;
use workloads::word::Word;
use workloads::{clock, ledger};

workloads::program!(&PROGRAM, run);

static PROGRAM: Program = Program {
    name: "philosophers",
    about: "Philosophers around a table, with a fork between any two: a mutex each.\n\n\
        Without --deadlock everybody takes the fork with the lower number first, and all eat all\n\
        their meals. With it everybody takes the left one, waits until all have, and then takes the\n\
        right one: a cycle of as many threads. After --watchdog the program ends it by its own end;\n\
        its status is 0 if it was a deadlock.\n\
        Counts of the truth: meals, deadlocked (threads in the cycle). Spans (of: the address of the\n\
        fork's word): \"eat\", for up to 10000 meals, and with --deadlock \"hold\" and \"wait\", whose\n\
        end is the program's.",
    options: &[
        Opt { name: "philosophers", value: "N", default: "5", help: "Threads, 2 to 256" },
        Opt { name: "meals", value: "N", default: "100", help: "Meals of each" },
        Opt { name: "eat", value: "TIME", default: "10us", help: "A meal takes so long" },
        Opt {
            name: "deadlock",
            value: "",
            default: "",
            help: "Everybody takes the left fork first",
        },
        Opt {
            name: "watchdog",
            value: "TIME",
            default: "200ms",
            help: "How long the deadlock is kept, 1ms to 60s",
        },
    ],
    examples: &["--philosophers 3 --meals 1000", "--deadlock --watchdog 1s"],
};

/// Meals that the truth lists.
const LISTED: usize = 10_000;

/// A fork, on a cache line of its own.
#[repr(align(64))]
struct Fork(Mutex<u64>);

/// Everything on the table. It is never freed: those in a deadlock hold on to it.
struct Table {
    forks: Vec<Fork>,
    /// Those that hold their first fork.
    holding: Word,
    /// Those that got past the deadlock that should have been.
    past: Word,
}

fn run(run: &mut Run) -> Result<(), Failure> {
    let philosophers = run.args.count("philosophers", 2..=256)?;
    let meals = run.args.number("meals", 1..=10_000_000)?;
    let eat = run.args.time("eat", Duration::ZERO..=Duration::from_secs(1))?;
    let patience = run.args.time("watchdog", Duration::from_millis(1)..=Duration::from_mins(1))?;
    let forks = (0..philosophers).map(|_| Fork(Mutex::new(0))).collect();
    let table = Table { forks, holding: Word::new(), past: Word::new() };
    let table: &'static Table = alloc::boxed::Box::leak(alloc::boxed::Box::new(table));
    if run.args.is_on("deadlock") {
        return deadlock(run, table, patience);
    }
    let mut spans = Vec::new();
    for diner in dine(table, meals, eat)? {
        spans.extend(diner.join());
    }
    let eaten: u64 = table.forks.iter().map(|fork| *fork.0.lock()).sum();
    let expected = 2 * meals * philosophers as u64;
    ensure(eaten == expected, || format!("forks were used {eaten} times, not {expected}"))?;
    run.truth.count("meals", meals * philosophers as u64);
    run.truth.count("deadlocked", 0);
    spans.truncate(LISTED);
    run.truth.spans.append(&mut spans);
    say(format_args!("{philosophers} philosophers had {meals} meals each"));
    Ok(())
}

/// Sits everybody down to eat without a deadlock.
fn dine(
    table: &'static Table,
    meals: u64,
    eat: Duration,
) -> Result<Vec<JoinHandle<Vec<Span>>>, Failure> {
    let seats = 0..table.forks.len();
    let sit = |seat: usize| {
        let dine = move || {
            let mut spans = Vec::new();
            for _ in 0..meals {
                let span = meal(table, seat, eat);
                if ledger::is_open() && spans.len() < LISTED / table.forks.len() {
                    spans.push(span);
                }
            }
            spans
        };
        Builder::new().name(&format!("seat/{seat}")).spawn(dine).doing("make a thread")
    };
    seats.map(sit).collect()
}

/// One meal, with the fork of the lower number taken first.
fn meal(table: &Table, seat: usize, eat: Duration) -> Span {
    let (left, right) = (seat, (seat + 1) % table.forks.len());
    let (first, second) = (left.min(right), left.max(right));
    let mut lower = table.forks[first].0.lock();
    let mut higher = table.forks[second].0.lock();
    let from_ns = clock::now_ns();
    clock::spin(eat);
    *lower += 1;
    *higher += 1;
    let to_ns = clock::now_ns();
    Span { what: String::from("eat"), tid: thread::tid(), of: table.address(left), from_ns, to_ns }
}

/// Sits everybody down to a deadlock, and looks that it is one.
fn deadlock(run: &mut Run, table: &'static Table, patience: Duration) -> Result<(), Failure> {
    let seats = table.forks.len();
    let mut diners = Vec::new();
    for seat in 0..seats {
        let reach = move || reach(table, seat);
        let diner = Builder::new().name(&format!("seat/{seat}")).spawn(reach);
        diners.push(diner.doing("make a thread")?);
    }
    let everybody = u32::try_from(seats).unwrap_or(u32::MAX);
    table.holding.wait(everybody);
    let from_ns = clock::now_ns();
    let broken = table.past.wait_for(1, patience);
    let to_ns = clock::now_ns();
    for (seat, diner) in diners.iter().enumerate() {
        let (left, right) = (table.address(seat), table.address((seat + 1) % seats));
        for (what, of) in [("hold", left), ("wait", right)] {
            let what = String::from(what);
            run.truth.spans.push(Span { what, tid: diner.tid(), of, from_ns, to_ns });
        }
    }
    // They never come back.
    diners.into_iter().for_each(core::mem::forget);
    ensure(!broken, || String::from("somebody got both forks"))?;
    run.truth.count("meals", 0);
    run.truth.count("deadlocked", seats as u64);
    say(format_args!("{seats} philosophers hold their left forks and wait for the right ones"));
    Ok(())
}

/// Takes the left fork, and the right one when everybody has a left one: never.
fn reach(table: &Table, seat: usize) {
    let seats = table.forks.len();
    let left = table.forks[seat].0.lock();
    table.holding.add(1);
    table.holding.wait(u32::try_from(seats).unwrap_or(u32::MAX));
    let right = table.forks[(seat + 1) % seats].0.lock();
    table.past.add(1);
    drop((left, right));
}

impl Table {
    /// The address of a fork's futex word, which is the first of its mutex.
    fn address(&self, fork: usize) -> u64 {
        core::ptr::from_ref(&self.forks[fork].0).addr() as u64
    }
}
