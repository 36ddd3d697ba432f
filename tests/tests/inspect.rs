//! `tracer inspect` against `/proc`, kcmp and ptrace.

use std::collections::BTreeMap;
use std::io::BufRead as _;
use std::process::Command;

use rustix::process::{Signal, getpid};
use rustix::thread::gettid;
use serde_json::Value;
use tests::inspect::{Facts, Held, of, proc};
use tests::ptrace::Stopped;
use tests::{Started, can_trace, kcmp, program, skip, tracer, wait_until, workload};

/// What changes while a task sleeps: the kernel's own books of it are brought up to date.
const MOVES: [&str; 1] = ["se.exec_start"];

#[track_caller]
fn inspect(pid: u32) -> Value {
    let pid = pid.to_string();
    let ended = program::run(tracer().args(["inspect", "--json", &pid])).succeeded();
    serde_json::from_str(&ended.stdout).expect("JSON")
}

fn numbers(of: &Value) -> Vec<u32> {
    let numbers = of.as_array().into_iter().flatten();
    numbers.filter_map(|number| number.as_u64()?.try_into().ok()).collect()
}

/// Everything that `/proc` and an inspection have both is the same in both; what changed meanwhile
/// lies between.
#[track_caller]
fn agree(tid: u32, before: &Facts, ours: &Facts, after: &Facts) -> usize {
    let mut compared = 0;
    for (name, value) in ours {
        let (Some(first), Some(last)) = (before.get(name), after.get(name)) else { continue };
        if MOVES.contains(&&**name) {
            continue;
        }
        let number = |text: &String| text.parse::<u64>().ok();
        let between = || Some((number(first)?..=number(last)?).contains(&number(value)?));
        let same = value == first || value == last || between() == Some(true);
        assert!(same, "{name} of {tid}: /proc has {first:?} then {last:?}, inspect {value:?}");
        compared += 1;
    }
    compared
}

/// Holds every thread of a process against `/proc`; says how many fields that were at least.
#[track_caller]
fn agrees(pid: u32) -> (Value, usize) {
    let tids = |dir: &str| -> Vec<u32> {
        let entries = std::fs::read_dir(dir).expect("a process").flatten();
        let mut tids: Vec<u32> =
            entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
        tids.sort_unstable();
        tids
    };
    let tids = tids(&format!("/proc/{pid}/task"));
    let look = || tids.iter().map(|&tid| (tid, proc(pid, tid))).collect::<BTreeMap<_, _>>();
    let (before, found, after) = (look(), inspect(pid), look());
    assert_eq!(numbers(&found["process"]["tids"]), tids);
    let compared = tids.iter().map(|tid| agree(*tid, &before[tid], &of(&found, *tid), &after[tid]));
    let least = compared.min().expect("a thread");
    (found, least)
}

#[test]
fn every_field_that_proc_has_is_the_same() {
    if !can_trace() {
        return;
    }
    let held = Held::spawn(&["--threads", "12", "--processes", "2"]);
    let (found, compared) = agrees(held.pid());
    assert!(compared >= 85, "only {compared} fields were compared");
    assert_eq!(found["lwps"].as_array().map(Vec::len), Some(13));
    let children: Vec<u32> = held.program.children();
    let ours = found["process"]["children"].as_array().into_iter().flatten();
    let ours: Vec<u32> = ours.filter_map(|child| child["tgid"].as_u64()?.try_into().ok()).collect();
    assert_eq!(ours, children);
}

#[test]
fn other_policies_and_masks_are_the_same() {
    if !can_trace() {
        return;
    }
    let spawn = workload("spawn");
    let ways: [&[&str]; 4] =
        [&["chrt", "-f", "7"], &["chrt", "-b", "0"], &["nice", "-n", "7"], &["taskset", "-c", "0"]];
    for way in ways {
        let mut command = Command::new(way[0]);
        let held = Held::spawn_by(command.args(&way[1..]).arg(&spawn), &["--threads", "2"]);
        agrees(held.pid());
    }
}

#[test]
fn handlers_and_pending_signals_are_the_same() {
    if !can_trace() {
        return;
    }
    let script = "trap : USR1; trap '' HUP; trap : TERM; echo ready; read line";
    let held = Held::of(Command::new("bash").args(["-c", script]));
    held.program.signal(Signal::STOP);
    wait_until("it stops", || proc(held.pid(), held.pid())["State"] == "T");
    // One that is stopped keeps what would end it.
    held.program.signal(Signal::USR2);
    let (found, _) = agrees(held.pid());
    let action = |signal: usize| &found["process"]["handlers"][signal - 1]["action"];
    assert_eq!((action(1), action(10)), (&Value::from("ignored"), &Value::from("handled")));
    assert_eq!(found["process"]["shared_pending"], serde_json::json!(["SIGUSR2"]));
}

#[test]
fn what_is_shared_is_what_kcmp_says() {
    if !can_trace() {
        return;
    }
    let held = Held::spawn(&["--sets", "all"]);
    if let Err(error) = kcmp::same("mm", held.pid(), held.pid()) {
        return skip(&format!("kcmp: {error}"));
    }
    let found = inspect(held.pid());
    let process = &found["process"];
    let objects = [
        ("mm", &process["address_space"]),
        ("files", &process["files"]),
        ("fs", &process["fs"]),
        ("sighand", &process["sighand"]),
    ];
    let own = numbers(&process["tids"]);
    let mut shared = 0;
    for &task in &held.tasks {
        for (name, object) in &objects {
            let said = if own.contains(&task) {
                !numbers(&object["not_by"]).contains(&task)
            } else {
                numbers(&object["shared_with"]).contains(&task)
            };
            let same = kcmp::same(name, held.pid(), task).expect("kcmp");
            assert_eq!(said, same, "{name} of {task}");
            shared += usize::from(same && task != held.pid());
        }
    }
    assert!(shared > 4, "only {shared} are shared");
}

#[test]
#[cfg(target_arch = "x86_64")]
fn registers_are_those_that_ptrace_has() {
    if !can_trace() {
        return;
    }
    let held = Held::spawn(&["--threads", "2"]);
    for &tid in &held.tasks {
        let stopped = match Stopped::new(tid) {
            Ok(stopped) => stopped,
            Err(error) => return skip(&format!("ptrace: {error}")),
        };
        let found = inspect(held.pid());
        let mut lwps = found["lwps"].as_array().into_iter().flatten();
        let lwp = lwps.find(|lwp| lwp["tid"] == tid).expect("the thread");
        let ours: Vec<(&str, u64)> = lwp["registers"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|it| Some((it["name"].as_str()?, it["value"].as_u64()?)))
            .collect();
        assert_eq!(ours, stopped.registers().expect("registers"));
        assert_eq!(lwp["tls"].as_u64(), ours.iter().find(|it| it.0 == "fs_base").map(|it| it.1));
        let mut threads = found["kernel_threads"].as_array().into_iter().flatten();
        let thread = threads.find(|row| row["tid"] == tid).expect("the thread");
        assert_eq!(thread["state"], "t");
        assert_eq!(thread["tracer_tgid"], getpid().as_raw_nonzero().get());
    }
}

#[test]
fn a_kernel_thread_has_no_user_side() {
    if !can_trace() {
        return;
    }
    let kthreadd = 2;
    let (found, _) = agrees(kthreadd);
    assert_eq!(
        (&found["process"]["kernel"], &found["lwps"]),
        (&Value::from(true), &Value::from(Vec::<u8>::new()))
    );
    assert!(found["process"]["address_space"].is_null());
}

#[test]
fn alternate_stacks_lie_in_the_memory_of_their_program() {
    if !can_trace() {
        return;
    }
    // The standard library gives each thread of this test one.
    let own = u32::try_from(getpid().as_raw_nonzero().get()).expect("a number");
    let tid = gettid().as_raw_nonzero().get();
    let maps = std::fs::read_to_string("/proc/self/maps").expect("maps");
    let found = inspect(own);
    let mut lwps = found["lwps"].as_array().into_iter().flatten();
    let stack = &lwps.find(|lwp| lwp["tid"] == tid).expect("this thread")["alternate_stack"];
    let begin = stack["sp"].as_u64().expect("a place");
    let end = begin + stack["size_bytes"].as_u64().expect("a size");
    let holds = |line: &str| {
        let (from, to) = line.split_once(' ')?.0.split_once('-')?;
        let at = |text| u64::from_str_radix(text, 16).ok();
        Some(at(from)? <= begin && end <= at(to)? && line.contains(" rw"))
    };
    assert!(maps.lines().any(|line| holds(line) == Some(true)), "{stack}: {maps}");
}

#[test]
fn five_thousand_threads_are_all_there() {
    if !can_trace() {
        return;
    }
    let held = Held::spawn(&["--threads", "5000", "--stack", "16384"]);
    let found = inspect(held.pid());
    let tids = numbers(&found["process"]["tids"]);
    assert_eq!(tids.len(), 5001);
    assert!(held.tasks.iter().all(|tid| tids.contains(tid)));
    for list in ["lwps", "kernel_threads"] {
        assert_eq!(found[list].as_array().map(Vec::len), Some(5001), "{list}");
    }
}

#[test]
fn what_is_not_there_is_one_line() {
    if !can_trace() {
        return;
    }
    let gone = program::run(tracer().args(["inspect", "4194303"]));
    assert!(gone.refused(2).contains("no process or thread 4194303"));
    let wrong = program::run(tracer().args(["inspect", "me"]));
    assert_eq!((wrong.code, &*wrong.stdout), (2, ""));
}

#[test]
fn a_watch_ends_with_its_process() {
    if !can_trace() {
        return;
    }
    let mut held = Held::spawn(&["--threads", "2"]);
    let pid = held.pid().to_string();
    let mut watch = Started::of(tracer().args(["inspect", "--json", "--watch=10ms", &pid]));
    let mut lines = watch.stdout.take().expect("its output").lines();
    for _ in 0..2 {
        let line = lines.next().expect("a line").expect("text");
        let found: Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(found["process"]["nr_threads"], 3);
    }
    held.program.last_line("end");
    drop(held);
    assert!(lines.all(|line| line.is_ok()), "it ends");
    assert_eq!(watch.end().code, 0);
}
