//! What can be asked of recordings: rows of some tasks, their order, the first of them, and what
//! changed between two. The recordings are written here; no kernel is asked.
#![expect(clippy::unwrap_used, reason = "how a test's helper fails the test")]

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;
use tests::program::{Ended, run};
use tests::tracer;
use tracer::source::recording::{End, Start, Writer};
use tracer::views::report::Section;
use tracer_common::record::{Switch, TaskSeen, Waking};
use tracer_common::task::{Identity, TaskKey};
use tracer_common::{Header, Kind, WIRE_VERSION, counter};
use zerocopy::{FromZeros, IntoBytes};

const IDLE: u32 = 0;

/// A task that sleeps since before the trace.
fn seen(tid: u32, name: &str) -> Vec<u8> {
    let mut comm = [0; 16];
    comm[..name.len()].copy_from_slice(name.as_bytes());
    let key = TaskKey { tid, tgid: tid, start_ns: u64::from(tid) };
    let identity = Identity { key, comm, ..Identity::new_zeroed() };
    let header = header(1, Header::NO_CPU, 0, Kind::TASK, size_of::<TaskSeen>());
    let seen = TaskSeen { header, identity, state: 1, followed: 1, ..TaskSeen::new_zeroed() };
    seen.as_bytes().to_vec()
}

fn header(at_ns: u64, cpu: u16, seq: u32, kind: u8, length: usize) -> Header {
    Header { at_ns, seq, cpu, kind, words: u8::try_from(length / 8).unwrap() }
}

/// Tasks `one` (10) and `two` (20) run one after the other on CPU 0. One waits 5 us and runs for so
/// long, two waits for it and runs for 1 us.
fn recording(ran_ns: u64) -> Vec<u8> {
    let start = Start { wire_version: WIRE_VERSION, cpus: vec![0], ..Start::default() };
    let mut bytes = [seen(10, "one"), seen(20, "two")].concat();
    let mut seq = 0;
    let mut next = |at_ns, kind, length| {
        seq += 1;
        header(at_ns, 0, seq - 1, kind, length)
    };
    for (tid, waker_tid) in [(10, 1), (20, 10)] {
        let header = next(1_000, Kind::WAKING, size_of::<Waking>());
        let waking = Waking { header, tid, waker_tid, ..Waking::new_zeroed() };
        bytes.extend(waking.as_bytes());
    }
    let end_ns = 6_000 + ran_ns;
    for (at_ns, prev, next_tid) in [(6_000, IDLE, 10), (end_ns, 10, 20), (end_ns + 1_000, 20, IDLE)]
    {
        let header = next(at_ns, Kind::SWITCH, size_of::<Switch>());
        let (prev_tid, prev_state) = (prev, u32::from(prev != IDLE));
        let prev_runtime_ns = if prev == 10 { ran_ns } else { 1_000 };
        let switch = Switch {
            header,
            prev_tid,
            next_tid,
            prev_state,
            prev_runtime_ns,
            ..Switch::new_zeroed()
        };
        bytes.extend(switch.as_bytes());
    }
    let mut writer = Writer::create(Vec::new(), &start).unwrap();
    writer.records(0, &bytes).unwrap();
    let mut counters = vec![0; counter::COUNT];
    counters[counter::EMITTED] = u64::from(seq);
    let mut end = End { counters: vec![counters], ..End::default() };
    end.clocks.monotonic_ns = end_ns + 2_000;
    writer.finish(&end).unwrap()
}

fn files() -> (TempDir, PathBuf, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let (slow, fast) = (dir.path().join("slow"), dir.path().join("fast"));
    fs::write(&slow, recording(50_000)).unwrap();
    fs::write(&fast, recording(20_000)).unwrap();
    (dir, slow, fast)
}

fn report(file: &Path, options: &[&str]) -> Ended {
    run(tracer().arg("report").arg(file).args(options))
}

fn diff(a: &Path, b: &Path, options: &[&str]) -> Ended {
    run(tracer().arg("diff").args([a, b]).args(options))
}

fn json(ended: Ended) -> Value {
    serde_json::from_str(&ended.succeeded().stdout).unwrap()
}

fn tids(report: &Value) -> Vec<u64> {
    report["tasks"].as_array().unwrap().iter().map(|task| task["tid"].as_u64().unwrap()).collect()
}

#[test]
fn every_section_takes_every_option() {
    let (_dir, file, _) = files();
    for section in Section::ALL.map(Section::name).into_iter().chain(["all"]) {
        for options in [&["--tid", "10"][..], &["--comm", "one,two"], &["--top", "1"], &["--json"]]
        {
            let options = [&["-s", section][..], options].concat();
            let ended = report(&file, &options).succeeded();
            assert!(!ended.stdout.is_empty() && ended.stderr.is_empty(), "{options:?}: {ended:?}");
        }
    }
}

#[test]
fn rows_are_of_the_tasks_that_were_asked_for() {
    let (_dir, file, _) = files();
    assert_eq!(tids(&json(report(&file, &["--json"]))), [10, 20]);
    for options in [["--tid", "20"], ["--comm", "two"]] {
        let found = json(report(&file, &[&options[..], &["--json"]].concat()));
        assert_eq!(tids(&found), [20], "{options:?}");
        assert_eq!(found["wakeups"].as_array().map(Vec::len), Some(1), "{options:?}");
        let text = report(&file, &[&options[..], &["-s", "states"]].concat()).succeeded().stdout;
        assert!(text.contains("two") && !text.contains("one"), "{text}");
    }
    // The waker's name is known though it has no row.
    let text = report(&file, &["--tid", "20", "-s", "wakeups"]).succeeded().stdout;
    assert!(text.contains("one 10"), "{text}");
}

#[test]
fn rows_are_sorted_and_cut() {
    let (_dir, file, _) = files();
    let first = |options: &[&str]| {
        let text = report(&file, options).succeeded().stdout;
        text.lines().nth(2).unwrap().split_whitespace().nth(1).unwrap().to_owned()
    };
    assert_eq!(first(&["-s", "latency"]), "one");
    assert_eq!(first(&["-s", "latency", "--sort", "max"]), "two");
    assert_eq!(first(&["-s", "latency", "--sort", "TID"]), "one");
    let found = json(report(&file, &["--json", "--sort", "max", "--top", "1"]));
    assert_eq!(tids(&found), [20]);
    assert_eq!(found["selection"]["left_out"]["tasks"], 1);
    let text = report(&file, &["-s", "latency", "--top", "1"]).succeeded().stdout;
    assert!(text.contains("… 1 more, --top"), "{text}");
}

#[test]
fn nonsense_is_refused() {
    let (_dir, file, _) = files();
    let refused = |options: &[&str]| report(&file, options).refused(2).to_owned();
    assert!(refused(&["--tid", "99"]).contains("no task has the number 99"));
    assert!(refused(&["--comm", "nobody"]).contains("no task has the name 'nobody'"));
    let columns = refused(&["-s", "irqs", "--sort", "color"]);
    assert!(
        columns.contains("irqs has CLASS, NR, NAME, COUNT, TOTAL, AVG, P50, P99, MAX"),
        "{columns}"
    );
    refused(&["--sort", "color", "--json"]);
    // What cannot be a value at all is told by the words of the command line.
    for options in [["--top", "0"], ["--top", "many"], ["--tid", "0"], ["--tid", "x"], ["-s", "x"]]
    {
        let ended = report(&file, &options);
        assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{options:?}: {ended:?}");
        assert!(ended.stderr.starts_with("error: invalid value"), "{options:?}: {ended:?}");
    }
    // A column is looked at before anything is run.
    let ended = run(tracer().args(["run", "--sort", "color", "--", "echo", "ran"]));
    ended.refused(2);
}

#[test]
fn a_comparison_says_what_changed() {
    let (_dir, slow, fast) = files();
    let found = json(diff(&slow, &fast, &["--json"]));
    let groups = found["groups"].as_array().unwrap();
    assert_eq!(groups[0]["process"], "one", "its running time changed most");
    let running = groups[0]["measures"].as_array().unwrap();
    let running = running.iter().find(|measure| measure["measure"] == "running").unwrap();
    assert_eq!((&running["a"], &running["b"]), (&50_000.into(), &20_000.into()));
    assert_eq!((&running["change"], &running["change_milli"]), (&(-30_000).into(), &(-600).into()));
    assert_eq!(
        (&found["a"]["length_ns"], &found["b"]["length_ns"]),
        (&58_000.into(), &28_000.into())
    );
    let text = diff(&slow, &fast, &[]).succeeded().stdout;
    assert!(text.contains("-30.00us") && text.contains("-60.0"), "{text}");
    assert!(text.contains("A/s"), "the lengths differ: {text}");
    let of_two = json(diff(&slow, &fast, &["--json", "--comm", "two", "--top", "1"]));
    assert_eq!(of_two["groups"].as_array().map(Vec::len), Some(1));
    assert_eq!(of_two["groups"][0]["process"], "two");
    let same = diff(&slow, &slow, &[]).succeeded().stdout;
    assert!(same.contains("TASKS\n  2 without any change\n"), "{same}");
}

#[test]
fn what_cannot_be_compared_is_refused_in_one_line() {
    let (dir, good, _) = files();
    let bad = dir.path().join("bad");
    fs::write(&bad, "no recording").unwrap();
    for (a, b) in [(&good, &bad), (&bad, &good)] {
        assert!(diff(a, b, &[]).refused(125).contains("bad"));
    }
    assert!(diff(&good, Path::new("/no/such"), &[]).refused(125).contains("/no/such"));
    assert!(diff(&good, &good, &["--comm", "nobody"]).refused(2).contains("nobody"));
}
