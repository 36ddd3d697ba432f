//! Processes, threads and user threads doing the same, in turn: what `tracer compare` runs.
#![no_std]
#![no_main]

extern crate alloc;

mod create;
mod crew;
mod isolate;
mod memory;
mod plan;
mod side;
mod talk;

use alloc::string::String;
use core::time::Duration;

use rustix::fs::{Mode, OFlags};
use workloads::cli::{Opt, Program};
use workloads::clock;
use workloads::failure::{Doing as _, Failure};
use workloads::rt::Run;
use workloads::truth::{Span, Truth};

use self::crew::Job;
use self::plan::{Plan, kinds, sizes};

workloads::program!(&PROGRAM, run);

static PROGRAM: Program = Program {
    name: "compare",
    about: "Processes, threads and user threads doing the same, in turn.\n\n\
        User threads are many to one. The rounds of all kinds and sizes are interleaved, and the \
        first ones are not told.\n\n\
        Spans of the truth, with KIND process, thread or uthread: create.KIND, from the call to the \
        task's first instruction, return.KIND, to the call's return, and end.KIND, from its last \
        instruction to its being waited for or joined, each `of` bytes touched by the creator; \
        memory.KIND, of the page faults of a task that writes to each page of its creator; \
        sleep.KIND and work.KIND, that `of` tasks took together, and task.work.KIND, each; \
        talk.KIND.WAY.WHERE, that rounds with `of` bytes took; isolate.KIND, of so many tasks. \
        Counts: memory.KIND.* and isolate.KIND.*, as the program saw it, and talk.rounds.BYTES.",
    options: &[
        Opt {
            name: "aspect",
            value: "WHAT",
            default: "create",
            help: "create, memory, sleep, work, talk or isolate",
        },
        Opt {
            name: "kind",
            value: "KIND",
            default: "all",
            help: "process, thread, uthread or all, in turn",
        },
        Opt { name: "rounds", value: "N", default: "10", help: "Rounds of each" },
        Opt {
            name: "touch",
            value: "SIZES",
            default: "1MiB",
            help: "create: memory that the creator has written to, as 1MiB,1GiB",
        },
        Opt {
            name: "tasks",
            value: "N",
            default: "4",
            help: "sleep, work, isolate: tasks at a time",
        },
        Opt { name: "time", value: "TIME", default: "2ms", help: "sleep, work: time of each task" },
        Opt {
            name: "messages",
            value: "N",
            default: "50",
            help: "talk: messages there and back in a round; a tenth of it if they are large",
        },
        Opt {
            name: "marks",
            value: "FILE",
            default: "",
            help: "Write spans and counts alone to FILE: nothing is counted meanwhile",
        },
    ],
    examples: &[
        "--touch 1MiB,100MiB --rounds 30 --marks marks.json",
        "--aspect talk --kind thread",
        "--aspect isolate --tasks 8",
    ],
};

/// What is done.
type Aspect = fn(&Plan, &mut Truth) -> Result<(), Failure>;

fn run(run: &mut Run) -> Result<(), Failure> {
    let args = &run.args;
    let aspects: [(&str, Aspect); 6] = [
        ("create", create::run),
        ("memory", memory::run),
        ("sleep", |plan, truth| crew::run(plan, Job::Sleep, truth)),
        ("work", |plan, truth| crew::run(plan, Job::Work, truth)),
        ("talk", talk::run),
        ("isolate", isolate::run),
    ];
    let aspect = args.choice("aspect", &aspects)?;
    let plan = Plan {
        kinds: kinds(args)?,
        rounds: args.count("rounds", 1..=10_000)?,
        sizes: sizes(args.text("touch"))?,
        tasks: args.count("tasks", 2..=64)?,
        time: args.time("time", Duration::from_micros(1)..=Duration::from_secs(1))?,
        messages: args.number("messages", 1..=1_000_000)?,
    };
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC | OFlags::CLOEXEC;
    let path = args.text("marks");
    let open = || rustix::fs::open(path, flags, Mode::from_raw_mode(0o644));
    let wanted = args.is_on("marks").then(open).transpose();
    let file = wanted.doing(format_args!("write {path}"))?;
    aspect(&plan, &mut run.truth)?;
    if let Some(file) = file {
        run.truth.end_ns = clock::now_ns();
        let text = run.truth.to_json();
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            let written = rustix::io::write(&file, rest).doing("write the marks")?;
            rest = &rest[written..];
        }
    }
    Ok(())
}

/// A span of this name.
fn span(what: String, tid: u32, of: u64, from_ns: u64, to_ns: u64) -> Span {
    Span { what, tid, of, from_ns, to_ns }
}
