//! Our locks and channels against std's, on the same loops: throughput, and futex calls.
//!
//! `cargo bench -p workloads --bench sync [-- [FILTER] [--rounds N]]`. Each round runs a loop with
//! ours and with std's, in alternating order, so that what else the machine does hits both. The
//! ratio is std's time to ours: above one, ours is the quicker. The calls are those that the
//! kernel saw (`perf stat` on its tracepoint), the median of some runs, each in a process of its
//! own.
#![expect(clippy::print_stdout, reason = "a benchmark prints")]

mod calls;
mod loops;
mod sides;

use std::process::ExitCode;

use workloads::clock::now_ns;
use workloads::futex::count;

use crate::sides::{Ours, Std};

/// One loop, for both sides.
struct Case {
    name: &'static str,
    ours: fn(),
    std: fn(),
}

/// Cases, each of a loop and what it is called with.
macro_rules! cases {
    ($($name:literal: $run:ident($($argument:expr),*);)*) => {
        [$(Case {
            name: $name,
            ours: || loops::$run::<Ours>($($argument),*),
            std: || loops::$run::<Std>($($argument),*),
        }),*]
    };
}

const CASES: [Case; 13] = cases! {
    "mutex/uncontended": mutex(1);
    "mutex/2 threads": mutex(2);
    "mutex/4 threads": mutex(4);
    "condvar/ping-pong": ping_pong();
    "condvar/notify one": notify();
    "condvar/notify all": notify_all();
    "bounded/1-1 of 1": bounded_by_one();
    "bounded/1-1 of 64": bounded(1, 64);
    "bounded/1-1 of 1024": bounded(1, 1024);
    "bounded/4-1 of 64": bounded(4, 64);
    "bounded/4-1 of 1024": bounded(4, 1024);
    "unbounded/1-1": unbounded(1);
    "unbounded/4-1": unbounded(4);
};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["--once", case, side] => once(case, side),
        _ => compare(&words),
    }
}

/// Runs one side of one case, and says what our own table counted of it.
fn once(case: &str, side: &str) -> ExitCode {
    let Some(case) = CASES.iter().find(|known| known.name == case) else {
        return ExitCode::from(2);
    };
    if count::enable().is_err() {
        return ExitCode::FAILURE;
    }
    if side == "ours" {
        (case.ours)();
    } else {
        (case.std)();
    }
    let calls: u64 = count::rows().iter().map(count::Row::calls).sum();
    println!("{calls}");
    ExitCode::SUCCESS
}

/// Runs all cases whose name has the filter in it.
fn compare(words: &[&str]) -> ExitCode {
    let mut rounds = 15;
    let mut filter = "";
    let mut words = words.iter().filter(|word| **word != "--bench");
    while let Some(word) = words.next() {
        if *word == "--rounds" {
            let Some(number) = words.next().and_then(|word| word.parse().ok()) else {
                return ExitCode::from(2);
            };
            rounds = number;
        } else {
            filter = word;
        }
    }
    println!("{rounds} rounds; ratio = std's time / ours; median of the futex calls");
    println!(
        "{:22} {:>9} {:>9}   ratio (quartiles)      calls: ours / std",
        "", "ours ms", "std ms"
    );
    for case in CASES.iter().filter(|case| case.name.contains(filter)) {
        line(case, rounds);
    }
    ExitCode::SUCCESS
}

/// Measures one case and prints it.
fn line(case: &Case, rounds: usize) {
    let (mut ours, mut std, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..rounds {
        let (our, their) = if round % 2 == 0 {
            let our = milliseconds(case.ours);
            (our, milliseconds(case.std))
        } else {
            let their = milliseconds(case.std);
            (milliseconds(case.ours), their)
        };
        ours.push(our);
        std.push(their);
        ratios.push(their / our);
    }
    let calls =
        |side| calls::median(case.name, side).map_or("?".to_owned(), |calls| calls.to_string());
    println!(
        "{:22} {:9.2} {:9.2}   {:5.2} ({:.2} - {:.2})   {:>10} / {}",
        case.name,
        quantile(&mut ours, 2),
        quantile(&mut std, 2),
        quantile(&mut ratios, 2),
        quantile(&mut ratios, 1),
        quantile(&mut ratios, 3),
        calls("ours"),
        calls("std"),
    );
}

/// How long `run` takes.
fn milliseconds(run: fn()) -> f64 {
    let start = now_ns();
    run();
    #[expect(clippy::cast_precision_loss, reason = "a few seconds have no more than 53 bits")]
    let taken = (now_ns() - start) as f64;
    taken / 1e6
}

/// The value at that quarter of the sorted ones.
fn quantile(values: &mut [f64], quarter: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    values[(values.len() - 1) * quarter / 4]
}
