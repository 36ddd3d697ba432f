//! The memory of a task on a stack of its own, its first and its last instructions, and who frees
//! it.
//!
//! ```text
//! JOINABLE --detach--> DETACHED --end--> frees its own memory
//!     `------end-----> ENDING  --join or detach--> whoever called waits for the kernel, and frees
//! ```
//! Whoever loses the race for the first step does what the second says.
#![expect(unsafe_code, reason = "a task begins on a bare stack and ends without one")]

use core::ptr;
use core::sync::atomic::Ordering;

use linux_raw_sys::general as raw;
use rustix::io::Errno;

use super::block::{Block, UNKNOWN};
use super::handle::JoinHandle;
use crate::clone::{Call, Flags};
use crate::stack::Stack;
use crate::{arch, sys};

/// Its handle is there, and it runs.
const JOINABLE: u32 = 0;
/// Its handle is gone: it frees its memory itself.
const DETACHED: u32 = 1;
/// It has ended while its handle was there: the handle's owner frees its memory.
const ENDING: u32 = 2;

/// What a task is to do, and what came of it. It lies at the top of the task's own stack.
pub(crate) struct Packet<F, T> {
    block: &'static Block,
    run: Option<F>,
    result: Option<T>,
}

/// A task that is ready to be made.
pub(crate) struct Prepared<F, T> {
    stack: Stack,
    packet: *mut Packet<F, T>,
    pub(crate) block: &'static Block,
}

/// Lays out a task's memory: its block at the very top, what it is to do below, the rest is stack.
///
/// # Errors
/// `EINVAL` if the closure does not fit.
pub(crate) fn prepare<F: FnOnce() -> T, T>(stack: Stack, run: F) -> Result<Prepared<F, T>, Errno> {
    let below = |end: *mut u8, size: usize, align: usize| {
        let at = end.wrapping_sub(size);
        at.wrapping_sub(at.addr() % align)
    };
    let block: *mut Block = below(stack.end(), size_of::<Block>(), align_of::<Block>()).cast();
    // The stack pointer that the task begins with must be aligned to 16, and so is this.
    let align = align_of::<Packet<F, T>>().max(16);
    let packet: *mut Packet<F, T> = below(block.cast(), size_of::<Packet<F, T>>(), align).cast();
    let least = stack.bottom().wrapping_add(crate::stack::LEAST / 2);
    if packet.addr() < least.addr() {
        return Err(Errno::INVAL);
    }
    // SAFETY: inside the new stack, aligned, and nobody's yet.
    unsafe { block.write(Block::new()) };
    // SAFETY: just written; it is given up only when the task is gone and its handle too.
    let block = unsafe { &*block };
    // SAFETY: inside the new stack, aligned, below the block, and nobody's yet.
    unsafe { packet.write(Packet { block, run: Some(run), result: None }) };
    Ok(Prepared { stack, packet, block })
}

/// Makes the task, with the addresses of its memory filled in.
///
/// # Errors
/// Those of the call; the closure is dropped.
///
/// # Safety
/// What the closure borrows outlives the task.
pub(crate) unsafe fn make<F: FnOnce() -> T, T>(
    prepared: Prepared<F, T>,
    call: &mut Call,
) -> Result<JoinHandle<T>, Errno> {
    let Prepared { stack, packet, block } = prepared;
    let bottom = stack.bottom().expose_provenance();
    call.stack = Some((bottom, packet.addr() - bottom));
    call.tls = block.bind().expose_provenance();
    call.parent_tid = block.number_address();
    call.child_tid = block.number_address();
    let tls = if call.flags.contains(Flags::SETTLS) { call.tls } else { 0 };
    if let Some(entry) = block.entry() {
        entry.given(bottom as u64, tls as u64);
    }
    let (base, length) = stack.into_parts();
    block.base.store(base, Ordering::Relaxed);
    block.length.store(length, Ordering::Relaxed);
    block.tid.store(UNKNOWN, Ordering::Relaxed);
    block.flags.store(call.flags.bits(), Ordering::Relaxed);
    // SAFETY: the stack is free and aligned: it ends where the packet begins.
    match unsafe { call.make(begin::<F, T>, packet.cast()) } {
        Ok(tid) => Ok(JoinHandle::new(packet, block, tid)),
        Err(error) => {
            // SAFETY: there is no task: the packet is still ours, and is dropped once.
            unsafe { ptr::drop_in_place(packet) };
            // SAFETY: as above; the mapping goes with all that is in it.
            drop(unsafe { Stack::from_parts(base, length) });
            Err(error)
        }
    }
}

/// A task's first instructions: does what the packet says, and ends.
///
/// # Safety
/// `word` is the [`Packet`] that lies on the task's own stack.
unsafe extern "C" fn begin<F: FnOnce() -> T, T>(word: *mut u8) -> ! {
    let packet: *mut Packet<F, T> = word.cast();
    // SAFETY: written before the task was made.
    let block = unsafe { (*packet).block };
    // SAFETY: the calling task's own block, on its own stack.
    unsafe { settle(block) };
    if let Some(entry) = block.entry() {
        entry.started();
    }
    // SAFETY: the packet is this task's alone until it says that it ends.
    let run = unsafe { (*packet).run.take() };
    let result = run.map(|run| run());
    // SAFETY: as above.
    unsafe { (*packet).result = result };
    if let Some(entry) = block.entry() {
        entry.ending(block.code());
    }
    // SAFETY: the last thing that this task does with its packet.
    unsafe { end(packet, block) }
}

/// Does what the flags left to the task itself: every task on a stack of its own has its thread
/// pointer and its number, and is heard of when it is gone.
///
/// # Safety
/// The block is the calling task's, and nobody has asked for its thread pointer yet.
unsafe fn settle(block: &'static Block) {
    let flags = Flags::from_bits_retain(block.flags.load(Ordering::Relaxed));
    if !flags.contains(Flags::SETTLS) {
        // SAFETY: as the caller says.
        unsafe { arch::set_thread_pointer(block.bind()) };
    }
    if !flags.contains(Flags::CHILD_CLEARTID) {
        block.tell_end();
    }
    if !flags.intersects(Flags::PARENT_SETTID.union(Flags::CHILD_SETTID)) {
        block.renumber();
    }
    if let Some(entry) = block.entry()
        && !flags.contains(Flags::NEWPID)
    {
        entry.numbered(block.tid());
        if !flags.contains(Flags::THREAD) {
            entry.is(block.tid(), block.tid());
        }
    }
}

/// Ends the calling task.
///
/// # Safety
/// It never touches its packet again.
unsafe fn end<F, T>(packet: *mut Packet<F, T>, block: &Block) -> ! {
    let code = block.code();
    // Release: what this task did is seen by whoever takes its result. Acquire: what the handle
    // did before it was dropped is seen by the destructor of the result.
    let last = block.owner.compare_exchange(JOINABLE, ENDING, Ordering::AcqRel, Ordering::Acquire);
    if last.is_ok() {
        sys::exit_thread(code);
    }
    // SAFETY: detached: nobody else will look at the result.
    unsafe { ptr::drop_in_place(packet) };
    block_signals();
    // The kernel would clear the word when the task is gone, in memory that is another's by then.
    // SAFETY: takes the address back.
    unsafe { arch::syscall(raw::__NR_set_tid_address as usize, [0; 6]) };
    let (base, length) = (block.base.load(Ordering::Relaxed), block.length.load(Ordering::Relaxed));
    // SAFETY: nobody else knows of the mapping any more, and no signal can need a stack.
    unsafe { arch::unmap_and_exit(base, length, usize::from(code)) }
}

/// Lets no signal be delivered to the calling task, which has no stack for a handler soon.
fn block_signals() {
    let all = u64::MAX;
    let arguments = [raw::SIG_BLOCK as usize, (&raw const all).addr(), 0, size_of_val(&all), 0, 0];
    // SAFETY: reads a mask of the kernel's size.
    let blocked = unsafe { sys::call(raw::__NR_rt_sigprocmask, arguments) };
    debug_assert!(blocked.is_ok(), "a mask that is there");
}

/// Waits until the kernel says that the task is gone, and frees its memory; its result.
///
/// # Safety
/// Called once, by the owner of the handle, which is given up.
pub(super) unsafe fn take<F, T>(packet: *mut Packet<F, T>, block: &Block) -> Option<T> {
    block.until_gone();
    // SAFETY: the task is gone; its packet is the caller's.
    let result = unsafe { (*packet).result.take() };
    // SAFETY: as above.
    unsafe { ptr::drop_in_place(packet) };
    let (base, length) = (block.base.load(Ordering::Relaxed), block.length.load(Ordering::Relaxed));
    // SAFETY: the mapping of the task, which is gone, and so is every reference to its block.
    unsafe { Stack::from_parts(base, length) }.keep();
    result
}

/// Gives a task up. It frees its own memory when it ends, unless it has.
///
/// # Safety
/// As [`take`].
pub(super) unsafe fn detach<F, T>(packet: *mut Packet<F, T>, block: &Block) {
    // Release: what the handle's owner did to the task's memory is seen by the task that frees it.
    // Acquire: what the task did is seen by the destructor of its result.
    let first =
        block.owner.compare_exchange(JOINABLE, DETACHED, Ordering::AcqRel, Ordering::Acquire);
    if first.is_err() {
        // SAFETY: as the caller says.
        drop(unsafe { take(packet, block) });
    }
}

/// Whether the task is gone.
pub(super) fn is_gone(block: &Block) -> bool {
    // Acquire: with the kernel's store at the task's end, all that it did is seen.
    block.tid.load(Ordering::Acquire) == 0
}
