//! User-level threads against both: what a call that blocks in the kernel stops.

use super::{timed, told};
use crate::compare::marks::Span;
use crate::compare::{Aspect, Claim, Row, Runs};

/// From the run `sleep`; creation and switch have rows of their own there.
pub(super) fn aspect(runs: &Runs) -> Option<Aspect> {
    let evidence = runs.get("sleep")?;
    let tasks = *evidence.marks.sizes("sleep.process").first()?;
    let what = format!("{tasks} tasks that each block for 2ms in the kernel, all of them");
    let elapsed = timed(evidence, &what, "sleep.KIND", (tasks, None), Span::ps);
    let each = timed_each(evidence);
    let claims = elapsed.iter().map(|row| claim(row, tasks)).collect();
    Some(Aspect {
        aspect: "user_level",
        about: "Tasks at once that each make one system call that blocks; all user threads are on \
                one carrier, which the call stops. Their creation and their switch are compared \
                above.",
        rows: [elapsed, each].into_iter().flatten().collect(),
        claims,
        see: vec![
            "tracer run -s uthreads -- uthreads --model many-to-one --work block".to_owned(),
            "tracer report sleep.data -s states".to_owned(),
        ],
        ..Aspect::default()
    })
}

/// What one call takes.
fn timed_each(evidence: &crate::compare::Evidence) -> Option<Row> {
    timed(evidence, "  one of these calls", "task.sleep.KIND", (0, None), Span::ps)
}

fn claim(row: &Row, tasks: u64) -> Claim {
    let claim = format!("a user-level thread that blocks stops the {} others", tasks - 1);
    let (uthread, thread) = (row.uthread.as_ref(), row.thread.as_ref());
    told(claim, row.unit, ("uthread", uthread), ("thread", thread))
}
