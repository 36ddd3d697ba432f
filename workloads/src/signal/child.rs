//! Child processes that receive signals: forked, and waited for.
#![expect(unsafe_code, reason = "fork copies the process, locks and all")]

use core::time::Duration;

use linux_raw_sys::general as raw;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::process::{
    Pid, PidfdFlags, Resource, Rlimit, WaitOptions, WaitStatus, pidfd_open,
    set_parent_process_death_signal, setrlimit, waitpid,
};

use super::{Signal, send};
use crate::ledger::{self, Entry};
use crate::thread::{self, tid};
use crate::{clock, sys};

/// A child process. Dropped before it was waited for, it is killed.
#[derive(Debug)]
pub struct Child {
    pid: u32,
    entry: Option<&'static Entry>,
    waited: bool,
}

/// How a child ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With a code.
    Code(u32),
    /// By a signal.
    Killed(u32),
}

/// Forks a child, which does `run` and exits with what it returns; it dies with the calling thread,
/// and writes no core file.
///
/// To be called while the process has one thread: others may hold locks that nobody in the child
/// would release.
///
/// # Errors
/// `EAGAIN` where there may be no more tasks.
pub fn fork(run: impl FnOnce() -> u8) -> Result<Child, Errno> {
    let entry = ledger::claim();
    let parent = tid();
    if let Some(entry) = entry {
        entry.made(parent, parent, u64::from(raw::SIGCHLD));
    }
    // SAFETY: no flags: the child has a copy of everything, this stack among it, and returns into it.
    let pid = unsafe { sys::call(raw::__NR_clone, [raw::SIGCHLD as usize, 0, 0, 0, 0, 0]) }?;
    if pid == 0 {
        let block = thread::current();
        block.renumber();
        block.set_entry(entry);
        if let Some(entry) = entry {
            entry.is(tid(), tid());
            entry.started();
        }
        let code = if settle().is_ok() { run() } else { u8::MAX };
        if let Some(entry) = entry {
            entry.ending(code);
        }
        sys::exit_process(code);
    }
    let pid = u32::try_from(pid).map_err(|_large| Errno::OVERFLOW)?;
    if let Some(entry) = entry {
        entry.is(pid, pid);
    }
    Ok(Child { pid, entry, waited: false })
}

fn settle() -> Result<(), Errno> {
    set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })
}

impl Child {
    /// Its number.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Waits until it ends, and takes its status.
    ///
    /// # Errors
    /// Those of `waitpid`.
    pub fn wait(mut self) -> Result<End, Errno> {
        self.end()
    }

    /// Waits until it ends, at most so long; whether it has. Its status stays there to be taken.
    ///
    /// # Errors
    /// Those of `pidfd_open` and `poll`.
    pub fn ends_within(&self, time: Duration) -> Result<bool, Errno> {
        let pid = Pid::from_raw(self.pid.cast_signed()).ok_or(Errno::SRCH)?;
        let file = pidfd_open(pid, PidfdFlags::empty())?;
        // Whatever interrupts the wait only makes it shorter: no handler is expected to run here.
        let ready = poll(&mut [PollFd::new(&file, PollFlags::IN)], Some(&clock::timespec(time)))?;
        Ok(ready == 1)
    }

    /// Waits until it has stopped.
    ///
    /// # Errors
    /// As [`Child::wait`]; `ECHILD` if it has ended instead.
    pub fn wait_stopped(&mut self) -> Result<u32, Errno> {
        let status = self.status(WaitOptions::UNTRACED)?;
        status.stopping_signal().map(i32::cast_unsigned).ok_or(Errno::CHILD)
    }

    /// Waits until it goes on.
    ///
    /// # Errors
    /// As [`Child::wait_stopped`].
    pub fn wait_continued(&mut self) -> Result<(), Errno> {
        let status = self.status(WaitOptions::CONTINUED)?;
        status.continued().then_some(()).ok_or(Errno::CHILD)
    }

    fn end(&mut self) -> Result<End, Errno> {
        let status = self.status(WaitOptions::empty())?;
        let end = match status.terminating_signal() {
            Some(signal) => End::Killed(signal.cast_unsigned()),
            None => End::Code(status.exit_status().unwrap_or(0).cast_unsigned()),
        };
        if let Some(entry) = self.entry {
            entry.reaped(tid());
            match end {
                End::Killed(signal) => entry.killed(signal),
                End::Code(code) => entry.exited(code.to_le_bytes()[0]),
            }
        }
        Ok(end)
    }

    fn status(&mut self, options: WaitOptions) -> Result<WaitStatus, Errno> {
        let pid = Pid::from_raw(self.pid.cast_signed());
        loop {
            match waitpid(pid, options) {
                Ok(Some((_pid, status))) => {
                    self.waited = status.exited() || status.signaled();
                    return Ok(status);
                }
                Ok(None) | Err(Errno::INTR) => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if !self.waited {
            let killed = send::process(self.pid, Signal::KILL);
            debug_assert!(killed.is_ok(), "a child that was not waited for");
            let ended = self.end();
            debug_assert!(ended.is_ok(), "as above");
        }
    }
}
