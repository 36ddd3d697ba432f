//! A child that cannot run for ever.

use std::os::unix::process::CommandExt as _;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, bail};

use crate::sh;

/// Longer than any run or report takes, even traced on a slow machine.
const LIMIT: Duration = Duration::from_mins(2);

/// How long a killed child may take to be gone.
const GRACE: Duration = Duration::from_secs(10);

/// What a successful child printed on standard output.
pub(super) fn output(command: &mut Command) -> anyhow::Result<String> {
    let output = bounded(command, LIMIT)?;
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr);
        bail!("`{}` failed: {}: {}", sh::shown(command), output.status, why.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a child in a process group of its own, which is killed when the time is over: a tracer's
/// load would outlive the tracer and keep the pipes open.
fn bounded(command: &mut Command, limit: Duration) -> anyhow::Result<Output> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let child = command.spawn().with_context(|| format!("cannot run `{}`", sh::shown(command)))?;
    let group = format!("-{}", child.id());
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(child.wait_with_output()));
    let Ok(output) = receiver.recv_timeout(limit) else {
        sh::output(Command::new("kill").args(["-KILL", "--", &group]))?;
        // It is waited for, so that it disturbs no later run.
        let gone = receiver.recv_timeout(GRACE).is_ok();
        let after = if gone { "was killed" } else { "cannot be killed" };
        bail!("`{}` took more than {limit:?} and {after}", sh::shown(command));
    };
    output.with_context(|| format!("cannot wait for `{}`", sh::shown(command)))
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::time::Duration;

    use super::{bounded, output};

    #[test]
    fn a_child_and_its_children_end_with_the_time() {
        // The grandchild holds the pipe; this returns at all only if it dies too.
        let error = bounded(
            Command::new("sh").args(["-c", "sleep 1000 & sleep 1000"]),
            Duration::from_millis(100),
        )
        .unwrap_err();
        assert!(error.to_string().ends_with("was killed"), "{error}");
    }

    #[test]
    fn a_failure_shows_its_reason() {
        let error = output(Command::new("sh").args(["-c", "echo why >&2; exit 3"])).unwrap_err();
        assert!(error.to_string().ends_with("exit status: 3: why"), "{error}");
        assert_eq!(output(Command::new("echo").arg("a")).unwrap(), "a\n");
    }
}
