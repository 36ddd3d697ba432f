//! The trial of the [`rules`] on the kernel.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use rustix::io::Errno;
use zerocopy::FromZeros;

use super::{Builder, Flags, Task, Way, rules, sets};
use crate::failure::{Doing as _, Failure, ensure};
use crate::process::{self, How, fork};
use crate::shared::Shared;

/// What came of a trial.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trial {
    /// Sets of which a task was made.
    pub made: u64,
    /// Sets that the kernel refused with `EINVAL`.
    pub refused: u64,
    /// Sets that it refused for another reason: rights, mostly.
    pub elsewise: u64,
    /// Sets where the kernel and the rules disagree.
    pub surprises: u64,
    /// The first of them, in words.
    surprise: String,
}

/// What the process that tries tells, with room for words.
#[derive(Debug, FromZeros)]
struct Told {
    counts: [AtomicU64; 4],
    surprise: [AtomicU8; 512],
}

/// Holds the [`rules`] against the kernel: tries every pair of flags, and what a thread has with one
/// flag more or one less, by both calls, with an exit signal and without.
///
/// A process between makes all these tasks, which end at once: with `PARENT` they are children here.
/// The calling process must have no others.
///
/// # Errors
/// [`Failure::Broken`] where the kernel and the rules disagree.
pub fn run() -> Result<Trial, Failure> {
    let told = Shared::<Told>::new(1).doing("map memory")?;
    let between = fork(|| {
        let trial = try_all();
        let counts = [trial.made, trial.refused, trial.elsewise, trial.surprises];
        for (place, count) in told[0].counts.iter().zip(counts) {
            place.store(count, Ordering::Relaxed);
        }
        for (place, byte) in told[0].surprise.iter().zip(trial.surprise.bytes()) {
            place.store(byte, Ordering::Relaxed);
        }
        0
    });
    let between = between.doing("make a process")?.tid();
    // Until then some of its siblings are in the ledger without their numbers: those in a pid
    // namespace of their own do not know them.
    process::until_zombie(between).doing("wait for the process between")?;
    while let Ok(exit) = process::wait_any() {
        ensure(exit.how == How::Exited(0), || format!("process {} {}", exit.pid, exit.how))?;
    }
    let [made, refused, elsewise, surprises] =
        told[0].counts.each_ref().map(|count| count.load(Ordering::Relaxed));
    let words: Vec<u8> = told[0].surprise.iter().map(|byte| byte.load(Ordering::Relaxed)).collect();
    let surprise = String::from_utf8_lossy(&words).trim_end_matches('\0').into();
    let trial = Trial { made, refused, elsewise, surprises, surprise };
    ensure(made > 0 && refused > 0, || format!("nothing was tried: {trial:?}"))?;
    ensure(surprises == 0, || format!("{surprises} sets are not as ruled: {}", trial.surprise))?;
    Ok(trial)
}

/// Tries all, in the calling process.
fn try_all() -> Trial {
    let known = |flag: &Flags| !is_missing(*flag);
    let singles: Vec<Flags> = Flags::all().iter().filter(known).collect();
    let mut sets = singles.clone();
    for (number, one) in singles.iter().enumerate() {
        sets.extend(singles[number + 1..].iter().map(|other| *one | *other));
        sets.push(Flags::OF_THREAD ^ *one);
    }
    let mut trial = Trial::default();
    for flags in sets {
        for (way, signal) in
            [(Way::Clone, 0), (Way::Clone, 17), (Way::Clone3, 0), (Way::Clone3, 17)]
        {
            trial.of(flags, way, signal);
        }
    }
    trial
}

/// Whether the kernel was built without what the flag is about: refused by itself, by no rule.
fn is_missing(flag: Flags) -> bool {
    let alone = Flags::NAMESPACES.contains(flag);
    alone && end(sets::start(flag, Way::Clone3, || 0)) == Err(Errno::INVAL)
}

impl Trial {
    fn of(&mut self, flags: Flags, way: Way, exit_signal: u8) {
        let builder = Builder::new(flags).way(way).exit_signal(exit_signal);
        let outcome = end(sets::start_with(builder, || 0));
        let why = rules::forbidden(flags, exit_signal, way);
        match outcome {
            Ok(()) => self.made += 1,
            Err(Errno::INVAL) => self.refused += 1,
            // Rights are looked at before some of the rules.
            Err(_) => self.elsewise += 1,
        }
        let agree = match outcome {
            Ok(()) => why.is_none(),
            Err(Errno::INVAL) => why.is_some(),
            Err(_) => true,
        };
        if !agree {
            let answer =
                outcome.err().map_or("makes a task".into(), |error| format!("says {error}"));
            let rule = why.unwrap_or("no rule forbids it");
            let surprise = format!(
                "{flags} by {way} with exit signal {exit_signal}: the kernel {answer}; {rule}"
            );
            self.surprises += 1;
            if self.surprise.is_empty() {
                self.surprise = surprise;
            }
        }
    }
}

/// Waits for the end of a task that ends at once.
fn end(task: Result<Task, Errno>) -> Result<(), Errno> {
    let task = task?;
    match process::wait_for(task.tid()) {
        // A thread, or its parent's child.
        Ok(_) | Err(Errno::CHILD) => {}
        Err(error) => return Err(error),
    }
    task.join();
    Ok(())
}
