//! What there is in a trace, counted: processes, losses, slices and flows.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Row;

/// Processes with threads that did something, exactly; the others are parents.
pub(super) fn processes_agree(report: &Value, answers: &[Row]) {
    let with_threads = answers.iter().filter(|row| number(&row[1]) > 0);
    let mut by_sql: Vec<u64> = with_threads.map(|row| number(&row[0]) % (1 << 22)).collect();
    let processes = rows(report, "processes");
    let mut by_report: Vec<u64> = processes.iter().map(|row| number(&row["tgid"])).collect();
    by_sql.sort_unstable();
    by_report.sort_unstable();
    assert_eq!(by_sql, by_report, "processes");
}

/// Each CPU that lost records is flagged, no other is, and it has a slice for each gap.
pub(super) fn losses_agree(report: &Value, answers: &[Row]) {
    let gaps = rows(&report["capture"]["lost"], "gaps");
    let mut expected: BTreeMap<(&str, u64), u64> = BTreeMap::new();
    if report["window"].is_null() {
        for gap in gaps {
            let cpu = number(&gap["cpu"]);
            *expected.entry(("slice", cpu)).or_default() += 1;
            expected.insert(("flag", cpu), 1);
        }
        let told = answers
            .iter()
            .map(|row| ((row[0].as_str().unwrap_or_default(), number(&row[1])), number(&row[2])));
        assert_eq!(told.collect::<BTreeMap<_, _>>(), expected, "losses");
    }
}

pub(super) fn slices_agree(report: &Value, answers: &[Row]) {
    let slices: BTreeMap<&str, u64> =
        answers.iter().map(|row| (row[0].as_str().unwrap_or_default(), number(&row[1]))).collect();
    let count = |names: &[&str]| names.iter().filter_map(|name| slices.get(name)).sum::<u64>();
    let tasks = rows(report, "tasks");
    let of = |keep: &dyn Fn(&Value) -> u64| tasks.iter().map(keep).sum::<u64>();
    let signals = rows(report, "signals");
    let totals = rows(report, "signal_totals").iter();
    let delivered = totals.map(|row| number(&row["delivered"])).sum();
    let all = |name: &str| rows(report, name).iter().map(|row| number(&row["count"])).sum::<u64>();
    let calls = rows(report, "futexes");
    let calls = calls.iter().filter_map(|futex| futex["operations"].as_object());
    let calls: u64 = calls.flat_map(|operations| operations.values()).map(number).sum();
    let compared = [
        ("clone", count(&["clone"]), of(&|task| u64::from(task["born"] == true))),
        ("birth", count(&["birth"]), of(&|task| u64::from(task["born"] == true))),
        ("exit", count(&["exit"]), of(&|task| u64::from(!task["exit"].is_null()))),
        ("exec", count(&["exec"]), of(&|task| rows(task, "execs").len() as u64)),
        ("signals sent", count(&["signal_generate"]), signals.len() as u64),
        ("signals delivered", count(&["signal_deliver"]), delivered),
        ("irqs", count(&["irq"]), all("irqs")),
        ("softirqs", count(&["softirq"]), all("softirqs")),
        ("vectors", count(&["vector"]), all("vectors")),
        ("futex calls", count(&["futex_wait", "futex_wake", "futex"]), calls),
    ];
    for (name, by_sql, by_report) in compared {
        assert_eq!(by_sql, by_report, "{name}");
    }
}

/// Who leads to whom: creators to children, futex calls to those they woke, senders to takers,
/// interrupts to those they woke; from one track to another, and not back in time.
pub(super) fn flows_agree(report: &Value, answers: &[Row]) {
    let mut count: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for row in answers {
        let [from, to] = [&row[0], &row[1]].map(|name| name.as_str().unwrap_or_default());
        let own = number(&row[3]) > 0 && from != "signal_generate";
        assert!(!own && number(&row[4]) == 0, "{row:?}");
        count.insert((from, to), number(&row[2]));
    }
    let born = rows(report, "tasks").iter().filter(|task| task["born"] == true).count() as u64;
    assert_eq!(count.remove(&("clone", "birth")).unwrap_or(0), born, "creators to children");
    let woken: u64 = rows(report, "futexes").iter().map(|futex| number(&futex["woken"])).sum();
    let by_calls = count.remove(&("futex_wake", "wakeup")).unwrap_or(0);
    assert!(by_calls <= woken && (by_calls > 0 || woken < 5), "{by_calls} of {woken} woken");
    for taken in ["signal_deliver", "exit"] {
        count.remove(&("signal_generate", taken));
    }
    let interrupts = ["irq", "softirq", "vector"].map(|name| (name, "wakeup"));
    assert!(count.keys().all(|pair| interrupts.contains(pair)), "{count:?}");
}

/// Each signal that was taken leads from its sender to the task that took it: by name, sender, taker.
/// One that no task of the trace sent comes from its target.
pub(super) fn signals_agree(report: &Value, answers: &[Row]) {
    let tasks = rows(report, "tasks");
    if tasks.iter().any(|task| !task["old_tid"].is_null()) {
        // By the number that it had at first, which a row of a signal may not have.
        return;
    }
    let known: BTreeSet<u64> = tasks.iter().map(|task| number(&task["tid"])).collect();
    let mut expected: BTreeMap<(&str, u64, u64), u64> = BTreeMap::new();
    for row in rows(report, "signals") {
        if row["fate"] != "delivered" || row["generated_ns"].is_null() {
            continue;
        }
        let sender = row["sender_tid"].as_u64().filter(|sender| known.contains(sender));
        let sender = sender.unwrap_or(number(&row["target_tid"]));
        let name = row["name"].as_str().unwrap_or_default();
        *expected.entry((name, sender, number(&row["delivered_tid"]))).or_default() += 1;
    }
    let by_sql = answers.iter().map(|row| {
        let [sender, taker] = [&row[1], &row[2]].map(|tid| number(tid) % (1 << 22));
        ((row[0].as_str().unwrap_or_default(), sender, taker), number(&row[3]))
    });
    assert_eq!(by_sql.collect::<BTreeMap<_, _>>(), expected, "senders to takers");
}

pub(super) fn rows<'a>(of: &'a Value, name: &str) -> &'a [Value] {
    of[name].as_array().map_or(&[], Vec::as_slice)
}

/// A number; one beyond 2^53 is a text.
pub(super) fn number(value: &Value) -> u64 {
    let text = value.as_str().and_then(|text| text.parse().ok());
    value.as_u64().or(text).unwrap_or(u64::MAX)
}
