//! What a switch costs: between two user threads of one carrier, and between two kernel threads
//! that hand each other a futex.

use alloc::vec::Vec;
use core::sync::atomic::Ordering::{Acquire, Release};

use alloc::sync::Arc;
use rustix::io::Errno;
use rustix::thread::{CpuSet, sched_getaffinity};

use super::{Config, JoinHandle, Model, run, spawn, yield_now};
use crate::futex::{self, Scope};
use crate::shim::AtomicU32;
use crate::{clock, thread};

/// Yields of each of two user threads, in one go.
const YIELDS: u64 = 500_000;

/// Times that each of two kernel threads hands over, in one go.
const ROUNDS: u32 = 20_000;

/// Goes of each; the middle one counts.
const GOES: usize = 5;

/// Times of one switch, ps.
#[derive(Clone, Copy, Debug)]
pub struct Costs {
    /// From one user thread to another on the same carrier, by yielding.
    pub switch_ps: u64,
    /// From one kernel thread to another on the same CPU: half of a futex ping-pong.
    pub same_cpu_ps: u64,
    /// The same between two CPUs; `None` if there is one only.
    pub two_cpus_ps: Option<u64>,
}

/// Measures, a go of each after the other.
///
/// # Errors
/// Those of making threads.
pub fn measure() -> Result<Costs, Errno> {
    let allowed = sched_getaffinity(None)?;
    let mut cpus = (0..CpuSet::MAX_CPU).filter(|cpu| allowed.is_set(*cpu));
    let one = cpus.next().ok_or(Errno::INVAL)?;
    let other = cpus.next();
    let (mut switch, mut same, mut two) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..GOES {
        switch.push(user_switch()?);
        same.push(handover([one, one])?);
        if let Some(other) = other {
            two.push(handover([one, other])?);
        }
    }
    Ok(Costs {
        switch_ps: middle(switch).unwrap_or_default(),
        same_cpu_ps: middle(same).unwrap_or_default(),
        two_cpus_ps: middle(two),
    })
}

fn middle(mut times: Vec<u64>) -> Option<u64> {
    times.sort_unstable();
    times.get(times.len() / 2).copied()
}

/// Two user threads that yield to each other.
fn user_switch() -> Result<u64, Errno> {
    let config = Config { model: Model::ManyToOne, carriers: 1, stack: 16 << 10 };
    let yields = || (0..YIELDS).for_each(|_| yield_now());
    let main = move || -> Result<u64, Errno> {
        let start = clock::now_ns();
        let both = [spawn(yields)?, spawn(yields)?];
        both.into_iter().for_each(JoinHandle::join);
        Ok(clock::now_ns() - start)
    };
    let (time, report) = run(&config, main)?;
    Ok(time? * 1000 / report.total().switches)
}

/// Two kernel threads, on these CPUs, of which each waits for its turn.
fn handover(cpus: [usize; 2]) -> Result<u64, Errno> {
    let turn = Arc::new(AtomicU32::new(0));
    let start = clock::now_ns();
    let mut threads = Vec::new();
    for (me, cpu) in (0..).zip(cpus) {
        let turn = Arc::clone(&turn);
        let mut set = CpuSet::new();
        set.set(cpu);
        let play = move || {
            for _ in 0..ROUNDS {
                // Acquire: the other one's turn is over.
                while turn.load(Acquire) != me {
                    futex::wait_while(&turn, 1 - me, Scope::Private, None);
                }
                // From me to the other one. Release: as above.
                turn.store(1 - me, Release);
                futex::wake(&turn, 1, Scope::Private);
            }
        };
        threads.push(thread::Builder::new().name("pingpong").cpus(set).spawn(play)?);
    }
    threads.into_iter().for_each(thread::JoinHandle::join);
    Ok((clock::now_ns() - start) * 1000 / u64::from(2 * ROUNDS))
}
