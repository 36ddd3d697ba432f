//! Sets of flags worth making a task with, and the trial of the rules on the kernel.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use core::sync::atomic::{AtomicI32, AtomicU32, Ordering};

use rustix::fd::AsFd as _;
use rustix::io::Errno;
use zerocopy::FromZeros;

use super::{Builder, Flags, Task, Way, cgroup, rules};
use crate::process::fork;
use crate::shared::Shared;

/// Sets that differ in what the tasks share, in whose child they are, or in what is new, by name;
/// each is legal by both calls, but for those that only `clone3` has.
pub const INTERESTING: &[&str] = &[
    "none",
    "FILES",
    "FS",
    "FS,FILES",
    "SYSVSEM",
    "IO",
    "CHILD_CLEARTID,CHILD_SETTID",
    "PARENT_SETTID",
    "SETTLS",
    "PIDFD",
    "PTRACE",
    "UNTRACED",
    "VM",
    "VM,FILES",
    "VM,FS,FILES",
    "VM,SIGHAND",
    "VM,FS,FILES,SIGHAND",
    "VM,SIGHAND,THREAD",
    "VM,FS,FILES,SIGHAND,THREAD,SYSVSEM,SETTLS,PARENT_SETTID,CHILD_CLEARTID",
    "VFORK",
    "VM,VFORK",
    "PARENT",
    "VM,PARENT",
    "NEWNS",
    "NEWUTS",
    "NEWIPC",
    "NEWUSER",
    "NEWPID",
    "NEWNET",
    "NEWCGROUP",
    "NEWTIME",
    "NEWNS,NEWCGROUP,NEWUTS,NEWIPC,NEWUSER,NEWPID,NEWNET",
    "CLEAR_SIGHAND",
    "INTO_CGROUP",
];

/// Makes a task with these flags by this call, with what they ask for: a cgroup, if they do.
///
/// # Errors
/// As [`Builder::start`], and those of finding a cgroup.
pub fn start(
    flags: Flags,
    way: Way,
    run: impl FnOnce() -> u8 + Send + 'static,
) -> Result<Task, Errno> {
    start_with(Builder::new(flags).way(way), run)
}

fn start_with(
    builder: Builder<'_>,
    run: impl FnOnce() -> u8 + Send + 'static,
) -> Result<Task, Errno> {
    if !builder.flags.contains(Flags::INTO_CGROUP) {
        return builder.start(run);
    }
    let folder = cgroup::own()?;
    builder.cgroup(folder.as_fd()).start(run)
}

/// As [`start`], by a process between: with `PARENT` the task is then a child of the calling
/// process, which is whom it would be waited for by. Its number.
///
/// # Errors
/// As [`start`].
pub fn start_sibling(
    flags: Flags,
    way: Way,
    run: impl FnOnce() -> u8 + Send + 'static,
) -> Result<u32, Errno> {
    let told = Shared::<Answer>::new(1)?;
    let between = fork(|| {
        match start(flags, way, run) {
            Ok(task) => told[0].tid.store(task.tid(), Ordering::Relaxed),
            Err(error) => told[0].error.store(error.raw_os_error(), Ordering::Relaxed),
        }
        0
    })?;
    // It has told when it is dead; waiting for it puts that in order.
    between.wait()?;
    match told[0].error.load(Ordering::Relaxed) {
        0 => Ok(told[0].tid.load(Ordering::Relaxed)),
        error => Err(Errno::from_raw_os_error(error)),
    }
}

/// What the process between tells.
#[derive(Debug, FromZeros)]
struct Answer {
    tid: AtomicU32,
    error: AtomicI32,
}

/// What came of a trial.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trial {
    /// Sets of which a task was made.
    pub made: u64,
    /// Sets that the kernel refused with `EINVAL`.
    pub refused: u64,
    /// Sets that it refused for another reason: rights, mostly.
    pub elsewise: u64,
    /// Where the kernel and the rules disagree, in words.
    pub surprises: Vec<String>,
}

/// Holds the [`rules`] against the kernel: tries every pair of flags, and what a thread has with one
/// flag more or one less, by both calls, with an exit signal and without.
///
/// The calling process makes all these tasks; they end at once. It waits for those that are its
/// children; with `PARENT` they are its parent's.
pub fn try_rules() -> Trial {
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
    alone && end(start(flag, Way::Clone3, || 0)) == Err(Errno::INVAL)
}

impl Trial {
    fn of(&mut self, flags: Flags, way: Way, exit_signal: u8) {
        let builder = Builder::new(flags).way(way).exit_signal(exit_signal);
        let outcome = end(start_with(builder, || 0));
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
            self.surprises.push(surprise);
        }
    }
}

/// Waits for the end of a task that ends at once.
fn end(task: Result<Task, Errno>) -> Result<(), Errno> {
    let task = task?;
    match crate::process::wait_for(task.tid()) {
        // A thread, or its parent's child.
        Ok(_) | Err(Errno::CHILD) => {}
        Err(error) => return Err(error),
    }
    task.join();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::INTERESTING;
    use crate::clone::{Builder, Flags, Way, rules};

    #[test]
    fn interesting_sets_are_legal_and_different() {
        let mut seen = Vec::new();
        for set in INTERESTING {
            let flags = Flags::named(set).unwrap();
            assert!(!seen.contains(&flags), "{set}");
            seen.push(flags);
            let signal = Builder::new(flags).exit_signal;
            assert_eq!(rules::forbidden(flags, signal, Way::Clone3), None, "{set}");
        }
    }

    #[test]
    fn interesting_sets_have_every_flag_that_means_something() {
        let all = INTERESTING
            .iter()
            .map(|set| Flags::named(set).unwrap())
            .fold(Flags::empty(), Flags::union);
        assert_eq!(all, Flags::all() - Flags::DETACHED);
    }
}
