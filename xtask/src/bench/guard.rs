//! Something to be done in the end, however this program ends.

use std::ffi::OsStr;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};

use anyhow::Context as _;

/// A shell that waits for this program's end of a pipe to close and then does its duty: on drop,
/// but also when this program was interrupted or killed.
#[derive(Debug)]
pub(super) struct Guard {
    /// The shell.
    child: Child,
}

impl Guard {
    /// Starts the shell; `arguments` are `$1` and on in `script`.
    pub(super) fn new(script: &str, arguments: &[&OsStr]) -> anyhow::Result<Self> {
        let child = Command::new("sh")
            .args(["-c", &format!("trap '' HUP INT TERM; read -r _; {script}"), "sh"])
            .args(arguments)
            .stdin(Stdio::piped())
            // Not the terminal's foreground group, which gets the interrupts.
            .process_group(0)
            .spawn()
            .context("cannot run sh")?;
        Ok(Self { child })
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        match self.child.wait() {
            Ok(status) if status.success() => {}
            Ok(status) => eprintln!("bench: cannot clean up: {status}"),
            Err(error) => eprintln!("bench: cannot clean up: {error}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{env, fs};

    use super::Guard;

    #[test]
    fn it_acts_on_drop_and_not_before() {
        let file = env::temp_dir().join(format!("tracer-xtask-guard-{}", std::process::id()));
        fs::write(&file, "").unwrap();
        let guard = Guard::new("rm -- \"$1\"", &[file.as_os_str()]).unwrap();
        assert!(file.exists());
        drop(guard);
        assert!(!file.exists());
    }
}
