//! Threads, processes, programs, and tasks with any set of flags.
#![no_std]
#![no_main]

extern crate alloc;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use workloads::cli::{Args, Opt, Program};
use workloads::clone::trial::{self, Trial};
use workloads::clone::{Flags, Way, sets};
use workloads::failure::{Doing as _, Failure, ensure};
use workloads::process::{Crowd, Plan};
use workloads::rt::{Run, listen, say};
use workloads::shared::Shared;
use workloads::{maps, overflow, stack, sys};

workloads::program!(&PROGRAM, run);

static PROGRAM: Program = Program {
    name: "spawn",
    about: "Threads, processes, programs, and tasks with any set of flags.\n\n\
            Task N of each kind ends with code N, modulo 256. All are alive at once, but for those \
            that hold their creator\n(vfork) and for --sequence. The truth counts `threads`, \
            `processes`, `vforks`, `programs`, `clones` and `sets`,\nand `bytes_before` and \
            `bytes_after`: what is mapped, heap and first stack apart.",
    options: &[
        Opt { name: "threads", value: "N", default: "4", help: "Threads" },
        Opt { name: "processes", value: "N", default: "3", help: "Processes by fork" },
        Opt {
            name: "vforks",
            value: "N",
            default: "1",
            help: "Processes by vfork that end at once",
        },
        Opt { name: "programs", value: "N", default: "2", help: "Programs by vfork and exec" },
        Opt { name: "clones", value: "N", default: "2", help: "Processes by clone3" },
        Opt {
            name: "flags",
            value: "LIST",
            default: "",
            help: "A task with these flags, as VM,FS,FILES or none",
        },
        Opt {
            name: "sets",
            value: "WHICH",
            default: "none",
            help: "none; all: a task for each interesting set; illegal: hold the kernel to its rules",
        },
        Opt {
            name: "way",
            value: "CALL",
            default: "clone3",
            help: "clone or clone3, for --flags and --sets",
        },
        Opt {
            name: "times",
            value: "N",
            default: "1",
            help: "How often --flags and --sets are made",
        },
        Opt { name: "sequence", value: "", default: "", help: "One after the other" },
        Opt { name: "stack", value: "BYTES", default: "65536", help: "Stack of each thread" },
        Opt {
            name: "name",
            value: "NAME",
            default: "",
            help: "Call threads NAME-0, NAME-1 and so on",
        },
        Opt {
            name: "detach",
            value: "",
            default: "",
            help: "Join no thread: each frees its own memory",
        },
        Opt {
            name: "hold",
            value: "",
            default: "",
            help: "Say who is there, then `ready`, and keep all alive until a line or the end of input",
        },
        Opt {
            name: "overflow",
            value: "",
            default: "",
            help: "Only overflow a thread's stack, in a child",
        },
        Opt {
            name: "exit",
            value: "CODE",
            default: "0",
            help: "Do nothing, and exit with CODE: what --programs run",
        },
    ],
    examples: &[
        "--threads 100000 --sequence --processes 0 --programs 0",
        "--threads 10000 --stack 16384",
        "--sets all",
        "--flags VM,SIGHAND --times 3 --way clone",
        "--overflow",
    ],
};

/// The program that `--programs` run is this one, told to end with a code.
const PROGRAMS: (&[&str], u8) = (&["--exit", "3"], 3);

/// The most tasks of a kind: the truth has room for so many in all.
const MOST: u64 = 400_000;

fn run(run: &mut Run) -> Result<(), Failure> {
    let code = run.args.number("exit", 0..=255)?;
    if run.args.is_on("exit") {
        sys::exit_process(code.to_le_bytes()[0]);
    }
    let plan = read(&run.args)?;
    if run.args.is_on("overflow") {
        overflow::in_a_child(plan.stack, &mut run.truth)?;
        say(format_args!(
            "a stack overflowed: its process died of it, its neighbour did not notice"
        ));
        return Ok(());
    }
    if run.args.text("sets") == "illegal" {
        return illegal(run);
    }
    let before = maps::now().doing("read /proc/self/maps")?;
    let mut crowd = Crowd::default();
    let made = crowd.make(&plan);
    let held = if run.args.is_on("hold") && made.is_ok() { hold(&crowd) } else { Ok(()) };
    // Whatever went wrong: nobody is left behind.
    let ended = crowd.end(&plan);
    made.and(held).and(ended)?;
    stack::cache::empty();
    let after = maps::now().doing("read /proc/self/maps")?;
    let counts = [
        ("threads", plan.threads),
        ("processes", plan.processes),
        ("vforks", plan.vforks),
        ("programs", plan.programs),
        ("clones", plan.clones),
        ("sets", crowd.sets),
        ("bytes_before", before.bytes),
        ("bytes_after", after.bytes),
    ];
    for (name, count) in counts {
        run.truth.count(name, count);
    }
    crowd.left_out.iter().for_each(|set| say(format_args!("left out {set}")));
    let kinds: Vec<String> = counts.iter().map(|(name, count)| format!("{name} {count}")).collect();
    say(format_args!("{}", kinds.join(", ")));
    ensure(after.bytes == before.bytes, || format!("a leak: {before:?}, then {after:?}"))
}

fn read(args: &Args) -> Result<Plan, Failure> {
    let count = |name| args.number(name, 0..=MOST);
    if args.is_on("sequence") && args.is_on("hold") {
        return Err(Failure::Usage("--hold and --sequence do not go together".into()));
    }
    Ok(Plan {
        threads: count("threads")?,
        processes: count("processes")?,
        vforks: count("vforks")?,
        programs: count("programs")?,
        arguments: PROGRAMS,
        clones: count("clones")?,
        sets: sets_of(args)?,
        strict: args.is_on("flags"),
        way: args.choice("way", &[("clone3", Way::Clone3), ("clone", Way::Clone)])?,
        times: args.number("times", 1..=MOST)?,
        sequence: args.is_on("sequence"),
        detach: args.is_on("detach"),
        stack: args.count("stack", 8 << 10..=1 << 30)?,
        name: args.text("name").into(),
        go: &Shared::new(1).doing("map memory")?.leak()[0],
    })
}

/// The sets of flags that are asked for.
fn sets_of(args: &Args) -> Result<Vec<Flags>, Failure> {
    let which = args.choice("sets", &[("none", 0), ("all", 1), ("illegal", 2)])?;
    let texts: &[&str] = match (args.is_on("flags"), which) {
        (true, 0) => &[args.text("flags")],
        (false, 1) => sets::INTERESTING,
        (false, _) => &[],
        (true, _) => return Err(Failure::Usage("--flags and --sets do not go together".into())),
    };
    let named = |text: &&str| {
        let wrong = |word| Failure::Usage(format!("--flags {text}: {word:?} is no flag"));
        Flags::named(text).map_err(wrong)
    };
    texts.iter().map(named).collect()
}

/// Says who is there, and waits until somebody has seen it.
fn hold(crowd: &Crowd) -> Result<(), Failure> {
    for (tid, flags) in crowd.waiting() {
        say(format_args!("task {tid} {flags}"));
    }
    say(format_args!("ready"));
    listen().doing("read standard input")
}

/// Holds the kernel to the rules of which sets are legal.
fn illegal(run: &mut Run) -> Result<(), Failure> {
    let Trial { made, refused, elsewise, .. } = trial::run()?;
    for (name, count) in [("made", made), ("refused", refused), ("refused_elsewise", elsewise)] {
        run.truth.count(name, count);
    }
    say(format_args!(
        "{made} sets made a task, {refused} were refused by a rule, {elsewise} for another reason"
    ));
    Ok(())
}
