//! One of several tasks faults: who dies of it.

use alloc::format;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU64, Ordering};

use rustix::io::Errno;
use rustix::process::{DumpableBehavior, set_dumpable_behavior};
use workloads::failure::{Doing as _, Failure, ensure};
use workloads::process::{How, Muster, fork, pause_for_ever};
use workloads::shared::Shared;
use workloads::signal::fault::Fault;
use workloads::truth::Truth;
use workloads::word::Word;
use workloads::{clock, sys, thread, uthread};
use zerocopy::FromZeros;

use crate::plan::{Kind, MANY_TO_ONE, Plan};
use crate::span;

/// Code of a task that lived though it should not have.
const FAILED: u8 = 99;

/// What the tasks tell.
#[derive(Debug, FromZeros)]
struct Board {
    /// Those that lived on after the fault.
    lived: AtomicU64,
    go: Word,
    unused: Word,
}

/// For each kind: the second of so many faults.
pub(crate) fn run(plan: &Plan, truth: &mut Truth) -> Result<(), Failure> {
    for &kind in &plan.kinds {
        let board = &Shared::<Board>::new(1).doing("map memory")?.leak()[0];
        let from_ns = clock::now_ns();
        let (pids, how) = match kind {
            Kind::Process => processes(plan.tasks, board)?,
            Kind::Thread => one(|| threads(plan.tasks, board))?,
            Kind::Uthread => one(|| uthreads(plan.tasks, board))?,
        };
        let killed = match how {
            How::Killed { signal, .. } => u64::from(signal),
            How::Exited(_) => 0,
        };
        ensure(killed > 0, || format!("the one that faulted {how}"))?;
        let lived = board.lived.load(Ordering::Relaxed);
        let what = format!("isolate.{}", kind.name());
        let counts = [("tasks", plan.tasks as u64), ("lived", lived), ("signal", killed)];
        for (name, count) in counts {
            truth.count(&format!("{what}.{name}"), count);
        }
        for pid in pids {
            let of = plan.tasks as u64;
            truth.spans.push(span(what.clone(), pid, of, from_ns, clock::now_ns()));
        }
    }
    Ok(())
}

/// A process that is to die with all that is in it.
fn one(run: impl FnOnce() -> Result<(), Errno>) -> Result<(Vec<u32>, How), Failure> {
    let child = fork(|| run().err().map_or(FAILED, |_error| FAILED - 1)).doing("make a process")?;
    let exit = child.wait().doing("wait for a process")?;
    Ok((alloc::vec![exit.pid], exit.how))
}

/// Several processes of which one dies.
fn processes(tasks: usize, board: &'static Board) -> Result<(Vec<u32>, How), Failure> {
    let muster = Muster::new().doing("make a pipe")?;
    let live = |number: usize| -> u8 {
        if number == 1 {
            return fault_after(&muster, tasks - 1).err().map_or(FAILED, |_error| FAILED - 1);
        }
        if muster.answer().is_err() {
            return FAILED;
        }
        board.go.wait(1);
        board.lived.fetch_add(1, Ordering::Relaxed);
        0
    };
    let made: Result<Vec<_>, _> = (0..tasks).map(|number| fork(|| live(number))).collect();
    let mut made = made.doing("make processes")?;
    let mut pids = Vec::new();
    let victim = made.remove(1).wait().doing("wait for a process")?;
    board.go.add(1);
    pids.push(victim.pid);
    for child in made {
        let exit = child.wait().doing("wait for a process")?;
        ensure(exit.how == How::Exited(0), || format!("a process {}", exit.how))?;
        pids.push(exit.pid);
    }
    Ok((pids, victim.how))
}

/// Several threads of this process, of which one faults.
fn threads(tasks: usize, board: &'static Board) -> Result<(), Errno> {
    let muster = Arc::new(Muster::new()?);
    for number in 1..tasks {
        let muster = Arc::clone(&muster);
        thread::spawn(move || {
            let done =
                if number == 1 { fault_after(&muster, tasks - 1) } else { live(&muster, board) };
            sys::exit_process(done.err().map_or(FAILED, |_error| FAILED - 1))
        })?;
    }
    live(&muster, board)
}

/// Says that it is here, and waits for its end.
fn live(muster: &Muster, board: &'static Board) -> Result<(), Errno> {
    muster.answer()?;
    if board.go.get() > 0 {
        board.lived.fetch_add(1, Ordering::Relaxed);
    }
    pause_for_ever()
}

/// Several user threads of this process, of which one faults when all have begun.
fn uthreads(tasks: usize, board: &'static Board) -> Result<(), Errno> {
    no_core()?;
    let main = move || -> Result<(), Errno> {
        let mut made = Vec::new();
        for number in 0..tasks {
            made.push(uthread::spawn(move || {
                uthread::yield_now();
                if number == 1 {
                    return Fault::Unmapped.provoke().map(drop);
                }
                uthread::yield_now();
                uthread::yield_now();
                board.lived.fetch_add(1, Ordering::Relaxed);
                Ok(())
            })?);
        }
        made.into_iter().try_for_each(uthread::JoinHandle::join)
    };
    uthread::run(&MANY_TO_ONE, main)?.0
}

/// Faults when all others are there; comes back only if that fails.
fn fault_after(muster: &Muster, others: usize) -> Result<(), Errno> {
    no_core()?;
    muster.await_answers(others as u64)?;
    Fault::Unmapped.provoke().map(drop)
}

/// The calling process leaves no core file.
fn no_core() -> Result<(), Errno> {
    set_dumpable_behavior(DumpableBehavior::NotDumpable)
}
