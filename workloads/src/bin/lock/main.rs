//! Locks of every kind, held for known times: by many threads in turn, in a convoy, and by threads
//! of different priorities.
#![no_std]
#![no_main]

extern crate alloc;

mod chain;
mod contend;
mod inversion;

use alloc::format;
use alloc::string::String;
use core::time::Duration;

use workloads::cli::{Opt, Program};
use workloads::failure::Failure;
use workloads::rt::{Run, say};

use contend::{Kind, Plan};

workloads::program!(&PROGRAM, run);

static PROGRAM: Program = Program {
    name: "lock",
    about: "Threads that contend for a lock, and hold it for known times.\n\n\
        Cases:\n\
        \x20 mutex, spin, semaphore, condvar, barrier, rwlock, pi   each thread takes it --rounds\n\
        \x20          times and holds it for --hold; at a barrier all wait for each other instead;\n\
        \x20          of the holders of an rwlock one in four writes\n\
        \x20 shared   a mutex between processes instead of threads\n\
        \x20 convoy   a mutex that is asked for again at once, so that all queue all the time\n\
        \x20 inversion      a thread of high priority waits for a mutex that one of low priority\n\
        \x20                holds, while one of middle priority runs on their only CPU\n\
        \x20 inversion-pi   the same with priority inheritance\n\
        \x20 chain-pi  each thread holds a lock with priority inheritance and waits for that of the\n\
        \x20          one before it; the first lets go when all others wait\n\
        Spans of the truth (of: the address of the lock's word), up to 20000: \"hold\", and \"wait\"\n\
        from the asking to the having. Counts: acquisitions, hold_ns, wait_ns; for the inversions\n\
        high_waited_ns, low_held_ns, middle_ran_ns; for the chain chained (threads that waited).",
    options: &[
        Opt { name: "case", value: "CASE", default: "mutex", help: "Which, as above; or all" },
        Opt { name: "threads", value: "N", default: "4", help: "Threads (or processes), 1 to 256" },
        Opt { name: "rounds", value: "N", default: "100", help: "Times that each takes the lock" },
        Opt { name: "hold", value: "TIME", default: "50us", help: "How long it is held" },
        Opt {
            name: "pause",
            value: "TIME",
            default: "20us",
            help: "How long each stays away from it between; 0us in a convoy",
        },
    ],
    examples: &["--case pi --threads 8", "--case convoy --hold 200us", "--case inversion"],
};

/// What can be asked for.
#[derive(Clone, Copy)]
enum Case {
    Contend(Kind),
    Convoy,
    Inversion,
    InversionPi,
    ChainPi,
    All,
}

const CASES: [(&str, Case); 13] = [
    ("mutex", Case::Contend(Kind::Mutex)),
    ("spin", Case::Contend(Kind::Spin)),
    ("semaphore", Case::Contend(Kind::Semaphore)),
    ("condvar", Case::Contend(Kind::Condvar)),
    ("barrier", Case::Contend(Kind::Barrier)),
    ("rwlock", Case::Contend(Kind::RwLock)),
    ("pi", Case::Contend(Kind::Pi)),
    ("shared", Case::Contend(Kind::Shared)),
    ("convoy", Case::Convoy),
    ("inversion", Case::Inversion),
    ("inversion-pi", Case::InversionPi),
    ("chain-pi", Case::ChainPi),
    ("all", Case::All),
];

fn run(run: &mut Run) -> Result<(), Failure> {
    let plan = Plan {
        threads: run.args.count("threads", 1..=256)?,
        rounds: run.args.number("rounds", 1..=1_000_000)?,
        hold: run.args.time("hold", Duration::ZERO..=Duration::from_secs(1))?,
        pause: run.args.time("pause", Duration::ZERO..=Duration::from_secs(1))?,
    };
    match run.args.choice("case", &CASES)? {
        Case::All => CASES.iter().try_for_each(|(name, case)| one(run, &plan, name, *case)),
        case => {
            let name = String::from(run.args.text("case"));
            one(run, &plan, &name, case)
        }
    }
}

/// One case.
fn one(run: &mut Run, plan: &Plan, name: &str, case: Case) -> Result<(), Failure> {
    match case {
        Case::All => return Ok(()),
        Case::Contend(kind) => contend::contend(run, plan, kind)?,
        Case::Convoy => {
            contend::contend(run, &Plan { pause: Duration::ZERO, ..*plan }, Kind::Mutex)?;
        }
        Case::Inversion => inversion::inversion(run, false)?,
        Case::InversionPi => inversion::inversion(run, true)?,
        Case::ChainPi => chain::chain(run, plan)?,
    }
    let told = format!("{name}: done");
    say(format_args!("{told}"));
    Ok(())
}
