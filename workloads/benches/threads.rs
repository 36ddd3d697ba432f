//! Making and joining threads, one after the other: ours against std's.
//!
//! `cargo bench -p workloads --bench threads [-- --rounds N]`, after the programs are built. Ours
//! cannot run beside a libc, so each round runs the program `spawn`, its start and end included,
//! and the same number of threads here, in alternating order, so that what else the machine does
//! hits both. The ratio is std's time to ours: above one, ours is the quicker.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark prints")]

use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::thread::Builder;

use workloads::clock::now_ns;

/// Threads of one run.
const THREADS: u64 = 5000;

/// Bytes of ours' stacks; std's are larger, unless it is told.
const STACK: usize = 64 << 10;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let rounds = match &words[..] {
        [] => 15,
        [option, number] if option == "--rounds" => match number.parse() {
            Ok(rounds @ 1..) => rounds,
            _ => return ExitCode::from(2),
        },
        _ => return ExitCode::from(2),
    };
    let Some(program) = program() else {
        eprintln!(
            "spawn is not built; `cargo xtask build` builds it, or name its folder in TRACER_WORKLOADS"
        );
        return ExitCode::FAILURE;
    };
    println!("{rounds} rounds of {THREADS} threads; us for one; ratio = std's time / ours");
    println!("{:22} {:>8} {:>8}   ratio (quartiles)", "", "ours", "std");
    let ours = || run(&program);
    line("std::thread::spawn", rounds, ours, || std_threads(None));
    line("std, the same stacks", rounds, ours, || std_threads(Some(STACK)));
    ExitCode::SUCCESS
}

/// The program, where `cargo` puts it beside this benchmark, or where it is said to be.
fn program() -> Option<PathBuf> {
    let folder = std::env::var_os("TRACER_WORKLOADS").map(PathBuf::from).or_else(|| {
        // target/release/deps/threads-…
        let target = std::env::current_exe().ok()?.ancestors().nth(3)?.to_owned();
        Some(target.join("workloads"))
    });
    folder.map(|folder| folder.join("spawn")).filter(|program| program.is_file())
}

/// Ours.
fn run(program: &PathBuf) {
    let none = ["--processes", "0", "--vforks", "0", "--programs", "0", "--clones", "0"];
    let ended = Command::new(program)
        .args(["--sequence", "--threads", &THREADS.to_string(), "--stack", &STACK.to_string()])
        .args(none)
        .stdout(Stdio::null())
        .status();
    assert!(ended.is_ok_and(|status| status.success()), "{} failed", program.display());
}

/// Std's.
fn std_threads(stack: Option<usize>) {
    for number in 0..THREADS {
        let builder = stack.map_or_else(Builder::new, |bytes| Builder::new().stack_size(bytes));
        let thread = builder.spawn(move || number).expect("a thread");
        assert_eq!(thread.join().ok(), Some(number));
    }
}

/// Measures both and prints it.
fn line(name: &str, rounds: usize, ours: impl Fn(), std: impl Fn()) {
    let (mut our_times, mut std_times, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..rounds {
        let (our, their) = if round % 2 == 0 {
            let our = microseconds(&ours);
            (our, microseconds(&std))
        } else {
            let their = microseconds(&std);
            (microseconds(&ours), their)
        };
        our_times.push(our);
        std_times.push(their);
        ratios.push(their / our);
    }
    println!(
        "{name:22} {:8.2} {:8.2}   {:5.2} ({:.2} - {:.2})",
        quantile(&mut our_times, 2),
        quantile(&mut std_times, 2),
        quantile(&mut ratios, 2),
        quantile(&mut ratios, 1),
        quantile(&mut ratios, 3),
    );
}

/// How long one thread of a run takes.
fn microseconds(run: &impl Fn()) -> f64 {
    let start = now_ns();
    run();
    #[expect(clippy::cast_precision_loss, reason = "a few seconds have no more than 53 bits")]
    let taken = (now_ns() - start) as f64;
    #[expect(clippy::cast_precision_loss, reason = "some thousands")]
    let threads = THREADS as f64;
    taken / 1e3 / threads
}

/// The value at that quarter of the sorted ones.
fn quantile(values: &mut [f64], quarter: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    values[(values.len() - 1) * quarter / 4]
}
