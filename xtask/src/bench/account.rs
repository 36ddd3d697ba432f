//! What a recording holds, by its own tool's account.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Context as _;
use serde::Serialize;
use serde_json::Value;
use tracer_common::record::Switch;

use super::child;
use super::contender::Recorder;

/// The kernel's header of every record in a BPF ring buffer (`BPF_RINGBUF_HDR_SZ`).
const RING_HEADER: u64 = 8;

/// Bytes that one `sched_switch` takes in a ring buffer, its header included.
pub(super) const RING_BYTES_OF_A_SWITCH: u64 = size_of::<Switch>() as u64 + RING_HEADER;

/// What was recorded in one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Account {
    /// Size of the file.
    pub(super) file_bytes: u64,
    /// Events in it.
    pub(super) events: u64,
    /// Those of them that are `sched_switch`.
    pub(super) switches: u64,
    /// What the events took in the ring buffers, headers included; not known of perf.
    pub(super) ring_bytes: Option<u64>,
    /// Events lost; not known of a perf or kernel that does not count them.
    pub(super) lost: Option<u64>,
}

impl Account {
    /// Reads a recording.
    pub(super) fn of(recorder: Recorder, tracer: &Path, file: &Path) -> anyhow::Result<Self> {
        let file_bytes = fs::metadata(file).context("there is no recording")?.len();
        match recorder {
            Recorder::Tracer => Self::of_report(&report(tracer, file)?, file_bytes)
                .context("the report has no such figures"),
            Recorder::Perf => {
                let mut command = Command::new("perf");
                command.args(["report", "--stats", "-i"]).arg(file);
                Ok(Self::of_perf(&child::output(&mut command)?, file_bytes))
            }
        }
    }

    /// From tracer's report.
    fn of_report(report: &Value, file_bytes: u64) -> Option<Self> {
        let capture = report.get("capture")?;
        let events = capture.get("events")?.as_u64()?;
        let cpus = report.get("cpus")?.as_array()?;
        Some(Self {
            file_bytes,
            events,
            switches: cpus.iter().filter_map(|cpu| cpu.get("switches")?.as_u64()).sum(),
            ring_bytes: Some(capture.get("raw_bytes")?.as_u64()? + events * RING_HEADER),
            lost: Some(capture.get("lost")?.get("total")?.as_u64()?),
        })
    }

    /// From `perf report --stats`: first the sums of each kind of record, of which LOST counts gaps
    /// and not events, then the kinds again under each event's name.
    fn of_perf(stats: &str, file_bytes: u64) -> Self {
        let (mut events, mut switches, mut lost, mut gaps) = (0, 0, 0, 0);
        let mut event = None;
        for line in stats.lines() {
            if let Some(name) = line.trim().strip_suffix(" stats:") {
                event = (name != "Aggregated").then_some(name);
                continue;
            }
            let Some((kind, count)) = line.split_once(" events:") else { continue };
            let count = count.split_whitespace().next().and_then(|count| count.parse().ok());
            let count: u64 = count.unwrap_or_default();
            match (event, kind.trim()) {
                (None, "LOST") => gaps += count,
                (Some(name), "SAMPLE") => {
                    events += count;
                    switches += if name == "sched:sched_switch" { count } else { 0 };
                }
                (Some(_), "LOST_SAMPLES") => lost += count,
                _ => {}
            }
        }
        let lost = (lost > 0 || gaps == 0).then_some(lost);
        Self { file_bytes, events, switches, ring_bytes: None, lost }
    }
}

/// tracer's report of a recording.
pub(super) fn report(tracer: &Path, file: &Path) -> anyhow::Result<Value> {
    let text = child::output(Command::new(tracer).args(["report", "--json"]).arg(file))?;
    serde_json::from_str(&text).context("the report is no JSON")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Account;

    const STATS: &str = "
Aggregated stats:
           TOTAL events:     322838
            LOST events:          5  ( 0.0%)
          SAMPLE events:     307613  (95.3%)
    LOST_SAMPLES events:          2  ( 0.0%)
sched:sched_switch stats:
          SAMPLE events:     207217
    LOST_SAMPLES events:       1555
sched:sched_waking stats:
          SAMPLE events:     100396
    LOST_SAMPLES events:        805
";

    #[test]
    fn perfs_statistics_are_read() {
        let account = Account::of_perf(STATS, 7);
        let (switches, lost) = (207_217, Some(2360));
        let good = Account { file_bytes: 7, events: 307_613, switches, ring_bytes: None, lost };
        assert_eq!(account, good);
    }

    #[test]
    fn perfs_gaps_without_a_count_are_not_taken_for_nothing() {
        let without: Vec<&str> = STATS.lines().filter(|line| !line.contains("_SAMPLES")).collect();
        assert_eq!(Account::of_perf(&without.join("\n"), 0).lost, None);
        assert_eq!(Account::of_perf("", 0).lost, Some(0));
    }

    #[test]
    fn tracers_report_is_read() {
        let capture = json!({"events": 10, "raw_bytes": 400, "lost": {"total": 3}});
        let report = json!({"capture": capture, "cpus": [{"switches": 4}, {"switches": 2}]});
        let account = Account::of_report(&report, 50).unwrap();
        assert_eq!((account.events, account.switches, account.lost), (10, 6, Some(3)));
        assert_eq!(account.ring_bytes, Some(480));
        assert_eq!(Account::of_report(&json!({}), 0), None);
    }
}
