//! A process whose leader exits first: its other threads work on, and the last of them ends it.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use clap::Parser;
use rustix::process::getpid;
use rustix::thread::gettid;
use workloads::sys;
use workloads::truth::{Kind, Task, Truth};
use workloads::work;

/// Exit code of the leader.
const LEADER: u8 = 7;

/// Starts threads and lets the leader exit first.
#[derive(Debug, Parser)]
struct Args {
    /// Threads besides the leader
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u64).range(1..))]
    threads: u64,
    /// Sleeps of each thread after the leader's exit
    #[arg(long, default_value_t = 3)]
    sleeps: u64,
    /// Write what was done to this file, as JSON
    #[arg(long, value_name = "FILE")]
    truth: Option<PathBuf>,
}

/// What the threads share.
#[derive(Debug)]
struct Group {
    args: Args,
    pid: u32,
    tasks: Mutex<Vec<Task>>,
    left: AtomicU64,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let pid = getpid().as_raw_nonzero().get().unsigned_abs();
    let leader = Task { tid: pid, tgid: pid, comm: "leader_exit".to_owned(), ..Task::default() };
    let tasks = Mutex::new(vec![Task { code: Some(LEADER.into()), ..leader }]);
    let left = AtomicU64::new(args.threads);
    let group = Arc::new(Group { args, pid, tasks, left });
    let (ready, all_ready) = channel();
    for number in 0..group.args.threads {
        let (group, ready) = (Arc::clone(&group), ready.clone());
        let thread = std::thread::Builder::new().name(format!("survivor-{number}"));
        thread.spawn(move || survive(&group, number, ready))?;
    }
    drop(ready);
    // Ends when every thread has dropped its sender.
    all_ready.iter().for_each(drop);
    sys::exit_thread(LEADER)
}

/// A thread's life: until the leader is dead, and a little longer.
fn survive(group: &Group, number: u64, ready: Sender<()>) {
    let tid = gettid().as_raw_nonzero().get().unsigned_abs();
    drop(ready);
    while !leader_is_dead() {
        work::pause();
    }
    work::sleeps(group.args.sleeps);
    let mut tasks = group.tasks.lock().unwrap_or_else(PoisonError::into_inner);
    tasks.push(Task {
        tid,
        tgid: group.pid,
        kind: Kind::Thread,
        parent: None,
        creator: Some(group.pid),
        comm: format!("survivor-{number}"),
        code: Some(0),
        signal: None,
        sleeps: group.args.sleeps,
    });
    if group.left.fetch_sub(1, Ordering::SeqCst) > 1 {
        return;
    }
    let truth = Truth { program: "leader_exit".to_owned(), pid: group.pid, tasks: tasks.clone() };
    if truth.write(group.args.truth.as_deref()).is_err() {
        // Whoever wants the truth will miss the file.
    }
}

/// Whether the leader has exited; its number stays until its threads are gone too.
fn leader_is_dead() -> bool {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('Z'))
}
