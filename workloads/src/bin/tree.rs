//! Parents that end before their children, zombies, leaders that exit first, and numbers used again.
#![no_std]
#![no_main]

extern crate alloc;

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;

use rustix::io::Errno;
use rustix::thread::sched_yield;
use workloads::cli::{Opt, Program};
use workloads::clone::{Builder, Flags, Task};
use workloads::failure::{Doing as _, Failure, ensure};
use workloads::process::orphan::{self, Adopter, Orphan};
use workloads::process::{self, Exit, How, Image, Muster, fork};
use workloads::rt::{Run, say};
use workloads::shared::Shared;
use workloads::thread::{self, JoinHandle};
use workloads::truth::Span;
use workloads::word::Word;
use workloads::{clock, sys};
use zerocopy::FromZeros;

workloads::program!(&PROGRAM, run);

static PROGRAM: Program = Program {
    name: "tree",
    about: "Parents that end before their children, zombies, leaders that exit first, and numbers \
            used again.\n\n\
            Cases:\n  \
              orphan     its parent ends first; it becomes a child of init, or of a subreaper above\n  \
              subreaper  its parent ends first; it becomes this program's child\n  \
              double     a daemon's double fork: in a session of its own, its parent is gone\n  \
              zombie     children that are dead for a known time before they are waited for\n  \
              leader     a process whose leader ends first, with code 7, and whose last thread ends with code N - 1\n  \
              exec       a thread that is not the leader runs a program, which ends with code 5\n  \
              reuse      processes and threads with one number, one after the other\n\n\
            Spans: `zombie`, from before a child's end until after the wait for it; `zombie_least`, \
            when it\ncertainly was one; `of` is its pid. Counts: `orphans`, `zombies`, `survivors`, \
            `bystanders`, `reused`.",
    options: &[
        Opt { name: "case", value: "CASE", default: "all", help: "all, or one of the cases" },
        Opt {
            name: "threads",
            value: "N",
            default: "32",
            help: "Threads beside the leader: leader, exec",
        },
        Opt { name: "zombies", value: "N", default: "3", help: "Children: zombie" },
        Opt { name: "age", value: "TIME", default: "20ms", help: "The least time as a zombie" },
        Opt { name: "times", value: "N", default: "5", help: "Tasks with the same number: reuse" },
        Opt {
            name: "exit",
            value: "CODE",
            default: "0",
            help: "Do nothing, and exit with CODE: what exec runs",
        },
    ],
    examples: &["--case leader --threads 4", "--case zombie --age 100ms", "--truth tree.json"],
};

/// The longest that anybody waits for somebody's end.
const PATIENCE: Duration = Duration::from_secs(20);

/// Exit codes that say which task of a case ended.
const LEADER: u8 = 7;
const EXECUTED: u8 = 5;
/// A task that could not do its part.
const FAILED: u8 = 99;

/// A case, and its name.
type Case = (&'static str, fn(&mut Run) -> Result<(), Failure>);

const CASES: [Case; 7] = [
    ("orphan", |run| orphan(run, Adopter::Above)),
    ("subreaper", |run| orphan(run, Adopter::Own)),
    ("double", |run| orphan(run, Adopter::OwnOfDaemon)),
    ("zombie", zombie),
    ("leader", leader),
    ("exec", exec),
    ("reuse", reuse),
];

fn run(run: &mut Run) -> Result<(), Failure> {
    let code = run.args.number("exit", 0..=255)?;
    if run.args.is_on("exit") {
        sys::exit_process(code.to_le_bytes()[0]);
    }
    // Before anything is done, so that a wrong one fails in time.
    sizes(run)?;
    let case = run.args.text("case");
    if case == "all" {
        return CASES.iter().try_for_each(|(_, case)| case(run));
    }
    let case = run.args.choice("case", &CASES)?;
    case(run)
}

/// What the parameters say of sizes: threads, zombies, their age, and how often a number is used.
fn sizes(run: &Run) -> Result<(u64, u64, Duration, u64), Failure> {
    let hour = Duration::from_hours(1);
    Ok((
        run.args.number("threads", 1..=10_000)?,
        run.args.number("zombies", 1..=10_000)?,
        run.args.time("age", Duration::from_micros(1)..=hour)?,
        run.args.number("times", 1..=10_000)?,
    ))
}

fn orphan(run: &mut Run, adopter: Adopter) -> Result<(), Failure> {
    let Orphan { number, parent, adopter } = orphan::make_and_wait(adopter)?;
    say(format_args!("orphan {number}: process {parent} was its parent, then {adopter}"));
    let orphans = run.truth.counts.get("orphans").copied().unwrap_or_default();
    run.truth.count("orphans", orphans + 1);
    Ok(())
}

/// What the tasks of a case have in common.
#[derive(Debug, FromZeros)]
struct Board {
    go: Word,
    count: AtomicU64,
}

/// The code a task ends with.
fn code(done: Result<u8, Errno>) -> u8 {
    done.unwrap_or(FAILED)
}

fn is(exit: Exit, code: u8) -> Result<(), Failure> {
    ensure(exit.how == How::Exited(code), || format!("process {} {}", exit.pid, exit.how))
}

fn zombie(run: &mut Run) -> Result<(), Failure> {
    let (_, zombies, age, _) = sizes(run)?;
    let ends =
        Shared::<AtomicU64>::new(usize::try_from(zombies).unwrap_or(1)).doing("map memory")?;
    let mut dead = Vec::new();
    for end in ends.iter() {
        let child = fork(|| {
            end.store(clock::now_ns(), Ordering::Relaxed);
            0
        });
        let child = child.doing("make a process")?.tid();
        process::until_zombie(child).doing("wait for a child's end")?;
        dead.push((child, end.load(Ordering::Relaxed), clock::now_ns()));
    }
    clock::sleep(age);
    for (child, end_ns, dead_ns) in dead {
        let until_ns = clock::now_ns();
        is(process::wait_for(child).doing("wait for a zombie")?, 0)?;
        let mut span = |what: &str, from_ns, to_ns| {
            run.truth.spans.push(Span {
                what: what.into(),
                tid: child,
                of: child.into(),
                from_ns,
                to_ns,
            });
        };
        span("zombie", end_ns, clock::now_ns());
        span("zombie_least", dead_ns, until_ns);
    }
    run.truth.count("zombies", zombies);
    say(format_args!("{zombies} zombies, for {age:?} at least"));
    Ok(())
}

fn leader(run: &mut Run) -> Result<(), Failure> {
    let (threads, ..) = sizes(run)?;
    let board: &Board = &Shared::new(1).doing("map memory")?.leak()[0];
    let process = fork(|| code(lead(board, threads)));
    let exit = process.and_then(Task::wait).doing("run a process")?;
    let survivors = board.count.load(Ordering::Relaxed);
    say(format_args!(
        "{survivors} threads went on after their leader; process {} {}",
        exit.pid, exit.how
    ));
    // The code of a process is that of the last of its threads since Linux 5.19, and was its
    // leader's before (kernel/exit.c, `synchronize_group_exit`, v6.18).
    let codes = [last(threads), LEADER].map(How::Exited);
    ensure(codes.contains(&exit.how), || format!("process {} {}", exit.pid, exit.how))?;
    ensure(survivors == threads, || format!("{survivors} of {threads} threads went on"))?;
    run.truth.count("survivors", survivors);
    Ok(())
}

/// The code of the thread that ends last.
fn last(threads: u64) -> u8 {
    (threads - 1).to_le_bytes()[0]
}

/// Makes threads and ends before them. The last thread sees to it that it is the last.
fn lead(board: &'static Board, threads: u64) -> Result<u8, Errno> {
    let leader = thread::current();
    leader.tell_end();
    let mut others = Vec::new();
    for number in 1..threads {
        others.push(thread::spawn(move || {
            board.go.wait(1);
            board.count.fetch_add(1, Ordering::Relaxed);
            thread::current().end_with((number - 1).to_le_bytes()[0]);
        })?);
    }
    thread::spawn(move || {
        leader.until_gone();
        board.go.add(1);
        board.count.fetch_add(1, Ordering::Relaxed);
        others.into_iter().for_each(JoinHandle::join);
        thread::current().end_with(last(threads));
    })?;
    if let Some(entry) = leader.entry() {
        entry.ending(LEADER);
    }
    sys::exit_thread(LEADER)
}

fn exec(run: &mut Run) -> Result<(), Failure> {
    let (threads, ..) = sizes(run)?;
    let status: String = format!("{EXECUTED}");
    let image = Image::own(&["--exit", &status]).doing("find this program")?;
    let muster = Muster::new().doing("make a pipe")?;
    let process = fork(|| code(run_from_a_thread(image, muster, threads - 1)));
    let exit = process.and_then(Task::wait).doing("run a process")?;
    say(format_args!("of {} tasks a thread ran a program as process {}", threads + 1, exit.pid));
    is(exit, EXECUTED)?;
    run.truth.count("bystanders", threads - 1);
    Ok(())
}

/// Makes threads, all of which but one wait for their end; this one runs the program.
fn run_from_a_thread(image: Image, muster: Muster, bystanders: u64) -> Result<u8, Errno> {
    let muster = Arc::new(muster);
    for _ in 0..bystanders {
        let muster = Arc::clone(&muster);
        thread::spawn(move || {
            if muster.answer().is_err() {
                sys::exit_process(FAILED);
            }
            process::pause_for_ever()
        })?;
    }
    thread::spawn(move || {
        if muster.await_answers(bystanders).is_ok() {
            process::execute(&image);
        }
        sys::exit_process(FAILED)
    })?;
    process::pause_for_ever()
}

fn reuse(run: &mut Run) -> Result<(), Failure> {
    let (.., times) = sizes(run)?;
    let mut reused = 0;
    let number = fork(|| 0).and_then(Task::wait).doing("run a process")?.pid;
    let end = clock::now_ns() + PATIENCE.as_secs() * 1_000_000_000;
    while reused < times {
        let code = reused.to_le_bytes()[0];
        let flags = if reused % 2 == 0 { Flags::empty() } else { Flags::OF_THREAD };
        match Builder::new(flags).set_tid(number).start(move || code) {
            Ok(thread) if flags == Flags::OF_THREAD => thread.join(),
            Ok(process) => is(process.wait().doing("wait for a process")?, code)?,
            // The last one's number is not free yet, or somebody else has it now.
            Err(Errno::EXIST) if clock::now_ns() < end => {
                sched_yield();
                continue;
            }
            Err(Errno::PERM) => return may_not(run),
            Err(error) => return Err(error).doing(format!("make a task {number}")),
        }
        reused += 1;
    }
    say(format_args!("{reused} tasks were number {number} after the first"));
    run.truth.count("reused", reused);
    Ok(())
}

/// What to do without the right to choose a number.
fn may_not(run: &Run) -> Result<(), Failure> {
    let why = "a number cannot be chosen (EPERM): it takes CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN";
    if run.args.text("case") == "reuse" {
        return Err(Failure::Usage(format!("--case reuse: {why}")));
    }
    say(format_args!("reuse is left out: {why}"));
    Ok(())
}
