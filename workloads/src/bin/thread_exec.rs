//! A thread that is not the leader calls `exec` while others are alive: they die, and it takes
//! over the leader's number.

use std::collections::BTreeMap;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::sync::mpsc::channel;

use anyhow::Context as _;
use clap::Parser;
use rustix::process::getpid;
use rustix::thread::gettid;
use workloads::truth::{Kind, Task, Truth};
use workloads::work;

/// Exit code of the program that was started.
const CODE: u8 = 5;

/// Threads that are there when one of them starts a program, besides it and the leader.
const BYSTANDERS: u64 = 3;

/// Starts a program from a thread.
#[derive(Debug, Parser)]
struct Args {
    /// Write what was done to this file, as JSON
    #[arg(long, value_name = "FILE")]
    truth: Option<PathBuf>,
    /// This is the program: who called exec, and who else there was
    #[arg(long, value_name = "TIDS", value_delimiter = ',')]
    after: Vec<u32>,
}

fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    if let Some((&caller, others)) = args.after.split_first() {
        after(caller, others).write(args.truth.as_deref())?;
        return Ok(CODE.into());
    }
    let (tell, told) = channel();
    for number in 0..BYSTANDERS {
        let tell = tell.clone();
        let thread = std::thread::Builder::new().name(format!("bystander-{number}"));
        thread.spawn(move || {
            let sent = tell.send((number, gettid().as_raw_nonzero().get().unsigned_abs()));
            drop(tell);
            while sent.is_ok() {
                work::pause();
            }
        })?;
    }
    drop(tell);
    let others: BTreeMap<u64, u32> = told.iter().collect();
    let others: Vec<u32> = others.into_values().collect();
    let truth = args.truth;
    let caller = std::thread::Builder::new().name("caller".to_owned());
    // Comes back only if exec failed.
    match caller.spawn(move || exec(truth, &others))?.join() {
        Ok(error) => Err(error),
        Err(_panic) => anyhow::bail!("the calling thread died"),
    }
}

/// Becomes this program again, with `--after`.
fn exec(truth: Option<PathBuf>, others: &[u32]) -> anyhow::Error {
    let tids = std::iter::once(gettid().as_raw_nonzero().get().unsigned_abs());
    let tids: Vec<String> = tids.chain(others.iter().copied()).map(|tid| tid.to_string()).collect();
    let program = match std::env::current_exe().context("cannot find this program") {
        Ok(program) => program,
        Err(error) => return error,
    };
    let mut command = Command::new(program);
    command.arg("--after").arg(tids.join(","));
    if let Some(file) = truth {
        command.arg("--truth").arg(file);
    }
    anyhow::Error::new(command.exec()).context("exec")
}

/// What happened, from the other side.
fn after(caller: u32, others: &[u32]) -> Truth {
    let pid = getpid().as_raw_nonzero().get().unsigned_abs();
    let thread = |tid, comm: String| Task {
        tid,
        tgid: pid,
        kind: Kind::Thread,
        creator: Some(pid),
        comm,
        ..Task::default()
    };
    let leader = Task { tid: pid, tgid: pid, comm: "thread_exec".to_owned(), ..Task::default() };
    let mut tasks = vec![leader];
    tasks.push(Task { code: Some(CODE.into()), ..thread(caller, "thread_exec".to_owned()) });
    tasks
        .extend((0..).zip(others).map(|(number, &tid)| thread(tid, format!("bystander-{number}"))));
    Truth { program: "thread_exec".to_owned(), pid, tasks }
}
