//! A stack that overflows, with a neighbour below that must not notice.

use alloc::format;
use alloc::vec::Vec;
use core::hint::black_box;
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use rustix::io::Errno;
use rustix::process::{DumpableBehavior, set_dumpable_behavior};
use zerocopy::FromZeros;

use crate::failure::{Doing as _, Failure, ensure};
use crate::process::{How, fork, pause_for_ever};
use crate::shared::Shared;
use crate::stack::{GUARD, Stack};
use crate::thread::{self, Builder};
use crate::truth::{self, Fate, Truth};
use crate::{clock, sys};

/// Words of the neighbour: some pages.
const WORDS: usize = 4096;

/// Stacks that are tried, until there is room below one.
const TRIES: u32 = 16;

/// Code of a child that did not die of it.
const SURVIVED: u8 = 99;

/// What the thread says before it dies.
#[derive(Debug, FromZeros)]
struct Last {
    tid: AtomicU32,
    at_ns: AtomicU64,
}

/// Overflows the stack of a thread, of so many bytes, in a child process. It must die of SIGSEGV at
/// the guard page, and leave the memory right below the guard as it was.
///
/// # Errors
/// [`Failure::Broken`] if it does not, and the kernel's refusals.
pub fn in_a_child(bytes: usize, truth: &mut Truth) -> Result<(), Failure> {
    let (stack, neighbour) = with_neighbour(bytes).doing("map a stack and its neighbour")?;
    let last = Shared::<Last>::new(1).doing("map memory")?;
    for (word, value) in neighbour.iter().zip(0..) {
        word.store(value, Ordering::Relaxed);
    }
    let last = last.leak();
    let child = fork(|| {
        // It is expected to die: no core file.
        if set_dumpable_behavior(DumpableBehavior::NotDumpable).is_err() {
            return SURVIVED;
        }
        let thread = Builder::new().on(stack).spawn(|| {
            last[0].tid.store(thread::tid(), Ordering::Relaxed);
            last[0].at_ns.store(clock::now_ns(), Ordering::Relaxed);
            // What it comes to is nobody's concern, but the compiler does not know that.
            black_box(deeper(0));
            sys::exit_process(SURVIVED)
        });
        // To join it would be a futex call that is killed halfway.
        if thread.is_ok() { pause_for_ever() } else { SURVIVED }
    });
    let exit = child.and_then(crate::clone::Task::wait).doing("run a child")?;
    let died = How::Killed { signal: SEGV, core: false };
    ensure(exit.how == died, || format!("the child {}; not {died}", exit.how))?;
    let damaged =
        (0..).zip(neighbour.iter()).find(|(value, word)| word.load(Ordering::Relaxed) != *value);
    ensure(damaged.is_none(), || format!("the neighbour's word {damaged:?} was written to"))?;
    truth.signals.push(fault(&last[0]));
    truth.count("overflows", 1);
    truth.count("neighbour_bytes", (WORDS * size_of::<AtomicU64>()) as u64);
    Ok(())
}

/// A stack with memory of somebody else right below its guard.
fn with_neighbour(bytes: usize) -> Result<(Stack, Shared<AtomicU64>), Errno> {
    // Those with something below: they are kept until there is one without, or they would come back.
    let mut crowded = Vec::new();
    for _ in 0..TRIES {
        let stack = Stack::new(bytes)?;
        match Shared::new_below(stack.bottom().wrapping_sub(GUARD), WORDS) {
            Ok(neighbour) => return Ok((stack, neighbour)),
            Err(Errno::EXIST) => crowded.push(stack),
            Err(error) => return Err(error),
        }
    }
    Err(Errno::EXIST)
}

const SEGV: u8 = 11;

/// Uses more and more of the stack.
fn deeper(depth: u64) -> u64 {
    // Small steps: no frame could reach over the guard.
    let frame = black_box([depth; 8]);
    if black_box(depth) == u64::MAX {
        return depth;
    }
    deeper(depth + 1) ^ black_box(frame)[1]
}

/// The signal that it brought upon itself.
fn fault(last: &Last) -> truth::Signal {
    // A page that is there, and must not be touched.
    const SEGV_ACCERR: i32 = 2;
    let tid = last.tid.load(Ordering::Relaxed);
    truth::Signal {
        signal: u32::from(SEGV),
        code: SEGV_ACCERR,
        sender: tid,
        target: tid,
        group: false,
        sent_ns: last.at_ns.load(Ordering::Relaxed),
        fate: Fate::Killed,
        ..truth::Signal::default()
    }
}
