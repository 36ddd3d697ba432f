//! Child processes that receive signals: forked, stopped, and waited for.

use core::time::Duration;

use rustix::io::{Errno, retry_on_intr};
use rustix::process::{
    Pid, Resource, Rlimit, WaitOptions, WaitStatus, set_parent_process_death_signal, setrlimit,
    waitpid,
};

use super::{Signal, send};
use crate::clone::Task;
use crate::process::{self, How};

/// A child process. Dropped before it was waited for, it is killed.
#[derive(Debug)]
pub struct Child {
    pid: u32,
    /// Until it was waited for.
    task: Option<Task>,
}

/// Forks a child, which does `run` and exits with what it returns; it dies with the calling thread,
/// and writes no core file.
///
/// # Errors
/// Those of [`process::fork`].
pub fn fork(run: impl FnOnce() -> u8) -> Result<Child, Errno> {
    let task = process::fork(|| if settle().is_ok() { run() } else { u8::MAX })?;
    Ok(Child { pid: task.tid(), task: Some(task) })
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
    /// `ECHILD` if somebody else took it.
    pub fn wait(mut self) -> Result<How, Errno> {
        self.end()
    }

    /// Waits until it ends, at most so long; whether it has. Its status stays there to be taken.
    ///
    /// # Errors
    /// Those of `pidfd_open` and `poll`.
    pub fn ends_within(&self, time: Duration) -> Result<bool, Errno> {
        process::until_dead(process::open(self.pid)?, time)
    }

    /// Waits until it has stopped; by which signal.
    ///
    /// # Errors
    /// `ECHILD` if it has ended instead.
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

    fn status(&mut self, options: WaitOptions) -> Result<WaitStatus, Errno> {
        let pid = Pid::from_raw(self.pid.cast_signed());
        let (_pid, status) = retry_on_intr(|| waitpid(pid, options))?.ok_or(Errno::CHILD)?;
        if status.exited() || status.signaled() {
            // Its status has been taken.
            self.task = None;
        }
        Ok(status)
    }

    fn end(&mut self) -> Result<How, Errno> {
        let task = self.task.take().ok_or(Errno::CHILD)?;
        task.wait().map(|exit| exit.how)
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if self.task.is_some() {
            let killed = send::process(self.pid, Signal::KILL);
            debug_assert!(killed.is_ok(), "a child that was not waited for");
            let ended = self.end();
            debug_assert!(ended.is_ok(), "as above");
        }
    }
}
