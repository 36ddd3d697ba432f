//! Tasks of different policies and priorities on one CPU, and what each gets of it.
#![no_std]
#![no_main]

extern crate alloc;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use rustix::io::Errno;
use workloads::cli::{Args, Opt, Program};
use workloads::failure::{Doing as _, Failure, ensure};
use workloads::rt::{Run, say};
use workloads::sched::Policy;
use workloads::sched::contest::{self, Contest, Ran, Rules};
use workloads::signal::send;
use workloads::truth::Span;

workloads::program!(&PROGRAM, run);

static PROGRAM: Program = Program {
    name: "prio",
    about: "Tasks of different policies and priorities on one CPU, and what each gets of it.",
    options: &[
        Opt {
            name: "policy",
            value: "POLICY",
            default: "all",
            help: "other, batch or idle: two fair tasks of different weight. fifo: a task wakes \
                   one of higher priority. rr: a task wakes one of its own priority. deadline: one \
                   task with a time in each period. all: each that the kernel allows",
        },
        Opt { name: "nice", value: "N", default: "10", help: "Of the lighter task, 5 to 19" },
        Opt {
            name: "time",
            value: "TIME",
            default: "60ms",
            help: "CPU time of two fair tasks, 50ms to 10s",
        },
        Opt {
            name: "priority",
            value: "N",
            default: "10",
            help: "Of the lower real-time task, 1 to 98",
        },
        Opt {
            name: "burst",
            value: "TIME",
            default: "10ms",
            help: "CPU time of each real-time task, 1ms to 300ms. The truth has a span for each \
                   task, named as fifo/high (of: its CPU time, ns), and the counts \"policy TID\", \
                   \"priority TID\" and \"nice TID\" (plus 20)",
        },
    ],
    examples: &["--policy other --nice 5", "--policy fifo", "--policy rr --burst 250ms"],
};

/// Longer than all contests take that go well, even on a busy machine.
const TOO_LONG: Duration = Duration::from_mins(3);

fn run(run: &mut Run) -> Result<(), Failure> {
    let rules = rules(&run.args)?;
    let contests = contest::all(rules);
    let names = contests.iter().map(|contest| (contest.name, Some(contest.name)));
    let choices: Vec<_> = names.chain([("all", None)]).collect();
    let chosen = run.args.choice("policy", &choices)?;
    send::alarm(TOO_LONG).doing("set the watchdog")?;
    let mut refused = 0;
    for contest in contests.iter().filter(|one| chosen.is_none_or(|name| name == one.name)) {
        match contest::hold(rules, contest)? {
            Ok(ran) => settle(run, rules, contest, &ran)?,
            Err((policy, error)) => {
                let what = refusal(contest.name, policy, error);
                if chosen.is_some() {
                    return Err(Failure::Usage(what));
                }
                say(format_args!("{what}; left out"));
                refused += 1;
            }
        }
    }
    run.truth.count("refused", refused);
    Ok(())
}

fn rules(args: &Args) -> Result<Rules, Failure> {
    let nanoseconds = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    let milliseconds = |from, to| Duration::from_millis(from)..=Duration::from_millis(to);
    Ok(Rules {
        // Both fit by their ranges.
        nice: i32::try_from(args.number("nice", 5..=19)?).unwrap_or_default(),
        time_ns: nanoseconds(args.time("time", milliseconds(50, 10_000))?),
        priority: u32::try_from(args.number("priority", 1..=98)?).unwrap_or_default(),
        burst_ns: nanoseconds(args.time("burst", milliseconds(1, 300))?),
    })
}

/// Why a contest cannot be held.
fn refusal(contest: &str, policy: Policy, error: Errno) -> String {
    let why = match error {
        Errno::PERM if matches!(policy, Policy::Deadline { .. }) => {
            "EPERM: it needs CAP_SYS_NICE, and leave to run on every CPU"
        }
        Errno::PERM => "EPERM: it needs CAP_SYS_NICE or a higher RLIMIT_RTPRIO",
        Errno::BUSY => "EBUSY: there is not so much CPU time to promise",
        Errno::INVAL => "EINVAL: it takes no such value",
        _ => return format!("--policy {contest}: the kernel refuses {policy}: {error}"),
    };
    format!("--policy {contest}: the kernel refuses {policy}: {why}")
}

/// Writes down what the tasks got, and holds the kernel to its promise.
fn settle(run: &mut Run, rules: Rules, contest: &Contest, ran: &[Ran]) -> Result<(), Failure> {
    ensure(ran.len() == contest.tasks.len(), || format!("{}: a task is missing", contest.name))?;
    let mut shown = Vec::new();
    for (task, ran) in contest.tasks.iter().zip(ran) {
        let Ran { tid, attributes, cpu_ns, from_ns, to_ns, .. } = *ran;
        let what = format!("{}/{}", contest.name, task.role);
        let (policy, priority) = (u64::from(attributes.policy), u64::from(attributes.priority));
        run.truth.count(&format!("policy {tid}"), policy);
        run.truth.count(&format!("priority {tid}"), priority);
        run.truth.count(&format!("nice {tid}"), u64::from((attributes.nice + 20).unsigned_abs()));
        let cpu = Duration::from_nanos(cpu_ns);
        shown.push(format!(
            "{} {cpu:.1?} of {:.1?}",
            task.role,
            Duration::from_nanos(to_ns - from_ns)
        ));
        run.truth.spans.push(Span { what, tid, of: cpu_ns, from_ns, to_ns });
        ensure(task.policy.is(&attributes), || {
            format!("{} was to be {}, and is {attributes:?}", task.role, task.policy)
        })?;
    }
    say(format_args!("{}: CPU time: {}", contest.name, shown.join(", ")));
    (contest.check)(rules, ran)
}
