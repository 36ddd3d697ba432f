//! Waiting for conditions.

use rustix::event::{PollFd, Timespec, poll};

/// How often a condition is looked at, at most.
const LOOKS: u32 = 4000;

/// Time between two looks, ns; with [`LOOKS`], 40 s in all.
const BETWEEN_NS: i64 = 10_000_000;

/// Waits until the condition holds.
///
/// # Panics
/// If it does not hold in the time that everything has.
#[track_caller]
pub fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..LOOKS {
        if holds() {
            return;
        }
        between();
    }
    assert!(holds(), "waited too long until {what}");
}

/// Lets a little time pass.
pub fn between() {
    let time = Timespec { tv_sec: 0, tv_nsec: BETWEEN_NS };
    let nothing: &mut [PollFd<'_>] = &mut [];
    // Interrupted: then it was less.
    poll(nothing, Some(&time)).unwrap_or_default();
}
