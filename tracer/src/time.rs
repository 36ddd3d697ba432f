//! The only reader of a clock.

use rustix::time::{ClockId, clock_gettime};

use crate::source::recording::Clocks;

/// Now on the clock of all records, ns of `CLOCK_MONOTONIC`.
pub fn monotonic_ns() -> u64 {
    read(ClockId::Monotonic)
}

/// Now on three clocks. They are read one after the other, so that they differ by what that takes.
pub fn clocks() -> Clocks {
    Clocks {
        monotonic_ns: read(ClockId::Monotonic),
        boottime_ns: read(ClockId::Boottime),
        realtime_ns: read(ClockId::Realtime),
    }
}

/// CPU time of this process with all its threads, ns.
pub fn own_cpu_ns() -> u64 {
    read(ClockId::ProcessCPUTime)
}

fn read(clock: ClockId) -> u64 {
    let time = clock_gettime(clock);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let nanos = u64::try_from(time.tv_nsec).unwrap_or(0);
    seconds.saturating_mul(1_000_000_000).saturating_add(nanos)
}
