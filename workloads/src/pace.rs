//! Tasks that begin together, and go on for a number of times or until a point in time.

use alloc::string::String;
use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;

use crate::cli::Args;
use crate::clock;
use crate::failure::Failure;
use crate::futex::{self, Scope};
use crate::shim::AtomicU32;

/// Tasks wait at it.
const CLOSED: u32 = 0;
/// Tasks go through.
const OPEN: u32 = 1;
/// Tasks turn back.
const CALLED_OFF: u32 = 2;

/// When to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// After so many times.
    pub count: u64,
    /// After so long, if that comes first.
    pub time: Option<Duration>,
}

impl Limit {
    /// Of the options `count`, which may be at most `most`, and `time`; 10000 times if none is given.
    ///
    /// # Errors
    /// [`Failure::Usage`] for what is no count or no time, or for both.
    pub fn read(args: &Args, most: u64) -> Result<Self, Failure> {
        let is_given = |name| !args.text(name).is_empty();
        match (is_given("count"), is_given("time")) {
            (true, true) => Err(Failure::Usage(String::from("--count and --time: one of the two"))),
            (false, true) => {
                let times = Duration::from_millis(1)..=Duration::from_hours(1);
                Ok(Self { count: most, time: Some(args.time("time", times)?) })
            }
            (true, false) => Ok(Self { count: args.number("count", 1..=most)?, time: None }),
            (false, false) => Ok(Self { count: most.min(10_000), time: None }),
        }
    }
}

/// Where tasks wait for each other before they begin.
#[derive(Debug)]
pub struct Gate {
    state: AtomicU32,
    /// Tasks that have come.
    there: AtomicU32,
    /// When it was opened.
    start_ns: AtomicU64,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            state: AtomicU32::new(CLOSED),
            there: AtomicU32::new(0),
            start_ns: AtomicU64::new(0),
        }
    }
}

impl Gate {
    /// Comes to it, and waits until it is opened: the pace to go on at; `None` if it is called off.
    pub fn pass(&self, limit: Limit) -> Option<Pace> {
        // Release: what this task did before is seen by whoever opens.
        self.there.fetch_add(1, Ordering::Release);
        futex::wake(&self.there, 1, Scope::Private);
        // Acquire: what was done before the opening is seen, the time among it.
        while self.state.load(Ordering::Acquire) == CLOSED {
            futex::wait_while(&self.state, CLOSED, Scope::Private, None);
        }
        if self.state.load(Ordering::Acquire) == CALLED_OFF {
            return None;
        }
        Some(Pace::new(limit, self.start_ns.load(Ordering::Relaxed)))
    }

    /// Waits until so many have come, and lets them go; when that was.
    pub fn open(&self, tasks: u32) -> u64 {
        loop {
            // Acquire: what they did before they came is seen.
            let there = self.there.load(Ordering::Acquire);
            if there >= tasks {
                break;
            }
            futex::wait_while(&self.there, there, Scope::Private, None);
        }
        let now = clock::now_ns();
        self.start_ns.store(now, Ordering::Relaxed);
        self.set(OPEN);
        now
    }

    /// Sends back all that have come and will come.
    pub fn call_off(&self) {
        self.set(CALLED_OFF);
    }

    fn set(&self, state: u32) {
        // Release: what was done before is seen by those that go through.
        self.state.store(state, Ordering::Release);
        futex::wake(&self.state, futex::ALL, Scope::Private);
    }
}

/// Tells one task whether to go on.
#[derive(Debug)]
pub struct Pace {
    left: u64,
    end_ns: Option<u64>,
}

impl Pace {
    fn new(limit: Limit, start_ns: u64) -> Self {
        let time = limit.time.map(|time| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
        Self { left: limit.count, end_ns: time.map(|time| start_ns.saturating_add(time)) }
    }

    /// Whether to do it once more.
    pub fn goes_on(&mut self) -> bool {
        let goes_on = self.left > 0 && self.end_ns.is_none_or(|end| clock::now_ns() < end);
        self.left -= u64::from(goes_on);
        goes_on
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Gate, Limit, Pace};
    use crate::clock;

    #[test]
    fn a_count_is_kept_to() {
        let mut pace = Pace::new(Limit { count: 3, time: None }, 0);
        assert_eq!((0..5).filter(|_| pace.goes_on()).count(), 3);
    }

    #[test]
    fn the_time_ends_it() {
        let limit = Limit { count: u64::MAX, time: Some(Duration::from_millis(2)) };
        let mut pace = Pace::new(limit, clock::now_ns());
        let begin = clock::now_ns();
        while pace.goes_on() {}
        assert!(clock::now_ns() - begin >= 1_000_000);
        let mut late = Pace::new(limit, 0);
        assert!(!late.goes_on(), "it began long ago");
    }

    #[test]
    fn nobody_goes_before_all_are_there() {
        let gate = Gate::default();
        let limit = Limit { count: 1, time: None };
        std::thread::scope(|scope| {
            let passed: Vec<_> = (0..4)
                .map(|_| {
                    scope.spawn(|| {
                        let passed = gate.pass(limit).is_some();
                        (passed, clock::now_ns())
                    })
                })
                .collect();
            let opened_ns = gate.open(4);
            for thread in passed {
                let (passed, at_ns) = thread.join().unwrap();
                assert!(passed && at_ns >= opened_ns);
            }
        });
    }

    #[test]
    fn called_off_is_called_off() {
        let gate = Gate::default();
        gate.call_off();
        assert!(gate.pass(Limit { count: 1, time: None }).is_none());
    }
}
