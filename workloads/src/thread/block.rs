//! What the thread pointer points to: a thread's own block.
#![expect(unsafe_code, reason = "the thread pointer is a bare address")]

use core::ptr;
use core::sync::atomic::{AtomicPtr, AtomicU8, AtomicU32, AtomicU64, AtomicUsize, Ordering};

use linux_raw_sys::general as raw;

use crate::ledger::Entry;
use crate::sys;

use super::meet::{self, Place};

/// The number of a task that the kernel has not told yet.
pub(super) const UNKNOWN: u32 = u32::MAX;

/// Words that a thread keeps for the library's other parts.
const SLOTS: usize = 4;

/// A thread's own block.
///
/// It begins with its own address, as the ABI of `x86_64` asks for.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct Block {
    this: AtomicPtr<Block>,
    /// Its number, known before its closure runs, and set to 0 by the kernel when it is gone: the
    /// word that its joiner waits for.
    pub(super) tid: AtomicU32,
    /// Who frees the thread's memory: see `life.rs`.
    pub(super) owner: AtomicU32,
    /// The code that it ends with.
    code: AtomicU8,
    /// The flags that it was made with, if it was made on a stack of its own.
    pub(super) flags: AtomicU64,
    /// Its mapping; null for a process's first thread, whose stack is the kernel's.
    pub(super) base: AtomicPtr<u8>,
    /// Bytes of the mapping.
    pub(super) length: AtomicUsize,
    /// Its lines in the ledger; null without one.
    pub(super) entry: AtomicPtr<Entry>,
    /// Words for the library's other parts, 0 at the thread's birth.
    pub slots: [AtomicUsize; SLOTS],
}

static MAIN: Block = Block::new();

impl Block {
    pub(crate) const fn new() -> Self {
        Self {
            this: AtomicPtr::new(ptr::null_mut()),
            tid: AtomicU32::new(0),
            owner: AtomicU32::new(0),
            code: AtomicU8::new(0),
            flags: AtomicU64::new(0),
            base: AtomicPtr::new(ptr::null_mut()),
            length: AtomicUsize::new(0),
            entry: AtomicPtr::new(ptr::null_mut()),
            slots: [const { AtomicUsize::new(0) }; SLOTS],
        }
    }

    /// Where the thread pointer has to point: to this block, for as long as the thread lives.
    pub(crate) fn bind(&self) -> *mut u8 {
        let this = ptr::from_ref(self).cast_mut();
        self.this.store(this, Ordering::Relaxed);
        this.cast()
    }

    /// Where the kernel writes its number, and clears it.
    pub(crate) fn number_address(&self) -> usize {
        self.tid.as_ptr().expose_provenance()
    }

    /// The thread ends with this code, if it ends by returning.
    pub fn end_with(&self, code: u8) {
        self.code.store(code, Ordering::Relaxed);
    }

    /// The code it ends with.
    pub(super) fn code(&self) -> u8 {
        self.code.load(Ordering::Relaxed)
    }

    /// Has the kernel clear the calling thread's number when it is gone, as it does for every thread
    /// that was made here: a process's first one was not.
    pub fn tell_end(&'static self) {
        let arguments = [self.number_address(), 0, 0, 0, 0, 0];
        // SAFETY: names a word that is there for as long as the thread.
        let told = unsafe { sys::call(raw::__NR_set_tid_address, arguments) };
        debug_assert!(told.is_ok(), "a call that cannot fail");
    }

    /// Waits until the thread is gone: until the kernel has cleared its number. One waits at a time:
    /// the kernel wakes one (kernel/fork.c, `mm_release`, v6.18).
    pub fn until_gone(&self) {
        loop {
            // Acquire: with the kernel's store at the thread's end, all that it did is seen.
            let running = self.tid.load(Ordering::Acquire);
            if running == 0 {
                return;
            }
            // The kernel's wake is not a private one, so neither is this wait. Whatever it returns,
            // the word is looked at again.
            meet::wait(&self.tid, running, Place::Anywhere);
        }
    }

    /// The thread's number.
    pub fn tid(&self) -> u32 {
        self.tid.load(Ordering::Relaxed)
    }

    /// Its lines in the ledger, if there is one.
    pub fn entry(&self) -> Option<&'static Entry> {
        // SAFETY: it is null, or was made from a reference that lives for ever.
        unsafe { self.entry.load(Ordering::Relaxed).as_ref() }
    }

    /// Gives it its lines in the ledger.
    pub fn set_entry(&self, entry: Option<&'static Entry>) {
        let entry = entry.map_or(ptr::null_mut(), |entry| ptr::from_ref(entry).cast_mut());
        self.entry.store(entry, Ordering::Relaxed);
    }

    /// In a child process: the calling thread has another number now.
    pub fn renumber(&self) {
        self.tid.store(gettid(), Ordering::Relaxed);
    }
}

/// Gives the process's first thread its block.
///
/// # Safety
/// Called by that thread, before it asks for its block, and only in a program without libc, which
/// has another idea of what the thread pointer points to.
pub unsafe fn adopt_main() {
    MAIN.renumber();
    // SAFETY: the block is static, and nobody has another idea of the thread pointer.
    unsafe { crate::arch::set_thread_pointer(MAIN.bind()) };
}

/// The calling thread's block.
#[cfg(all(feature = "program", not(test)))]
pub fn current() -> &'static Block {
    // SAFETY: every thread of a program has had its thread pointer set to its block, which begins
    // with its own address.
    let block = unsafe { crate::arch::thread_pointer() };
    #[expect(clippy::cast_ptr_alignment, reason = "it is a block's address")]
    let block = block.cast::<Block>();
    // SAFETY: as above; it is unmapped only when the thread is gone, and what the reference is used
    // for ends with the thread.
    unsafe { &*block }
}

/// The calling thread's block: beside a libc, which owns the thread pointer, one for all.
#[cfg(not(all(feature = "program", not(test))))]
pub fn current() -> &'static Block {
    &MAIN
}

/// The calling thread's number.
pub fn tid() -> u32 {
    if cfg!(all(feature = "program", not(test))) { current().tid() } else { gettid() }
}

fn gettid() -> u32 {
    rustix::thread::gettid().as_raw_nonzero().get().cast_unsigned()
}
