//! Threads, one after the other or all at once.
#![no_std]
#![no_main]

extern crate alloc;

use alloc::format;
use alloc::vec::Vec;

use workloads::cli::{Opt, Program};
use workloads::failure::{Doing as _, Failure, ensure};
use workloads::rt::Run;
use workloads::thread::{self, JoinHandle};

workloads::program!(&PROGRAM, run);

static PROGRAM: Program = Program {
    name: "spawn",
    about: "Threads, one after the other or all at once.",
    options: &[Opt { name: "threads", value: "N", default: "4", help: "Threads to make" }],
    examples: &["--threads 100"],
};

fn run(run: &mut Run) -> Result<(), Failure> {
    let threads = run.args.number("threads", 1..=1_000_000)?;
    let mut made: Vec<JoinHandle<u64>> = Vec::new();
    for number in 0..threads {
        made.push(thread::spawn(move || number).doing("make a thread")?);
    }
    let sum: u64 = made.into_iter().map(JoinHandle::join).sum();
    ensure(sum == threads * (threads - 1) / 2, || format!("the threads returned {sum}"))
}
