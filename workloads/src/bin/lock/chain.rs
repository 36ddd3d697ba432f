//! A chain of waits: the first thread holds a lock, the second holds one and waits for that of the
//! first, the third for that of the second, and so on.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use rustix::thread::sched_yield;
use workloads::clock;
use workloads::failure::{Doing as _, Failure, ensure};
use workloads::rt::{Run, say};
use workloads::sync::PiMutex;
use workloads::thread::{self, Builder, ScopedJoinHandle};
use workloads::truth::Span;
use workloads::word::Word;

use crate::contend::Plan;

/// Longer than it takes until everybody waits, ns.
const TOO_LONG_NS: u64 = 20_000_000_000;

/// The locks, one for each thread.
struct Scene {
    locks: Vec<PiMutex<()>>,
    /// Those that hold their own lock.
    holding: Word,
}

pub(crate) fn chain(run: &mut Run, plan: &Plan) -> Result<(), Failure> {
    let locks = (0..plan.threads).map(|_| PiMutex::new(())).collect();
    let scene = &Scene { locks, holding: Word::new() };
    let spans = thread::scope(|scope| {
        let mut handles = Vec::new();
        for number in 0..plan.threads {
            let builder = Builder::new().name(&format!("link/{number}"));
            match scope.spawn_with(builder, move || link(scene, plan, number)) {
                Ok(handle) => handles.push(handle),
                Err(error) => {
                    // Whoever is there goes on without the others.
                    let missing = u32::try_from(plan.threads - number).unwrap_or(u32::MAX);
                    scene.holding.add(missing);
                    return Err(error).doing("make a thread");
                }
            }
        }
        let spans: Result<Vec<Vec<Span>>, Failure> =
            handles.into_iter().map(ScopedJoinHandle::join).collect();
        spans
    })?;
    let waits = plan.threads - 1;
    run.truth.count("chained", waits as u64);
    run.truth.spans.extend(spans.into_iter().flatten());
    say(format_args!("{waits} threads waited in a chain, each for the one before it"));
    Ok(())
}

/// What one thread does: the first ends the chain when all others wait.
fn link(scene: &Scene, plan: &Plan, number: usize) -> Result<Vec<Span>, Failure> {
    let own = scene.locks[number].lock();
    let held_ns = clock::now_ns();
    scene.holding.add(1);
    scene.holding.wait(u32::try_from(plan.threads).unwrap_or(u32::MAX));
    let mut spans = Vec::new();
    let chained = match number.checked_sub(1) {
        None => {
            let chained = scene.all_wait();
            clock::spin(plan.hold);
            chained
        }
        Some(before) => {
            let asked_ns = clock::now_ns();
            let lower = scene.locks[before].lock();
            spans.push(scene.span("wait", before, asked_ns));
            clock::spin(plan.hold);
            drop(lower);
            true
        }
    };
    spans.push(scene.span("hold", number, held_ns));
    drop(own);
    ensure(chained, || String::from("not all have come to wait"))?;
    Ok(spans)
}

impl Scene {
    /// Returns when every lock but the last is waited for; whether that came to be.
    fn all_wait(&self) -> bool {
        let waited_for = self.locks.split_last().map_or(&[][..], |(_, others)| others);
        let begin_ns = clock::now_ns();
        while !waited_for.iter().all(PiMutex::has_waiters) {
            if clock::now_ns() - begin_ns > TOO_LONG_NS {
                return false;
            }
            sched_yield();
        }
        true
    }

    /// Until now.
    fn span(&self, what: &str, lock: usize, from_ns: u64) -> Span {
        let of = core::ptr::from_ref(&self.locks[lock]).addr() as u64;
        Span { what: String::from(what), tid: thread::tid(), of, from_ns, to_ns: clock::now_ns() }
    }
}
