//! Tasks that compete: made, given their policies, let loose together, and waited for.

use alloc::vec::Vec;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rustix::io::Errno;
use workloads::clock;
use workloads::failure::{Doing as _, Failure};
use workloads::sched::{self, Attributes, Policy};
use workloads::thread::{self, ScopedJoinHandle};
use workloads::word::Word;

use super::Rules;

/// A contest.
pub(crate) struct Contest {
    pub(crate) name: &'static str,
    pub(crate) tasks: Vec<Task>,
    /// All on one CPU; otherwise wherever the scheduler likes.
    pub(crate) pinned: bool,
    /// What the kernel promises, by the order of the tasks.
    pub(crate) check: fn(Rules, &[Ran]) -> Result<(), Failure>,
}

/// One of those that compete.
pub(crate) struct Task {
    pub(crate) role: &'static str,
    pub(crate) policy: Policy,
    /// Does its part; returns a moment that matters, or 0.
    pub(crate) work: fn(&Arena) -> u64,
}

/// Where they compete.
#[derive(Default)]
pub(crate) struct Arena {
    start: Word,
    /// One was refused its policy: nobody works.
    off: AtomicBool,
    /// Tasks that have got so far that the other may begin.
    pub(crate) ready: Word,
    /// The other has been woken.
    pub(crate) go: Word,
    /// CPU time that fair tasks use up together, ns.
    pub(crate) left_ns: AtomicU64,
    /// CPU time of each real-time task, ns.
    pub(crate) burst_ns: u64,
}

/// What a task got.
pub(crate) struct Ran {
    pub(crate) tid: u32,
    pub(crate) attributes: Attributes,
    /// Its turn, if it has one by its policy, ns.
    pub(crate) turn_ns: u128,
    pub(crate) cpu_ns: u64,
    pub(crate) from_ns: u64,
    /// What its work returned.
    pub(crate) moment_ns: u64,
    pub(crate) to_ns: u64,
}

/// What a contest comes to: what each task got, or which policy was refused.
pub(crate) type Outcome = Result<Vec<Ran>, (Policy, Errno)>;

/// Holds a contest.
pub(crate) fn hold(rules: Rules, contest: &Contest) -> Result<Outcome, Failure> {
    let cpus = sched::allowed().doing("ask for the CPUs that are allowed")?;
    if contest.pinned
        && let Some(last) = cpus.last()
    {
        // What is born from here on is born there, and stays.
        sched::pin(*last).doing("pin the first thread")?;
    }
    let left_ns = AtomicU64::new(rules.time_ns);
    let arena = Arena { left_ns, burst_ns: rules.burst_ns, ..Arena::default() };
    let outcome = thread::scope(|scope| {
        let made = contest.tasks.iter().map(|task| scope.spawn(|| compete(task, &arena)));
        let made: Result<Vec<_>, Errno> = made.collect();
        let set = made.as_ref().map_or(Ok(()), |made| set_policies(&contest.tasks, made));
        arena.off.store(made.is_err() || set.is_err(), Ordering::Relaxed);
        arena.start.add(1);
        let ran = made.map(|made| made.into_iter().filter_map(ScopedJoinHandle::join).collect());
        ran.map(|ran| set.map(|()| ran)).doing("make threads")
    });
    sched::restrict(None, &sched::set_of(&cpus)).doing("free the first thread")?;
    outcome
}

fn set_policies<T>(
    tasks: &[Task],
    made: &[ScopedJoinHandle<'_, T>],
) -> Result<(), (Policy, Errno)> {
    for (task, made) in tasks.iter().zip(made) {
        task.policy.set(Some(made.tid())).map_err(|error| (task.policy, error))?;
    }
    Ok(())
}

/// A task's life; `None` if nobody works.
fn compete(task: &Task, arena: &Arena) -> Option<Ran> {
    arena.start.wait(1);
    if arena.off.load(Ordering::Relaxed) {
        return None;
    }
    let attributes = Attributes::of(None).ok()?;
    let turn_ns = sched::turn().ok()?.as_nanos();
    let (before_ns, from_ns) = (sched::cpu_time_ns(), clock::now_ns());
    let moment_ns = (task.work)(arena);
    let to_ns = clock::now_ns();
    let cpu_ns = sched::cpu_time_ns() - before_ns;
    Some(Ran { tid: thread::tid(), attributes, turn_ns, cpu_ns, from_ns, moment_ns, to_ns })
}
