//! User threads on kernel threads, in three models; the same program gives the same result in each.
#![no_std]
#![no_main]

extern crate alloc;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use workloads::cli::{Args, Opt, Program};
use workloads::clock;
use workloads::failure::{Doing as _, Failure, ensure};
use workloads::rt::{Run, say};
use workloads::truth::Truth;
use workloads::uthread::measure::{Costs, measure};
use workloads::uthread::work::{Done, Plan, Work};
use workloads::uthread::{self, CARRIERS, Config, Counts, Model, Report};

workloads::program!(&PROGRAM, run);

static PROGRAM: Program = Program {
    name: "uthreads",
    about: "User threads on kernel threads: many to one, one to one, or many to many.\n\n\
        The result of a work does not depend on the model; it is checked against the same sum \
        without threads. Probes of the provider uthread show every switch, park, unpark, steal, \
        spawn and exit to a tracer.\n\n\
        The truth counts: switches, yields, parks, unparks, steals, spawns and exits, of all and, \
        but for one-to-one, of each carrier (carrier.N.switches and so on, with carrier.N.tid), and \
        of who is no user thread (outside.*); checksum; with --measure switch_ps, same_cpu_ps and \
        two_cpus_ps. Its spans: stall, a blocking system call of the user thread `of` on the \
        carrier `tid`.",
    options: &[
        Opt {
            name: "model",
            value: "MODEL",
            default: "many-to-many",
            help: "many-to-one, one-to-one or many-to-many",
        },
        Opt {
            name: "work",
            value: "WORK",
            default: "yield",
            help: "yield, park (a token goes round), mutex, channel (a pipeline), sleep, block (in \
                the kernel) or mixed",
        },
        Opt { name: "uthreads", value: "U", default: "8", help: "User threads beside the first" },
        Opt {
            name: "carriers",
            value: "L",
            default: "2",
            help: "Kernel threads that carry them, many to many",
        },
        Opt { name: "rounds", value: "N", default: "100", help: "Rounds of each" },
        Opt { name: "time", value: "TIME", default: "1ms", help: "Time of a sleep or a block" },
        Opt { name: "stack", value: "BYTES", default: "32768", help: "Stack of each" },
        Opt {
            name: "measure",
            value: "",
            default: "",
            help: "Then measure a switch of user threads, and of kernel threads by futex",
        },
    ],
    examples: &[
        "--model many-to-one --work yield --uthreads 2 --rounds 1000",
        "--work block --uthreads 4 --carriers 2 --rounds 5 --time 10ms",
        "--model one-to-one --work channel --uthreads 16",
    ],
};

fn run(run: &mut Run) -> Result<(), Failure> {
    let config = config(&run.args)?;
    let plan = plan(&run.args)?;
    let start = clock::now_ns();
    let (done, report) = uthread::run(&config, move || plan.run()).doing("make threads")?;
    let time = clock::now_ns() - start;
    let done = done.doing("make user threads")?;
    let total = report.total();
    tell(&mut run.truth, config.model, &report);
    run.truth.count("checksum", done.checksum);
    check(&config, &plan, &report, &done)?;
    took(&config, &plan, time)?;
    say(format_args!(
        "{} user threads on {} kernel threads, {} rounds of {} each, in {} us",
        plan.uthreads,
        report.carriers.len(),
        plan.rounds,
        run.args.text("work"),
        time / 1000,
    ));
    say(format_args!("{}, checksum {:016x}", list(&total), done.checksum));
    run.truth.spans.extend(done.spans);
    if run.args.is_on("measure") {
        let costs = measure().doing("measure")?;
        compare(&mut run.truth, &costs);
    }
    Ok(())
}

fn config(args: &Args) -> Result<Config, Failure> {
    let models = [
        ("many-to-one", Model::ManyToOne),
        ("one-to-one", Model::OneToOne),
        ("many-to-many", Model::ManyToMany),
    ];
    let model = args.choice("model", &models)?;
    let carriers = args.count("carriers", 1..=CARRIERS)?;
    if model != Model::ManyToMany && args.is_on("carriers") {
        let model = args.text("model");
        return Err(Failure::Usage(format!("--carriers is for many-to-many, not for {model}")));
    }
    Ok(Config { model, carriers, stack: args.count("stack", 16 << 10..=8 << 20)? })
}

fn plan(args: &Args) -> Result<Plan, Failure> {
    let works = [
        ("yield", Work::Yield),
        ("park", Work::Park),
        ("mutex", Work::Mutex),
        ("channel", Work::Channel),
        ("sleep", Work::Sleep),
        ("block", Work::Block),
        ("mixed", Work::Mixed),
    ];
    Ok(Plan {
        work: args.choice("work", &works)?,
        uthreads: args.number("uthreads", 1..=10_000)?,
        rounds: args.number("rounds", 1..=10_000_000)?,
        time: args.time("time", Duration::from_nanos(1)..=Duration::from_secs(1))?,
    })
}

/// Writes down what was counted.
fn tell(truth: &mut Truth, model: Model, report: &Report) {
    let mut tell = |prefix: &str, counts: &Counts| {
        for (name, count) in counts.named() {
            truth.count(&format!("{prefix}{name}"), count);
        }
    };
    tell("", &report.total());
    tell("outside.", &report.outside);
    // One to one it would be as many as user threads.
    let carriers = if model == Model::OneToOne { &[] } else { report.carriers.as_slice() };
    for (number, carrier) in carriers.iter().enumerate() {
        tell(&format!("carrier.{number}."), &carrier.counts);
    }
    for (number, carrier) in carriers.iter().enumerate() {
        truth.count(&format!("carrier.{number}.tid"), u64::from(carrier.tid));
    }
}

/// What has to be, whatever the schedule was.
fn check(config: &Config, plan: &Plan, report: &Report, done: &Done) -> Result<(), Failure> {
    let total = report.total();
    let is = |what: &str, found: u64, expected: u64| {
        ensure(found == expected, || format!("{found} {what}, not {expected}"))
    };
    is("as a checksum", done.checksum, plan.checksum())?;
    is("spawns", total.spawns, plan.made())?;
    is("exits", total.exits, total.spawns)?;
    is("unparks", total.unparks, total.parks)?;
    is("yields", total.yields, plan.yields())?;
    is("stalls", done.spans.len() as u64, plan.blocks())?;
    match config.model {
        Model::OneToOne => {
            is("switches", total.switches, 0)?;
            is("kernel threads", report.carriers.len() as u64, total.spawns)?;
        }
        Model::ManyToOne => {
            is("carriers", report.carriers.len() as u64, 1)?;
            if let Some(switches) = plan.switches_on_one() {
                is("switches", total.switches, switches)?;
            }
        }
        Model::ManyToMany => is("carriers", report.carriers.len() as u64, config.carriers as u64)?,
    }
    let thieves = config.model == Model::ManyToMany && config.carriers > 1;
    ensure(thieves || total.steals == 0, || format!("{} steals", total.steals))
}

/// The time it took, at least: what is in the kernel keeps its carrier, what sleeps does not.
fn took(config: &Config, plan: &Plan, time: u64) -> Result<(), Failure> {
    let at_once = match config.model {
        Model::ManyToOne => 1,
        Model::OneToOne => plan.uthreads,
        Model::ManyToMany => config.carriers as u64,
    };
    let each = u64::try_from(plan.time.as_nanos()).unwrap_or(u64::MAX);
    let least = match plan.work {
        Work::Sleep => plan.rounds * each,
        _ => (plan.blocks() * each).div_ceil(at_once),
    };
    ensure(time >= least, || format!("it took {time} ns, at least {least} are needed"))
}

/// The counts in words.
fn list(counts: &Counts) -> String {
    let words: Vec<String> =
        counts.named().iter().map(|(name, count)| format!("{count} {name}")).collect();
    words.join(", ")
}

/// Says what switches cost.
fn compare(truth: &mut Truth, costs: &Costs) {
    truth.count("switch_ps", costs.switch_ps);
    truth.count("same_cpu_ps", costs.same_cpu_ps);
    let two = costs.two_cpus_ps.inspect(|time| truth.count("two_cpus_ps", *time));
    let times = |time: u64| format!("{} ns ({} times)", time / 1000, time / costs.switch_ps.max(1));
    say(format_args!(
        "a switch of user threads takes {}.{} ns, one of kernel threads by futex {} on one CPU, {} \
         between two",
        costs.switch_ps / 1000,
        costs.switch_ps % 1000 / 100,
        times(costs.same_cpu_ps),
        two.map_or_else(|| String::from("unknown"), times),
    ));
}
