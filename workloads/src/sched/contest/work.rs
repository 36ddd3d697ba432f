//! What the tasks of a contest do.

use core::sync::atomic::Ordering;

use crate::{clock, sched};

use super::Arena;

/// Periods that a task with a deadline is given, and uses up.
pub(super) const PERIODS: u32 = 5;

/// Uses CPU time that two tasks share, as long as there is some left.
pub(super) fn share(arena: &Arena) -> u64 {
    arena.ready.add(1);
    arena.ready.wait(2);
    let mut last_ns = sched::cpu_time_ns();
    loop {
        let now_ns = sched::cpu_time_ns();
        let used_ns = now_ns - last_ns;
        last_ns = now_ns;
        let take = |left: u64| left.checked_sub(used_ns);
        // Relaxed: it is a number, and orders nothing else.
        if arena.left_ns.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_err() {
            return 0;
        }
    }
}

/// Works for half of its time, wakes the other, and works on; when it did so.
pub(super) fn wake(arena: &Arena) -> u64 {
    arena.ready.wait(1);
    use_cpu(arena.burst_ns / 2);
    arena.go.add(1);
    let after_ns = clock::now_ns();
    use_cpu(arena.burst_ns / 2);
    after_ns
}

/// Sleeps until the other wakes it, and works; when it began to.
pub(super) fn be_woken(arena: &Arena) -> u64 {
    // The other waits for this, and still does not run before this one sleeps: they share a CPU, and
    // this one's priority is not lower.
    arena.ready.add(1);
    arena.go.wait(1);
    let begin_ns = clock::now_ns();
    use_cpu(arena.burst_ns);
    begin_ns
}

/// Works for all the time that it is given in some periods.
pub(super) fn spend(arena: &Arena) -> u64 {
    use_cpu(arena.burst_ns * u64::from(PERIODS));
    0
}

fn use_cpu(time_ns: u64) {
    let end_ns = sched::cpu_time_ns() + time_ns;
    while sched::cpu_time_ns() < end_ns {}
}
