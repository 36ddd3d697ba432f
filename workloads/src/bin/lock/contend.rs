//! Many that take one lock, each a number of times.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;

use workloads::failure::{Doing as _, Failure, ensure};
use workloads::process::{self, How};
use workloads::rt::Run;
use workloads::shared::Shared;
use workloads::sync::{self, Barrier, Condvar, Mutex, PiMutex, RwLock, Semaphore, SpinLock};
use workloads::thread::{self, Builder, ScopedJoinHandle};
use workloads::truth::Span;
use workloads::{clock, ledger};
use zerocopy::FromZeros;

/// Spans that the truth lists.
const LISTED: usize = 20_000;

/// What they contend for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Mutex,
    Spin,
    Semaphore,
    Condvar,
    Barrier,
    RwLock,
    Pi,
    Shared,
}

/// How they do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) threads: usize,
    pub(crate) rounds: u64,
    pub(crate) hold: Duration,
    pub(crate) pause: Duration,
}

/// The lock, and what it guards: the number of times that it was held.
enum Contended {
    Mutex(Mutex<u64>),
    Spin(SpinLock<u64>),
    Pi(PiMutex<u64>),
    RwLock(RwLock<AtomicU64>),
    Semaphore(Semaphore, AtomicU64),
    /// A mutex made of a flag and a condition variable.
    Condvar(Mutex<bool>, Condvar, AtomicU64),
    Barrier(Barrier, AtomicU64),
    Shared(Shared<Between>),
}

/// What processes contend for.
#[derive(FromZeros)]
#[repr(C)]
struct Between {
    lock: Mutex<u64, sync::ProcessShared>,
}

/// What one task did.
#[derive(Default)]
struct Done {
    spans: Vec<Span>,
    hold_ns: u64,
    wait_ns: u64,
}

pub(crate) fn contend(run: &mut Run, plan: &Plan, kind: Kind) -> Result<(), Failure> {
    let contended = Contended::new(kind, plan)?;
    let done = match &contended {
        Contended::Shared(between) => processes(plan, &between[0]),
        _ => threads(plan, &contended),
    }?;
    let total = plan.rounds * plan.threads as u64;
    let held = contended.held();
    ensure(held == total, || format!("{kind:?}: held {held} times, not {total}"))?;
    for (name, sum) in [
        ("acquisitions", total),
        ("hold_ns", done.iter().map(|done| done.hold_ns).sum()),
        ("wait_ns", done.iter().map(|done| done.wait_ns).sum()),
    ] {
        let before = run.truth.counts.get(name).copied().unwrap_or_default();
        run.truth.count(name, before + sum);
    }
    run.truth.spans.extend(done.into_iter().flat_map(|done| done.spans));
    run.truth.spans.truncate(LISTED);
    Ok(())
}

fn threads(plan: &Plan, contended: &Contended) -> Result<Vec<Done>, Failure> {
    thread::scope(|scope| {
        let mut handles = Vec::new();
        for number in 0..plan.threads {
            let builder = Builder::new().name(&format!("locker/{number}"));
            let locker = move || {
                all_rounds(plan, contended.address(), |round| {
                    contended.take(number as u64 + round, plan.hold)
                })
            };
            match scope.spawn_with(builder, locker) {
                Ok(handle) => handles.push(handle),
                // Those at a barrier would wait for ever: they are let go by standing in.
                Err(error) => {
                    for _ in number..plan.threads {
                        stand_in(plan, contended);
                    }
                    return Err(error).doing("make a thread");
                }
            }
        }
        Ok(handles.into_iter().map(ScopedJoinHandle::join).collect())
    })
}

/// Does at a barrier what a thread that could not be made would have done.
fn stand_in(plan: &Plan, contended: &Contended) {
    if let Contended::Barrier(barrier, _) = contended {
        for _ in 0..plan.rounds {
            barrier.wait();
        }
    }
}

/// The times of processes are their own: only what they did together is told.
fn processes(plan: &Plan, between: &Between) -> Result<Vec<Done>, Failure> {
    let mut children = Vec::new();
    let address = core::ptr::from_ref(&between.lock).addr() as u64;
    let mut refused = Ok(());
    for _ in 0..plan.threads {
        let locker = || {
            all_rounds(plan, address, |_| {
                let asked_ns = clock::now_ns();
                let mut held = between.lock.lock();
                let from_ns = clock::now_ns();
                clock::spin(plan.hold);
                *held += 1;
                (asked_ns, from_ns, clock::now_ns())
            });
            0
        };
        match process::fork(locker) {
            Ok(child) => children.push(child),
            Err(error) => refused = Err(error).doing("make a process"),
        }
    }
    for child in children {
        let end = child.wait().doing("wait for a process")?;
        ensure(end.how == How::Exited(0), || format!("a process {}", end.how))?;
    }
    refused.map(|()| Vec::new())
}

/// All that one task does; `take` gives the times of asking, having and giving back.
fn all_rounds(plan: &Plan, address: u64, take: impl Fn(u64) -> (u64, u64, u64)) -> Done {
    let mut done = Done::default();
    let tid = thread::tid();
    let lists = ledger::is_open();
    for round in 0..plan.rounds {
        let (asked_ns, from_ns, to_ns) = take(round);
        done.wait_ns += from_ns - asked_ns;
        done.hold_ns += to_ns - from_ns;
        if lists && done.spans.len() < LISTED / plan.threads {
            let span = |what, from_ns, to_ns| Span {
                what: String::from(what),
                tid,
                of: address,
                from_ns,
                to_ns,
            };
            done.spans.push(span("wait", asked_ns, from_ns));
            done.spans.push(span("hold", from_ns, to_ns));
        }
        clock::spin(plan.pause);
    }
    done
}

impl Contended {
    fn new(kind: Kind, plan: &Plan) -> Result<Self, Failure> {
        Ok(match kind {
            Kind::Mutex => Self::Mutex(Mutex::new(0)),
            Kind::Spin => Self::Spin(SpinLock::new(0)),
            Kind::Pi => Self::Pi(PiMutex::new(0)),
            Kind::RwLock => Self::RwLock(RwLock::new(AtomicU64::new(0))),
            Kind::Semaphore => Self::Semaphore(Semaphore::new(1), AtomicU64::new(0)),
            Kind::Condvar => Self::Condvar(Mutex::new(false), Condvar::new(), AtomicU64::new(0)),
            Kind::Barrier => {
                let parties = u32::try_from(plan.threads).unwrap_or(u32::MAX);
                Self::Barrier(Barrier::new(parties), AtomicU64::new(0))
            }
            Kind::Shared => Self::Shared(Shared::new(1).doing("map shared memory")?),
        })
    }

    /// Takes it, holds it, and gives it back: when it was asked for, had and given back.
    fn take(&self, number: u64, time: Duration) -> (u64, u64, u64) {
        let asked_ns = clock::now_ns();
        let held = |count: &mut dyn FnMut()| {
            let from_ns = clock::now_ns();
            clock::spin(time);
            count();
            (asked_ns, from_ns, clock::now_ns())
        };
        // The mutual exclusion orders all of these additions.
        let add = |times: &AtomicU64| {
            times.store(times.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
        };
        match self {
            Self::Mutex(lock) => {
                let mut times = lock.lock();
                held(&mut || *times += 1)
            }
            Self::Spin(lock) => {
                let mut times = lock.lock();
                held(&mut || *times += 1)
            }
            Self::Pi(lock) => {
                let mut times = lock.lock();
                held(&mut || *times += 1)
            }
            Self::RwLock(lock) if number.is_multiple_of(4) => {
                let times = lock.write();
                held(&mut || add(&times))
            }
            Self::RwLock(lock) => {
                let times = lock.read();
                held(&mut || {
                    times.fetch_add(1, Ordering::Relaxed);
                })
            }
            Self::Semaphore(semaphore, times) => {
                semaphore.acquire();
                let told = held(&mut || add(times));
                semaphore.release(1);
                told
            }
            Self::Condvar(flag, condvar, times) => {
                *condvar.wait_while(flag.lock(), |taken| *taken) = true;
                let told = held(&mut || add(times));
                *flag.lock() = false;
                condvar.notify_one();
                told
            }
            Self::Barrier(barrier, times) => {
                barrier.wait();
                held(&mut || {
                    times.fetch_add(1, Ordering::Relaxed);
                })
            }
            // Processes take it by themselves.
            Self::Shared(between) => {
                let mut times = between[0].lock.lock();
                held(&mut || *times += 1)
            }
        }
    }

    /// How often it was held.
    fn held(&self) -> u64 {
        match self {
            Self::Mutex(times) => *times.lock(),
            Self::Spin(times) => *times.lock(),
            Self::Pi(times) => *times.lock(),
            Self::RwLock(times) => times.read().load(Ordering::Relaxed),
            Self::Semaphore(_, times) | Self::Condvar(.., times) | Self::Barrier(_, times) => {
                times.load(Ordering::Relaxed)
            }
            Self::Shared(between) => *between[0].lock.lock(),
        }
    }

    /// The lock's address, which is that of its first word.
    fn address(&self) -> u64 {
        let address = match self {
            Self::Mutex(lock) => core::ptr::from_ref(lock).addr(),
            Self::Spin(lock) => core::ptr::from_ref(lock).addr(),
            Self::Pi(lock) => core::ptr::from_ref(lock).addr(),
            Self::RwLock(lock) => core::ptr::from_ref(lock).addr(),
            Self::Semaphore(lock, _) => core::ptr::from_ref(lock).addr(),
            Self::Condvar(lock, ..) => core::ptr::from_ref(lock).addr(),
            Self::Barrier(lock, _) => core::ptr::from_ref(lock).addr(),
            Self::Shared(between) => core::ptr::from_ref(&between[0].lock).addr(),
        };
        address as u64
    }
}
