//! One byte and one MiB there and back: by memory, by a pipe, by a socket.

use super::{larger, size, timed, told};
use crate::compare::marks::Span;
use crate::compare::stats::Figure;
use crate::compare::{Aspect, Claim, Row, Runs, Unit};

/// Ways and what they are called.
const WAYS: [(&str, &str); 3] =
    [("memory", "memory and futex"), ("pipe", "pipe"), ("socket", "Unix socket")];

/// From the run `talk`.
pub(super) fn aspect(runs: &Runs) -> Option<Aspect> {
    let evidence = runs.get("talk")?;
    let mut rows = Vec::new();
    let mut claims = Vec::new();
    for bytes in evidence.marks.sizes("talk.process.pipe.same") {
        let messages = evidence.marks.count(&format!("talk.rounds.{bytes}")).max(1);
        for (place, words) in [("same", "one CPU"), ("different", "two CPUs")] {
            let row = |(way, called): (&str, &str)| {
                let what = format!("{} by {called}, {words}", size(bytes));
                let name = format!("talk.KIND.{way}.{place}");
                timed(evidence, &what, &name, (bytes, Some(bytes)), |span: &Span| {
                    span.ps() / messages
                })
            };
            let ways = WAYS.map(row);
            claims.extend(memory_is_faster(&ways, bytes, words));
            let claim =
                format!("threads share memory faster than processes do, {}, {words}", size(bytes));
            if ways[0].is_some() {
                claims.push(larger(claim, ways[0].as_ref(), 0, 1));
            }
            rows.extend(ways.into_iter().flatten());
        }
    }
    Some(Aspect {
        aspect: "communication",
        about: "A message there and back, written and read in full at both ends; memory is shared \
                memory for processes, a variable for threads, and user threads yield instead of \
                waiting.",
        rows,
        claims,
        see: vec![
            "tracer run -- compare --aspect talk --kind process".to_owned(),
            "tracer report talk.data -s states,wakeups".to_owned(),
        ],
        ..Aspect::default()
    })
}

/// That the kernel's copying costs: the pipe of processes against their shared memory.
fn memory_is_faster(ways: &[Option<Row>; 3], bytes: u64, words: &str) -> Option<Claim> {
    let process = |row: &Option<Row>| -> Option<Figure> { row.as_ref()?.process };
    let (memory, pipe) = (process(&ways[0])?, process(&ways[1])?);
    let claim =
        format!("shared memory is faster between processes than a pipe, {}, {words}", size(bytes));
    Some(told(claim, Unit::Ps, ("pipe", Some(&pipe)), ("memory", Some(&memory))))
}
