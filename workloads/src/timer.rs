//! Timers that are read. The one that sends a signal is [`crate::signal::send::alarm`].

use core::time::Duration;

use rustix::io::{Errno, read};
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, timerfd_create, timerfd_settime,
};

use crate::clock::timespec;

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
