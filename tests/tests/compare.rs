//! `tracer compare`: a short run on this kernel, and the same figures again from what it kept.
#![expect(clippy::unwrap_used, reason = "how a test's helper fails the test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tests::machine::{can_trace, skip};
use tests::program::{Ended, run};
use tests::words::page::elements;
use tests::words::{assert_explained, headings, json};
use tests::{tracer, workload};

/// Of the memory that a creator of 1 GiB takes, and everybody else.
const FREE: u64 = 3 << 30;

/// The part of creation that copies page tables, by the kernel's events: other programs that run
/// now disturb it least.
const EXISTS: &str = "  call to task exists";

fn compare() -> Command {
    let mut command = tracer();
    command.arg("compare");
    command
}

fn aspect<'a>(found: &'a Value, name: &str) -> &'a Value {
    let aspects = found["aspects"].as_array().unwrap();
    aspects.iter().find(|aspect| aspect["aspect"] == name).unwrap()
}

/// Process, thread and user-level thread of a fact whose name begins so.
fn fact(found: &Value, of: &str, what: &str) -> [String; 3] {
    let facts = aspect(found, of)["facts"].as_array().unwrap();
    let fact = facts.iter().find(|fact| fact["what"].as_str().unwrap().starts_with(what)).unwrap();
    ["process", "thread", "uthread"].map(|kind| fact[kind].as_str().unwrap().to_owned())
}

/// The medians of a row, of processes and threads.
fn medians(found: &Value, of: &str, what: &str, bytes: u64) -> Option<[u64; 2]> {
    let rows = aspect(found, of)["rows"].as_array().unwrap();
    let row = rows.iter().find(|row| row["what"] == what && row["bytes"] == bytes)?;
    Some(["process", "thread"].map(|kind| row[kind]["median"].as_u64().unwrap()))
}

fn claim<'a>(found: &'a Value, of: &str, what: &str) -> &'a str {
    let claims = aspect(found, of)["claims"].as_array().unwrap();
    let claim = claims.iter().find(|claim| claim["claim"] == what).unwrap();
    claim["holds"].as_str().unwrap()
}

fn text(ended: Ended) -> String {
    ended.succeeded().stdout
}

#[test]
fn a_short_run_tells_what_is_so_and_can_be_computed_again() {
    if !can_trace() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let (kept, page) = (dir.path().join("kept"), dir.path().join("page.html"));
    let workloads = workload("compare");
    let mut command = compare();
    command.arg("--workloads").arg(workloads.parent().unwrap());
    command.args(["--quick", "--json", "-o"]).arg(&kept).arg("--html").arg(&page);
    // It takes longer than a test's other programs may.
    let ended = command.output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    let first = String::from_utf8(ended.stdout).unwrap();
    let found: Value = serde_json::from_str(&first).unwrap();
    assert_explained("compare --json", json(&found));
    recomputed(&kept, &first);
    facts(&found);
    page_tables(&found);
    let html = fs::read_to_string(&page).unwrap();
    assert!(html.contains("<svg") && html.ends_with("</html>\n"), "{html}");
    let heads = ["th", "h2"].map(|name| elements(&html, name));
    assert!(heads.iter().map(BTreeSet::len).sum::<usize>() > 15, "{heads:?}");
    assert_explained("compare's page", heads.into_iter().flatten());
    // Nothing comes from elsewhere, and nothing runs.
    assert!(!html.contains("://") && !html.contains("<script"), "{html}");
    let again = run(compare()
        .args(["--quick", "-o"])
        .arg(&kept)
        .arg("--workloads")
        .arg(workloads.parent().unwrap()));
    assert!(again.refused(2).contains("is not empty"), "{again:?}");
}

/// The same figures come from what was kept, in JSON and in text.
fn recomputed(kept: &Path, first: &str) {
    let from = |more: &[&str]| text(run(compare().arg("--from").arg(kept).args(more)));
    assert_eq!(from(&["--json"]), first);
    let table = from(&[]);
    for heading in ["MEMORY", "SHARING", "CREATION", "TEARDOWN", "SCHEDULING", "SWITCHING"] {
        assert!(table.contains(heading), "{table}");
    }
    assert_explained("compare", headings(&table).into_iter().filter(|head| !head.contains(',')));
    assert!(table.contains("COMMUNICATION") && table.contains("USER-LEVEL"), "{table}");
}

/// What does not depend on time.
fn facts(found: &Value) {
    let is = |of: &str, what: &str, process: &str, thread: &str| {
        let [is_process, is_thread, _] = fact(found, of, what);
        assert_eq!((is_process.as_str(), is_thread.as_str()), (process, thread), "{what}");
    };
    for resource in ["mm", "files", "fs", "sighand", "signal"] {
        is("sharing", &format!("{resource}: "), "own", "shared");
    }
    is("sharing", "nsproxy: ", "shared", "shared");
    let [process, thread, uthread] = fact(found, "sharing", "tasks whose flags");
    // Three sizes, or two where memory is short, of twelve rounds.
    let tasks = if medians(found, "creation", EXISTS, 1 << 30).is_some() { 36 } else { 24 };
    assert_eq!((process, thread), (format!("0 of {tasks}"), format!("0 of {tasks}")));
    assert_eq!(uthread, format!("0 tasks for {tasks} user threads"));
    is("memory", "address space", "own in 10 of 10", "shared in 10 of 10");
    is("memory", "its creator sees", "in 0 of 10 rounds", "in 10 of 10 rounds");
    is("isolation", "kernel tasks that died", "1 of 8, by SIGSEGV", "8 of 8, by SIGSEGV");
    is("isolation", "kernel tasks that lived", "7 of 8", "0 of 8");
    assert_eq!(fact(found, "isolation", "lived on, as the program")[2], "0 of 8");
    let [process, thread, uthread] = fact(found, "scheduling", "kernel tasks of a round");
    assert_eq!([process.as_str(), &thread, &uthread], ["4", "4", "1"]);
    let rows = aspect(found, "memory")["rows"].as_array().unwrap();
    let pages = &rows[0];
    assert!(pages["process"]["low"].as_u64().unwrap() >= 256, "{pages}");
    assert_eq!(pages["thread"]["max"], 0, "{pages}");
    for recording in found["recordings"].as_array().unwrap() {
        assert_eq!(recording["lost"], 0, "{recording}");
    }
}

/// A process's creation copies its creator's page tables, a thread's does not.
fn page_tables(found: &Value) {
    let small = medians(found, "creation", EXISTS, 1 << 20).unwrap();
    let Some(large) = medians(found, "creation", EXISTS, 1 << 30) else {
        assert!(found["machine"]["memory_available_bytes"].as_u64().unwrap() < FREE, "{found}");
        skip("less than 3 GiB of memory are free, for creators of 1 GiB");
        return;
    };
    assert!(large[0] >= small[0] * 3, "a process: {small:?}, {large:?}");
    assert!(large[1] < small[1] * 2, "a thread: {small:?}, {large:?}");
    let grows = "a process takes longer to create the more memory its creator has";
    assert_eq!(claim(found, "creation", grows), "yes");
}

#[test]
fn what_is_not_there_is_said_in_one_line() {
    let dir = tempfile::tempdir().unwrap();
    let empty = dir.path();
    let ended = run(compare().arg("--workloads").arg(empty));
    assert!(ended.refused(2).contains("cargo xtask build"), "{ended:?}");
    let ended = run(compare().arg("--from").arg(empty));
    assert!(ended.refused(125).contains("cannot read"), "{ended:?}");
    fs::write(empty.join("compare.json"), "{}").unwrap();
    assert!(run(compare().arg("--from").arg(empty)).refused(125).contains("compare.json"));
}
