//! Root: loading BPF programs needs it, building must not have it.

use std::ffi::OsStr;
use std::fs;
use std::process::Command;

use crate::tree;

/// How a command can be run as root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Root {
    /// This process is root.
    Already,
    /// By `sudo -E`.
    Sudo,
    /// Not at all.
    No,
}

impl Root {
    /// Looks at this process's user and for sudo.
    pub(crate) fn find() -> Self {
        if effective_uid() == Some(0) {
            Self::Already
        } else if tree::on_path("sudo").is_some() {
            Self::Sudo
        } else {
            Self::No
        }
    }

    /// A command for `program`, by sudo if that is how.
    pub(crate) fn command(self, program: impl AsRef<OsStr>) -> Command {
        if self == Self::Sudo {
            let mut command = Command::new("sudo");
            command.arg("-E").arg(program);
            return command;
        }
        Command::new(program)
    }
}

/// The effective user, from procfs so that no unsafe call is needed.
fn effective_uid() -> Option<u32> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("Uid:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
