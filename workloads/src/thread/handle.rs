//! The handle of a thread: to join it or to let it go.
#![expect(unsafe_code, reason = "the thread's memory is shared with it until it is gone")]

use core::fmt;
use core::mem::ManuallyDrop;

use super::Block;
use super::life::{self, Packet};

/// The owner of a running thread, which is detached if the handle is dropped.
pub struct JoinHandle<T> {
    packet: *mut u8,
    block: &'static Block,
    tid: u32,
    /// [`life::take`] and [`life::detach`] for the closure's type, which the handle forgets.
    take: unsafe fn(*mut u8, &Block) -> Option<T>,
    detach: unsafe fn(*mut u8, &Block),
}

// SAFETY: it owns the thread's result, and nothing else that could be tied to a thread.
unsafe impl<T: Send> Send for JoinHandle<T> {}
// SAFETY: a shared handle shows the thread's number and whether it is gone.
unsafe impl<T> Sync for JoinHandle<T> {}

impl<T> JoinHandle<T> {
    pub(super) fn new<F>(packet: *mut Packet<F, T>, block: &'static Block, tid: u32) -> Self {
        Self { packet: packet.cast(), block, tid, take: take::<F, T>, detach: detach::<F, T> }
    }

    /// The thread's number. It may be another's by now, if the thread has ended.
    pub fn tid(&self) -> u32 {
        self.tid
    }

    /// Whether the thread is gone.
    pub fn is_finished(&self) -> bool {
        life::is_gone(self.block)
    }

    /// Waits until the thread is gone; what its closure returned.
    ///
    /// # Panics
    /// If it ended without returning: it called [`crate::sys::exit_thread`].
    pub fn join(self) -> T {
        self.finish().expect("a thread that returned")
    }

    /// Waits until the thread is gone; what its closure returned, if it did.
    pub fn finish(self) -> Option<T> {
        let this = ManuallyDrop::new(self);
        // SAFETY: the handle is given up here, once.
        unsafe { (this.take)(this.packet, this.block) }
    }

    /// Lets the thread go: it frees its own memory when it ends.
    pub fn detach(self) {
        drop(self);
    }
}

impl<T> Drop for JoinHandle<T> {
    fn drop(&mut self) {
        // SAFETY: the handle is given up here, once.
        unsafe { (self.detach)(self.packet, self.block) };
    }
}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinHandle").field("tid", &self.tid).finish_non_exhaustive()
    }
}

unsafe fn take<F, T>(packet: *mut u8, block: &Block) -> Option<T> {
    // SAFETY: the handle was made for this packet, and its caller gives it up.
    unsafe { life::take(packet.cast::<Packet<F, T>>(), block) }
}

unsafe fn detach<F, T>(packet: *mut u8, block: &Block) {
    // SAFETY: as above.
    unsafe { life::detach(packet.cast::<Packet<F, T>>(), block) }
}
