//! An export held against the report, number by number.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use super::counts::{
    flows_agree, losses_agree, number, processes_agree, rows, signals_agree, slices_agree,
};
use super::{Row, ask};
use crate::program::{run, tracer};

/// What is exported and reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of a recording in which nothing is missing.
    Whole,
    /// All of one where something is: counts are bounds then, and are not compared. Times are.
    Bounds,
    /// What happened between two times: a call or interrupt is in one part for the export, and whole
    /// for the report, so that they are not compared.
    Time(&'static str),
}

/// A task as both tell it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Task {
    /// Its number when it was born.
    tid: u64,
    tgid: u64,
    comm: String,
    /// Times by state, ns, as Perfetto names the states.
    states: BTreeMap<String, u64>,
    /// Stints that ended: switches away from it.
    switches: u64,
    /// Times it came or left unseen: a stint that ended so is none of the report's switches. By SQL
    /// it is not known.
    unseen: u64,
    /// Stints that by the scheduler's bill overlap another one of their CPU, or such parts of them:
    /// they are on CPUs of their own in the trace. The report does not count them apart.
    beside: u64,
    /// Waits for a CPU after a waking that ended.
    woken: u64,
    /// Futex calls that waited, and for how long, ns.
    futex_waits: (u64, u64),
}

/// Holds them against each other.
///
/// # Panics
/// If they differ.
#[track_caller]
pub fn held(dist: &Path, file: &Path, part: Part) {
    let options = if let Part::Time(time) = part { vec!["--time", time] } else { Vec::new() };
    let dir = tempfile::tempdir().expect("a temporary directory");
    let trace = dir.path().join("trace.pftrace");
    let _ended =
        run(tracer().arg("export").args(&options).arg("-o").arg(&trace).arg(file)).succeeded();
    let text = run(tracer().args(["report", "--json"]).args(&options).arg(file)).succeeded().stdout;
    let report: Value = serde_json::from_str(&text).expect("the report's JSON");
    let answers = ask(dist, &trace, &QUERIES.map(|query| numbered(query, &report)));
    let [errors, threads, states, stints, woken, futexes, processes, slices, flows, lost, signals] =
        &answers[..]
    else {
        unreachable!("an answer to each query")
    };
    assert_eq!(errors, &Vec::<Row>::new(), "errors of the reader");
    tasks_agree(&report, part, &[threads, states, stints, woken, futexes]);
    processes_agree(&report, processes);
    losses_agree(&report, lost);
    if part == Part::Whole {
        slices_agree(&report, slices);
        flows_agree(&report, flows);
        signals_agree(&report, signals);
    }
}

/// `END` is when the part ends on the trace's clock, ns; `CPUS` the lowest number that is no CPU's.
const QUERIES: [&str; 11] = [
    "select name, value from stats where value != 0 and severity = 'error'",
    "select utid, tid, coalesce(pid, -1), coalesce(thread.name, ''), is_main_thread
     from thread left join process using (upid) where utid > 0",
    "select utid, state, sum(dur) from thread_state where dur > 0 and state != 'X' group by 1, 2",
    "select utid, sum(cpu < CPUS), sum(cpu >= CPUS) from sched where dur > 0 and ts + dur < END
     group by 1",
    "select utid, count(*) from thread_state
     where state = 'R' and waker_utid is not null and dur > 0 and ts + dur < END group by 1",
    // EAGAIN: it did not wait.
    "select utid, count(*), sum(dur) from slice join thread_track on track_id = thread_track.id
     where category = 'futex_wait' and dur >= 0 and extract_arg(arg_set_id, 'debug.ret') != -11
     and extract_arg(arg_set_id, 'debug.began_before') is null group by 1",
    // The report takes a task that is known by its number only for a process of its own.
    "select pid, count(thread_state.id) from process
     left join thread using (upid) left join thread_state using (utid) where upid > 0 group by upid
     union all select tid, count(thread_state.id) from thread left join thread_state using (utid)
     where utid > 0 and upid is null and coalesce(name, '') = '' group by utid",
    "select category, count(*) from slice where dur >= 0 group by 1",
    "select a.category, b.category, count(*), sum(a.track_id = b.track_id), sum(b.ts < a.ts) from flow
     join slice a on slice_out = a.id join slice b on slice_in = b.id group by 1, 2",
    "select 'flag', idx, 1 from stats where name = 'ftrace_cpu_has_data_loss' and value > 0 union all
     select 'slice', cast(replace(t.name, 'Lost records CPU ', '') as int), count(*)
     from slice join track t on track_id = t.id where category = 'lost' group by 2",
    "select a.name, s.tid, t.tid, count(*) from flow
     join slice a on slice_out = a.id join thread_track x on a.track_id = x.id
     join thread s on s.utid = x.utid
     join slice b on slice_in = b.id join thread_track y on b.track_id = y.id
     join thread t on t.utid = y.utid
     where a.category = 'signal_generate' group by 1, 2, 3",
];

fn numbered(query: &str, report: &Value) -> String {
    let clocks = &report["capture"]["clocks"];
    let offset = number(&clocks["boottime_ns"]) - number(&clocks["monotonic_ns"]);
    let end = match &report["window"]["to_ns"] {
        Value::Null => number(&report["capture"]["end_ns"]),
        end => number(end),
    };
    let cpus = rows(&report["capture"], "cpus").iter().map(number).max().map_or(0, |max| max + 1);
    query.replace("END", &(end + offset).to_string()).replace("CPUS", &cpus.to_string())
}

fn tasks_agree(report: &Value, part: Part, answers: &[&Vec<Row>; 5]) {
    let (mut by_sql, others) = asked(answers);
    let processes = rows(report, "processes").iter();
    let parents: BTreeSet<u64> = processes.map(|process| number(&process["parent_tgid"])).collect();
    // Where records are missing a thread may be known by its name only.
    let known = |other: &Task| part == Part::Bounds || parents.contains(&other.tid);
    assert!(others.iter().all(known), "{others:?}");
    let mut by_report = reported(report);
    let quiet = report["anomalies"].as_object().is_some_and(serde_json::Map::is_empty);
    for task in by_sql.iter_mut().chain(&mut by_report) {
        if part != Part::Whole {
            (task.futex_waits, task.woken) = Default::default();
        }
        if part == Part::Bounds {
            (task.switches, task.beside) = (0, 0);
        }
        // Some wait for a CPU by a waking that came before they slept.
        if !quiet {
            task.woken = 0;
        }
    }
    by_sql.sort();
    by_report.sort();
    for (sql, report) in by_sql.iter_mut().zip(&mut by_report) {
        let ended = report.switches..=report.switches + report.unseen;
        if *ended.start() <= sql.switches + sql.beside && sql.switches <= *ended.end() {
            (sql.switches, sql.unseen, sql.beside) = (report.switches, report.unseen, 0);
        }
        if part == Part::Bounds && is_near(&sql.states, &report.states) {
            sql.states.clone_from(&report.states);
        }
        assert_eq!(sql, report, "a task by SQL and by the report");
    }
    assert_eq!(by_sql.len(), by_report.len(), "tasks");
}

/// Whether times differ by no more than a few ns from one state to another. Where records are missing,
/// what was written of a state is corrected at the same moment on another CPU, and of two CPUs at one
/// moment the reader takes either first.
fn is_near(a: &BTreeMap<String, u64>, b: &BTreeMap<String, u64>) -> bool {
    let near =
        |(name, ns): (&String, &u64)| b.get(name).is_some_and(|other| ns.abs_diff(*other) < 8);
    let sum = |states: &BTreeMap<String, u64>| states.values().sum::<u64>();
    a.len() == b.len() && a.iter().all(near) && sum(a) == sum(b)
}

/// The tasks by SQL, and threads of which nothing is known but that they were there.
fn asked([threads, states, stints, woken, futexes]: &[&Vec<Row>; 5]) -> (Vec<Task>, Vec<Task>) {
    let mut tasks: BTreeMap<u64, Task> = BTreeMap::new();
    for row in *threads {
        // A number that is in use twice at a time has this added.
        let real = |value: &Value| number(value) % (1 << 22);
        let comm = row[3].as_str().unwrap_or_default().to_owned();
        // Of a task that is known by its number only, the report takes it for a process of its own.
        let nameless = comm.is_empty() && row[2] == -1;
        let tgid = real(&row[if nameless { 1 } else { 2 }]);
        let task = Task { tid: real(&row[1]), tgid, comm, ..Task::default() };
        let leads = number(&row[4]) == 1;
        assert_eq!(leads, task.tid == task.tgid && !nameless, "{row:?}");
        tasks.insert(number(&row[0]), task);
    }
    let of = |tasks: &mut BTreeMap<u64, Task>, row: &Row, tell: &dyn Fn(&mut Task)| {
        tasks.entry(number(&row[0])).and_modify(|task| tell(task));
    };
    for row in *states {
        let state = match row[1].as_str().unwrap_or_default() {
            // The report has them together.
            "I" | "P" => "S",
            state => state,
        };
        of(&mut tasks, row, &|task| {
            *task.states.entry(state.to_owned()).or_default() += number(&row[2]);
        });
    }
    for row in *stints {
        of(&mut tasks, row, &|task| {
            (task.switches, task.beside) = (number(&row[1]), number(&row[2]));
        });
    }
    for row in *woken {
        of(&mut tasks, row, &|task| task.woken = number(&row[1]));
    }
    for row in *futexes {
        of(&mut tasks, row, &|task| task.futex_waits = (number(&row[1]), number(&row[2])));
    }
    tasks.into_values().partition(|task| !task.states.is_empty())
}

fn reported(report: &Value) -> Vec<Task> {
    let tasks = rows(report, "tasks");
    // Who takes over its leader's number by `exec` keeps its own in the trace, as the leader does.
    let taken: BTreeSet<(u64, u64)> = tasks
        .iter()
        .filter(|task| !task["old_tid"].is_null())
        .map(|task| (number(&task["old_tid"]), number(&task["tgid"])))
        .collect();
    let of = |task: &Value| {
        let (last, group) = (number(&task["tid"]), number(&task["tgid"]));
        let first = match &task["old_tid"] {
            Value::Null if taken.contains(&(last, group)) => group,
            Value::Null => last,
            old => number(old),
        };
        let delays = &task["run_delays_ns"];
        let count = |value: &Value| number(&value["count"]);
        Task {
            tid: first,
            tgid: group,
            comm: task["comm"].as_str().unwrap_or_default().to_owned(),
            states: states(task),
            switches: number(&task["switches"]["voluntary"])
                + number(&task["switches"]["involuntary"]),
            unseen: number(&task["unseen_switches"]),
            beside: 0,
            woken: count(&delays["woken"]) + count(&delays["new"]),
            futex_waits: (count(&task["futex_wait_ns"]), number(&task["futex_wait_ns"]["sum"])),
        }
    };
    tasks.iter().map(of).filter(|task| !task.states.is_empty()).collect()
}

/// The times of a task in states by Perfetto's names; none that are zero.
pub(super) fn states(task: &Value) -> BTreeMap<String, u64> {
    let preempted = number(&task["runnable_ns"]["preempted"]);
    let ns = |name: &str| number(&task["states_ns"][name]);
    let states = [
        ("Running", ns("running")),
        ("R", ns("runnable") - preempted),
        ("R+", preempted),
        ("S", ns("sleeping")),
        ("D", ns("uninterruptible")),
        ("T", ns("stopped")),
        ("t", ns("traced")),
        ("Z", ns("zombie")),
        ("SDT", ns("unknown")),
    ];
    let some = states.into_iter().filter(|(_, ns)| *ns > 0);
    some.map(|(name, ns)| (name.to_owned(), ns)).collect()
}
