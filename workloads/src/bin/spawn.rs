//! Threads, processes, and programs, a known number of each, that sleep, pass a baton, and end in
//! different ways.

use std::ffi::CString;
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode};
use std::sync::{Arc, Barrier};

use anyhow::{Context as _, anyhow};
use clap::Parser;
use rustix::process::{Pid, Signal, WaitOptions, getpid, kill_process, waitpid};
use rustix::thread::{gettid, set_name};
use workloads::sys::{self, Fork};
use workloads::truth::{Kind, Task, Truth};
use workloads::work::{self, Baton};

/// Exit code of a forked process that could not do as it should.
const FAILED: u8 = 99;

/// Starts tasks of all kinds and waits for them.
#[derive(Clone, Debug, Parser)]
struct Args {
    /// Threads, which sleep and then pass a baton round
    #[arg(long, default_value_t = 4)]
    threads: u64,
    /// Forked processes: number N exits with code N, and the last one is ended by SIGTERM
    #[arg(long, default_value_t = 3)]
    processes: u8,
    /// Programs started, which exit with code 3
    #[arg(long, default_value_t = 2)]
    programs: u64,
    /// Sleeps of each thread and process
    #[arg(long, default_value_t = 5)]
    sleeps: u64,
    /// How often each thread passes the baton
    #[arg(long, default_value_t = 50)]
    laps: u64,
    /// Exit code of the whole
    #[arg(long, default_value_t = 0)]
    code: u8,
    /// Write what was done to this file, as JSON
    #[arg(long, value_name = "FILE")]
    truth: Option<PathBuf>,
    /// Do nothing and exit with this code
    #[arg(long, value_name = "CODE", conflicts_with = "truth")]
    noop: Option<u8>,
}

fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    if let Some(code) = args.noop {
        return Ok(code.into());
    }
    let pid = id(getpid());
    let first = Task { tid: pid, tgid: pid, comm: "spawn".to_owned(), ..Task::default() };
    let first = Task { code: Some(args.code.into()), ..first };
    let mut tasks = vec![first];
    // While there is only one thread.
    for number in 0..args.processes {
        tasks.push(process(&args, pid, number)?);
    }
    tasks.extend(threads(&args, pid)?);
    for task in tasks.iter().filter(|task| task.kind == Kind::Fork) {
        let child = i32::try_from(task.tid).ok().and_then(Pid::from_raw);
        waitpid(child, WaitOptions::empty()).with_context(|| format!("wait for {}", task.tid))?;
    }
    Truth { program: "spawn".to_owned(), pid, tasks }.write(args.truth.as_deref())?;
    Ok(args.code.into())
}

/// Forks one process, and says what will become of it.
fn process(args: &Args, parent: u32, number: u8) -> anyhow::Result<Task> {
    let comm = format!("child-{number}");
    let killed = number > 0 && number + 1 == args.processes;
    let Fork::Parent(tid) = sys::fork()? else { in_process(&comm, args.sleeps, number, killed) };
    Ok(Task {
        tid,
        tgid: tid,
        kind: Kind::Fork,
        parent: Some(parent),
        creator: Some(parent),
        comm,
        code: (!killed).then_some(number.into()),
        signal: killed.then(|| Signal::TERM.as_raw().unsigned_abs()),
        sleeps: args.sleeps,
    })
}

/// A forked process' life.
fn in_process(comm: &str, sleeps: u64, code: u8, killed: bool) -> ! {
    let named = CString::new(comm).is_ok_and(|comm| set_name(&comm).is_ok());
    work::sleeps(sleeps);
    let ended = !killed || kill_process(getpid(), Signal::TERM).is_ok();
    sys::exit_process(if named && ended { code } else { FAILED })
}

/// Runs all threads to their end; the first of them starts the programs.
fn threads(args: &Args, pid: u32) -> anyhow::Result<Vec<Task>> {
    let baton = Arc::new(Baton::default());
    let ready = Arc::new(Barrier::new(usize::try_from(args.threads)?));
    let mut running = Vec::new();
    for place in 0..args.threads {
        let (args, baton, ready) = (args.clone(), Arc::clone(&baton), Arc::clone(&ready));
        let thread = std::thread::Builder::new().name(format!("worker-{place}"));
        running.push(thread.spawn(move || {
            let first = place == 0;
            let programs = if first { programs(&args, pid) } else { Ok(Vec::new()) };
            work::sleeps(args.sleeps);
            ready.wait();
            baton.run(place, args.threads, args.laps);
            programs.map(|programs| (id(gettid()), programs))
        })?);
    }
    let mut tasks = Vec::new();
    for (place, thread) in running.into_iter().enumerate() {
        let (tid, programs) = thread.join().map_err(|_panic| anyhow!("worker-{place} died"))??;
        tasks.push(Task {
            tid,
            tgid: pid,
            kind: Kind::Thread,
            parent: None,
            creator: Some(pid),
            comm: format!("worker-{place}"),
            code: Some(0),
            signal: None,
            sleeps: args.sleeps,
        });
        tasks.extend(programs);
    }
    Ok(tasks)
}

/// Starts the programs and waits for them.
fn programs(args: &Args, pid: u32) -> anyhow::Result<Vec<Task>> {
    let program = std::env::current_exe().context("cannot find this program")?;
    let start = |_| Command::new(&program).args(["--noop", "3"]).spawn();
    let children: Vec<Child> = (0..args.programs).map(start).collect::<Result<_, _>>()?;
    let creator = Some(id(gettid()));
    let mut tasks = Vec::new();
    for mut child in children {
        let tid = child.id();
        child.wait()?;
        tasks.push(Task {
            tid,
            tgid: tid,
            kind: Kind::Spawn,
            parent: Some(pid),
            creator,
            comm: "spawn".to_owned(),
            code: Some(3),
            signal: None,
            sleeps: 0,
        });
    }
    Ok(tasks)
}

fn id(pid: Pid) -> u32 {
    pid.as_raw_nonzero().get().unsigned_abs()
}
