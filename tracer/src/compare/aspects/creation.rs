//! What it takes until a task is there, and until it is gone, by its creator's memory.

use super::{Tasks, amount, larger, size, timed};
use crate::compare::marks::{Marks, Span};
use crate::compare::stats::{Figure, Order, order};
use crate::compare::{Aspect, Claim, Evidence, Holds, KINDS, Row, Runs, Source, Unit};
use crate::model::summary::TaskRow;

/// From the run `create`: births.
pub(super) fn aspect(runs: &Runs) -> Option<Aspect> {
    let evidence = runs.get("create")?;
    let mut aspect = Aspect {
        aspect: "creation",
        about: "From the call to the new task's first instruction, by the memory that its creator \
                has touched. Threads and user threads use a stack again that is there.",
        see: vec![
            "tracer report create.data -s life".to_owned(),
            "tracer report create.data -s latency".to_owned(),
        ],
        ..Aspect::default()
    };
    let sizes = evidence.marks.sizes("create.process");
    for &bytes in &sizes {
        let ready = timed(evidence, READY, "create.KIND", (bytes, Some(bytes)), Span::ps);
        let name = size(bytes);
        let thread = format!("a process takes longer to create than a thread, {name} touched");
        let uthread = format!("a thread takes longer than a user-level thread, {name} touched");
        aspect.claims.push(larger(thread, ready.as_ref(), 0, 1));
        aspect.claims.push(larger(uthread, ready.as_ref(), 1, 2));
        aspect.rows.extend(ready);
        aspect.rows.extend(phases(evidence, bytes));
    }
    aspect.claims.extend(grows(&aspect.rows, &sizes));
    Some(aspect)
}

/// What the first row of each size tells.
const READY: &str = "call to first instruction";

/// The parts of it, by the kernel's events between the program's marks.
fn phases(evidence: &Evidence, bytes: u64) -> Vec<Row> {
    let part = |what: &str, of: &dyn Fn(&Span, &TaskRow) -> Option<u64>| {
        let samples = sampled(&evidence.marks, &evidence.trace, ("create", bytes), of);
        Row::of(what, (Unit::Ps, Source::Trace), Some(bytes), samples)
    };
    let since = |to: u64, from: u64| Some(to.checked_sub(from)? * 1000);
    let parts = [
        part("  call to task exists", &|span, row| since(row.life.created_ns?, span.from_ns)),
        part("  task exists to first run", &|_, row| since(row.life.run_ns?, row.life.created_ns?)),
        part("  first run to first instruction", &|span, row| since(span.to_ns, row.life.run_ns?)),
    ];
    parts.into_iter().flatten().collect()
}

/// What is taken from each span and the task that was born in it, or ended.
fn sampled(
    marks: &Marks,
    trace: &crate::model::summary::Summary,
    (name, bytes): (&str, u64),
    of: &dyn Fn(&Span, &TaskRow) -> Option<u64>,
) -> [Vec<u64>; 3] {
    let tasks = Tasks::of(trace);
    KINDS.map(|kind| {
        if kind == "uthread" {
            return Vec::new();
        }
        let what = format!("{name}.{kind}");
        let find = |span: &&Span| -> Option<u64> {
            let row = if name == "create" { tasks.born_in(span) } else { tasks.of_span(span) };
            of(span, row.filter(|row| row.exact)?)
        };
        marks.sized(&what, bytes).filter_map(|span| find(&span)).collect()
    })
}

/// That creation takes longer with more memory, of processes and not of threads.
fn grows(rows: &[Row], sizes: &[u64]) -> Vec<Claim> {
    let row = |bytes: Option<&u64>| {
        rows.iter().find(|row| row.what == READY && row.bytes == bytes.copied())
    };
    let ends = row(sizes.first()).zip(row(sizes.last())).filter(|_| sizes.len() > 1);
    let Some((small, large)) = ends else { return Vec::new() };
    let claim = |kind: usize, claim: &str, expected: bool| {
        let figures = small.figures()[kind].zip(large.figures()[kind]);
        let Some((few, many)) = figures else {
            let evidence = "not measured".to_owned();
            return Claim { claim: claim.to_owned(), holds: Holds::Unknown, evidence };
        };
        let holds = match expected {
            true if order(many, few) == Order::Larger => Holds::Yes,
            true => Holds::Noise,
            false => alike(few, many),
        };
        let at = |row: &Row, median| {
            format!("{} with {}", amount(row.unit, median), size(row.bytes.unwrap_or(0)))
        };
        let evidence = format!("{}, {}", at(small, few.median), at(large, many.median));
        Claim { claim: claim.to_owned(), holds, evidence }
    };
    vec![
        claim(0, "a process takes longer to create the more memory its creator has", true),
        claim(1, "a thread takes as long to create however much memory there is", false),
    ]
}

/// Whether a figure is the same with more memory. That intervals overlap does not say so: it is if
/// the larger end of the one is less than twice the smaller end of the other; and it is not if it
/// is larger without doubt, by half or more.
fn alike(few: &Figure, many: &Figure) -> Holds {
    let within = few.low.zip(many.high).is_some_and(|(low, high)| high < low * 2);
    let grows = order(many, few) == Order::Larger && many.median > few.median + few.median / 2;
    match (within, grows) {
        (_, true) => Holds::No,
        (true, false) => Holds::Yes,
        (false, false) => Holds::Noise,
    }
}

/// From the run `create`: ends.
pub(super) fn teardown(runs: &Runs) -> Option<Aspect> {
    let evidence = runs.get("create")?;
    let mut aspect = Aspect {
        aspect: "teardown",
        about: "From a task's last instruction to its creator's knowing of it: by wait for a \
                process, by join for a thread.",
        see: vec!["tracer report create.data -s life".to_owned()],
        ..Aspect::default()
    };
    for bytes in evidence.marks.sizes("end.process") {
        let gone = timed(
            evidence,
            "last instruction to reaped or joined",
            "end.KIND",
            (bytes, Some(bytes)),
            Span::ps,
        );
        let claim = format!("a process takes longer to end than a thread, {} touched", size(bytes));
        aspect.claims.push(larger(claim, gone.as_ref(), 0, 1));
        aspect.rows.extend(gone);
        let part = |what: &str, of: &dyn Fn(&Span, &TaskRow) -> Option<u64>| {
            let samples = sampled(&evidence.marks, &evidence.trace, ("end", bytes), of);
            Row::of(what, (Unit::Ps, Source::Trace), Some(bytes), samples)
        };
        let dying = |_: &Span, row: &TaskRow| {
            Some(row.life.zombie_ns?.checked_sub(row.life.exit_ns?)? * 1000)
        };
        let released = |_: &Span, row: &TaskRow| {
            Some(row.life.released_ns?.checked_sub(row.life.zombie_ns?)? * 1000)
        };
        aspect.rows.extend(part("  exit begins to last switch: memory let go", &dying));
        aspect.rows.extend(part("  last switch to task released", &released));
    }
    Some(aspect)
}
