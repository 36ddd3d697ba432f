//! Where tasks write down their own lives, in memory that survives each of them.
//!
//! Whoever makes a task takes an entry for it before, and hands it over; the entry lies in memory
//! that is shared with every child, so what a task did is there even if it was killed. Without
//! `--truth` there is no ledger, and nothing is written.
//!
//! Zero is "not known" in every field, which is why codes and signals are kept plus one.

use alloc::string::String;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicPtr, AtomicU8, AtomicU32, AtomicU64, Ordering};

use rustix::io::Errno;
use zerocopy::FromZeros;

use crate::process::How;
use crate::shared::Shared;
use crate::truth::{Task, Truth};
use crate::{clock, thread};

/// Tasks that fit; a page of them takes room only when it is written to.
const ROOM: usize = 1 << 19;

/// Bytes of a task's name, as the kernel keeps it, without the final zero.
const NAME: usize = 15;

static LEDGER: AtomicPtr<Ledger> = AtomicPtr::new(core::ptr::null_mut());

/// The ledger.
#[derive(Debug, FromZeros)]
struct Ledger {
    taken: AtomicU32,
    entries: [Entry; ROOM],
}

/// One task's lines. Each is written by one task at a time, and read when all have ended: relaxed
/// order is enough, since joining a task and waiting for a process order what it wrote.
#[derive(Debug, FromZeros)]
pub struct Entry {
    tid: AtomicU32,
    tgid: AtomicU32,
    parent: AtomicU32,
    creator: AtomicU32,
    flags: AtomicU64,
    stack: AtomicU64,
    tls: AtomicU64,
    started_ns: AtomicU64,
    ended_ns: AtomicU64,
    migrations: AtomicU64,
    execs: AtomicU32,
    code: AtomicU32,
    signal: AtomicU32,
    reaper: AtomicU32,
    adopter: AtomicU32,
    exit_signal: AtomicU32,
    name: [AtomicU8; NAME + 1],
}

/// Begins to write, with the calling task as the first entry.
///
/// # Errors
/// Those of `mmap`.
pub fn open() -> Result<(), Errno> {
    let ledger = Shared::<Ledger>::new(1)?.leak();
    LEDGER.store((&raw const ledger[0]).cast_mut(), Ordering::Release);
    if let Some(entry) = claim() {
        let pid = crate::process::pid();
        entry.is(thread::tid(), pid);
        entry.started();
    }
    Ok(())
}

/// Whether there is one.
pub fn is_open() -> bool {
    !LEDGER.load(Ordering::Acquire).is_null()
}

fn ledger() -> Option<&'static Ledger> {
    let ledger = LEDGER.load(Ordering::Acquire);
    #[expect(unsafe_code, reason = "a reference kept in an atomic is a pointer")]
    // SAFETY: it is null, or was made from a reference to memory that is never unmapped.
    unsafe {
        ledger.as_ref()
    }
}

/// An entry for a task that is about to be made; `None` if nobody wants the truth.
///
/// # Panics
/// If there is no room left.
pub fn claim() -> Option<&'static Entry> {
    let ledger = ledger()?;
    let number = ledger.taken.fetch_add(1, Ordering::Relaxed);
    let entry = ledger.entries.get(number as usize);
    Some(entry.expect("no more tasks than the truth has room for"))
}

/// A process ended, and this task took its exit status: so it is for its leader, and for those of
/// its threads that had not said how they end.
///
/// If a thread of it took over its leader's number by exec, it is that one's status; all others
/// ended with code 0 then (kernel/exit.c, `do_group_exit`, v6.18).
pub fn process_ended(pid: u32, reaper: u32, how: How) {
    let Some(ledger) = ledger() else { return };
    let taken = ledger.taken.load(Ordering::Relaxed) as usize;
    let entries = ledger.entries.get(..taken).unwrap_or(&ledger.entries);
    // The youngest of that number, which can be used again. Its threads are younger than it.
    let is = |entry: &Entry, tid| entry.tid() == tid && entry.tgid.load(Ordering::Relaxed) == pid;
    let Some(leader) = entries.iter().rposition(|entry| is(entry, pid) && !entry.is_reaped())
    else {
        return;
    };
    let (leader, younger) = (&entries[leader], &entries[leader + 1..]);
    let threads = || younger.iter().filter(|entry| is(entry, entry.tid()) && entry.tid() != pid);
    let new_leader = threads().find(|thread| thread.execs.load(Ordering::Relaxed) > 0);
    let (others, last) = match new_leader {
        Some(thread) => (How::Exited(0), thread),
        None => (how, leader),
    };
    for entry in threads().chain([leader]).filter(|entry| entry.is_unended()) {
        entry.ended(others);
    }
    last.ended(how);
    last.reaped(reaper);
}

/// Writes down who was there: fills in the tasks of `truth`, before those that are there already.
pub fn fill(truth: &mut Truth) {
    let Some(ledger) = ledger() else { return };
    let taken = ledger.taken.load(Ordering::Relaxed) as usize;
    let entries = ledger.entries.iter().take(taken);
    // One without a number was never made: the kernel refused.
    let tasks = entries.map(Entry::task).filter(|task| task.tid != 0);
    let mut all: Vec<Task> = tasks.collect();
    all.append(&mut truth.tasks);
    truth.tasks = all;
    if let Some(first) = truth.tasks.first_mut() {
        first.ended_ns = Some(truth.end_ns);
    }
}

impl Entry {
    /// The task has these numbers: its own and its process's.
    pub fn is(&self, tid: u32, process: u32) {
        self.tid.store(tid, Ordering::Relaxed);
        self.tgid.store(process, Ordering::Relaxed);
    }

    /// The task has this number.
    pub fn numbered(&self, tid: u32) {
        self.tid.store(tid, Ordering::Relaxed);
    }

    /// How it is made: by whom, with which flags, as a child of which process.
    pub fn made(&self, creator: u32, parent: u32, flags: u64) {
        self.creator.store(creator, Ordering::Relaxed);
        self.parent.store(parent, Ordering::Relaxed);
        self.flags.store(flags, Ordering::Relaxed);
    }

    /// Its parent is sent this signal at its end; 0 for none.
    pub fn ends_with_signal(&self, signal: u8) {
        self.exit_signal.store(u32::from(signal) + 1, Ordering::Relaxed);
    }

    /// The stack and the thread pointer it is given; 0 for none.
    pub fn given(&self, stack: u64, tls: u64) {
        self.stack.store(stack, Ordering::Relaxed);
        self.tls.store(tls, Ordering::Relaxed);
    }

    /// It is called so; the kernel keeps 15 bytes.
    pub fn called(&self, name: &str) {
        let name = name.bytes().take(NAME).chain(core::iter::once(0));
        for (place, byte) in self.name.iter().zip(name) {
            place.store(byte, Ordering::Relaxed);
        }
    }

    /// Its own code begins.
    pub fn started(&self) {
        self.started_ns.store(clock::now_ns(), Ordering::Relaxed);
    }

    /// It is about to end with a code.
    pub fn ending(&self, code: u8) {
        self.ended_ns.store(clock::now_ns(), Ordering::Relaxed);
        self.exited(code);
    }

    /// It ended with a code.
    pub fn exited(&self, code: u8) {
        self.code.store(u32::from(code) + 1, Ordering::Relaxed);
    }

    /// A signal ended it; what it had said of a code is void.
    pub fn killed(&self, signal: u32) {
        self.code.store(0, Ordering::Relaxed);
        self.signal.store(signal + 1, Ordering::Relaxed);
    }

    /// This task took its exit status.
    pub fn reaped(&self, by: u32) {
        self.reaper.store(by, Ordering::Relaxed);
    }

    /// This process is its parent now: the one before is gone.
    pub fn adopted(&self, by: u32) {
        self.adopter.store(by, Ordering::Relaxed);
    }

    /// It is about to call exec, which is expected to succeed.
    pub fn executes(&self) {
        self.execs.fetch_add(1, Ordering::Relaxed);
    }

    /// It came back from exec: it did not succeed after all.
    pub fn did_not_execute(&self) {
        self.execs.fetch_sub(1, Ordering::Relaxed);
    }

    /// It forced itself onto another CPU so often.
    pub fn migrated(&self, times: u64) {
        self.migrations.store(times + 1, Ordering::Relaxed);
    }

    /// Its number; 0 if it was not made.
    pub fn tid(&self) -> u32 {
        self.tid.load(Ordering::Relaxed)
    }

    fn ended(&self, how: How) {
        match how {
            How::Exited(code) => self.exited(code),
            How::Killed { signal, .. } => self.killed(u32::from(signal)),
        }
    }

    fn is_reaped(&self) -> bool {
        self.reaper.load(Ordering::Relaxed) != 0
    }

    /// Whether nobody knows yet how it ended.
    fn is_unended(&self) -> bool {
        self.code.load(Ordering::Relaxed) == 0 && self.signal.load(Ordering::Relaxed) == 0
    }

    fn task(&self) -> Task {
        let creator = known(&self.creator);
        let name: Vec<u8> = self.name.iter().map(|byte| byte.load(Ordering::Relaxed)).collect();
        let name = name.split(|byte| *byte == 0).next().filter(|name| !name.is_empty());
        Task {
            tid: self.tid(),
            tgid: self.tgid.load(Ordering::Relaxed),
            parent: known(&self.parent),
            creator,
            flags: creator.map(|_| self.flags.load(Ordering::Relaxed)),
            stack: known_long(&self.stack),
            tls: known_long(&self.tls),
            comm: name.map(|name| String::from_utf8_lossy(name).into_owned()),
            started_ns: known_long(&self.started_ns),
            ended_ns: known_long(&self.ended_ns),
            execs: self.execs.load(Ordering::Relaxed),
            code: known(&self.code).map(|code| code - 1),
            signal: known(&self.signal).map(|signal| signal - 1),
            reaper: known(&self.reaper),
            adopter: known(&self.adopter),
            exit_signal: known(&self.exit_signal).map(|signal| signal - 1),
            migrations: known_long(&self.migrations).map(|times| times - 1),
        }
    }
}

fn known(field: &AtomicU32) -> Option<u32> {
    Some(field.load(Ordering::Relaxed)).filter(|value| *value != 0)
}

fn known_long(field: &AtomicU64) -> Option<u64> {
    Some(field.load(Ordering::Relaxed)).filter(|value| *value != 0)
}
