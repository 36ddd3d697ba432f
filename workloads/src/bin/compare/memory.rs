//! Whose memory it is: who sees what a task writes, and what page faults that costs both.

use alloc::format;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU64, Ordering};

use rustix::io::Errno;
use rustix::thread::disable_transparent_huge_pages;
use workloads::failure::{Doing as _, Failure};
use workloads::shared::Shared;
use workloads::truth::Truth;
use workloads::{clock, process, thread, usage, uthread};
use zerocopy::FromZeros;

use crate::plan::{Kind, MANY_TO_ONE, Plan, WARM_UP, turned};
use crate::span;

/// Pages that a task writes to.
const PAGES: usize = 256;

/// Words of a page.
const WORDS: usize = 4096 / size_of::<AtomicU64>();

/// What the task writes down.
#[derive(Debug, FromZeros)]
struct Note {
    faults: AtomicU64,
}

/// Has tasks of all kinds write to all pages of their creator, in turn.
pub(crate) fn run(plan: &Plan, truth: &mut Truth) -> Result<(), Failure> {
    disable_transparent_huge_pages(true).doing("do without huge pages")?;
    let note = &Shared::<Note>::new(1).doing("map memory")?.leak()[0];
    let mut pages: Vec<AtomicU64> = Vec::new();
    pages.resize_with(PAGES * WORDS, || AtomicU64::new(0));
    let pages = Arc::new(pages);
    let mut sums = [[0_u64; 4]; 3];
    for round in 0..plan.rounds + WARM_UP {
        for kind in turned(&plan.kinds, round) {
            let from_ns = clock::now_ns();
            write(&pages, 0);
            let tid = task(kind, &pages, note).doing("make a task")?;
            let seen = pages[0].load(Ordering::Relaxed);
            let by_task = note.faults.load(Ordering::Relaxed);
            let by_creator = write(&pages, 2);
            if round < WARM_UP {
                continue;
            }
            for (sum, more) in sums[kind as usize].iter_mut().zip([1, by_task, by_creator, seen]) {
                *sum += more;
            }
            let what = format!("memory.{}", kind.name());
            truth.spans.push(span(what, tid, by_task, from_ns, clock::now_ns()));
        }
    }
    for kind in &plan.kinds {
        let names = ["rounds", "task_faults", "creator_faults", "seen"];
        for (name, sum) in names.iter().zip(sums[*kind as usize]) {
            truth.count(&format!("memory.{}.{name}", kind.name()), sum);
        }
    }
    truth.count("memory.pages", PAGES as u64);
    Ok(())
}

/// Writes to every page; how many page faults that took.
fn write(pages: &[AtomicU64], value: u64) -> u64 {
    let before = usage::minor_faults();
    for page in pages.chunks(WORDS) {
        page[0].store(value, Ordering::Relaxed);
    }
    usage::minor_faults() - before
}

/// A task that writes 1, from birth to end; its number.
fn task(kind: Kind, pages: &Arc<Vec<AtomicU64>>, note: &'static Note) -> Result<u32, Errno> {
    let shared = Arc::clone(pages);
    let live = move || note.faults.store(write(&shared, 1), Ordering::Relaxed);
    Ok(match kind {
        Kind::Process => {
            let child = process::fork(|| {
                live();
                0
            })?;
            child.wait()?.pid
        }
        Kind::Thread => {
            let thread = thread::spawn(live)?;
            let tid = thread.tid();
            thread.join();
            tid
        }
        Kind::Uthread => {
            let main = move || {
                let tid = uthread::carrier();
                uthread::spawn(live).map(|thread| {
                    thread.join();
                    tid
                })
            };
            uthread::run(&MANY_TO_ONE, main)?.0?
        }
    })
}
