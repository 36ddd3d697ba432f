//! How many futex calls a process makes, as the kernel counts them.

use std::process::{Command, Stdio};

/// The tracepoint.
const EVENT: &str = "syscalls:sys_enter_futex";

/// Runs to take the median of.
const RUNS: usize = 9;

/// The median of the futex calls of some runs.
pub(crate) fn median(case: &str, side: &str) -> Option<u64> {
    let mut calls: Vec<u64> = (0..RUNS).map(|_| of(case, side)).collect::<Option<_>>()?;
    calls.sort_unstable();
    Some(calls[RUNS / 2])
}

/// Runs this program again for one run of one side of a case, and returns the futex calls of all
/// its threads. `None` where `perf` is not there, or may not.
fn of(case: &str, side: &str) -> Option<u64> {
    let program = std::env::current_exe().ok()?;
    let output = Command::new("perf")
        .args(["stat", "-x", ",", "-e", EVENT, "--"])
        .arg(program)
        .args(["--once", case, side])
        .stdout(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stderr).ok()?;
    let line = text.lines().find(|line| line.contains(EVENT))?;
    line.split(',').next()?.parse().ok()
}
