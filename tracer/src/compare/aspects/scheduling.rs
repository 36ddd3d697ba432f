//! Whether each task is scheduled alone: its own switches, CPUs and delays.

use std::collections::BTreeSet;

use super::{Tasks, timed, told};
use crate::compare::marks::Span;
use crate::compare::{Aspect, Evidence, Fact, KINDS, Row, Runs, Source, Unit};
use crate::model::summary::TaskRow;

/// From the run `work`.
pub(super) fn aspect(runs: &Runs) -> Option<Aspect> {
    let evidence = runs.get("work")?;
    let tasks = *evidence.marks.sizes("work.process").first()?;
    let what =
        format!("{tasks} tasks with the same work, from the first's making to the last's end");
    let elapsed = timed(evidence, &what, "work.KIND", (tasks, None), Span::ps);
    let rounds = KINDS.map(|kind| by_round(evidence, kind));
    let kernel_tasks = rounds.each_ref().map(|rounds| range(rounds, |rows| rows.len()));
    let cpus = rounds.each_ref().map(|rounds| {
        range(rounds, |rows| {
            rows.iter().flat_map(|row| row.cpus.keys()).collect::<BTreeSet<_>>().len()
        })
    });
    let of_tasks = |of: &dyn Fn(&TaskRow) -> u64| {
        rounds.each_ref().map(|rounds| {
            rounds.iter().flatten().filter(|row| row.exact).map(|row| of(row)).collect()
        })
    };
    let delay = of_tasks(&|row| row.run_delay_ns.sum * 1000);
    let switches = of_tasks(&|row| row.switches.voluntary + row.switches.involuntary);
    let row = |what: &str, unit, samples| Row::of(what, (unit, Source::Trace), None, samples);
    let delay = row("run delay of a kernel task: runnable without a CPU", Unit::Ps, delay);
    let switches = row("switches away from a kernel task", Unit::Count, switches);
    let claim = "user-level threads on one kernel thread have one CPU, threads have all";
    let [_, thread, uthread] = elapsed.as_ref().map_or([None; 3], Row::figures);
    let claim = told(claim, Unit::Ps, ("uthread", uthread), ("thread", thread));
    Some(Aspect {
        aspect: "scheduling",
        about: "Several tasks that only compute, at once; a user thread is on its carrier.",
        claims: vec![claim],
        rows: [elapsed, delay, switches].into_iter().flatten().collect(),
        facts: vec![
            Fact::of("kernel tasks of a round that the scheduler saw", kernel_tasks),
            Fact::of("CPUs that they ran on", cpus),
        ],
        see: vec!["tracer report work.data -s states,cpus".to_owned()],
    })
}

/// The kernel tasks of each round.
fn by_round<'a>(evidence: &'a Evidence, kind: &str) -> Vec<Vec<&'a TaskRow>> {
    let tasks = Tasks::of(&evidence.trace);
    let task = format!("task.work.{kind}");
    let round = format!("work.{kind}");
    let mut rounds: Vec<(BTreeSet<u32>, Vec<&TaskRow>)> = Vec::new();
    for span in &evidence.marks.spans {
        if span.what == round {
            rounds.push((BTreeSet::new(), Vec::new()));
        } else if span.what == task
            && let (Some((tids, rows)), Some(row)) = (rounds.last_mut(), tasks.of_span(span))
            && tids.insert(row.tid)
        {
            rows.push(row);
        }
    }
    rounds.into_iter().map(|(_, rows)| rows).collect()
}

/// The least and the most of something that rounds have.
fn range(rounds: &[Vec<&TaskRow>], of: impl Fn(&[&TaskRow]) -> usize) -> String {
    let all: Vec<usize> = rounds.iter().map(|rows| of(rows)).collect();
    match (all.iter().min(), all.iter().max()) {
        (Some(least), Some(most)) if least == most => most.to_string(),
        (Some(least), Some(most)) => format!("{least} to {most}"),
        _ => "unknown".to_owned(),
    }
}
