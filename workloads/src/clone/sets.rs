//! Sets of flags worth making a task with.

use core::sync::atomic::{AtomicI32, AtomicU32, Ordering};

use rustix::fd::AsFd as _;
use rustix::io::Errno;
use zerocopy::FromZeros;

use super::{Builder, Flags, Task, Way, cgroup};
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

pub(super) fn start_with(
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
