//! One of several tasks faults: who dies, of what, and who lives.

use std::collections::BTreeSet;

use super::of_all;
use crate::compare::{Aspect, Claim, Evidence, Fact, Holds, KINDS, Runs};
use crate::model::summary::TaskRow;

/// From the run `isolate`.
pub(super) fn aspect(runs: &Runs) -> Option<Aspect> {
    let evidence = runs.get("isolate")?;
    let count = |kind: &str, name: &str| evidence.marks.count(&format!("isolate.{kind}.{name}"));
    let rows = KINDS.map(|kind| tasks(evidence, kind));
    let died = rows.each_ref().map(|rows| {
        let signals: BTreeSet<&str> =
            rows.iter().filter_map(|row| row.exit.as_ref()?.signal_name.as_deref()).collect();
        let dead = rows.iter().filter(|row| killed(row)).count();
        format!("{}, by {}", of_all(dead, rows.len()), list(&signals))
    });
    let lived = rows.each_ref().map(|rows| {
        let living = |row: &&&TaskRow| row.exit.as_ref().is_some_and(|exit| exit.signal.is_none());
        of_all(rows.iter().filter(living).count(), rows.len())
    });
    let by_itself =
        KINDS.map(|kind| format!("{} of {}", count(kind, "lived"), count(kind, "tasks")));
    let dead = rows.each_ref().map(|rows| rows.iter().filter(|row| killed(row)).count());
    let all = rows.each_ref().map(Vec::len);
    let yes = |holds: bool| if holds { Holds::Yes } else { Holds::No };
    let claim = |claim: &str, kind: usize, holds: bool| Claim {
        claim: claim.to_owned(),
        holds: if all[kind] == 0 { Holds::Unknown } else { yes(holds) },
        evidence: format!("{} of {} kernel tasks died", dead[kind], all[kind]),
    };
    let users = count("uthread", "lived");
    let claims = vec![
        claim("a process that faults dies alone", 0, dead[0] == 1),
        claim("a thread that faults takes its whole process with it", 1, dead[1] == all[1]),
        claim("so does a user-level thread", 2, dead[2] == all[2] && users == 0),
    ];
    Some(Aspect {
        aspect: "isolation",
        about: "The second of several tasks writes to an address where there is nothing.",
        facts: vec![
            Fact::of("kernel tasks that died", died),
            Fact::of("kernel tasks that lived on", lived),
            Fact::of("lived on, as the program saw it", by_itself),
        ],
        claims,
        see: vec![
            "tracer report isolate.data -s tree,signals".to_owned(),
            "tracer run -- crash --mode threads".to_owned(),
        ],
        ..Aspect::default()
    })
}

/// The kernel tasks of a kind: processes that were named, or all tasks of the process that was.
fn tasks<'a>(evidence: &'a Evidence, kind: &str) -> Vec<&'a TaskRow> {
    let what = format!("isolate.{kind}");
    let pids: BTreeSet<u32> = evidence.marks.named(&what).map(|span| span.tid).collect();
    evidence.trace.tasks.iter().filter(|row| pids.contains(&row.tgid)).collect()
}

fn killed(row: &TaskRow) -> bool {
    row.exit.as_ref().is_some_and(|exit| exit.signal.is_some())
}

fn list(names: &BTreeSet<&str>) -> String {
    if names.is_empty() {
        return "no signal".to_owned();
    }
    names.iter().copied().collect::<Vec<_>>().join(", ")
}
