//! Several tasks at once, that sleep in the kernel or work: who keeps whom from going on.

use alloc::format;
use alloc::vec::Vec;
use core::hint::black_box;
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use core::time::Duration;

use rustix::io::Errno;
use workloads::failure::{Doing as _, Failure};
use workloads::shared::Shared;
use workloads::truth::Truth;
use workloads::{clock, process, thread, uthread};
use zerocopy::FromZeros;

use crate::plan::{Kind, MANY_TO_ONE, Plan, WARM_UP, turned};
use crate::span;

/// What each does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Job {
    /// A system call that blocks.
    Sleep,
    /// A number of instructions.
    Work,
}

/// What a task writes down of itself.
#[derive(Debug, FromZeros)]
struct Note {
    from_ns: AtomicU64,
    to_ns: AtomicU64,
    tid: AtomicU32,
    unused: AtomicU32,
}

/// A job of one size.
#[derive(Clone, Copy)]
struct Load {
    job: Job,
    time: Duration,
    steps: u64,
}

/// Has as many tasks as asked for do it at once, of all kinds in turn.
pub(crate) fn run(plan: &Plan, job: Job, truth: &mut Truth) -> Result<(), Failure> {
    let notes = Shared::<Note>::new(plan.tasks).doing("map memory")?.leak();
    let load = Load { job, time: plan.time, steps: steps_in(plan.time) };
    let name = if job == Job::Sleep { "sleep" } else { "work" };
    for round in 0..plan.rounds + WARM_UP {
        for kind in turned(&plan.kinds, round) {
            let from_ns = clock::now_ns();
            all(kind, load, notes).doing("make tasks")?;
            let to_ns = clock::now_ns();
            if round < WARM_UP {
                continue;
            }
            let (kind, tasks) = (kind.name(), notes.len() as u64);
            truth.spans.push(span(format!("{name}.{kind}"), 0, tasks, from_ns, to_ns));
            for (number, note) in (0..).zip(notes) {
                let at = |place: &AtomicU64| place.load(Ordering::Relaxed);
                let (from_ns, to_ns) = (at(&note.from_ns), at(&note.to_ns));
                let what = format!("task.{name}.{kind}");
                let tid = note.tid.load(Ordering::Relaxed);
                truth.spans.push(span(what, tid, number, from_ns, to_ns));
            }
        }
    }
    truth.count("steps", load.steps);
    Ok(())
}

/// From the first one's making to the last one's end.
fn all(kind: Kind, load: Load, notes: &'static [Note]) -> Result<(), Errno> {
    match kind {
        Kind::Process => {
            let live = |note: &Note| {
                load.done(thread::tid(), note);
                0
            };
            let made: Vec<_> =
                notes.iter().map(|note| process::fork(|| live(note))).collect::<Result<_, _>>()?;
            made.into_iter().try_for_each(|child| child.wait().map(drop))
        }
        Kind::Thread => {
            let live = |note: &'static Note| move || load.done(thread::tid(), note);
            let made: Vec<_> =
                notes.iter().map(|note| thread::spawn(live(note))).collect::<Result<_, _>>()?;
            made.into_iter().for_each(thread::JoinHandle::join);
            Ok(())
        }
        Kind::Uthread => {
            let live = move |note: &'static Note| move || load.done(uthread::carrier(), note);
            let main = move || -> Result<(), Errno> {
                let made: Vec<_> = notes
                    .iter()
                    .map(|note| uthread::spawn(live(note)))
                    .collect::<Result<_, _>>()?;
                made.into_iter().for_each(uthread::JoinHandle::join);
                Ok(())
            };
            uthread::run(&MANY_TO_ONE, main)?.0
        }
    }
}

impl Load {
    fn done(self, tid: u32, note: &Note) {
        note.tid.store(tid, Ordering::Relaxed);
        note.from_ns.store(clock::now_ns(), Ordering::Relaxed);
        match self.job {
            Job::Sleep => clock::sleep(self.time),
            Job::Work => work(self.steps),
        }
        note.to_ns.store(clock::now_ns(), Ordering::Relaxed);
    }
}

/// Does so many steps.
fn work(steps: u64) {
    (0..steps).for_each(|step| {
        black_box(step);
    });
}

/// How many steps take about so long here.
fn steps_in(time: Duration) -> u64 {
    const TRIED: u64 = 1_000_000;
    let mut fastest = u64::MAX;
    for _ in 0..3 {
        let start = clock::now_ns();
        work(TRIED);
        fastest = fastest.min(clock::now_ns() - start);
    }
    let time = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    time.saturating_mul(TRIED) / fastest.max(1)
}
