//! The end of threads that nobody can join.

use core::time::Duration;

use rustix::io::Errno;
use rustix::thread::sched_yield;

use crate::{clock, file};

/// Waits until the calling thread is the only one of its process: detached ones have ended, and
/// their stacks are unmapped.
///
/// Nothing tells of their ends: it looks at the kernel's count again and again, and leaves the CPU
/// to others in between.
///
/// # Errors
/// `ETIMEDOUT` if there are others after that time, and those of reading `/proc/self/status`.
pub fn until_alone(most: Duration) -> Result<(), Errno> {
    let end = clock::now_ns().saturating_add(u64::try_from(most.as_nanos()).unwrap_or(u64::MAX));
    while threads()? > 1 {
        if clock::now_ns() > end {
            return Err(Errno::TIMEDOUT);
        }
        sched_yield();
    }
    Ok(())
}

/// Threads of this process, by the kernel's count.
fn threads() -> Result<u64, Errno> {
    let status = file::text("/proc/self/status")?;
    let count = status.lines().find_map(|line| line.strip_prefix("Threads:"));
    count.and_then(|count| count.trim().parse().ok()).ok_or(Errno::INVAL)
}
