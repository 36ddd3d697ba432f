//! As many events a second as the machine can make: a load for benchmarks, whose truth is exact.
#![no_std]
#![no_main]

extern crate alloc;

use alloc::string::String;
use alloc::vec::Vec;
use alloc::{format, vec};
use core::ffi::c_int;
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use core::time::Duration;

use rustix::fd::OwnedFd;
use rustix::io::{Errno, read, write};
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::thread::sched_yield;
use workloads::cli::{Opt, Program};
use workloads::failure::{Doing as _, Failure, ensure};
use workloads::fork::fork;
use workloads::futex::{self, Outcome, Scope};
use workloads::pace::{Gate, Limit, Pace};
use workloads::rt::{Run, say};
use workloads::signal::{Action, Context, Info, Signal, send};
use workloads::thread::{self, Builder};
use workloads::{clock, ledger, sched};

workloads::program!(&PROGRAM, run);

static PROGRAM: Program = Program {
    name: "storm",
    about: "As many events a second as the machine can make.\n\n\
        Kinds, and one operation of each:\n\
        \x20 switch   a byte to the partner through a pipe; tasks are in pairs\n\
        \x20 wake     a round: the first task wakes all others, the last of them wakes it\n\
        \x20 futex    a futex call that never waits: a wake of nobody, a wait too late, in turn\n\
        \x20 create   a thread, made and joined\n\
        \x20 process  a process, forked and waited for\n\
        \x20 signal   SIGUSR1 to itself, and its handler\n\
        \x20 yield    sched_yield\n\
        \x20 mixed    each of the last five in turn\n\n\
        Counts of the truth, all exact:\n\
        \x20 tasks, operations, elapsed_ns, operations_per_second\n\
        \x20 handovers, rounds, futex_calls, threads, processes, signals, yields  of all tasks",
    options: &[
        Opt { name: "kind", value: "KIND", default: "switch", help: "Which operation" },
        Opt { name: "tasks", value: "N", default: "2", help: "Threads that do it" },
        Opt {
            name: "count",
            value: "N",
            default: "",
            help: "Operations of each; 10000, but for --time",
        },
        Opt { name: "time", value: "TIME", default: "", help: "For so long instead, as 2s" },
        Opt {
            name: "pin",
            value: "HOW",
            default: "none",
            help: "none; one: all on one CPU; spread: tasks, or pairs, round the CPUs; \
                   apart: the two of a pair on different CPUs",
        },
    ],
    examples: &["--kind switch --pin one --count 100000", "--kind mixed --tasks 8 --time 10s"],
};

/// Tasks that the truth has room for: each has its lines in it.
const LISTED: u64 = 200_000;

/// What is handed over: once more, or no more.
const AGAIN: u8 = 0;
const STOP: u8 = 1;

/// In the word of the rounds: there is none any more.
const OVER: u32 = 1 << 31;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Switch,
    Wake,
    Futex,
    Create,
    Process,
    Signal,
    Yield,
    Mixed,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Pin {
    None,
    One,
    Spread,
    Apart,
}

/// What the command line asks for.
struct Plan {
    kind: Kind,
    tasks: usize,
    limit: Limit,
    pin: Pin,
    cpus: Vec<usize>,
}

impl Plan {
    fn read(run: &Run) -> Result<Self, Failure> {
        let kind = run.args.choice("kind", &KINDS.map(|(word, kind, _)| (word, kind)))?;
        let least = if kind == Kind::Wake { 2 } else { 1 };
        let tasks = run.args.count("tasks", least..=4096)?;
        if kind == Kind::Switch && tasks % 2 == 1 {
            return Err(Failure::Usage(format!("--tasks {tasks}: pairs are an even number")));
        }
        let pins = [
            ("none", Pin::None),
            ("one", Pin::One),
            ("spread", Pin::Spread),
            ("apart", Pin::Apart),
        ];
        let pin = run.args.choice("pin", &pins)?;
        let cpus = sched::allowed().doing("ask for the CPUs")?;
        if pin == Pin::Apart && kind != Kind::Switch {
            return Err(Failure::Usage(String::from("--pin apart: only --kind switch has pairs")));
        }
        if pin == Pin::Apart && cpus.len() < 2 {
            return Err(Failure::Usage(format!("--pin apart: there is only CPU {cpus:?}")));
        }
        let limit = limit(run, kind, tasks as u64)?;
        Ok(Self { kind, tasks, limit, pin, cpus })
    }

    /// A task, and where it is to run.
    fn builder(&self, task: usize) -> Builder {
        let builder = Builder::new().name("storm");
        let pair = if self.kind == Kind::Switch { task / 2 } else { task };
        let number = match self.pin {
            Pin::None => return builder,
            Pin::One => self.cpus.len() - 1,
            Pin::Spread => pair % self.cpus.len(),
            Pin::Apart => task % self.cpus.len(),
        };
        builder.cpus(sched::set_of(&[self.cpus[number]]))
    }
}

/// Each kind's word, and what the truth calls its operations.
const KINDS: [(&str, Kind, &str); 8] = [
    ("switch", Kind::Switch, "handovers"),
    ("wake", Kind::Wake, "rounds"),
    ("futex", Kind::Futex, "futex_calls"),
    ("create", Kind::Create, "threads"),
    ("process", Kind::Process, "processes"),
    ("signal", Kind::Signal, "signals"),
    ("yield", Kind::Yield, "yields"),
    ("mixed", Kind::Mixed, "mixed"),
];

/// What is mixed.
const MIX: [Kind; 5] = [Kind::Futex, Kind::Create, Kind::Process, Kind::Signal, Kind::Yield];

/// The limit of each task.
fn limit(run: &Run, kind: Kind, tasks: u64) -> Result<Limit, Failure> {
    let is_given = |name| !run.args.text(name).is_empty();
    // A task that is made is a line of the truth, which is held in memory.
    let makes = matches!(kind, Kind::Create | Kind::Process | Kind::Mixed);
    let most = if makes && ledger::is_open() { LISTED / tasks } else { 1_000_000_000 };
    match (is_given("count"), is_given("time")) {
        (true, true) => Err(Failure::Usage(String::from("--count and --time: one of the two"))),
        (false, true) => {
            let times = Duration::from_millis(1)..=Duration::from_secs(3600);
            Ok(Limit { count: most, time: Some(run.args.time("time", times)?) })
        }
        (true, false) => Ok(Limit { count: run.args.number("count", 1..=most)?, time: None }),
        (false, false) => Ok(Limit { count: most.min(10_000), time: None }),
    }
}

/// What the tasks share.
#[derive(Default)]
struct Sky {
    gate: Gate,
    /// The round that is on, and [`OVER`].
    round: AtomicU32,
    /// Those that have not seen it.
    behind: AtomicU32,
    /// What was done, in the order of [`KINDS`].
    done: [AtomicU64; KINDS.len()],
}

impl Sky {
    /// Begins a round, and wakes all that wait for it.
    fn call(&self, round: u32) {
        // Release: what this task did before is seen by those that it wakes.
        self.round.store(round, Ordering::Release);
        futex::wake(&self.round, futex::ALL, Scope::Private);
    }

    fn count(&self, kind: Kind, times: u64) {
        self.done[kind as usize].fetch_add(times, Ordering::Relaxed);
    }

    fn counted(&self, kind: Kind) -> u64 {
        self.done[kind as usize].load(Ordering::Relaxed)
    }
}

/// Signals handled, by all tasks.
static HANDLED: AtomicU64 = AtomicU64::new(0);

extern "C" fn handle(_signal: c_int, _info: &Info, _context: &mut Context) {
    HANDLED.fetch_add(1, Ordering::Relaxed);
}

fn run(run: &mut Run) -> Result<(), Failure> {
    let plan = Plan::read(run)?;
    if ledger::is_open() {
        futex::count::enable().doing("map memory for the truth")?;
    }
    Action::handler(handle).install(Signal::USR1).doing("install a handler")?;
    let sky = Sky::default();
    let (start_ns, ended) = storm(&plan, &sky)?;
    let operations: u64 = ended.iter().map(|ended| ended.operations).sum();
    let end_ns = ended.iter().map(|ended| ended.at_ns).max().unwrap_or(start_ns);
    let elapsed_ns = (end_ns - start_ns).max(1);
    let rate = u128::from(operations) * 1_000_000_000 / u128::from(elapsed_ns);
    let (sent, handled) = (sky.counted(Kind::Signal), HANDLED.load(Ordering::Relaxed));
    ensure(handled == sent, || format!("{sent} signals were sent, {handled} handled"))?;
    let wanted = plan.limit.count * plan.tasks as u64;
    ensure(plan.limit.time.is_some() || operations == wanted, || {
        format!("{operations} operations, not {wanted}")
    })?;
    say(format_args!(
        "storm {}: {rate} operations/s ({operations} by {} tasks in {:?})",
        run.args.text("kind"),
        plan.tasks,
        Duration::from_nanos(elapsed_ns)
    ));
    for (_, kind, name) in KINDS.into_iter().filter(|(_, kind, _)| *kind != Kind::Mixed) {
        run.truth.count(name, sky.counted(kind));
    }
    run.truth.count("tasks", plan.tasks as u64);
    run.truth.count("operations", operations);
    run.truth.count("elapsed_ns", elapsed_ns);
    run.truth.count("operations_per_second", u64::try_from(rate).unwrap_or(u64::MAX));
    Ok(())
}

/// Lets all tasks go at once; when that was, and of each its operations and its end.
fn storm(plan: &Plan, sky: &Sky) -> Result<(u64, Vec<Ended>), Failure> {
    thread::scope(|scope| {
        let mut tasks = Vec::new();
        let mut ends = Vec::new();
        for number in 0..plan.tasks {
            if plan.kind == Kind::Switch && ends.is_empty() {
                ends = pair().doing("make a pipe").inspect_err(|_| sky.gate.call_off())?;
            }
            let ends = ends.pop();
            let made =
                scope.spawn_with(plan.builder(number), move || task(plan, sky, number, ends));
            tasks.push(made.doing("make a thread").inspect_err(|_| sky.gate.call_off())?);
        }
        let start_ns = sky.gate.open(plan.tasks as u32);
        let ended: Result<Vec<Ended>, Failure> =
            tasks.into_iter().map(|task| task.join()).collect();
        Ok((start_ns, ended?))
    })
}

/// What came of a task.
struct Ended {
    operations: u64,
    at_ns: u64,
}

/// The ends of two pipes that a task of a pair has.
struct Ends {
    from: OwnedFd,
    to: OwnedFd,
}

/// The ends for both tasks of a pair.
fn pair() -> Result<Vec<Ends>, Errno> {
    let (from_first, to_second) = pipe_with(PipeFlags::CLOEXEC)?;
    let (from_second, to_first) = pipe_with(PipeFlags::CLOEXEC)?;
    Ok(vec![Ends { from: from_first, to: to_first }, Ends { from: from_second, to: to_second }])
}

fn task(plan: &Plan, sky: &Sky, number: usize, ends: Option<Ends>) -> Result<Ended, Failure> {
    let Some(pace) = sky.gate.pass(plan.limit) else {
        return Ok(Ended { operations: 0, at_ns: 0 });
    };
    let operations = match (plan.kind, ends) {
        (_, Some(ends)) if number % 2 == 0 => serve(sky, &ends, pace),
        (_, Some(ends)) => answer(sky, &ends),
        (Kind::Wake, None) if number == 0 => Ok(wake(sky, plan.tasks as u32 - 1, pace)),
        (Kind::Wake, None) => Ok(follow(sky)),
        (kind, None) => alone(sky, kind, pace),
    };
    Ok(Ended { operations: operations?, at_ns: clock::now_ns() })
}

/// The first of a pair: says when it is over.
fn serve(sky: &Sky, ends: &Ends, mut pace: Pace) -> Result<u64, Failure> {
    let mut operations = 0;
    while pace.goes_on() {
        hand_over(ends, AGAIN)?;
        ensure(taken(ends)? == AGAIN, || String::from("the partner stopped"))?;
        operations += 1;
    }
    hand_over(ends, STOP)?;
    sky.count(Kind::Switch, operations);
    Ok(operations)
}

/// The second of a pair.
fn answer(sky: &Sky, ends: &Ends) -> Result<u64, Failure> {
    let mut operations = 0;
    while taken(ends)? == AGAIN {
        hand_over(ends, AGAIN)?;
        operations += 1;
    }
    sky.count(Kind::Switch, operations);
    Ok(operations)
}

fn hand_over(ends: &Ends, what: u8) -> Result<(), Failure> {
    write(&ends.to, &[what]).doing("write to the partner").map(|_one| ())
}

fn taken(ends: &Ends) -> Result<u8, Failure> {
    let mut what = [STOP];
    let got = read(&ends.from, &mut what).doing("read from the partner")?;
    ensure(got == 1, || String::from("the partner is gone"))?;
    Ok(what[0])
}

/// The first of all: wakes the others, and sleeps until they have seen it.
fn wake(sky: &Sky, others: u32, mut pace: Pace) -> u64 {
    let mut rounds = 0;
    while pace.goes_on() {
        sky.behind.store(others, Ordering::Relaxed);
        rounds += 1;
        sky.call((rounds % u64::from(OVER)) as u32);
        loop {
            // Acquire: all that the others did in this round is over.
            let behind = sky.behind.load(Ordering::Acquire);
            if behind == 0 {
                break;
            }
            futex::wait_while(&sky.behind, behind, Scope::Private, None);
        }
    }
    sky.call(OVER);
    sky.count(Kind::Wake, rounds);
    rounds
}

/// The others: sleep until there is a new round; the last that has seen it wakes the first.
fn follow(sky: &Sky) -> u64 {
    let (mut seen, mut rounds) = (0, 0);
    loop {
        futex::wait_while(&sky.round, seen, Scope::Private, None);
        // Acquire: what the first did before the round is seen, the number of those behind too.
        let round = sky.round.load(Ordering::Acquire);
        if round == OVER {
            return rounds;
        }
        if round == seen {
            continue;
        }
        seen = round;
        rounds += 1;
        // Release: what this task did is seen by the first.
        if sky.behind.fetch_sub(1, Ordering::Release) == 1 {
            futex::wake(&sky.behind, 1, Scope::Private);
        }
    }
}

/// What a task does without a partner.
fn alone(sky: &Sky, kind: Kind, mut pace: Pace) -> Result<u64, Failure> {
    let word = AtomicU32::new(0);
    let me = (rustix::process::getpid().as_raw_nonzero().get().cast_unsigned(), thread::tid());
    let mut done = [0; KINDS.len()];
    let mut operations = 0;
    while pace.goes_on() {
        let what = if kind == Kind::Mixed { MIX[operations as usize % MIX.len()] } else { kind };
        match what {
            Kind::Create => thread::spawn(|| ()).doing("make a thread")?.join(),
            Kind::Process => process()?,
            Kind::Signal => send::thread(me.0, me.1, Signal::USR1).doing("send a signal")?,
            Kind::Yield => sched_yield(),
            _ => futex_call(&word, done[what as usize] % 2 == 0)?,
        }
        done[what as usize] += 1;
        operations += 1;
    }
    for (_, kind, _) in KINDS {
        sky.count(kind, done[kind as usize]);
    }
    Ok(operations)
}

/// Makes a process and waits for it.
fn process() -> Result<(), Failure> {
    let child = fork(|| 0).doing("make a process")?;
    let code = child.wait().doing("wait for a process")?;
    ensure(code == Some(0), || format!("a process ended with {code:?}"))
}

/// A call that never waits: nobody waits at the word, and it never holds 1.
fn futex_call(word: &AtomicU32, is_wake: bool) -> Result<(), Failure> {
    if is_wake {
        let woken = futex::wake(word, 1, Scope::Private);
        return ensure(woken == 0, || format!("{woken} tasks waited where nobody does"));
    }
    let outcome = futex::wait(word, 1, Scope::Private, None);
    ensure(outcome == Outcome::Changed, || format!("a wait ended by {outcome:?}"))
}
