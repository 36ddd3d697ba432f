//! Parents, adopted children, and handles of processes that are nobody's child here.

use core::time::Duration;

use rustix::event::{PollFd, PollFlags, pause, poll};
use rustix::fd::{AsFd, OwnedFd};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, getpid, getppid, pidfd_open, set_child_subreaper};

use crate::clock;

/// The calling process.
pub fn pid() -> u32 {
    getpid().as_raw_nonzero().get().cast_unsigned()
}

/// The calling process's parent; 0 if it lies outside of its pid namespace.
pub fn parent() -> u32 {
    getppid().map_or(0, |pid| pid.as_raw_nonzero().get().cast_unsigned())
}

/// From now on, orphans among the calling process's descendants become its children; or not.
///
/// # Errors
/// Those of `prctl`.
pub fn become_subreaper(on: bool) -> Result<(), Errno> {
    // Any number turns it on.
    set_child_subreaper(on.then(getpid))
}

/// A handle of a process.
///
/// # Errors
/// `ESRCH` if there is none, and those of `pidfd_open`.
pub fn open(process: u32) -> Result<OwnedFd, Errno> {
    pidfd_open(number(process)?, PidfdFlags::empty())
}

/// Waits until a process is dead, whoever's child it is; whether it died within the time.
///
/// It may be a zombie then. Its orphans have another parent by then (kernel/exit.c, `exit_notify`,
/// v6.18).
///
/// # Errors
/// Those of `poll`.
pub fn until_dead(process: impl AsFd, most: Duration) -> Result<bool, Errno> {
    let end = clock::now_ns().saturating_add(u64::try_from(most.as_nanos()).unwrap_or(u64::MAX));
    loop {
        let left = Duration::from_nanos(end.saturating_sub(clock::now_ns()));
        let mut watched = [PollFd::new(&process, PollFlags::IN)];
        match poll(&mut watched, Some(&clock::timespec(left))) {
            Ok(0) => return Ok(false),
            Ok(_) => return Ok(true),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
}

/// Waits for a signal that ends the calling task.
pub fn pause_for_ever() -> ! {
    loop {
        pause();
    }
}

/// As the kernel's calls take it.
pub(super) fn number(process: u32) -> Result<Pid, Errno> {
    i32::try_from(process).ok().and_then(Pid::from_raw).ok_or(Errno::SRCH)
}
