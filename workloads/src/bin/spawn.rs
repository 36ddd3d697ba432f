//! Threads, processes, programs, and tasks with any set of flags.
#![no_std]
#![no_main]

extern crate alloc;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;

use rustix::io::Errno;
use workloads::cli::{Args, Opt, Program};
use workloads::clone::{Flags, Task, Way, rules, sets};
use workloads::failure::{Doing as _, Failure, ensure};
use workloads::process::{self, Family, How, Image, fork, vfork};
use workloads::rt::{Run, listen, say};
use workloads::shared::Shared;
use workloads::thread::{self, Builder, JoinHandle};
use workloads::word::Word;
use workloads::{limits, maps, overflow, stack, sys};

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

/// Code of a process that could not run its program.
const FAILED: u8 = 99;

/// The longest that detached threads may take to end.
const PATIENCE: Duration = Duration::from_mins(1);

/// What is to be made.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
struct Plan {
    threads: u64,
    processes: u64,
    vforks: u64,
    programs: u64,
    clones: u64,
    sets: Vec<Flags>,
    /// Whether it was asked for by name: then it may not be left out.
    named: bool,
    way: Way,
    times: u64,
    sequence: bool,
    hold: bool,
    detach: bool,
    stack: usize,
    name: String,
    /// What all wait for.
    go: &'static Word,
}

fn run(run: &mut Run) -> Result<(), Failure> {
    let code = run.args.number("exit", 0..=255)?;
    if run.args.is_on("exit") {
        sys::exit_process(code.to_le_bytes()[0]);
    }
    let plan = Plan::read(&run.args)?;
    if run.args.is_on("overflow") {
        overflow::in_a_child(plan.stack, &mut run.truth)?;
        say(format_args!(
            "a stack overflowed: the process died of it, and its neighbour did not notice"
        ));
        return Ok(());
    }
    if run.args.text("sets") == "illegal" {
        return illegal(run);
    }
    let before = maps::now().doing("read /proc/self/maps")?;
    let mut family = Family::new();
    let made = plan.make(&mut family);
    let held = match &made {
        Ok((threads, _)) if plan.hold => hold(&family, threads),
        _ => Ok(()),
    };
    // Whatever went wrong: nobody is left behind.
    plan.go.add(1);
    let made = made.and_then(|(threads, sets)| plan.join(threads).map(|()| sets));
    let ended = family.end();
    let sets = made?;
    held.and(ended)?;
    stack::cache::empty();
    let after = maps::now().doing("read /proc/self/maps")?;
    let Plan { threads, processes, vforks, programs, clones, .. } = plan;
    let counts = [
        ("threads", threads),
        ("processes", processes),
        ("vforks", vforks),
        ("programs", programs),
        ("clones", clones),
        ("sets", sets),
        ("bytes_before", before.bytes),
        ("bytes_after", after.bytes),
    ];
    for (name, count) in counts {
        run.truth.count(name, count);
    }
    say(format_args!(
        "{threads} threads, {processes} forks, {vforks} vforks, {programs} programs, {clones} clones, \
         {sets} sets; {} bytes mapped before and {} after",
        before.bytes, after.bytes
    ));
    ensure(after.bytes == before.bytes, || format!("a leak: {before:?}, then {after:?}"))
}

impl Plan {
    fn read(args: &Args) -> Result<Self, Failure> {
        let count = |name| args.number(name, 0..=400_000);
        let named = args.is_on("flags");
        let which = args.choice("sets", &[("none", 0), ("all", 1), ("illegal", 2)])?;
        let texts: &[&str] = match (named, which) {
            (true, 0) => &[args.text("flags")],
            (false, 1) => sets::INTERESTING,
            (false, _) => &[],
            (true, _) => {
                return Err(Failure::Usage("--flags and --sets do not go together".into()));
            }
        };
        let read = |text: &&str| {
            Flags::named(text)
                .map_err(|word| Failure::Usage(format!("--flags {text}: {word:?} is no flag")))
        };
        let [sequence, hold] = [args.is_on("sequence"), args.is_on("hold")];
        if sequence && hold {
            return Err(Failure::Usage("--hold and --sequence do not go together".into()));
        }
        Ok(Self {
            threads: count("threads")?,
            processes: count("processes")?,
            vforks: count("vforks")?,
            programs: count("programs")?,
            clones: count("clones")?,
            sets: texts.iter().map(read).collect::<Result<_, _>>()?,
            named,
            way: args.choice("way", &[("clone3", Way::Clone3), ("clone", Way::Clone)])?,
            times: args.number("times", 1..=100_000)?,
            sequence,
            hold,
            detach: args.is_on("detach"),
            stack: args.count("stack", 8 << 10..=1 << 30)?,
            name: args.text("name").into(),
            go: &Shared::new(1).doing("map memory")?.leak()[0],
        })
    }

    /// Makes everything: the threads, and how many tasks with flags there are.
    fn make(&self, family: &mut Family) -> Result<(Vec<JoinHandle<()>>, u64), Failure> {
        if self.sequence {
            self.go.add(1);
        }
        let go = self.go;
        let image = Image::own(&["--exit", "3"]).doing("find this program")?;
        for number in 0..self.processes {
            let child = fork(|| wait_and_end(go, number));
            self.child(
                family,
                child.map_err(|error| no_more("processes", number, error))?,
                code(number),
            )?;
        }
        for number in 0..self.vforks {
            let child = vfork(|| code(number));
            self.child(
                family,
                child.map_err(|error| no_more("processes", number, error))?,
                code(number),
            )?;
        }
        for number in 0..self.programs {
            let child = vfork(|| {
                process::execute(&image);
                FAILED
            });
            self.child(family, child.map_err(|error| no_more("processes", number, error))?, 3)?;
        }
        for number in 0..self.clones {
            let child = sets::start(Flags::empty(), Way::Clone3, move || wait_and_end(go, number));
            self.child(
                family,
                child.map_err(|error| no_more("processes", number, error))?,
                code(number),
            )?;
        }
        let sets = self.make_sets(family)?;
        Ok((self.make_threads()?, sets))
    }

    /// A child: one after the other, it is waited for at once.
    fn child(&self, family: &mut Family, task: Task, code: u8) -> Result<(), Failure> {
        family.expect(task, How::Exited(code));
        if self.sequence { family.end() } else { Ok(()) }
    }

    fn make_sets(&self, family: &mut Family) -> Result<u64, Failure> {
        let mut made = 0;
        for number in 0..self.times {
            for flags in &self.sets {
                let go = self.go;
                let wait = move || go.wait(1);
                match family.add(*flags, self.way, code(number + made), wait) {
                    Ok(()) => made += 1,
                    Err(error) => self.refused(*flags, made, error)?,
                }
                if self.sequence {
                    family.end()?;
                }
            }
        }
        Ok(made)
    }

    /// What to do about a set that the kernel does not want.
    fn refused(&self, flags: Flags, made: u64, error: Errno) -> Result<(), Failure> {
        let signal = if flags.intersects(Flags::THREAD | Flags::PARENT) { 0 } else { 17 };
        let why =
            rules::forbidden(flags, signal, self.way).unwrap_or("this kernel, or these rights");
        let text = format!("{flags}: {} refuses it: {error}: {why}", self.way);
        if let Errno::AGAIN | Errno::NOMEM = error {
            return Err(no_more("tasks", made, error));
        }
        if self.named {
            return Err(Failure::Usage(format!("--flags {text}")));
        }
        say(format_args!("left out {text}"));
        Ok(())
    }

    fn make_threads(&self) -> Result<Vec<JoinHandle<()>>, Failure> {
        let mut threads = Vec::new();
        for number in 0..self.threads {
            let mut builder = Builder::new().stack(self.stack);
            if !self.name.is_empty() {
                builder = builder.name(&format!("{}-{number}", self.name));
            }
            let go = self.go;
            let run = move || thread::current().end_with(wait_and_end(go, number));
            let thread = builder.spawn(run).map_err(|error| no_more("threads", number, error))?;
            match (self.sequence, self.detach) {
                (true, false) => thread.join(),
                (_, true) => thread.detach(),
                (false, false) => threads.push(thread),
            }
        }
        Ok(threads)
    }

    fn join(&self, threads: Vec<JoinHandle<()>>) -> Result<(), Failure> {
        threads.into_iter().for_each(JoinHandle::join);
        if !self.detach {
            return Ok(());
        }
        thread::until_alone(PATIENCE).doing("wait for the detached threads")
    }
}

/// Why there can be no more of them.
fn no_more(what: &str, number: u64, error: Errno) -> Failure {
    let limit = limits::behind(error);
    Failure::System { what: format!("make more than {number} {what} ({limit})"), error }
}

/// Says who is there, and waits until somebody has seen it.
fn hold(family: &Family, threads: &[JoinHandle<()>]) -> Result<(), Failure> {
    let threads = threads.iter().map(|thread| (thread.tid(), Flags::OF_THREAD));
    for (tid, flags) in family.waiting().chain(threads) {
        say(format_args!("task {tid} {flags}"));
    }
    say(format_args!("ready"));
    listen().doing("read standard input")
}

/// Holds the kernel to its rules, in a process between: some of the tasks are its siblings.
fn illegal(run: &mut Run) -> Result<(), Failure> {
    let counts = Shared::<[AtomicU64; 4]>::new(1).doing("map memory")?;
    let between = fork(|| {
        let trial = sets::try_rules();
        let surprises = trial.surprises.len() as u64;
        for (count, value) in
            counts[0].iter().zip([trial.made, trial.refused, trial.elsewise, surprises])
        {
            count.store(value, Ordering::Relaxed);
        }
        trial.surprises.iter().for_each(|surprise| say(format_args!("{surprise}")));
        0
    });
    let between = between.doing("make a process")?.tid();
    // Until then some of its siblings are in the ledger without their numbers: those in a pid
    // namespace of their own do not know them.
    process::until_zombie(between).doing("wait for the process between")?;
    while let Ok(exit) = process::wait_any() {
        ensure(exit.how == How::Exited(0), || format!("{} {}", exit.pid, exit.how))?;
    }
    let [made, refused, elsewise, surprises] =
        counts[0].each_ref().map(|count| count.load(Ordering::Relaxed));
    for (name, count) in [("made", made), ("refused", refused), ("refused_elsewise", elsewise)] {
        run.truth.count(name, count);
    }
    say(format_args!(
        "{made} sets made a task, {refused} were refused by a rule, {elsewise} for another reason"
    ));
    ensure(made > 0 && refused > 0, || format!("process {between} tried nothing"))?;
    ensure(surprises == 0, || format!("{surprises} sets are not as the rules say"))
}

/// What every task does.
fn wait_and_end(go: &Word, number: u64) -> u8 {
    go.wait(1);
    code(number)
}

/// The code that a task with this number ends with.
fn code(number: u64) -> u8 {
    number.to_le_bytes()[0]
}
