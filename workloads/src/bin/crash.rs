//! One of many threads faults, against one of many processes.
#![no_std]
#![no_main]

extern crate alloc;

use alloc::format;
use alloc::sync::Arc;
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use rustix::io::Errno;
use rustix::process::{DumpableBehavior, set_dumpable_behavior};
use workloads::cli::{Opt, Program};
use workloads::failure::{Doing as _, Failure, ensure};
use workloads::process::{self, Family, How, Muster, fork, pause_for_ever};
use workloads::rt::{Run, say};
use workloads::shared::Shared;
use workloads::signal::fault::Fault;
use workloads::signal::{Signal, send};
use workloads::truth::{self, Fate};
use workloads::word::Word;
use workloads::{clock, sys, thread};
use zerocopy::FromZeros;

workloads::program!(&PROGRAM, run);

static PROGRAM: Program = Program {
    name: "crash",
    about: "One of many threads faults, against one of many processes.\n\n\
            A thread takes all others with it, a process dies alone. A process above them sees who \
            died of\nwhat, and who lived.\n\n\
            Task N of those that live ends with code N, modulo 256. The truth has the signal, with \
            the task that\nbrought it upon itself, and counts `died` and `lived`.",
    options: &[
        Opt { name: "mode", value: "HOW", default: "both", help: "threads, processes or both" },
        Opt {
            name: "tasks",
            value: "N",
            default: "8",
            help: "Threads, with the leader, or processes",
        },
        Opt {
            name: "who",
            value: "N",
            default: "1",
            help: "Which of them faults, from 0: of threads the leader",
        },
        Opt {
            name: "fault",
            value: "WHAT",
            default: "unmapped",
            help: "unmapped, protected, beyond-file, illegal, trap, divide or abort",
        },
    ],
    examples: &["--tasks 100", "--mode processes --fault abort", "--mode threads --who 0"],
};

/// The most tasks: their roll-call is answered into a pipe, which must not be full.
const MOST: u64 = 10_000;

/// Code of a task that lived though it should not have.
const FAILED: u8 = 99;

/// How a task brings a signal upon itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// By an instruction.
    Fault(Fault),
    /// By sending it to itself, as `abort` does.
    Abort,
}

const WAYS: [(&str, Way); 7] = [
    ("unmapped", Way::Fault(Fault::Unmapped)),
    ("protected", Way::Fault(Fault::Protected)),
    ("beyond-file", Way::Fault(Fault::BeyondFile)),
    ("illegal", Way::Fault(Fault::Illegal)),
    ("trap", Way::Fault(Fault::Trap)),
    ("divide", Way::Fault(Fault::Divide)),
    ("abort", Way::Abort),
];

/// What is to be done, in one of the modes.
#[derive(Clone, Copy)]
struct Plan {
    tasks: u64,
    who: u64,
    way: Way,
    last: &'static Last,
}

/// What the task that faults says before.
#[derive(Debug, FromZeros)]
struct Last {
    tid: AtomicU32,
    at_ns: AtomicU64,
    /// The others wait for it, where they live.
    go: Word,
}

fn run(run: &mut Run) -> Result<(), Failure> {
    let modes = [("threads", (true, false)), ("processes", (false, true)), ("both", (true, true))];
    let (by_threads, by_processes) = run.args.choice("mode", &modes)?;
    let tasks = run.args.number("tasks", 1..=MOST)?;
    let default = 1.min(tasks - 1);
    let who = if run.args.is_on("who") { run.args.number("who", 0..=tasks - 1)? } else { default };
    let way = run.args.choice("fault", &WAYS)?;
    if let Way::Fault(fault) = way {
        let text =
            || Failure::Usage(format!("--fault {}: not on this machine", run.args.text("fault")));
        fault.exists().then_some(()).ok_or_else(text)?;
    }
    let mut died = 0;
    for (wanted, mode) in [(by_threads, threads as Mode), (by_processes, processes)] {
        if wanted {
            let last = &Shared::<Last>::new(1).doing("map memory")?.leak()[0];
            let plan = Plan { tasks, who, way, last };
            died += mode(plan)?;
            run.truth.signals.push(plan.signal());
        }
    }
    let all = tasks * (u64::from(by_threads) + u64::from(by_processes));
    run.truth.count("died", died);
    run.truth.count("lived", all - died);
    Ok(())
}

/// Does it; how many tasks died of it.
type Mode = fn(Plan) -> Result<u64, Failure>;

/// One process, of which one thread faults.
fn threads(plan: Plan) -> Result<u64, Failure> {
    let muster = Muster::new().doing("make a pipe")?;
    let process =
        fork(|| plan.process_of_threads(muster).err().map_or(FAILED, |_error| FAILED - 1));
    let process = process.doing("make a process")?;
    let pid = process.tid();
    let exit = process.wait().doing("wait for the process")?;
    say(format_args!(
        "{} threads: number {} faults; process {pid}, all of them, {}",
        plan.tasks, plan.who, exit.how
    ));
    ensure(exit.how == plan.death(), || {
        format!("process {pid} {}; not {}", exit.how, plan.death())
    })?;
    Ok(plan.tasks)
}

/// Processes, of which one faults.
fn processes(plan: Plan) -> Result<u64, Failure> {
    let muster = Muster::new().doing("make a pipe")?;
    let mut family = Family::new();
    let mut victim = None;
    let mut made = Ok(());
    for number in 0..plan.tasks {
        match fork(|| plan.process(&muster, number)) {
            Ok(child) if number == plan.who => victim = Some(child),
            Ok(child) => family.expect(child, How::Exited(code(number))),
            Err(error) => made = Err(error),
        }
        if made.is_err() {
            break;
        }
    }
    // The victim waits for all others.
    for _ in 0..plan.tasks * u64::from(made.is_err()) {
        muster.answer().doing("write to a pipe")?;
    }
    let exit = victim.map(|victim| victim.wait().doing("wait for a process")).transpose();
    plan.last.go.add(1);
    let ended = family.end();
    made.doing("make a process")?;
    ended?;
    let how = exit?.map_or(How::Exited(0), |exit| exit.how);
    say(format_args!(
        "{} processes: number {} faults, and {how}; all others live",
        plan.tasks, plan.who
    ));
    ensure(how == plan.death(), || format!("the process {how}; not {}", plan.death()))?;
    Ok(1)
}

impl Plan {
    /// The process that dies with all its threads: comes back only if something fails.
    fn process_of_threads(self, muster: Muster) -> Result<(), Errno> {
        no_core()?;
        let muster = Arc::new(muster);
        for number in 1..self.tasks {
            let muster = Arc::clone(&muster);
            thread::spawn(move || self.thread(&muster, number))?;
        }
        self.thread(&muster, 0)
    }

    /// One of its threads. Those that wait make no futex call: they are killed in it.
    fn thread(self, muster: &Muster, number: u64) -> ! {
        if number == self.who {
            self.fault_after(muster)
        }
        if muster.answer().is_err() {
            sys::exit_process(FAILED);
        }
        pause_for_ever()
    }

    /// One of many processes.
    fn process(self, muster: &Muster, number: u64) -> u8 {
        if no_core().is_err() {
            return FAILED;
        }
        if number == self.who {
            self.fault_after(muster)
        }
        if muster.answer().is_err() {
            return FAILED;
        }
        self.last.go.wait(1);
        code(number)
    }

    /// Faults when all others are there.
    fn fault_after(self, muster: &Muster) -> ! {
        if muster.await_answers(self.tasks - 1).is_err() {
            sys::exit_process(FAILED);
        }
        let (pid, tid) = (process::pid(), thread::tid());
        self.last.tid.store(tid, Ordering::Relaxed);
        self.last.at_ns.store(clock::now_ns(), Ordering::Relaxed);
        let survived = match self.way {
            Way::Fault(fault) => fault.provoke().map(drop),
            Way::Abort => send::thread(pid, tid, Signal::ABRT),
        };
        sys::exit_process(survived.err().map_or(FAILED, |_error| FAILED - 1))
    }

    fn number(self) -> Signal {
        match self.way {
            Way::Fault(fault) => fault.signal(),
            Way::Abort => Signal::ABRT,
        }
    }

    /// How the process ends.
    fn death(self) -> How {
        How::Killed { signal: self.number().number().to_le_bytes()[0], core: false }
    }

    /// The signal, when all is done.
    fn signal(self) -> truth::Signal {
        // By tgkill.
        const SI_TKILL: i32 = -6;
        let tid = self.last.tid.load(Ordering::Relaxed);
        let code = match self.way {
            Way::Fault(fault) => fault.code(),
            Way::Abort => SI_TKILL,
        };
        truth::Signal {
            signal: self.number().number(),
            code,
            sender: tid,
            target: tid,
            group: false,
            sent_ns: self.last.at_ns.load(Ordering::Relaxed),
            fate: Fate::Killed,
            ..truth::Signal::default()
        }
    }
}

/// The calling process leaves no core file, whatever kills it.
fn no_core() -> Result<(), Errno> {
    set_dumpable_behavior(DumpableBehavior::NotDumpable)
}

/// The code that a task with this number ends with.
fn code(number: u64) -> u8 {
    number.to_le_bytes()[0]
}
