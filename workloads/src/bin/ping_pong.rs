//! Two threads that wake each other through pipes as fast as they can: the most switches there
//! can be.

use std::path::PathBuf;

use anyhow::anyhow;
use clap::Parser;
use rustix::fd::OwnedFd;
use rustix::pipe::pipe;
use rustix::process::getpid;
use rustix::thread::gettid;
use rustix::time::{ClockId, clock_gettime};
use workloads::truth::{Kind, Task, Truth};

/// Sends a byte to and fro.
#[derive(Clone, Debug, Parser)]
struct Args {
    /// Rounds, each of which puts both threads to sleep once
    #[arg(long, default_value_t = 10_000)]
    rounds: u64,
    /// Stop after this time even if rounds are left, in ms
    #[arg(long, default_value_t = 60_000)]
    ms: i64,
    /// Write what was done to this file, as JSON
    #[arg(long, value_name = "FILE")]
    truth: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let pid = getpid().as_raw_nonzero().get().unsigned_abs();
    let (there, here) = (pipe()?, pipe()?);
    let thread = std::thread::Builder::new().name("pong".to_owned());
    let pong = thread.spawn(move || {
        let rounds = pong(&there.0, &here.1);
        drop(there.0);
        (gettid().as_raw_nonzero().get().unsigned_abs(), rounds)
    })?;
    let rounds = ping(&args, there.1, &here.0)?;
    let (tid, answered) = pong.join().map_err(|_panic| anyhow!("pong died"))?;
    anyhow::ensure!(answered? == rounds, "not every byte was sent back");
    let first = Task { tid: pid, tgid: pid, comm: "ping_pong".to_owned(), ..Task::default() };
    let tasks = vec![
        Task { code: Some(0), sleeps: rounds, ..first },
        Task {
            tid,
            tgid: pid,
            kind: Kind::Thread,
            parent: None,
            creator: Some(pid),
            comm: "pong".to_owned(),
            code: Some(0),
            signal: None,
            sleeps: rounds,
        },
    ];
    Truth { program: "ping_pong".to_owned(), pid, tasks }.write(args.truth.as_deref())
}

/// Sends a byte and waits for it to come back, again and again. Returns how often.
fn ping(args: &Args, to: OwnedFd, from: &OwnedFd) -> anyhow::Result<u64> {
    let now_ms = || {
        let now = clock_gettime(ClockId::Monotonic);
        now.tv_sec * 1000 + now.tv_nsec / 1_000_000
    };
    let end_ms = now_ms() + args.ms;
    let mut byte = [0];
    for round in 0..args.rounds {
        if round % 256 == 0 && now_ms() >= end_ms {
            return Ok(round);
        }
        rustix::io::write(&to, &byte)?;
        rustix::io::read(from, &mut byte)?;
    }
    Ok(args.rounds)
}

/// Sends every byte back until there are no more.
fn pong(from: &OwnedFd, to: &OwnedFd) -> anyhow::Result<u64> {
    let mut byte = [0];
    let mut rounds = 0;
    while rustix::io::read(from, &mut byte)? > 0 {
        rustix::io::write(to, &byte)?;
        rounds += 1;
    }
    Ok(rounds)
}
