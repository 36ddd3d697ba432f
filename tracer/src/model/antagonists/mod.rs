//! Antagonists: who was on the CPU for which a task waited.
//!
//! A runnable task waits on one CPU, the one it was queued on, and what runs there meanwhile is
//! what keeps it waiting. [`queue::Queue`] is a CPU's run-queue as far as events show it; it divides
//! the waits among those who ran. [`Ledger`] is what came of it for one task: the sum of its parts
//! is the task's time on run-queues, to the nanosecond, for every wait ends in [`Ledger::settle`].
//!
//! Both are bounded. A ledger keeps the heaviest antagonists by the space-saving method (Metwally,
//! Agrawal, El Abbadi 2005), which knows by how much a figure can be too high, so that what is told
//! is never more than was. A queue tells the runners apart for its longest waiting tasks only; for
//! the others they are one crowd.

use super::lives::LifeId;

pub mod queue;
mod row;
#[cfg(test)]
mod tests;

pub use row::{AntagonistRow, AntagonistsRow};

/// Most antagonists that are kept for one task while it lives.
const KEPT: usize = 16;

/// Which task ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Who {
    /// Its life.
    pub life: LifeId,
    /// Its number then.
    pub tid: u32,
    /// Its start, ns; `None` if not known.
    pub start_ns: Option<u64>,
}

/// What had a CPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runner {
    /// A task that is known.
    Task(Who),
    /// The idle task; only when all tasks are followed.
    Idle,
    /// Something that is not followed, the idle task included.
    Other,
    /// Not known.
    Unknown,
}

/// How a wait was spent, or several: ns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// Few, so that they are searched from the front.
    pieces: Vec<(Who, u64)>,
    last: Option<Place>,
    rest_ns: u64,
    idle_ns: u64,
    other_ns: u64,
    unknown_ns: u64,
}

/// One place in a list of parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Task(LifeId),
    Rest,
    Idle,
    Other,
    Unknown,
}

impl Parts {
    /// Runners told apart in one wait.
    const PIECES: usize = 8;

    /// Nothing was waited for. Keeps its memory for the next wait.
    fn clear(&mut self) {
        self.pieces.clear();
        self.last = None;
        (self.rest_ns, self.idle_ns, self.other_ns, self.unknown_ns) = (0, 0, 0, 0);
    }

    /// Adds what ran for this time, ns.
    pub fn add(&mut self, runner: Runner, ns: u64) {
        if ns == 0 {
            return;
        }
        let (place, sum) = match runner {
            Runner::Task(who) => return self.add_task(who, ns),
            Runner::Idle => (Place::Idle, &mut self.idle_ns),
            Runner::Other => (Place::Other, &mut self.other_ns),
            Runner::Unknown => (Place::Unknown, &mut self.unknown_ns),
        };
        *sum += ns;
        self.last = Some(place);
    }

    fn add_task(&mut self, who: Who, ns: u64) {
        self.last = Some(Place::Task(who.life));
        if let Some((_, sum)) = self.pieces.iter_mut().find(|(known, _)| known.life == who.life) {
            *sum += ns;
        } else if self.pieces.len() < Self::PIECES {
            self.pieces.push((who, ns));
        } else if let Some(least) = self.pieces.iter_mut().min_by_key(|(_, sum)| *sum) {
            self.rest_ns += least.1;
            *least = (who, ns);
        }
    }
}

/// One antagonist of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Row {
    who: Who,
    /// Time it had the CPU, ns, and at most `error_ns` too much.
    ns: u64,
    error_ns: u64,
    preemptions: u64,
    preempted_ns: u64,
}

/// How often a task was preempted, and how long it waited then, ns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Preempted {
    count: u64,
    ns: u64,
}

/// What a task waited for, over its life.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    rows: Vec<Row>,
    rest_ns: u64,
    idle_ns: u64,
    other_ns: u64,
    unknown_ns: u64,
    total_ns: u64,
    last: Option<Place>,
    /// By those that are not among the rows.
    preempted: Preempted,
}

impl Ledger {
    /// Takes in a wait, or a part of one that goes on.
    pub fn take(&mut self, parts: &Parts) {
        for &(who, ns) in &parts.pieces {
            self.add(who, ns);
        }
        self.rest_ns += parts.rest_ns;
        self.idle_ns += parts.idle_ns;
        self.other_ns += parts.other_ns;
        self.unknown_ns += parts.unknown_ns;
        self.total_ns += parts.rest_ns + parts.idle_ns + parts.other_ns + parts.unknown_ns;
        self.last = parts.last.or(self.last);
    }

    fn add(&mut self, who: Who, ns: u64) {
        self.total_ns += ns;
        if let Some(row) = self.rows.iter_mut().find(|row| row.who.life == who.life) {
            row.ns += ns;
            return;
        }
        let mut row = Row { who, ns, error_ns: 0, preemptions: 0, preempted_ns: 0 };
        if self.rows.len() < KEPT {
            self.rows.push(row);
            return;
        }
        // The lightest makes place, and the newcomer may be as heavy as both: that much is known.
        if let Some(least) = self.rows.iter_mut().min_by_key(|row| row.ns) {
            self.preempted.count += least.preemptions;
            self.preempted.ns += least.preempted_ns;
            row.ns += least.ns;
            row.error_ns = least.ns;
            *least = row;
        }
    }

    /// A wait that began with a preemption is over, ns: notes who had taken the CPU.
    pub fn preempted(&mut self, by: Runner, ns: u64) {
        let row = match by {
            Runner::Task(who) => self.rows.iter_mut().find(|row| row.who.life == who.life),
            _ => None,
        };
        if let Some(row) = row {
            row.preemptions += 1;
            row.preempted_ns += ns;
        } else {
            self.preempted.count += 1;
            self.preempted.ns += ns;
        }
    }

    /// The task's waits are this long altogether, ns, by its states: what is not accounted for is
    /// unknown, and what was too much is taken back, first from whoever had the CPU last.
    ///
    /// Differences come from the few microseconds between what the scheduler bills and when its
    /// tracepoint fires, and from states that later events correct.
    pub fn settle(&mut self, waited_ns: u64) {
        if let Some(more) = waited_ns.checked_sub(self.total_ns) {
            self.unknown_ns += more;
            self.total_ns += more;
            return;
        }
        let mut left = self.total_ns - waited_ns;
        if let Some(place) = self.last {
            self.take_back(place, &mut left);
        }
        for place in [Place::Unknown, Place::Rest, Place::Idle, Place::Other] {
            self.take_back(place, &mut left);
        }
        for index in (0..self.rows.len()).rev() {
            self.take_back(Place::Task(self.rows[index].who.life), &mut left);
        }
    }

    fn take_back(&mut self, place: Place, left: &mut u64) {
        if *left == 0 {
            return;
        }
        let sum = match place {
            Place::Rest => &mut self.rest_ns,
            Place::Idle => &mut self.idle_ns,
            Place::Other => &mut self.other_ns,
            Place::Unknown => &mut self.unknown_ns,
            Place::Task(life) => {
                let Some(row) = self.rows.iter_mut().find(|row| row.who.life == life) else {
                    return;
                };
                // What it can be too high by is taken first: so it stays not too high.
                row.error_ns = row.error_ns.saturating_sub(*left);
                &mut row.ns
            }
        };
        let back = (*left).min(*sum);
        *sum -= back;
        *left -= back;
        self.total_ns -= back;
    }

    /// Of what is not known who had the CPU, ns.
    pub fn unknown_ns(&self) -> u64 {
        self.unknown_ns
    }

    /// Calls the antagonists by their present numbers and starts.
    pub fn rename(&mut self, name: impl Fn(LifeId) -> Option<Who>) {
        for row in &mut self.rows {
            row.who = name(row.who.life).unwrap_or(row.who);
        }
    }
}
