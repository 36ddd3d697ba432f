//! How many futex calls a process makes, as the kernel counts them.

use std::process::{Command, Stdio};

/// The tracepoint.
const EVENT: &str = "syscalls:sys_enter_futex";

/// Runs this program again for one run of one side of a case, and returns the futex calls of all
/// its threads. `None` where `perf` is not there, or may not.
pub(crate) fn of(case: &str, side: &str) -> Option<u64> {
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
