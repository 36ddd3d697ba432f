//! `tracer explain` knows every word that a view really prints.
//!
//! What is a word, and what is data, says `tests::words`. The views are run on recordings that have
//! something in every section. What these do not print, `tracer/src/explain/tests.rs` has by the source.

use std::collections::BTreeSet;
use std::io::BufRead as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tests::browser::{Browser, chromium};
use tests::perfetto::trace_processor;
use tests::program::run;
use tests::words::page::shown;
use tests::words::perfetto::told;
use tests::words::{Places, assert_explained, cells, headings, json, merge};
use tests::{Started, Trace, Traced, can_trace, lossy, tracer, workload};
use tracer::views::csv::Table;

/// Workloads that have something to say in every section.
const WORKLOADS: [(&str, &[&str]); 7] = [
    ("signals", &[]),
    ("lock", &["--case", "all", "--rounds", "20"]),
    ("tree", &["--threads", "4"]),
    ("spawn", &[]),
    ("prodcons", &["--items", "100"]),
    ("irqload", &["--timers", "20", "--writes", "5", "--datagrams", "50"]),
    ("uthreads", &["--work", "mixed"]),
];

/// Threads only, which end with their process however this test ends.
const HELD: &str = "--hold --processes 0 --vforks 0 --programs 0 --clones 0";

fn said(file: &Path, args: &[&str]) -> String {
    run(tracer().args(args).arg(file)).succeeded().stdout
}

fn recorded(workloads: &[(&str, &[&str])]) -> Vec<Traced> {
    let record = |(name, args): &(&str, &[&str])| {
        Trace::of_workload(name, args).with(["--stacks"]).run().exited(0)
    };
    workloads.iter().map(record).collect()
}

/// Recordings that differ in what a picture draws; one is of the whole machine, and lacks records.
fn unlike() -> Vec<Traced> {
    let lossy = lossy(|| {
        let storm = ["--kind", "mixed", "--tasks", "4", "--count", "2000"];
        Trace::of_workload("storm", &storm).with(["--all"])
    });
    let mut recordings = recorded(&[WORKLOADS[0], WORKLOADS[1], WORKLOADS[6]]);
    recordings.push(lossy);
    recordings
}

fn explain(args: &[&str]) -> Command {
    let mut command = tracer();
    command.arg("explain").args(args);
    command
}

#[test]
fn every_word_of_every_view_of_a_recording_is_explained() {
    if !can_trace() {
        return;
    }
    let traced = recorded(&WORKLOADS);
    let files: Vec<PathBuf> = traced.iter().map(Traced::file).collect();
    for file in &files {
        report(file);
        timeline(file);
        exports(file);
        verdict(file);
    }
    tables(&files[0]);
    diff(&files[0], &files[1]);
}

/// A table has its columns also if it has no rows.
fn tables(file: &Path) {
    for table in Table::ALL {
        let csv = said(file, &["export", "-f", "csv", "--table", table.name(), "-o", "-"]);
        assert_explained(table.name(), csv.lines().next().expect("a heading").split(','));
    }
}

fn report(file: &Path) {
    let text = said(file, &["report", "-s", "all"]);
    let headings = headings(&text);
    assert!(headings.len() > 70, "{headings:?}");
    assert_explained("report", headings);
    // Legends and enumerations of the text.
    let legend =
        text.lines().find_map(|line| line.trim().strip_prefix("shared with the creator: "));
    let resources = legend.expect("a legend").split(", ").filter_map(|one| one.split(' ').nth(1));
    assert_explained("report's legend", resources);
    let moves = text.lines().find_map(|line| line.trim().strip_prefix("migrations: "));
    let moves = moves.expect("migrations").split([',', ';']).next().unwrap_or_default();
    assert_explained("report's migrations", moves.split(' ').take(1));
    let report: Value = serde_json::from_str(&said(file, &["report", "--json"])).expect("JSON");
    assert_explained("report --json", json(&report));
}

/// Headings, and the legend: a letter and what it stands for, in columns.
fn timeline(file: &Path) {
    let text = said(file, &["timeline", "--width", "120"]);
    let rows = |name: &str| text.lines().find(|line| line.trim().starts_with(name));
    for (name, heading) in [("CPU ", "BUSY%"), ("TASK ", "RUN%")] {
        let heads: Vec<&str> = rows(name).expect(heading).split_whitespace().collect();
        assert!(heads.contains(&heading), "{heads:?}");
        assert_explained("timeline", heads);
    }
    let legend = text.lines().last().expect("a legend");
    let words = cells(legend).filter_map(|one| one.split_once(' ')).map(|(_, state)| state);
    assert_explained("timeline's legend", words);
}

fn exports(file: &Path) {
    let lines = said(file, &["export", "-f", "jsonl", "-o", "-"]);
    let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let words: BTreeSet<String> = lines.flat_map(|line| json(&line)).collect();
    assert!(words.len() > 80, "{words:?}");
    // The offsets of the kernel's fields are by their names in the kernel.
    let own = words.into_iter().filter(|word| !word.contains('.'));
    assert_explained("jsonl", own);
    // process;thread;state;cause;by waker;...
    let folded = said(file, &["export", "-f", "folded", "--by", "chain", "-o", "-"]);
    let frames = folded.lines().filter_map(|line| line.rsplit_once(' ')).map(|(stack, _)| stack);
    let own = frames.flat_map(|stack| {
        let causes = stack.split(';').skip(2).take_while(|frame| !frame.starts_with("by "));
        causes.take(2).map(str::to_owned).collect::<Vec<_>>()
    });
    assert_explained("folded", own);
    // Functions of the program and the kernel, and in brackets words of the view's own.
    let stacks = said(file, &["export", "-f", "folded", "--by", "stack", "-o", "-"]);
    let frames = stacks.lines().filter_map(|line| line.rsplit_once(' ')).map(|(stack, _)| stack);
    let own = frames.flat_map(|stack| stack.split(';')).filter(|frame| is_own(frame));
    assert_explained("folded by stack", own.map(|frame| frame.trim_matches(['[', ']'])));
    let dot = said(file, &["export", "-f", "dot", "-o", "-"]);
    let edges = dot.lines().filter(|line| line.contains("->") && !line.contains("dir=none"));
    let labels = edges.filter_map(|edge| edge.split('"').nth(1)).filter(|label| !label.is_empty());
    assert_explained("dot", labels.chain(["created", "share"]));
}

/// States and what has no name; names of files in brackets have a dot, a slash or a digit.
fn is_own(frame: &str) -> bool {
    let name = frame.strip_prefix('[').and_then(|frame| frame.strip_suffix(']'));
    name.is_some_and(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == ' '))
}

fn verdict(file: &Path) {
    let text = said(file, &["verify"]);
    let mut words: Vec<&str> = vec![text.split(':').next().expect("a verdict")];
    for line in text.lines().filter(|line| line.contains(" checked ")) {
        let mut row = line.split_whitespace();
        words.extend(row.by_ref().take(2));
        words.extend(row.filter(|word| ["checked", "differ", "worst"].contains(word)));
    }
    assert!(words.len() > 10, "{text}");
    assert_explained("verify", words);
    let verdict: Value = serde_json::from_str(&said(file, &["verify", "--json"])).expect("JSON");
    assert_explained("verify --json", json(&verdict));
}

fn diff(a: &Path, b: &Path) {
    let text = run(tracer().arg("diff").args([a, b])).succeeded().stdout;
    assert_explained("diff", headings(&text));
    let both = run(tracer().args(["diff", "--json"]).args([a, b])).succeeded().stdout;
    assert_explained("diff --json", json(&serde_json::from_str(&both).expect("JSON")));
}

#[test]
fn every_word_of_the_page_is_explained() {
    let Some(program) = can_trace().then(chromium).flatten() else { return };
    let dir = tempfile::tempdir().expect("a temporary directory");
    let page = dir.path().join("page.html");
    let mut words = Places::new();
    for traced in unlike() {
        said(&traced.file(), &["export", "-f", "html", "-o", &page.to_string_lossy()]);
        let mut browser = Browser::open(&program, &page, [1400, 900], false);
        merge(&mut words, shown(&mut browser));
        assert_eq!(browser.complaints, Vec::<Value>::new());
    }
    let places = "buttons columns hints kinds labels legend picture tables".split(' ');
    assert!(words.keys().eq(places), "{words:?}");
    assert!(words["columns"].len() > 100 && words["labels"].len() > 20, "{words:?}");
    assert_explained("the page", words.into_values().flatten());
}

#[test]
fn every_word_of_perfetto_s_trace_is_explained() {
    let Some(dist) = can_trace().then(trace_processor).flatten() else { return };
    let dir = tempfile::tempdir().expect("a temporary directory");
    let trace = dir.path().join("pftrace");
    let mut words = Places::new();
    for traced in unlike() {
        let to = trace.to_string_lossy();
        said(&traced.file(), &["export", "-f", "perfetto", "--wakeups", "-o", &to]);
        merge(&mut words, told(&dist, &trace));
    }
    let places = "arguments categories kinds slices states tracks".split(' ');
    assert!(words.keys().eq(places), "{words:?}");
    assert!(words["slices"].len() > 20 && words["arguments"].len() > 8, "{words:?}");
    assert_explained("Perfetto's trace", words.into_values().flatten());
}

#[test]
fn every_word_of_the_live_views_is_explained() {
    if !can_trace() {
        return;
    }
    // What it says itself would be among the events.
    let signals = workload("signals");
    let live = |options: &[&str]| {
        let mut command = tracer();
        command.arg("live").args(options).args(["--", "sh", "-c", "exec \"$0\" > /dev/null"]);
        run(command.arg(&signals)).succeeded().stdout
    };
    let text = live(&[]);
    // A time, a CPU, a task, an event.
    let events = text.lines().filter(|line| line.contains("] ")).filter_map(|line| {
        let after = line.split_once("] ")?.1;
        after.split_whitespace().find(|word| !word.contains('/'))?.strip_suffix(':')
    });
    assert_explained("live", events.chain(["present"]));
    let lines = live(&["--json"]);
    let events = lines.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let words = events.flat_map(|event| json(&event)).filter(|word| !word.contains('.'));
    assert_explained("live --json", words);
    let top = tracer().args(["top", "-a", "--batch", "2", "-i", "200ms"]).output().expect("top");
    let top = String::from_utf8(top.stdout).expect("text");
    let heads = top.lines().find(|line| line.trim().starts_with("TID")).expect("headings");
    assert_explained("top", heads.split_whitespace());
    let cpus = top.lines().filter(|line| line.starts_with("cpu "));
    let parts =
        cpus.flat_map(str::split_whitespace).filter(|word| word.chars().all(char::is_alphabetic));
    assert_explained("top's CPUs", parts);
}

#[test]
fn every_word_of_inspect_and_doctor_is_explained() {
    if !can_trace() {
        return;
    }
    let mut held = Started::of(Command::new(workload("spawn")).args(HELD.split(' ')));
    let out = held.stdout.take().expect("its output");
    let ready = out.lines().map_while(Result::ok).any(|line| line == "ready");
    assert!(ready, "it says when all are there");
    let pid = held.pid().to_string();
    for full in [&[][..], &["--full"]] {
        let text = run(tracer().args(["inspect", &pid]).args(full)).succeeded().stdout;
        assert_explained("inspect's tables", headings(&text).into_iter().chain(["Process"]));
        // `  name          what there is to say`; what goes on has no name.
        let named = text.lines().filter_map(|line| line.strip_prefix("  ")).filter_map(|line| {
            let (name, rest) = line.split_at_checked(13)?;
            let is_name = name.ends_with(' ') && !name.starts_with(' ') && !rest.starts_with("  ");
            let name = name.trim_end();
            let letters = name.chars().all(|c| c.is_ascii_alphabetic() || c == ' ');
            (is_name && letters && !headings(line).contains(&name)).then_some(name)
        });
        let of_process: Vec<&str> = named.take(15).collect();
        assert!(of_process.len() > 8, "{text}");
        assert_explained("inspect", of_process);
    }
    let found = run(tracer().args(["inspect", "--json", &pid])).succeeded().stdout;
    assert_explained("inspect --json", json(&serde_json::from_str(&found).expect("JSON")));
    held.last_line("");
    let _ended = held.end();
    let doctor = run(tracer().arg("doctor")).stdout;
    let checks = doctor.lines().filter(|line| line.starts_with("ok ") || line.starts_with("off "));
    let names = checks.filter_map(|line| cells(line).collect::<Vec<_>>().get(1).copied());
    assert_explained("doctor", names);
}

#[test]
fn the_command_explains_and_refuses() {
    let text = run(&mut explain(&["CLONE_VM"])).succeeded().stdout;
    assert_eq!(text.lines().count(), 4, "{text}");
    assert!(text.starts_with("CLONE_VM") && text.contains("mm_struct"), "{text}");
    assert!(
        run(&mut explain(&["run", "delay"])).succeeded().stdout.contains("sched_info.run_delay")
    );
    let several = run(&mut explain(&["SIGSEGV", "D", "NET_RX"])).succeeded().stdout;
    for word in ["Signal 11", "TASK_UNINTERRUPTIBLE", "NET_RX_SOFTIRQ"] {
        assert!(several.contains(word), "{several}");
    }
    let list = run(&mut explain(&[])).succeeded().stdout;
    assert!(list.contains("CLONE_INTO_CGROUP") && list.lines().all(|line| line.len() <= 130));
    let all = run(&mut explain(&["--all"])).succeeded().stdout;
    assert!(all.lines().count() > 3000 && !all.contains('\u{1b}'));
    let one: Value = serde_json::from_str(&run(&mut explain(&["--json", "vm"])).succeeded().stdout)
        .expect("JSON");
    assert_eq!(one["entries"][0]["names"][0], "CLONE_VM");
    let ended = run(&mut explain(&["CLONE_VMM"]));
    let refused = ended.refused(2);
    assert!(refused.contains("perhaps CLONE_VM,"), "{refused}");
    assert!(run(&mut explain(&["bad\nword"])).refused(2).contains("bad?word"));
    let _refused = run(&mut explain(&["--all", "D"])).code == 2;
}
