//! A CPU's run-queue as far as events show it: who waits, and what had the CPU meanwhile.
//!
//! What runs is counted for each of the tasks that have a slot, at every switch; that is why the
//! slots are few. A task that finds none stands in line for one, and until then only the clocks
//! of the CPU tell what it waited for: some task, none, or that this is not known.

use std::collections::VecDeque;

use crate::model::lives::LifeId;

use super::{Parts, Place, Runner};

/// Tasks for which the runners are told apart.
const SLOTS: u8 = 8;

/// Longest line for a slot. Who finds it longer is in the crowd for the whole wait.
const LINE: usize = 1024;

/// How long a CPU has been used so far, ns, by what; differences count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clocks {
    tasks: u64,
    idle: u64,
    other: u64,
    unknown: u64,
}

impl Clocks {
    fn of(&mut self, runner: Runner) -> &mut u64 {
        match runner {
            Runner::Task(_) => &mut self.tasks,
            Runner::Idle => &mut self.idle,
            Runner::Other => &mut self.other,
            Runner::Unknown => &mut self.unknown,
        }
    }

    /// Counts what passed since an earlier moment.
    fn since(self, before: Self, parts: &mut Parts) {
        let passed = |now: u64, then: u64| now.wrapping_sub(then).cast_signed().max(0);
        parts.rest_ns += passed(self.tasks, before.tasks).cast_unsigned();
        parts.idle_ns += passed(self.idle, before.idle).cast_unsigned();
        parts.other_ns += passed(self.other, before.other).cast_unsigned();
        parts.unknown_ns += passed(self.unknown, before.unknown).cast_unsigned();
    }
}

/// A place for a task that waits.
#[derive(Clone, Debug, Default)]
struct Slot {
    life: Option<LifeId>,
    /// From when on it is not yet counted what ran, ns.
    from_ns: u64,
    parts: Parts,
}

/// How much was waiting on a CPU.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Tasks waiting now.
    pub now: u32,
    /// Most at a time.
    pub max: u32,
    /// Tasks waiting, summed over the time, ns.
    pub sum_ns: u64,
    to_ns: u64,
}

impl Load {
    fn change(&mut self, at_ns: u64, change: impl Fn(u32) -> u32) {
        let ns = at_ns.saturating_sub(self.to_ns);
        self.sum_ns += ns * u64::from(self.now);
        self.to_ns = self.to_ns.max(at_ns);
        self.now = change(self.now);
        self.max = self.max.max(self.now);
    }
}

/// A CPU's run-queue, its current task apart.
#[derive(Clone, Debug)]
pub struct Queue {
    runner: Runner,
    since_ns: u64,
    clocks: Clocks,
    slots: Vec<Slot>,
    /// Numbers of the slots that are taken, and of those that are free.
    taken: Vec<u8>,
    free: Vec<u8>,
    line: VecDeque<LifeId>,
    load: Load,
    /// What the latest task to leave without a slot waited for.
    crowd: Parts,
}

/// Where in a queue a task waits: told when it joins, and needed when it leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// In the slot of this number.
    Slot(u8),
    /// In none; it joined at this moment of the CPU's clocks.
    Crowd(Clocks),
}

impl Queue {
    /// One of which nothing is known before this time, ns.
    pub fn new(from_ns: u64) -> Self {
        Self {
            runner: Runner::Unknown,
            since_ns: from_ns,
            clocks: Clocks::default(),
            slots: Vec::new(),
            taken: Vec::new(),
            free: (0..SLOTS).rev().collect(),
            line: VecDeque::new(),
            load: Load { to_ns: from_ns, ..Load::default() },
            crowd: Parts::default(),
        }
    }

    /// What has the CPU, as far as that is known before its next switch.
    pub fn runner(&self) -> Runner {
        self.runner
    }

    /// How much was waiting.
    pub fn load(&self) -> Load {
        self.load
    }

    /// Until this time, ns, the CPU was this runner's; now it is the next one's.
    pub fn ran(&mut self, at_ns: u64, was: Runner, next: Runner) {
        let at_ns = at_ns.max(self.since_ns);
        for &number in &self.taken {
            if let Some(slot) = self.slots.get_mut(usize::from(number)) {
                slot.parts.add(was, at_ns.saturating_sub(slot.from_ns));
                slot.from_ns = slot.from_ns.max(at_ns);
            }
        }
        *self.clocks.of(was) += at_ns - self.since_ns;
        self.since_ns = at_ns;
        self.runner = next;
    }

    /// A task waits here from this time on, ns, which can lie a little before the latest switch:
    /// then it waits for who came with that. Without a slot it should stand in line.
    pub fn join(&mut self, life: LifeId, from_ns: u64) -> Standing {
        self.load.change(from_ns, |now| now + 1);
        match self.seat(life, from_ns) {
            Some(number) => Standing::Slot(number),
            None => Standing::Crowd(self.clocks_at(from_ns)),
        }
    }

    fn seat(&mut self, life: LifeId, from_ns: u64) -> Option<u8> {
        let number = self.free.pop()?;
        let index = usize::from(number);
        if self.slots.len() <= index {
            self.slots.resize_with(index + 1, Slot::default);
        }
        let slot = &mut self.slots[index];
        slot.life = Some(life);
        slot.from_ns = from_ns;
        slot.parts.clear();
        self.taken.push(number);
        Some(number)
    }

    /// Puts a task that found no slot into the line for one; tells whether it is in it.
    pub fn line_up(&mut self, life: LifeId) -> bool {
        let fits = self.line.len() < LINE;
        if fits {
            self.line.push_back(life);
        }
        fits
    }

    /// Whether tasks stand in line.
    pub fn has_line(&self) -> bool {
        !self.line.is_empty()
    }

    /// The next in line, if there is a slot; it may wait no longer, or elsewhere.
    pub fn next_in_line(&mut self) -> Option<LifeId> {
        if self.free.is_empty() { None } else { self.line.pop_front() }
    }

    /// A task that joined the crowd at this time, ns, gets a slot. What it has waited for so far
    /// is not told apart any more.
    pub fn promote(&mut self, life: LifeId, from_ns: u64, joined: Clocks) -> Standing {
        let Some(number) = self.seat(life, from_ns.max(self.since_ns)) else {
            return Standing::Crowd(joined);
        };
        self.clocks.since(joined, &mut self.slots[usize::from(number)].parts);
        Standing::Slot(number)
    }

    /// A task waits here no longer: tells what it waited for.
    pub fn leave(&mut self, at_ns: u64, life: LifeId, standing: Standing) -> &Parts {
        self.load.change(at_ns, |now| now.saturating_sub(1));
        self.crowd.clear();
        let number = match standing {
            Standing::Slot(number) => number,
            Standing::Crowd(joined) => {
                self.clocks_at(at_ns).since(joined, &mut self.crowd);
                self.crowd.last = Some(match self.runner {
                    Runner::Task(_) => Place::Rest,
                    Runner::Idle => Place::Idle,
                    Runner::Other => Place::Other,
                    Runner::Unknown => Place::Unknown,
                });
                return &self.crowd;
            }
        };
        let mine = self.taken.iter().position(|&taken| taken == number);
        let slot = self.slots.get_mut(usize::from(number)).filter(|slot| slot.life == Some(life));
        let (Some(place), Some(slot)) = (mine, slot) else { return &self.crowd };
        self.taken.swap_remove(place);
        self.free.push(number);
        slot.life = None;
        slot.parts.add(self.runner, at_ns.saturating_sub(slot.from_ns));
        &slot.parts
    }

    /// What was waiting is summed up anew from this time on, ns.
    pub fn restart(&mut self, at_ns: u64) {
        self.load.change(at_ns, |now| now);
        self.load = Load { sum_ns: 0, max: self.load.now, ..self.load };
    }

    /// The end, ns.
    pub fn end(&mut self, at_ns: u64) {
        self.ran(at_ns, self.runner, self.runner);
        self.load.change(at_ns, |now| now);
    }

    /// The clocks at a time, ns, near the latest switch or after it.
    fn clocks_at(&self, at_ns: u64) -> Clocks {
        let mut clocks = self.clocks;
        let clock = clocks.of(self.runner);
        *clock = clock.wrapping_add(at_ns).wrapping_sub(self.since_ns);
        clocks
    }
}
