//! What a switch with its wake-up costs, in one address space and between two.

use super::{Tasks, larger, timed};
use crate::compare::marks::Span;
use crate::compare::{Aspect, Evidence, KINDS, Row, Runs, Source, Unit};

/// From the run `talk`: half of a message of one byte there and back by memory and futex.
pub(super) fn aspect(runs: &Runs) -> Option<Aspect> {
    let evidence = runs.get("talk")?;
    let messages = evidence.marks.count("talk.rounds.1").max(1);
    let hand_over = |span: &Span| span.ps() / messages / 2;
    let mut rows = Vec::new();
    let mut claims = Vec::new();
    for (place, words) in [("same", "on one CPU"), ("different", "between two CPUs")] {
        let name = format!("talk.KIND.memory.{place}");
        let what = format!("hand-over {words}: wake the other and sleep");
        let row = timed(evidence, &what, &name, (1, None), hand_over);
        let claim =
            format!("a switch between processes costs more than one between threads, {words}");
        claims.push(larger(claim, row.as_ref(), 0, 1));
        if place == "same" {
            let claim = "a switch between threads costs more than one between user-level threads";
            claims.push(larger(claim, row.as_ref(), 1, 2));
        }
        rows.extend(row);
        rows.extend(waking(evidence, &name, words));
        rows.extend(switches(evidence, &name, words, messages));
    }
    Some(Aspect {
        aspect: "switching",
        about: "Two tasks that hand each other a word by futex, user threads by yielding: processes \
                have different address spaces, threads the same.",
        rows,
        claims,
        see: vec!["tracer report talk.data -s latency,wakeups,cpus".to_owned()],
        ..Aspect::default()
    })
}

/// From a wake-up to running, the median of each of those that were woken.
fn waking(evidence: &Evidence, name: &str, words: &str) -> Option<Row> {
    let samples = of_tasks(evidence, name, |row| row.time.run_delays_ns.woken.p50 * 1000);
    Row::of(format!("  wake-up to running {words}"), (Unit::Ps, Source::Trace), None, samples)
}

/// Switches for each message there and back, thousandths would be too exact: rounded.
fn switches(evidence: &Evidence, name: &str, words: &str, messages: u64) -> Option<Row> {
    let rounded = |row: &crate::model::summary::TaskRow| {
        (row.switches.voluntary + row.switches.involuntary + messages / 2) / messages
    };
    let samples = of_tasks(evidence, name, rounded);
    let what = format!("  switches away from the second for each message {words}");
    Row::of(what, (Unit::Count, Source::Trace), None, samples)
}

/// One sample of each second task; user threads have none.
fn of_tasks(
    evidence: &Evidence,
    name: &str,
    of: impl Fn(&crate::model::summary::TaskRow) -> u64,
) -> [Vec<u64>; 3] {
    let tasks = Tasks::of(&evidence.trace);
    KINDS.map(|kind| {
        if kind == "uthread" {
            return Vec::new();
        }
        let what = name.replace("KIND", kind);
        let spans = evidence.marks.sized(&what, 1);
        let rows = spans.filter_map(|span| tasks.of_span(span));
        rows.filter(|row| row.exact).map(&of).collect()
    })
}
