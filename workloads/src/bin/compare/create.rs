//! How long it takes until a task is there and until it is gone, by the memory of its creator.
//!
//! For each size there is a host: a process that has touched so much, and makes a task whenever it is
//! told to. So sizes can take turns, as kinds do.

use alloc::format;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use core::time::Duration;

use rustix::io::Errno;
use rustix::thread::disable_transparent_huge_pages;
use workloads::failure::{Doing as _, Failure, ensure};
use workloads::process::{self, How};
use workloads::shared::Shared;
use workloads::truth::Truth;
use workloads::word::Word;
use workloads::{clock, thread, uthread};
use zerocopy::FromZeros;

use crate::plan::{Kind, MANY_TO_ONE, Plan, WARM_UP, turned};
use crate::span;

/// The longest that a host may take for one thing.
const PATIENCE: Duration = Duration::from_mins(1);

/// What a task and its creator write down, ns.
#[derive(Debug, FromZeros)]
pub(crate) struct Sample {
    /// The call is about to be made.
    pub(crate) call_ns: AtomicU64,
    /// It has returned.
    pub(crate) returned_ns: AtomicU64,
    /// The task's first instruction.
    pub(crate) ready_ns: AtomicU64,
    /// Its last.
    pub(crate) last_ns: AtomicU64,
    /// It has been waited for.
    pub(crate) gone_ns: AtomicU64,
    /// Its number; of a user thread its carrier's.
    pub(crate) tid: AtomicU32,
    unused: AtomicU32,
}

/// What a host is told.
#[derive(Debug, FromZeros)]
struct Board {
    go: Word,
    done: Word,
}

/// Now.
fn mark(place: &AtomicU64) {
    place.store(clock::now_ns(), Ordering::Relaxed);
}

/// Makes tasks of all kinds in turn, in creators of all sizes in turn.
pub(crate) fn run(plan: &Plan, truth: &mut Truth) -> Result<(), Failure> {
    // Huge pages would make page tables small, on some machines only.
    disable_transparent_huge_pages(true).doing("do without huge pages")?;
    let (rounds, kinds) = (plan.rounds + WARM_UP, plan.kinds.len());
    let each = rounds * kinds;
    let samples = Shared::<Sample>::new(each * plan.sizes.len()).doing("map memory")?.leak();
    let boards = Shared::<Board>::new(plan.sizes.len()).doing("map memory")?;
    let mut hosts = Vec::new();
    for ((&bytes, board), samples) in plan.sizes.iter().zip(&*boards).zip(samples.chunks(each)) {
        let host = process::fork(|| u8::from(host(plan, bytes, board, samples).is_err()));
        hosts.push(host.doing("make a process")?);
    }
    let conducted = conduct(plan, &boards);
    for host in hosts {
        // One that is stuck would be for ever.
        if conducted.is_err() {
            let pid = rustix::process::Pid::from_raw(host.tid().cast_signed());
            let kill = |pid| rustix::process::kill_process(pid, rustix::process::Signal::KILL);
            pid.map(kill).transpose().doing("end a process")?;
        }
        let exit = host.wait().doing("wait for a process")?;
        let fine = conducted.is_err() || exit.how == How::Exited(0);
        ensure(fine, || format!("a process {}", exit.how))?;
    }
    conducted?;
    for (&bytes, samples) in plan.sizes.iter().zip(samples.chunks(each)) {
        for (round, samples) in samples.chunks(kinds).enumerate().skip(WARM_UP) {
            for (kind, sample) in turned(&plan.kinds, round).iter().zip(samples) {
                tell(truth, *kind, bytes as u64, sample);
            }
        }
    }
    Ok(())
}

/// Tells the hosts whose turn it is.
fn conduct(plan: &Plan, boards: &[Board]) -> Result<(), Failure> {
    let mut done = 1;
    let all: Vec<&Board> = boards.iter().collect();
    let late = || Failure::Broken("a process that makes others is stuck".into());
    for board in &all {
        board.done.wait_for(done, PATIENCE).then_some(()).ok_or_else(late)?;
    }
    for round in 0..plan.rounds + WARM_UP {
        for _kind in &plan.kinds {
            done += 1;
            for board in turned(&all, round) {
                board.go.add(1);
                board.done.wait_for(done, PATIENCE).then_some(()).ok_or_else(late)?;
            }
        }
    }
    Ok(())
}

/// Touches so many bytes, and makes a task whenever it is told to.
fn host(plan: &Plan, bytes: usize, board: &Board, samples: &'static [Sample]) -> Result<(), Errno> {
    let mut memory: Vec<AtomicU64> = Vec::new();
    memory.resize_with(bytes / size_of::<AtomicU64>(), || AtomicU64::new(1));
    core::hint::black_box(&memory);
    board.done.add(1);
    let mut go = 0;
    for (round, samples) in samples.chunks(plan.kinds.len()).enumerate() {
        for (kind, sample) in turned(&plan.kinds, round).iter().zip(samples) {
            go += 1;
            board.go.wait(go);
            make(*kind, sample)?;
            board.done.add(1);
        }
    }
    core::hint::black_box(&memory);
    Ok(())
}

/// Makes a task that does nothing, and waits for its end.
fn make(kind: Kind, sample: &'static Sample) -> Result<(), Errno> {
    let live = move || {
        mark(&sample.ready_ns);
        mark(&sample.last_ns);
    };
    match kind {
        Kind::Process => {
            mark(&sample.call_ns);
            let child = process::fork(|| {
                live();
                0
            })?;
            mark(&sample.returned_ns);
            sample.tid.store(child.tid(), Ordering::Relaxed);
            child.wait()?;
            mark(&sample.gone_ns);
        }
        Kind::Thread => {
            mark(&sample.call_ns);
            let thread = thread::spawn(live)?;
            mark(&sample.returned_ns);
            sample.tid.store(thread.tid(), Ordering::Relaxed);
            thread.join();
            mark(&sample.gone_ns);
        }
        Kind::Uthread => {
            let main = move || -> Result<(), Errno> {
                // As for threads there is a stack already that can be used again.
                uthread::spawn(|| {})?.join();
                sample.tid.store(uthread::carrier(), Ordering::Relaxed);
                mark(&sample.call_ns);
                let thread = uthread::spawn(live)?;
                mark(&sample.returned_ns);
                thread.join();
                mark(&sample.gone_ns);
                Ok(())
            };
            uthread::run(&MANY_TO_ONE, main)?.0?;
        }
    }
    Ok(())
}

/// Writes one down.
fn tell(truth: &mut Truth, kind: Kind, bytes: u64, sample: &Sample) {
    let at = |place: &AtomicU64| place.load(Ordering::Relaxed);
    let (tid, call) = (sample.tid.load(Ordering::Relaxed), at(&sample.call_ns));
    let times = [
        ("create", call, at(&sample.ready_ns)),
        ("return", call, at(&sample.returned_ns)),
        ("end", at(&sample.last_ns), at(&sample.gone_ns)),
    ];
    for (what, from, to) in times {
        truth.spans.push(span(format!("{what}.{}", kind.name()), tid, bytes, from, to));
    }
}
