//! Precedence over all tasks that are not real-time, for a capture that must keep up with a machine
//! which has more to do than CPUs.
#![expect(unsafe_code, reason = "no safe wrapper sets the scheduling policy")]

use std::io;

use libc::{SCHED_RR, sched_param, sched_setscheduler};

/// The calling thread, and those that it starts from now on, are `SCHED_RR` at this priority.
///
/// # Errors
/// The kernel refuses: without `CAP_SYS_NICE`, beyond 1 to 99, or in a group without a share of
/// real time.
pub fn take(priority: u8) -> io::Result<()> {
    let param = sched_param { sched_priority: priority.into() };
    // SAFETY: `param` lives until the call is over, which only reads it; 0 is the calling thread.
    match unsafe { sched_setscheduler(0, SCHED_RR, &raw const param) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_priority_is_refused() {
        for wrong in [0, 100] {
            assert_eq!(take(wrong).unwrap_err().kind(), io::ErrorKind::InvalidInput);
        }
    }
}
