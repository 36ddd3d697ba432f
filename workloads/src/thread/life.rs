//! A thread's memory, its first and its last instructions, and who frees it.
//!
//! ```text
//! JOINABLE --detach--> DETACHED --end--> frees its own memory
//!     `------end-----> ENDING  --join or detach--> whoever called waits for the kernel, and frees
//! ```
//! Whoever loses the race for the first step does what the second says.
#![expect(unsafe_code, reason = "a thread begins on a bare stack and ends without one")]

use core::ptr;
use core::sync::atomic::{AtomicU32, Ordering};

use linux_raw_sys::general as raw;
use rustix::io::Errno;
use rustix::thread::futex;

use super::block::{Block, current};
use crate::stack::Stack;
use crate::{arch, sys};

/// Its handle is there, and it runs.
const JOINABLE: u32 = 0;
/// Its handle is gone: it frees its memory itself.
const DETACHED: u32 = 1;
/// It has ended while its handle was there: the handle's owner frees its memory.
const ENDING: u32 = 2;

/// What a thread is to do, and what came of it. It lies at the top of the thread's own stack.
pub(super) struct Packet<F, T> {
    run: Option<F>,
    result: Option<T>,
}

/// A thread that is ready to be made.
pub(super) struct Prepared<F, T> {
    pub(super) stack: Stack,
    pub(super) packet: *mut Packet<F, T>,
    pub(super) block: &'static Block,
}

/// Lays out a thread's memory: its block at the very top, what it is to do below, the rest is stack.
///
/// # Errors
/// Those of [`Stack::new`], and `EINVAL` if the closure does not fit.
pub(super) fn prepare<F: FnOnce() -> T, T>(size: usize, run: F) -> Result<Prepared<F, T>, Errno> {
    let stack = Stack::new(size)?;
    let below = |end: *mut u8, size: usize, align: usize| {
        let at = end.wrapping_sub(size);
        at.wrapping_sub(at.addr() % align)
    };
    let block: *mut Block = below(stack.end(), size_of::<Block>(), align_of::<Block>()).cast();
    // The stack pointer that the thread begins with must be aligned to 16, and so is this.
    let align = align_of::<Packet<F, T>>().max(16);
    let packet: *mut Packet<F, T> = below(block.cast(), size_of::<Packet<F, T>>(), align).cast();
    let least = stack.bottom().wrapping_add(crate::stack::LEAST / 2);
    if packet.addr() < least.addr() {
        return Err(Errno::INVAL);
    }
    // SAFETY: inside the new stack, aligned, and nobody's yet.
    unsafe { block.write(Block::new()) };
    // SAFETY: as above; and below the block.
    unsafe { packet.write(Packet { run: Some(run), result: None }) };
    // SAFETY: just written; it is unmapped only when the thread is gone and its handle too.
    let block = unsafe { &*block };
    Ok(Prepared { stack, packet, block })
}

/// A thread's first instructions: does what the packet says, and ends.
///
/// # Safety
/// `word` is the [`Packet`] that lies on the thread's own stack, and the thread pointer is set.
pub(super) unsafe extern "C" fn begin<F: FnOnce() -> T, T>(word: *mut u8) -> ! {
    let packet: *mut Packet<F, T> = word.cast();
    let block = current();
    if let Some(entry) = block.entry() {
        entry.started();
    }
    // SAFETY: the packet is this thread's alone until it says that it ends.
    let run = unsafe { (*packet).run.take() };
    let result = run.map(|run| run());
    // SAFETY: as above.
    unsafe { (*packet).result = result };
    if let Some(entry) = block.entry() {
        entry.ending(0);
    }
    // SAFETY: the last thing that this thread does with its packet.
    unsafe { end(packet, block) }
}

/// Ends the calling thread.
///
/// # Safety
/// It never touches its packet again.
unsafe fn end<F, T>(packet: *mut Packet<F, T>, block: &Block) -> ! {
    // Release: what this thread did is seen by whoever takes its result. Acquire: what the handle
    // did before it was dropped is seen by the destructor of the result.
    let last = block.owner.compare_exchange(JOINABLE, ENDING, Ordering::AcqRel, Ordering::Acquire);
    if last.is_ok() {
        sys::exit_thread(0);
    }
    // SAFETY: detached: nobody else will look at the result.
    unsafe { ptr::drop_in_place(packet) };
    block_signals();
    // The kernel would clear the word when the thread is gone, in memory that is another's by then.
    // SAFETY: takes the address back.
    unsafe { arch::syscall(raw::__NR_set_tid_address as usize, [0; 6]) };
    let (base, length) = (block.base.load(Ordering::Relaxed), block.length.load(Ordering::Relaxed));
    // SAFETY: nobody else knows of the mapping any more, and no signal can need a stack.
    unsafe { arch::unmap_and_exit(base, length) }
}

/// Lets no signal be delivered to the calling thread, which has no stack for a handler soon.
fn block_signals() {
    let all = u64::MAX;
    let arguments = [raw::SIG_BLOCK as usize, (&raw const all).addr(), 0, size_of_val(&all), 0, 0];
    // SAFETY: reads a mask of the kernel's size.
    let blocked = unsafe { sys::call(raw::__NR_rt_sigprocmask, arguments) };
    debug_assert!(blocked.is_ok(), "a mask that is there");
}

/// Waits until the kernel says that the thread is gone, and frees its memory; its result.
///
/// # Safety
/// Called once, by the owner of the handle, which is given up.
pub(super) unsafe fn take<F, T>(packet: *mut Packet<F, T>, block: &Block) -> Option<T> {
    wait(&block.tid);
    // SAFETY: the thread is gone; its packet is the caller's.
    let result = unsafe { (*packet).result.take() };
    // SAFETY: as above.
    unsafe { ptr::drop_in_place(packet) };
    let (base, length) = (block.base.load(Ordering::Relaxed), block.length.load(Ordering::Relaxed));
    // SAFETY: the mapping of the thread, which is gone, and so is every reference to its block.
    drop(unsafe { Stack::from_parts(base, length) });
    result
}

/// Gives a thread up. It frees its own memory when it ends, unless it has.
///
/// # Safety
/// As [`take`].
pub(super) unsafe fn detach<F, T>(packet: *mut Packet<F, T>, block: &Block) {
    // Release: what the handle's owner did to the thread's memory is seen by the thread that frees
    // it. Acquire: what the thread did is seen by the destructor of its result.
    let first =
        block.owner.compare_exchange(JOINABLE, DETACHED, Ordering::AcqRel, Ordering::Acquire);
    if first.is_err() {
        // SAFETY: as the caller says.
        drop(unsafe { take(packet, block) });
    }
}

/// Whether the thread is gone.
pub(super) fn is_gone(block: &Block) -> bool {
    block.tid.load(Ordering::Acquire) == 0
}

/// Waits until the kernel has cleared the word.
fn wait(tid: &AtomicU32) {
    loop {
        // Acquire: with the kernel's store at the thread's end, all that it did is seen.
        let running = tid.load(Ordering::Acquire);
        if running == 0 {
            return;
        }
        // The kernel's wake is not a private one (kernel/fork.c, mm_release, v6.18), so neither is
        // this wait. Whatever it returns, the word is looked at again.
        let woken = futex::wait(tid, futex::Flags::empty(), running, None);
        debug_assert!(
            matches!(woken, Ok(()) | Err(Errno::AGAIN | Errno::INTR)),
            "a word that is there"
        );
    }
}
