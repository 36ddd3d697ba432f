//! Tasks on their creator's stack: on a copy of it (fork), or on the very same while the creator is
//! held (vfork).
#![expect(unsafe_code, reason = "a new task goes on with its creator's frame")]

use core::mem::ManuallyDrop;
use core::sync::atomic::{AtomicU32, Ordering};

use rustix::io::Errno;

use super::{Call, Flags};
use crate::ledger::Entry;
use crate::thread::{Block, current};
use crate::{arch, sys};

#[cfg(all(feature = "program", not(test)))]
use crate::rt::heap;

/// Beside a libc no task is made, and nobody needs the heap's lock for it.
#[cfg(not(all(feature = "program", not(test))))]
mod heap {
    pub(super) struct Held;

    pub(super) fn hold() -> Held {
        Held
    }
}

/// What the new task finds on its creator's stack.
pub(crate) struct Frame<F> {
    run: ManuallyDrop<F>,
    flags: Flags,
    entry: Option<&'static Entry>,
    /// Its block, where it shares the memory: its creator's is in use.
    block: Block,
    /// The heap's lock, where it copies the memory: another thread's hold of it would be copied too,
    /// and never end.
    heap: ManuallyDrop<Option<heap::Held>>,
}

impl<F: FnOnce() -> u8> Frame<F> {
    /// A frame for one task with these flags.
    pub(crate) fn new(flags: Flags, entry: Option<&'static Entry>, run: F) -> Self {
        let copies = !flags.contains(Flags::VM);
        let heap = ManuallyDrop::new(copies.then(heap::hold));
        Self { run: ManuallyDrop::new(run), flags, entry, block: Block::new(), heap }
    }

    /// In the creator, after the call: drops what is still its own.
    ///
    /// # Safety
    /// Called once, in the creator alone, with whether there is a new task.
    pub(crate) unsafe fn leave(&mut self, made: bool) {
        // SAFETY: the creator's own, dropped once.
        unsafe { ManuallyDrop::drop(&mut self.heap) };
        if !(made && self.flags.contains(Flags::VM)) {
            // SAFETY: the new task has a copy, or there is none.
            unsafe { ManuallyDrop::drop(&mut self.run) };
        }
    }

    /// The new task's life.
    ///
    /// # Safety
    /// `frame` is a [`Frame`] of this closure; the calling task is new, and nobody else uses the
    /// frame until it calls exec or ends.
    pub(crate) unsafe extern "C" fn live(frame: *mut u8) -> ! {
        // SAFETY: as the caller says.
        let frame = unsafe { &mut *frame.cast::<Self>() };
        if frame.flags.contains(Flags::VM) && !frame.flags.contains(Flags::SETTLS) {
            // SAFETY: a block of its own, as every task of a program has one.
            unsafe { arch::set_thread_pointer(frame.block.bind()) };
        }
        current().renumber();
        current().set_entry(frame.entry);
        // SAFETY: the lock is held in this copy of the memory too; without a copy there is none.
        unsafe { ManuallyDrop::drop(&mut frame.heap) };
        if let Some(entry) = frame.entry {
            introduce(entry, frame.flags);
        }
        // SAFETY: taken once: by the only task that lives in this frame.
        let run = unsafe { ManuallyDrop::take(&mut frame.run) };
        let code = run();
        if let Some(entry) = frame.entry {
            entry.ending(code);
        }
        if frame.flags.contains(Flags::THREAD) {
            sys::exit_thread(code)
        } else {
            sys::exit_process(code)
        }
    }
}

/// A new process says who it is, in case its creator ends before it can.
fn introduce(entry: &Entry, flags: Flags) {
    // In a pid namespace of its own it does not know the number that others know it by.
    if !flags.intersects(Flags::NEWPID.union(Flags::THREAD)) {
        let pid = crate::process::pid();
        entry.is(pid, pid);
    }
    entry.started();
}

/// Makes a task that runs on its creator's stack; its tid.
///
/// # Errors
/// Those of the call.
///
/// # Safety
/// The flags copy the memory, or hold the calling task.
pub(super) unsafe fn make<F: FnOnce() -> u8>(
    call: &mut Call,
    entry: Option<&'static Entry>,
    run: F,
) -> Result<u32, Errno> {
    let number = AtomicU32::new(0);
    let mut frame = Frame::new(call.flags, entry, run);
    let block = if call.flags.contains(Flags::VM) { &frame.block } else { current() };
    call.parent_tid = number.as_ptr().expose_provenance();
    call.child_tid = block.number_address();
    if call.flags.contains(Flags::SETTLS) {
        call.tls = block.bind().expose_provenance();
        if let Some(entry) = entry {
            entry.given(0, call.tls as u64);
        }
    }
    // SAFETY: the frame stays as it is until the call returns here, and the caller answers for the
    // flags.
    let made = unsafe { call.make(Frame::<F>::live, (&raw mut frame).cast()) };
    // SAFETY: here is the creator.
    unsafe { frame.leave(made.is_ok()) };
    let tid = made?;
    let told = number.load(Ordering::Relaxed);
    debug_assert!(
        !call.flags.contains(Flags::PARENT_SETTID) || told == tid,
        "the kernel tells one number in two ways"
    );
    Ok(tid)
}
