//! Every waking as a flow, held against the wakings that were recorded.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::ask;
use super::counts::{number, rows};
use crate::program::{run, tracer};

/// How often each waker woke each task, by their tracks.
const FLOWS: &str = "select s.tid, t.tid, count(*) from flow
    join slice a on slice_out = a.id join thread_track x on a.track_id = x.id
    join thread s on s.utid = x.utid
    join slice b on slice_in = b.id join thread_track y on b.track_id = y.id
    join thread t on t.utid = y.utid
    where a.category = 'waker' and b.category = 'wakeup' and a.ts = b.ts group by 1, 2";

/// Holds the flows of `export --wakeups` against the wakings of one followed task by another; gives
/// their number.
///
/// # Panics
/// If they differ.
#[track_caller]
pub fn wakeups_agree(dist: &Path, file: &Path) -> u64 {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let trace = dir.path().join("trace.pftrace");
    let _ended =
        run(tracer().args(["export", "--wakeups", "-o"]).arg(&trace).arg(file)).succeeded();
    let answers = ask(dist, &trace, &[FLOWS.to_owned()]);
    let by_sql = answers[0].iter().map(|row| ((number(&row[0]), number(&row[1])), number(&row[2])));
    let by_sql: BTreeMap<_, _> = by_sql.collect();
    let json = |args: &[&str]| run(tracer().args(args).arg(file)).succeeded().stdout;
    let report: Value = serde_json::from_str(&json(&["report", "--json"])).expect("JSON");
    let known = |tid: &Value| rows(&report, "tasks").iter().any(|task| task["tid"] == *tid);
    let mut recorded: BTreeMap<(u64, u64), u64> = BTreeMap::new();
    for line in json(&["export", "-f", "jsonl"]).lines() {
        let event: Value = serde_json::from_str(line).expect("JSON");
        let by_task = event["event"] == "waking" && event["context_name"] == "task";
        if by_task && known(&event["waker_tid"]) && known(&event["tid"]) {
            let pair = (number(&event["waker_tid"]), number(&event["tid"]));
            *recorded.entry(pair).or_default() += 1;
        }
    }
    assert_eq!(by_sql, recorded, "wakers to whom they woke");
    recorded.values().sum()
}
