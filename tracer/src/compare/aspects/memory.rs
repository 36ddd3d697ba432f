//! Whose address space a task has, and what copying pages on write costs it and its creator.

use super::{Tasks, larger};
use crate::compare::{Aspect, Fact, KINDS, Row, Runs, Source, Unit};

/// From the run `memory`.
pub(super) fn aspect(runs: &Runs) -> Option<Aspect> {
    let evidence = runs.get("memory")?;
    let (marks, tasks) = (&evidence.marks, Tasks::of(&evidence.trace));
    let pages = marks.count("memory.pages");
    let count = |kind: &str, name: &str| marks.count(&format!("memory.{kind}.{name}"));
    let seen = KINDS.map(|kind| {
        let (seen, rounds) = (count(kind, "seen"), count(kind, "rounds"));
        format!("in {seen} of {rounds} rounds")
    });
    let creators = KINDS.map(|kind| {
        let (faults, rounds) = (count(kind, "creator_faults"), count(kind, "rounds"));
        format!("{faults} in {rounds} rounds of {pages} pages")
    });
    let own = KINDS.map(|kind| own_mm(kind, marks, &tasks));
    let samples =
        KINDS.map(|kind| marks.named(&format!("memory.{kind}")).map(|span| span.of).collect());
    let what = format!("page faults of a task that writes to {pages} pages of its creator");
    let by_itself = Row::of(what, (Unit::Count, Source::Traced), None, samples);
    let of_kernel = KINDS.map(|kind| {
        let spans = marks.spans.iter().filter(|span| span.what == format!("memory.{kind}"));
        let rows = spans.filter_map(|span| tasks.born_in(span));
        rows.filter(|_| kind != "uthread").filter_map(|row| row.kernel?.min_flt).collect()
    });
    let what = "page faults of its whole life, by the kernel's account (min_flt)";
    let by_kernel = Row::of(what, (Unit::Count, Source::Trace), None, of_kernel);
    let claim = "a process pays for what it writes to with page faults, a thread does not";
    Some(Aspect {
        aspect: "memory",
        about: "A task writes to each page that its creator has written to, then its creator does \
                so again.",
        claims: vec![larger(claim, by_itself.as_ref(), 0, 1)],
        rows: [by_itself, by_kernel].into_iter().flatten().collect(),
        facts: vec![
            Fact::of("address space (mm) at birth", own),
            Fact::of("its creator sees what it wrote", seen),
            Fact::of("page faults of its creator, that writes after it", creators),
        ],
        see: vec!["tracer report memory.data -s sharing".to_owned()],
    })
}

/// Of how many tasks the kernel says that they share the address space.
fn own_mm(kind: &str, marks: &crate::compare::marks::Marks, tasks: &Tasks<'_>) -> String {
    if kind == "uthread" {
        return "its carrier's".to_owned();
    }
    let what = format!("memory.{kind}");
    let rows: Vec<_> = marks.named(&what).filter_map(|span| tasks.born_in(span)).collect();
    let shared = rows.iter().filter(|row| row.shared_at_birth.contains(&"mm")).count();
    let (word, some) =
        if shared * 2 > rows.len() { ("shared", shared) } else { ("own", rows.len() - shared) };
    format!("{word} in {some} of {}", rows.len())
}
