//! A process for one short task.
#![expect(unsafe_code, reason = "one call returns twice")]

use linux_raw_sys::general as raw;
use rustix::io::Errno;
use rustix::process::{Pid, WaitOptions, waitpid};

use crate::ledger::Entry;
use crate::{ledger, sys, thread};

/// A process that was made here, and has to be waited for.
#[derive(Debug)]
#[must_use = "a child that nobody waits for stays a zombie"]
pub struct Child {
    pid: Pid,
    entry: Option<&'static Entry>,
}

/// Makes a process that runs `run` and exits with what that returns. It has the calling thread alone,
/// on a copy of all memory: it must not take the heap's lock, which another thread may hold for ever.
///
/// # Errors
/// Those of `clone3`: `EAGAIN` where there may be no more tasks.
pub fn fork(run: impl FnOnce() -> u8) -> Result<Child, Errno> {
    let entry = ledger::claim();
    let signal = u64::from(raw::SIGCHLD);
    if let Some(entry) = entry {
        entry.made(
            thread::tid(),
            rustix::process::getpid().as_raw_nonzero().get().cast_unsigned(),
            signal,
        );
    }
    // SAFETY: zeroes are no flags, and no address.
    let mut arguments: raw::clone_args = unsafe { core::mem::zeroed() };
    arguments.exit_signal = signal;
    let arguments = [(&raw const arguments).addr(), size_of_val(&arguments), 0, 0, 0, 0];
    // SAFETY: nothing is shared with the child, which goes on here on its own copy of the stack.
    let pid = unsafe { sys::call(raw::__NR_clone3, arguments) }?;
    let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) else {
        if let Some(entry) = entry {
            entry.started();
        }
        let code = run();
        if let Some(entry) = entry {
            entry.ending(code);
        }
        sys::exit_process(code);
    };
    if let Some(entry) = entry {
        let number = pid.as_raw_nonzero().get().cast_unsigned();
        entry.is(number, number);
    }
    Ok(Child { pid, entry })
}

impl Child {
    /// Waits until it has ended; its exit code, or `None` if a signal ended it.
    ///
    /// # Errors
    /// `ECHILD` if another has waited for it.
    pub fn wait(self) -> Result<Option<u8>, Errno> {
        loop {
            match waitpid(Some(self.pid), WaitOptions::empty()) {
                Ok(Some((_, status))) => {
                    if let Some(entry) = self.entry {
                        entry.reaped(thread::tid());
                    }
                    return Ok(status.exit_status().and_then(|code| u8::try_from(code).ok()));
                }
                Ok(None) | Err(Errno::INTR) => {}
                Err(error) => return Err(error),
            }
        }
    }
}
