//! A log of the signals that handlers took, in memory that all processes forked later share.
//!
//! Its room is limited; handlers write with atomics alone, since they may interrupt anything.

use core::ffi::c_int;
use core::sync::atomic::{AtomicI32, AtomicPtr, AtomicU32, AtomicU64, Ordering};

use rustix::io::Errno;
use zerocopy::FromZeros;

use super::{Context, Info};
use crate::shared::Shared;
use crate::word::Word;
use crate::{clock, thread};

/// Signals that fit.
const ROOM: usize = 1 << 16;

static LOG: AtomicPtr<Log> = AtomicPtr::new(core::ptr::null_mut());

/// The log.
#[derive(Debug, FromZeros)]
pub struct Log {
    begun: AtomicU32,
    done: Word,
    notes: [Note; ROOM],
}

/// One signal that a handler took. It is written by the handler, and read when that is done:
/// relaxed order is enough, since the counter of those that are done orders it.
#[derive(Debug, FromZeros)]
pub struct Note {
    at_ns: AtomicU64,
    value: AtomicU64,
    stack: AtomicU64,
    signal: AtomicU32,
    code: AtomicI32,
    tid: AtomicU32,
    reserved: AtomicU32,
}

/// Opens the log: handlers write into it from now on, in this process and in those forked later.
///
/// # Errors
/// Those of `mmap`.
pub fn open() -> Result<&'static Log, Errno> {
    let log = &Shared::<Log>::new(1)?.leak()[0];
    LOG.store((&raw const *log).cast_mut(), Ordering::Release);
    Ok(log)
}

fn log() -> Option<&'static Log> {
    #[expect(unsafe_code, reason = "a reference kept in an atomic is a pointer")]
    // SAFETY: it is null, or was made from a reference to memory that is never unmapped.
    unsafe {
        LOG.load(Ordering::Acquire).as_ref()
    }
}

/// The handler that writes the signal down, and does nothing else.
pub extern "C" fn handler(_number: c_int, info: &Info, _context: &mut Context) {
    write(info);
}

/// Writes a signal down, from its handler.
pub fn write(info: &Info) {
    let at_ns = clock::now_ns();
    let Some(log) = log() else { return };
    let number = log.begun.fetch_add(1, Ordering::Relaxed);
    if let Some(note) = log.notes.get(number as usize) {
        let here = 0_u8;
        note.at_ns.store(at_ns, Ordering::Relaxed);
        let address = info.address().map(|address| address as u64);
        note.value.store(info.value().or(address).unwrap_or(0), Ordering::Relaxed);
        note.stack.store((&raw const here).addr() as u64, Ordering::Relaxed);
        note.signal.store(info.signal(), Ordering::Relaxed);
        note.code.store(info.code(), Ordering::Relaxed);
        note.tid.store(thread::tid(), Ordering::Relaxed);
    }
    log.done.add(1);
}

impl Log {
    /// Signals taken so far. Read while no handler runs.
    pub fn count(&self) -> u32 {
        self.done.get()
    }

    /// Waits until so many have been taken in all.
    pub fn wait(&self, count: u32) {
        self.done.wait(count);
    }

    /// Those taken after the first `count`, in the order in which their handlers began.
    pub fn after(&self, count: u32) -> &[Note] {
        let end = (self.count() as usize).min(ROOM);
        self.notes.get(count as usize..end).unwrap_or_default()
    }
}

impl Note {
    /// When its handler began.
    pub fn at_ns(&self) -> u64 {
        self.at_ns.load(Ordering::Relaxed)
    }

    /// What was queued with it, or the address of a fault.
    pub fn value(&self) -> u64 {
        self.value.load(Ordering::Relaxed)
    }

    /// An address on the stack that its handler ran on.
    pub fn stack(&self) -> u64 {
        self.stack.load(Ordering::Relaxed)
    }

    /// Which one.
    pub fn signal(&self) -> u32 {
        self.signal.load(Ordering::Relaxed)
    }

    /// As [`Info::code`].
    pub fn code(&self) -> i32 {
        self.code.load(Ordering::Relaxed)
    }

    /// The thread that took it.
    pub fn tid(&self) -> u32 {
        self.tid.load(Ordering::Relaxed)
    }
}
