//! What became of tasks: how they ended, who took their status, and where they were moved.

use std::collections::BTreeSet;

use super::Differences;
use super::pairs::Pair;
use crate::report::Exit;

/// Compares everything after a task's birth.
pub(super) fn compare(pairs: &[Pair<'_>], found: &mut Differences) {
    let ours: BTreeSet<u32> = pairs.iter().map(|pair| pair.truth.tid).collect();
    for pair in pairs {
        match &pair.report.exit {
            Some(exit) => end(pair, exit, &ours, found),
            None => found.add(pair, "exit", "yes".into(), "none".into()),
        }
        migrations(pair, found);
    }
}

fn end(pair: &Pair<'_>, exit: &Exit, ours: &BTreeSet<u32>, found: &mut Differences) {
    let truth = pair.truth;
    match (truth.code, truth.signal) {
        (None, None) => {}
        (code, signal) => {
            found.equal(pair, "exit code and signal", (code, signal), (exit.code, exit.signal));
        }
    }
    // Null is "nobody of the program": somebody else may have, such as tracer or init.
    let reaper = exit.reaped_by.filter(|reaper| truth.reaper.is_some() || ours.contains(reaper));
    found.equal(pair, "reaped by", truth.reaper, reaper);
    found.at_most(pair, "exit after its last own moment", [truth.ended_ns, Some(exit.at_ns)]);
}

/// Only tasks that pinned themselves know, and those were never moved by anybody else.
fn migrations(pair: &Pair<'_>, found: &mut Differences) {
    let report = pair.report;
    found.known(pair, "migrations", pair.truth.migrations, Some(report.migrations));
    if report.born && report.exit.is_some() {
        let kernel = report.kernel.and_then(|kernel| kernel.nr_migrations);
        // Not every kernel keeps it.
        let truth = pair.truth.migrations.filter(|_| kernel.is_some());
        found.known(pair, "migrations by the kernel's account", truth, kernel);
    }
}
