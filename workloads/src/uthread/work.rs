//! Works for user threads, whose result is known without them.
//!
//! Each user thread does so many rounds, and in each of them adds a number that depends on it and
//! the round alone. The sum is the same whatever the schedule, and [`Plan::checksum`] knows it.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::time::Duration;

use rustix::io::Errno;

use super::channel::{self, Sender};
use super::{Handle, JoinHandle, Mutex, carrier, current, park, sleep, spawn, yield_now};
use crate::sync;
use crate::truth::Span;
use crate::{clock, thread};

/// Values that a channel has room for.
const CAPACITY: usize = 4;

/// The most user threads that one carrier's queue keeps in order, with room to spare.
const IN_ORDER: u64 = 200;

/// What user threads do in a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Yield.
    Yield,
    /// Park, until the one before has had its turn.
    Park,
    /// Yield with a mutex held that all want.
    Mutex,
    /// Take a value from the one before and hand it on changed.
    Channel,
    /// Sleep; the carrier does not.
    Sleep,
    /// Sleep in the kernel; so does the carrier.
    Block,
    /// One of these, by the number of the user thread and the round.
    Mixed,
}

/// What is to be done.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// What is done in a round.
    pub work: Work,
    /// User threads, beside the first.
    pub uthreads: u64,
    /// Rounds of each.
    pub rounds: u64,
    /// Time of each sleep or block.
    pub time: Duration,
}

/// What was done.
#[derive(Clone, Debug, Default)]
pub struct Done {
    /// The sum of all rounds of all.
    pub checksum: u64,
    /// Blocking system calls: who made them, on which carrier.
    pub spans: Vec<Span>,
}

/// What all user threads of a mixed work share.
#[derive(Clone, Debug)]
struct Common {
    sum: Arc<Mutex<u64>>,
    sender: Sender<u64>,
}

/// A number for this input, as good as random (splitmix64).
fn mix(input: u64) -> u64 {
    let mixed = input.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// What the user thread `who` adds in `round`.
fn step(who: u64, round: u64) -> u64 {
    mix(who << 32 | round)
}

/// What it does there, of a mixed work: none of the works that need all at once.
fn mixed(who: u64, round: u64) -> Work {
    match step(who, round) % 16 {
        0..=6 => Work::Yield,
        7..=10 => Work::Mutex,
        11..=13 => Work::Channel,
        14 => Work::Sleep,
        _ => Work::Block,
    }
}

impl Plan {
    /// What [`Done::checksum`] must be.
    pub fn checksum(&self) -> u64 {
        if self.work == Work::Channel {
            let through = |value| (0..self.uthreads).fold(value, |value, who| mix(value ^ who));
            return (0..self.rounds).map(through).fold(0, u64::wrapping_add);
        }
        self.all().map(|(who, round)| step(who, round)).fold(0, u64::wrapping_add)
    }

    /// User threads that there will be.
    pub fn made(&self) -> u64 {
        // The first; of a pipeline its source, and of a mixed work who collects.
        let more = matches!(self.work, Work::Channel | Work::Mixed);
        self.uthreads + 1 + u64::from(more)
    }

    /// Calls to yield.
    pub fn yields(&self) -> u64 {
        self.count(|work| matches!(work, Work::Yield | Work::Mutex))
    }

    /// Blocking system calls.
    pub fn blocks(&self) -> u64 {
        self.count(|work| work == Work::Block)
    }

    /// Switches on a single carrier, where they can be known by counting.
    pub fn switches_on_one(&self) -> Option<u64> {
        // From the loop to the first one; from there to the others, when it waits for them; one for
        // each yield, since there is always another one; one for each end, of which the last leads
        // back to the first; and from there to the loop.
        let known = self.work == Work::Yield && (2..=IN_ORDER).contains(&self.uthreads);
        known.then(|| 2 + self.uthreads * self.rounds + self.uthreads + 1)
    }

    /// Every round of every user thread.
    fn all(&self) -> impl Iterator<Item = (u64, u64)> {
        let rounds = self.rounds;
        (0..self.uthreads).flat_map(move |who| (0..rounds).map(move |round| (who, round)))
    }

    fn count(&self, is: impl Fn(Work) -> bool) -> u64 {
        if self.work == Work::Mixed {
            return self.all().filter(|(who, round)| is(mixed(*who, *round))).count() as u64;
        }
        if is(self.work) { self.uthreads * self.rounds } else { 0 }
    }

    /// Does it, as the first user thread of a run.
    ///
    /// # Errors
    /// Those of making user threads; those that are made have ended by then.
    pub fn run(self) -> Result<Done, Errno> {
        match self.work {
            Work::Channel => self.pipeline(),
            Work::Park => self.ring(),
            _ => self.rounds(),
        }
    }

    /// Each does its rounds by itself.
    fn rounds(self) -> Result<Done, Errno> {
        let (sender, receiver) = channel::bounded(CAPACITY);
        let common = Common { sum: Arc::new(Mutex::new(0)), sender };
        let collects = self.work == Work::Mixed;
        let collect = move || core::iter::from_fn(|| receiver.receive()).fold(0, u64::wrapping_add);
        let collector = if collects { Some(spawn(collect)?) } else { None };
        let mut made = Vec::new();
        for who in 0..self.uthreads {
            let common = common.clone();
            made.push(spawn(move || self.one(who, &common))?);
        }
        let mut done = Done::default();
        for one in made.into_iter().map(JoinHandle::join) {
            done.checksum = done.checksum.wrapping_add(one.checksum);
            done.spans.extend(one.spans);
        }
        let Common { sum, sender } = common;
        drop(sender);
        let rest = *sum.lock();
        let collected = collector.map_or(0, JoinHandle::join);
        done.checksum = done.checksum.wrapping_add(rest).wrapping_add(collected);
        Ok(done)
    }

    /// One user thread's rounds.
    fn one(&self, who: u64, common: &Common) -> Done {
        let mut done = Done::default();
        for round in 0..self.rounds {
            let value = step(who, round);
            let work = if self.work == Work::Mixed { mixed(who, round) } else { self.work };
            let mut add = |value: u64| done.checksum = done.checksum.wrapping_add(value);
            match work {
                Work::Mutex => {
                    let mut sum = common.sum.lock();
                    let before = *sum;
                    yield_now();
                    // Wrong, if anybody else came in meanwhile.
                    *sum = before.wrapping_add(value);
                    continue;
                }
                Work::Channel => {
                    // What comes back since nobody listens is not lost either.
                    add(common.sender.send(value).err().unwrap_or(0));
                    continue;
                }
                Work::Sleep => sleep(self.time),
                Work::Block => done.spans.push(stall(self.time)),
                _ => yield_now(),
            }
            done.checksum = done.checksum.wrapping_add(value);
        }
        done
    }

    /// A pipeline: a source, a stage for each user thread, and the first one at its end.
    fn pipeline(self) -> Result<Done, Errno> {
        let (source, mut last) = channel::bounded(CAPACITY);
        let mut made = Vec::new();
        for who in 0..self.uthreads {
            let (sender, next) = channel::bounded(CAPACITY);
            let receiver = core::mem::replace(&mut last, next);
            made.push(spawn(move || {
                while let Some(value) = receiver.receive()
                    && sender.send(mix(value ^ who)).is_ok()
                {}
            })?);
        }
        let rounds = self.rounds;
        made.push(spawn(move || {
            let sent = (0..rounds).take_while(|value| source.send(*value).is_ok()).count();
            debug_assert_eq!(sent as u64, rounds, "the first stage is there");
        })?);
        let checksum = core::iter::from_fn(|| last.receive()).fold(0, u64::wrapping_add);
        made.into_iter().for_each(JoinHandle::join);
        Ok(Done { checksum, spans: Vec::new() })
    }

    /// A ring: each parks until the one before it has had its turn, and unparks the next.
    fn ring(self) -> Result<Done, Errno> {
        let ring: Arc<sync::Mutex<Vec<Handle>>> = Arc::new(sync::Mutex::new(Vec::new()));
        let mut made = Vec::new();
        let mut failed = None;
        for (after, who) in (1..).zip(0..self.uthreads) {
            let ring = Arc::clone(&ring);
            let turns = move || {
                let mut sum = 0_u64;
                for round in 0..self.rounds {
                    park();
                    sum = sum.wrapping_add(step(who, round));
                    let ring = ring.lock();
                    let next = ring[after % ring.len()].clone();
                    drop(ring);
                    // At the very end the first of them, which has ended: then nothing happens.
                    next.unpark();
                }
                sum
            };
            match spawn(turns) {
                Ok(one) => made.push(one),
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        ring.lock().extend(made.iter().map(|one| one.handle().clone()));
        let outside = made.first().map(|first| start(first.handle().clone()));
        let sum = made.into_iter().map(JoinHandle::join).fold(0, u64::wrapping_add);
        // It has nothing to do any more: this stalls the carrier for its exit only.
        outside.flatten().into_iter().for_each(thread::JoinHandle::join);
        failed.map_or(Ok(Done { checksum: sum, spans: Vec::new() }), Err)
    }
}

/// The token comes from outside: from a kernel thread that is no carrier.
fn start(first: Handle) -> Option<thread::JoinHandle<()>> {
    let unpark = {
        let first = first.clone();
        move || first.unpark()
    };
    let outside = thread::Builder::new().name("outside").spawn(unpark);
    // If there can be none, from here.
    outside.inspect_err(|_| first.unpark()).ok()
}

/// Sleeps in the kernel, and the carrier with it.
fn stall(time: Duration) -> Span {
    let (tid, of) = (carrier(), u64::from(current().id()));
    let from_ns = clock::now_ns();
    clock::sleep(time);
    Span { what: "stall".into(), tid, of, from_ns, to_ns: clock::now_ns() }
}
