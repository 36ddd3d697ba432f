//! One task that wakes all others at once, round after round.

use core::sync::atomic::Ordering;

use crate::futex::{self, Scope};
use crate::pace::Pace;
use crate::shim::AtomicU32;

/// In the word of the rounds: there is none any more.
const OVER: u32 = 1 << 31;

/// Where they meet.
#[derive(Debug)]
pub struct Rounds {
    /// The number of the round, below [`OVER`].
    round: AtomicU32,
    /// Those that have not seen it yet.
    behind: AtomicU32,
}

impl Default for Rounds {
    fn default() -> Self {
        Self { round: AtomicU32::new(0), behind: AtomicU32::new(0) }
    }
}

impl Rounds {
    /// Begins one round after the other, each when all `others` have seen the last; how many.
    pub fn lead(&self, others: u32, mut pace: Pace) -> u64 {
        let (mut round, mut rounds) = (0, 0);
        while pace.goes_on() {
            // Nobody looks at it before the round is called.
            self.behind.store(others, Ordering::Relaxed);
            round = (round + 1) % OVER;
            rounds += 1;
            self.call(round);
            self.wait();
        }
        self.call(OVER);
        rounds
    }

    /// Sleeps until there is a new round, says that it was seen, and so on to the end; how many
    /// there were.
    pub fn follow(&self) -> u64 {
        let (mut seen, mut rounds) = (0, 0);
        loop {
            futex::wait_while(&self.round, seen, Scope::Private, None);
            // Acquire: what the first did before it called is seen.
            let round = self.round.load(Ordering::Acquire);
            if round == OVER {
                return rounds;
            }
            if round == seen {
                // Woken for nothing, which a futex may be.
                continue;
            }
            seen = round;
            rounds += 1;
            // Release: what this task did in the round is seen by the first.
            if self.behind.fetch_sub(1, Ordering::Release) == 1 {
                futex::wake(&self.behind, 1, Scope::Private);
            }
        }
    }

    /// Calls all others.
    fn call(&self, round: u32) {
        // Release: what this task did before is seen by those that it wakes.
        self.round.store(round, Ordering::Release);
        futex::wake(&self.round, futex::ALL, Scope::Private);
    }

    /// Waits until nobody is behind.
    fn wait(&self) {
        loop {
            // Acquire: all that the others did in this round is seen.
            let behind = self.behind.load(Ordering::Acquire);
            if behind == 0 {
                return;
            }
            futex::wait_while(&self.behind, behind, Scope::Private, None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Rounds;
    use crate::pace::{Gate, Limit};

    #[test]
    fn all_see_every_round() {
        let (rounds, gate) = (Rounds::default(), Gate::default());
        std::thread::scope(|scope| {
            let others: Vec<_> = (0..3).map(|_| scope.spawn(|| rounds.follow())).collect();
            let lead =
                || gate.pass(Limit { count: 1000, time: None }).map(|pace| rounds.lead(3, pace));
            let first = scope.spawn(lead);
            gate.open(1);
            assert_eq!(first.join().unwrap(), Some(1000));
            for other in others {
                assert_eq!(other.join().unwrap(), 1000);
            }
        });
    }
}
