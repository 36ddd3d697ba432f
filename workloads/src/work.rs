//! Things to do an exact number of times.

use std::sync::{Condvar, Mutex, PoisonError};

use rustix::thread::{NanosleepRelativeResult, Timespec, nanosleep};

/// Long enough that no kernel ends it before the task has left its CPU.
const SLEEP_NS: i64 = 200_000;

/// Sleeps so often; each time the task leaves its CPU at least once.
pub fn sleeps(times: u64) {
    for _ in 0..times {
        pause();
    }
}

/// Sleeps once.
pub fn pause() {
    let mut left = Timespec { tv_sec: 0, tv_nsec: SLEEP_NS };
    while let NanosleepRelativeResult::Interrupted(rest) = nanosleep(&left) {
        left = rest;
    }
}

/// A baton that goes round a ring of threads: each waits for its turn on a condition variable.
#[derive(Debug, Default)]
pub struct Baton {
    turn: Mutex<u64>,
    passed: Condvar,
}

impl Baton {
    /// Takes part as number `place` of `runners`, until the baton has been passed `laps` times by
    /// each.
    pub fn run(&self, place: u64, runners: u64, laps: u64) {
        for lap in 0..laps {
            let mine = lap * runners + place;
            let turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
            let waited = self.passed.wait_while(turn, |turn| *turn != mine);
            *waited.unwrap_or_else(PoisonError::into_inner) += 1;
            self.passed.notify_all();
        }
    }
}
