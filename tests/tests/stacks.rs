//! Stacks: where tasks wait, in the kernel and in the program, and how long.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde::Deserialize;
use serde_json::Value;
use tests::program::run;
use tests::{Started, Trace, Traced, can_trace, tracer, workload};

/// The part of a report that is about them.
#[derive(Debug, Deserialize)]
struct Told {
    tasks: Vec<Task>,
    stacks: Vec<Row>,
    stack_counts: Option<Counts>,
}

#[derive(Debug, Deserialize)]
struct Task {
    tid: u32,
    comm: String,
    born: bool,
    exact: bool,
    start_ns: Option<u64>,
    states_ns: BTreeMap<String, u64>,
    runnable_ns: BTreeMap<String, u64>,
}

#[derive(Debug, Deserialize)]
struct Row {
    tid: u32,
    start_ns: Option<u64>,
    cause: Option<String>,
    count: u64,
    states_ns: BTreeMap<String, u64>,
    total_ns: u64,
    max_ns: u64,
    kernel: Option<Vec<String>>,
    user: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
struct Counts {
    told: u64,
}

impl Told {
    #[track_caller]
    fn of(traced: &Traced) -> Self {
        let ended = run(tracer().args(["report", "--json"]).arg(traced.file())).succeeded();
        let stacks: Self = serde_json::from_str(&ended.stdout).expect("the report's JSON");
        for row in &stacks.stacks {
            assert_eq!(row.states_ns.values().sum::<u64>(), row.total_ns, "{row:?}");
            assert!(row.max_ns <= row.total_ns, "{row:?}");
        }
        stacks
    }

    /// The time of a task in a state, by its stacks.
    fn ns(&self, task: &Task, state: &str) -> u64 {
        let of = |row: &&Row| (row.tid, row.start_ns) == (task.tid, task.start_ns);
        self.stacks.iter().filter(of).map(|row| row.states_ns[state]).sum()
    }
}

/// Whether the first function of a stack that has a name is one of these.
fn begins(functions: Option<&Vec<String>>, prefixes: &[&str]) -> bool {
    let mut named = functions.into_iter().flatten().filter(|name| !name.starts_with('['));
    named.next().is_some_and(|name| prefixes.iter().any(|prefix| name.starts_with(prefix)))
}

#[test]
fn a_wait_for_a_futex_shows_its_functions() {
    if !can_trace() {
        return;
    }
    // It lives longer than the recording, so that its code can be looked at whenever that is.
    let mut command = Command::new(workload("pingpong"));
    let pingpong = Started::of(command.args(["--rounds", "10000000"]));
    let pid = pingpong.pid().to_string();
    let traced = Trace::by(["-p", &pid, "-d", "300ms", "--stacks"]).run().exited(0);
    drop(pingpong);
    let stacks = Told::of(&traced);
    let count = |which: &dyn Fn(&Row) -> bool| -> u64 {
        stacks.stacks.iter().filter(|row| which(row)).map(|row| row.count).sum()
    };
    let waits = count(&|row| row.cause.as_deref() == Some("futex"));
    assert!(waits > 100, "{stacks:?}");
    let right = count(&|row| {
        let kernel = row.kernel.iter().flatten().any(|name| name.contains("futex_wait"));
        let user = begins(row.user.as_ref(), &["pingpong::", "workloads::"]);
        row.cause.as_deref() == Some("futex") && kernel && user
    });
    // Another stack can have the place of this one in the kernel's map, though hardly.
    assert_eq!(right, waits, "{stacks:?}");
    assert!(stacks.stack_counts.is_some_and(|counts| counts.told >= waits));
}

#[test]
fn with_all_stacks_all_time_off_the_cpus_has_one() {
    if !can_trace() {
        return;
    }
    let traced = Trace::of_workload("lock", &["--case", "all"]).with(["--stacks=all"]);
    let stacks = Told::of(&traced.run().exited(0));
    let mut compared = 0;
    for task in stacks.tasks.iter().filter(|task| task.born && task.exact) {
        for state in ["sleeping", "uninterruptible"] {
            assert_eq!(stacks.ns(task, state), task.states_ns[state], "{state} of {task:?}");
        }
        let runnable = &task.runnable_ns;
        let after_stacks = runnable["woken"] + runnable["preempted"];
        assert_eq!(stacks.ns(task, "runnable"), after_stacks, "{task:?}");
        compared += 1;
    }
    assert!(compared > 20, "{compared} of {:?}", stacks.tasks);
}

/// Sums of folded stacks by thread and last frame, and by whether there is a stack.
fn folded(file: &Path, by: &str) -> BTreeMap<(String, String), u64> {
    let export = ["export", "-f", "folded", "--by", by, "--inactive"];
    let ended = run(tracer().args(export).arg(file)).succeeded();
    let mut sums = BTreeMap::new();
    for line in ended.stdout.lines() {
        let (stack, ns) = line.rsplit_once(' ').expect("a stack and its time");
        let frames: Vec<&str> = stack.split(';').collect();
        let state = match by {
            "stack" => frames.last().expect("frames").trim_matches(['[', ']']),
            _ => frames[2],
        };
        let key = (frames[1].to_owned(), state.to_owned());
        *sums.entry(key).or_default() += ns.parse::<u64>().expect("ns");
    }
    sums
}

#[test]
fn the_folded_stacks_are_the_report_s_times() {
    if !can_trace() {
        return;
    }
    for option in ["--stacks", "--stacks=all"] {
        let traced = Trace::of_workload("lock", &["--case", "all"]).with([option]);
        let traced = traced.run().exited(0);
        let told = Told::of(&traced);
        let mut states = BTreeMap::new();
        for task in &told.tasks {
            for (state, ns) in &task.states_ns {
                if *ns > 0 && !["running", "zombie"].contains(&state.as_str()) {
                    *states.entry((task.comm.clone(), state.clone())).or_default() += ns;
                }
            }
        }
        assert_eq!(folded(&traced.file(), "stack"), states, "{option}");
        assert_eq!(folded(&traced.file(), "chain"), states, "{option}");
        // The default is the one that shows most, and the time with stacks is that of the report's.
        let ended = run(tracer().args(["export", "-f", "folded"]).arg(traced.file())).succeeded();
        let without = ended.stdout.lines().filter(|line| !line.contains("_[k];["));
        let ns = |line: &str| line.rsplit_once(' ').and_then(|(_, ns)| ns.parse::<u64>().ok());
        let without: u64 = without.filter_map(ns).sum();
        let all: u64 = ended.stdout.lines().filter_map(ns).sum();
        let with: u64 = told.stacks.iter().map(|row| row.total_ns).sum();
        assert_eq!(all - without, with, "{option}: {}", ended.stdout);
    }
}

#[test]
fn stacks_that_are_not_there_are_not_folded() {
    if !can_trace() {
        return;
    }
    let traced = Trace::of_workload("pingpong", &[]).run().exited(0);
    let export = ["export", "-f", "folded", "--by", "stack"];
    let ended = run(tracer().args(export).arg(traced.file()));
    assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{ended:?}");
    assert!(ended.stderr.contains("has no stacks: record with --stacks"), "{ended:?}");
}

#[test]
fn without_the_option_there_are_none() {
    if !can_trace() {
        return;
    }
    let stacks = Told::of(&Trace::of_workload("pingpong", &[]).run().exited(0));
    assert!(stacks.stacks.is_empty() && stacks.stack_counts.is_none(), "{stacks:?}");
}

#[test]
fn other_stacks_are_refused() {
    let ended = run(tracer().args(["record", "--stacks=some", "--", "true"]));
    assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{ended:?}");
    assert!(ended.stderr.contains("--stacks") && ended.stderr.contains("waits"), "{ended:?}");
}

#[test]
fn live_says_that_it_has_none() {
    for option in ["--stacks", "--stacks=all"] {
        let ended = run(tracer().args(["live", option, "--", "true"]));
        assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{ended:?}");
        assert!(ended.stderr.contains("tracer record --stacks"), "{ended:?}");
    }
}

#[test]
fn events_and_tables_tell_the_same_stacks() {
    if !can_trace() {
        return;
    }
    let traced = Trace::of_workload("lock", &["--case", "mutex"]).with(["--stacks"]);
    let traced = traced.run().exited(0);
    let told = Told::of(&traced);
    let export = |words: &[&str]| {
        run(tracer().arg("export").args(words).arg(traced.file())).succeeded().stdout
    };
    let lines = export(&["-f", "jsonl"]);
    let lines: Vec<Value> =
        lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let table = &lines.last().expect("an end")["stacks"];
    let names = |frames: &Value| -> Option<Vec<String>> {
        let places = frames.as_array().filter(|frames| !frames.is_empty())?.iter();
        let name = |at: &Value| table["names"][usize::try_from(at.as_u64()?).ok()?].as_str();
        places.map(|at| name(at).map(str::to_owned)).collect()
    };
    let mut counts: BTreeMap<(u64, Option<Vec<String>>), u64> = BTreeMap::new();
    for line in lines.iter().filter(|line| line["event"] == "stack") {
        let kernel = names(&table["kernel"][line["kernel_stack"].to_string()]);
        *counts.entry((line["tid"].as_u64().expect("a tid"), kernel)).or_default() += 1;
    }
    let mut rows = BTreeMap::new();
    for row in &told.stacks {
        *rows.entry((u64::from(row.tid), row.kernel.clone())).or_default() += row.count;
    }
    assert_eq!(counts, rows);
    let csv = export(&["-f", "csv", "--table", "stacks"]);
    assert_eq!(csv.lines().count(), told.stacks.len() + 1);
    let text = run(tracer().args(["report", "-s", "wakeups"]).arg(traced.file())).succeeded();
    assert!(text.stdout.contains("    kernel  "), "{}", text.stdout);
}
