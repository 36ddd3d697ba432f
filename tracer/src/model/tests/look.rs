//! Small things that the tests' fixtures and their checks need.

use tracer_common::Header;
use tracer_common::record::SleepCall;

use crate::model::summary::{Summary, TaskRow};

/// The rows of a number, in the order of birth.
pub(crate) fn rows(summary: &Summary, tid: u32) -> Vec<&TaskRow> {
    summary.tasks.iter().filter(|row| row.tid == tid).collect()
}

/// The only row of a number.
pub(crate) fn row(summary: &Summary, tid: u32) -> &TaskRow {
    let rows = rows(summary, tid);
    assert_eq!(rows.len(), 1, "lives of {tid}");
    rows[0]
}

/// The states of a task that are not empty.
pub(crate) fn states(row: &TaskRow) -> Vec<(&'static str, u64)> {
    row.states_ns.each().into_iter().filter(|&(_, ns)| ns > 0).collect()
}

pub(crate) fn header(at_ns: u64) -> Header {
    Header { at_ns, seq: 0, cpu: 0, kind: 0, words: 0 }
}

pub(crate) fn comm(name: &str) -> [u8; 16] {
    let mut comm = [0; 16];
    comm[..name.len()].copy_from_slice(name.as_bytes());
    comm
}

/// The state of a task that sleeps in the system call of this number.
pub(crate) fn in_call(state: u32, number: u32) -> u32 {
    state | (number + SleepCall::FIRST) << SleepCall::SHIFT
}
