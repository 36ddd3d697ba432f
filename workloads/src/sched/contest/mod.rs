//! The contests of the program `prio`: tasks that compete are made, given their policies, let loose
//! together, and waited for.

mod promises;
mod work;

pub use promises::all;

use alloc::vec::Vec;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::clock;
use crate::failure::{Doing as _, Failure};
use crate::sched::{self, Attributes, Policy};
use crate::thread::{self, ScopedJoinHandle};
use crate::word::Word;
use rustix::io::Errno;

/// What a contest needs to know.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// The nice value of the lighter task.
    pub nice: i32,
    /// CPU time that fair tasks use up together, ns.
    pub time_ns: u64,
    /// The priority of the lower real-time task.
    pub priority: u32,
    /// CPU time of each real-time task, ns.
    pub burst_ns: u64,
}

/// A contest.
#[derive(Debug)]
pub struct Contest {
    /// Its name.
    pub name: &'static str,
    /// Those that compete.
    pub tasks: Vec<Task>,
    /// All on one CPU; otherwise wherever the scheduler likes.
    pub pinned: bool,
    /// What the kernel promises, by the order of the tasks.
    pub check: fn(Rules, &[Ran]) -> Result<(), Failure>,
}

/// One of those that compete.
#[derive(Debug)]
pub struct Task {
    /// What it is in the contest.
    pub role: &'static str,
    /// By which rule it runs.
    pub policy: Policy,
    /// Does its part; returns a moment that matters, or 0.
    pub work: fn(&Arena) -> u64,
}

/// Where they compete.
#[derive(Debug, Default)]
pub struct Arena {
    start: Word,
    /// One was refused its policy: nobody works.
    off: AtomicBool,
    /// Tasks that have got so far that the other may begin.
    pub ready: Word,
    /// The other has been woken.
    pub go: Word,
    /// CPU time that fair tasks use up together, ns.
    pub left_ns: AtomicU64,
    /// CPU time of each real-time task, ns.
    pub burst_ns: u64,
}

/// What a task got.
#[derive(Debug)]
pub struct Ran {
    /// Its number.
    pub tid: u32,
    /// What the kernel said of it.
    pub attributes: Attributes,
    /// Its turn, if it has one by its policy, ns.
    pub turn_ns: u128,
    /// CPU time it had, ns.
    pub cpu_ns: u64,
    /// When it began.
    pub from_ns: u64,
    /// What its work returned.
    pub moment_ns: u64,
    /// When it had finished.
    pub to_ns: u64,
}

/// What a contest comes to: what each task got, or which policy was refused.
pub type Outcome = Result<Vec<Ran>, (Policy, Errno)>;

/// Holds a contest.
///
/// # Errors
/// Where the kernel refuses anything but a policy.
pub fn hold(rules: Rules, contest: &Contest) -> Result<Outcome, Failure> {
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
