//! As many events a second as the machine can make: a load for benchmarks, whose truth is exact.
#![no_std]
#![no_main]

extern crate alloc;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ffi::c_int;
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use core::time::Duration;

use rustix::thread::sched_yield;
use workloads::cli::{Opt, Program};
use workloads::failure::{Doing as _, Failure, ensure};
use workloads::futex::{self, Outcome, Scope};
use workloads::pace::{Gate, Limit, Pace};
use workloads::partner::{self, Partner};
use workloads::process::{self, How};
use workloads::rounds::Rounds;
use workloads::rt::{Run, say};
use workloads::signal::{Action, Context, Info, Signal, send};
use workloads::thread::{self, Builder, ScopedJoinHandle};
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
        \x20 handovers, rounds, futex_calls, threads, processes, signals, yields  of all tasks\n\
        With --truth no more than 200000 operations that make tasks: --time ends there, too.",
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

/// Operations of a task.
const MOST: u64 = 1_000_000_000;

/// Tasks that a truth may list.
const LISTED: u64 = 200_000;

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
    tasks: u32,
    limit: Limit,
    pin: Pin,
    cpus: Vec<usize>,
}

impl Plan {
    fn read(run: &Run) -> Result<Self, Failure> {
        let kind = run.args.choice("kind", &KINDS.map(|(word, kind, _)| (word, kind)))?;
        let least = if kind == Kind::Wake { 2 } else { 1 };
        let tasks = run.args.number("tasks", least..=4096)?;
        if kind == Kind::Switch && tasks % 2 == 1 {
            return Err(Failure::Usage(format!("--tasks {tasks}: pairs are an even number")));
        }
        let pin = run.args.choice("pin", &PINS)?;
        let cpus = sched::allowed().doing("ask for the CPUs")?;
        if pin == Pin::Apart && kind != Kind::Switch {
            return Err(Failure::Usage(String::from("--pin apart: only --kind switch has pairs")));
        }
        if pin == Pin::Apart && cpus.len() < 2 {
            return Err(Failure::Usage(format!("--pin apart: there is only CPU {cpus:?}")));
        }
        // A task that is made is a line of the truth, which is held in memory.
        let makes = matches!(kind, Kind::Create | Kind::Process | Kind::Mixed);
        let most = if makes && ledger::is_open() { LISTED / tasks } else { MOST };
        let limit = Limit::read(&run.args, most)?;
        Ok(Self { kind, tasks: u32::try_from(tasks).unwrap_or(u32::MAX), limit, pin, cpus })
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
    ("mixed", Kind::Mixed, ""),
];

const PINS: [(&str, Pin); 4] =
    [("none", Pin::None), ("one", Pin::One), ("spread", Pin::Spread), ("apart", Pin::Apart)];

/// What is mixed.
const MIX: [Kind; 5] = [Kind::Futex, Kind::Create, Kind::Process, Kind::Signal, Kind::Yield];

/// What the tasks share.
#[derive(Default)]
struct Sky {
    gate: Gate,
    rounds: Rounds,
    /// What was done, in the order of [`KINDS`].
    done: [AtomicU64; KINDS.len()],
}

impl Sky {
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
    Action::handler(handle).install(Signal::USR1).doing("install a handler")?;
    let sky = Sky::default();
    let (start_ns, ended) = storm(&plan, &sky)?;
    let operations: u64 = ended.iter().map(|ended| ended.operations).sum();
    let end_ns = ended.iter().map(|ended| ended.at_ns).max().unwrap_or(start_ns);
    let elapsed_ns = (end_ns - start_ns).max(1);
    let rate = u128::from(operations) * 1_000_000_000 / u128::from(elapsed_ns);
    let (sent, handled) = (sky.counted(Kind::Signal), HANDLED.load(Ordering::Relaxed));
    ensure(handled == sent, || format!("{sent} signals were sent, {handled} handled"))?;
    let wanted = plan.limit.count * u64::from(plan.tasks);
    ensure(plan.limit.time.is_some() || operations == wanted, || {
        format!("{operations} operations, not {wanted}")
    })?;
    say(format_args!(
        "storm {}: {rate} operations/s ({operations} by {} tasks in {:?})",
        run.args.text("kind"),
        plan.tasks,
        Duration::from_nanos(elapsed_ns)
    ));
    for (_, kind, name) in KINDS.into_iter().filter(|(_, _, name)| !name.is_empty()) {
        run.truth.count(name, sky.counted(kind));
    }
    run.truth.count("tasks", u64::from(plan.tasks));
    run.truth.count("operations", operations);
    run.truth.count("elapsed_ns", elapsed_ns);
    run.truth.count("operations_per_second", u64::try_from(rate).unwrap_or(u64::MAX));
    Ok(())
}

/// Lets all tasks go at once; when that was, and of each its operations and its end.
fn storm(plan: &Plan, sky: &Sky) -> Result<(u64, Vec<Ended>), Failure> {
    thread::scope(|scope| {
        let mut tasks = Vec::new();
        let mut partners = Vec::new();
        for number in 0..plan.tasks as usize {
            if plan.kind == Kind::Switch && partners.is_empty() {
                let pair = partner::pair().doing("make pipes");
                partners.extend(pair.inspect_err(|_| sky.gate.call_off())?);
            }
            let partner = partners.pop();
            let made =
                scope.spawn_with(plan.builder(number), move || task(plan, sky, number, partner));
            tasks.push(made.doing("make a thread").inspect_err(|_| sky.gate.call_off())?);
        }
        let start_ns = sky.gate.open(plan.tasks);
        let ended: Result<Vec<Ended>, Failure> =
            tasks.into_iter().map(ScopedJoinHandle::join).collect();
        Ok((start_ns, ended?))
    })
}

/// What came of a task.
struct Ended {
    operations: u64,
    at_ns: u64,
}

fn task(plan: &Plan, sky: &Sky, number: usize, partner: Option<Partner>) -> Result<Ended, Failure> {
    let Some(pace) = sky.gate.pass(plan.limit) else {
        return Ok(Ended { operations: 0, at_ns: 0 });
    };
    let operations = match (plan.kind, partner) {
        (Kind::Switch, Some(partner)) if number.is_multiple_of(2) => partner.lead(pace)?,
        (Kind::Switch, Some(partner)) => partner.follow()?,
        (Kind::Wake, _) if number == 0 => sky.rounds.lead(plan.tasks - 1, pace),
        (Kind::Wake, _) => sky.rounds.follow(),
        (kind, _) => alone(sky, kind, pace)?,
    };
    let at_ns = clock::now_ns();
    // A round is one, however many take part; what tasks do alone they have counted.
    if plan.kind == Kind::Switch || (plan.kind == Kind::Wake && number == 0) {
        sky.count(plan.kind, operations);
    }
    Ok(Ended { operations, at_ns })
}

/// What a task does without a partner.
fn alone(sky: &Sky, kind: Kind, mut pace: Pace) -> Result<u64, Failure> {
    let word = AtomicU32::new(0);
    let me = (process::pid(), thread::tid());
    let mut done = [0; KINDS.len()];
    let mut mix = MIX.into_iter().cycle();
    let mut operations = 0;
    while pace.goes_on() {
        let what = if kind == Kind::Mixed { mix.next().unwrap_or(kind) } else { kind };
        match what {
            Kind::Create => thread::spawn(|| ()).doing("make a thread")?.join(),
            Kind::Process => child()?,
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
fn child() -> Result<(), Failure> {
    let child = process::fork(|| 0).doing("make a process")?;
    let exit = child.wait().doing("wait for a process")?;
    ensure(exit.how == How::Exited(0), || format!("process {} {}", exit.pid, exit.how))
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
