//! Timers: one that is read, and one that sends a signal.
#![expect(unsafe_code, reason = "a system call that rustix does not offer")]

use core::time::Duration;

use linux_raw_sys::general as raw;
use rustix::io::{Errno, read};
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, timerfd_create, timerfd_settime,
};

use crate::clock::timespec;
use crate::sys;

/// Sends this process `SIGALRM` once, after that time; an alarm that was set before is forgotten,
/// and no time at all sets none.
///
/// # Errors
/// `EINVAL` for more time than the kernel counts.
pub fn alarm(after: Duration) -> Result<(), Errno> {
    // Rounded up: what is less than a microsecond would be no time at all.
    let micros = after.as_nanos().div_ceil(1000);
    let word = |value: u128| i64::try_from(value).map_err(|_large| Errno::INVAL);
    let none = raw::__kernel_old_timeval { tv_sec: 0, tv_usec: 0 };
    let value = raw::__kernel_old_timeval {
        tv_sec: word(micros / 1_000_000)?,
        tv_usec: word(micros % 1_000_000)?,
    };
    let timer = raw::__kernel_old_itimerval { it_interval: none, it_value: value };
    let arguments = [raw::ITIMER_REAL as usize, (&raw const timer).addr(), 0, 0, 0, 0];
    // SAFETY: reads a structure of the kernel's layout.
    unsafe { sys::call(raw::__NR_setitimer, arguments) }.map(|_zero| ())
}

/// Reads a periodic timer until it has expired so often; the expirations, and the reads.
///
/// A read returns how often it has expired since the last one, and only then is it armed again
/// (`timerfd_read_iter`, fs/timerfd.c, v6.18).
///
/// # Errors
/// Those of `timerfd_create`.
pub fn periodic(count: u64, interval: Duration) -> Result<(u64, u64), Errno> {
    let timer = timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::CLOEXEC)?;
    let period = timespec(interval);
    let periodic = Itimerspec { it_interval: period, it_value: period };
    timerfd_settime(&timer, TimerfdTimerFlags::empty(), &periodic)?;
    let (mut expirations, mut reads) = (0, 0);
    while expirations < count {
        let mut expired = [0; 8];
        read(&timer, &mut expired)?;
        expirations += u64::from_ne_bytes(expired);
        reads += 1;
    }
    Ok((expirations, reads))
}
