//! Taking the exit status of children, and writing it into the ledger.

use core::fmt;

use rustix::io::{Errno, retry_on_intr};
use rustix::process::{Pid, WaitId, WaitIdOptions, WaitOptions, WaitStatus, waitid, waitpid};

use super::kin::number;
use crate::clone::Task;
use crate::{ledger, thread};

/// Children with any exit signal, and of any thread of this process (`__WALL`, linux/wait.h).
const ALL: u32 = 0x4000_0000;

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// By itself, with a code.
    Exited(u8),
    /// A signal ended it.
    Killed {
        /// Its number.
        signal: u8,
        /// Whether a core was dumped.
        core: bool,
    },
}

/// The end of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit {
    /// Which.
    pub pid: u32,
    /// How it ended.
    pub how: How,
}

/// Waits until this child ends, and takes its exit status.
///
/// # Errors
/// `ECHILD` if it is none, or somebody else took it.
pub fn wait_for(process: u32) -> Result<Exit, Errno> {
    take(Some(number(process)?))
}

/// Waits until any child ends, and takes its exit status.
///
/// # Errors
/// `ECHILD` if there is none.
pub fn wait_any() -> Result<Exit, Errno> {
    take(None)
}

/// Waits until this child has ended, and leaves it a zombie.
///
/// # Errors
/// As [`wait_for`].
pub fn until_zombie(process: u32) -> Result<(), Errno> {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    let options = options | WaitIdOptions::from_bits_retain(ALL);
    let id = number(process)?;
    retry_on_intr(|| waitid(WaitId::Pid(id), options)).map(drop)
}

fn take(process: Option<Pid>) -> Result<Exit, Errno> {
    let options = WaitOptions::from_bits_retain(ALL);
    let taken = retry_on_intr(|| waitpid(process, options))?;
    // Without `WNOHANG` it comes back with somebody.
    let (pid, status) = taken.ok_or(Errno::CHILD)?;
    let pid = pid.as_raw_nonzero().get().cast_unsigned();
    let exit = Exit { pid, how: How::of(status) };
    ledger::process_ended(pid, thread::tid(), exit.how);
    Ok(exit)
}

impl Task {
    /// Waits until it ends, takes its exit status, and frees its stack, if it has one of its own. It
    /// must be a child of the calling process.
    ///
    /// # Errors
    /// As [`wait_for`].
    pub fn wait(self) -> Result<Exit, Errno> {
        let exit = wait_for(self.tid())?;
        self.join();
        Ok(exit)
    }
}

impl How {
    fn of(status: WaitStatus) -> Self {
        const CORE: i32 = 0x80;
        let byte = |value: Option<i32>| value.and_then(|value| u8::try_from(value).ok());
        match byte(status.terminating_signal()) {
            Some(signal) => Self::Killed { signal, core: status.as_raw() & CORE != 0 },
            None => Self::Exited(byte(status.exit_status()).unwrap_or_default()),
        }
    }
}

impl fmt::Display for How {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exited(code) => write!(f, "ended with code {code}"),
            Self::Killed { signal, core: false } => write!(f, "was ended by signal {signal}"),
            Self::Killed { signal, core: true } => {
                write!(f, "was ended by signal {signal}, with a core dump")
            }
        }
    }
}
