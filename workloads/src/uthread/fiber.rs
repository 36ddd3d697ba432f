//! A user thread as the scheduler knows it: its stack, where it was left, and why it waits.
#![expect(unsafe_code, reason = "a thread's stack and its registers are bare memory")]

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::cell::UnsafeCell;
use core::fmt;
use core::ops::Deref;
use core::ptr::NonNull;
use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use super::carrier::Carrier;
use super::native;
use super::parking::{Parking, Wake};
use super::queue::Token;
use super::runtime::{Model, Runtime};
use crate::arch::{self, FRAME, Start};
use crate::shim::AtomicU32;
use crate::stack::Stack;

/// What a user thread does.
pub(super) type Body = Box<dyn FnOnce() + Send>;

/// A user thread.
pub(super) struct Fiber {
    /// Its number, from 1.
    pub(super) id: u32,
    pub(super) runtime: Arc<Runtime>,
    pub(super) parking: Parking,
    /// 1 if what it waits for has come.
    granted: AtomicU32,
    /// 1 if somebody unparked it since it last parked by [`super::park`].
    permit: AtomicU32,
    /// Its stack pointer while it is off its stack.
    saved: UnsafeCell<*mut u8>,
    /// None if a kernel thread of its own has one.
    stack: UnsafeCell<Option<Stack>>,
    /// Until it begins.
    body: UnsafeCell<Option<Body>>,
}

// SAFETY: `saved`, `stack` and `body` are the carrier's on which it runs, or which took it out of a
// queue: one at a time. All else can be shared.
unsafe impl Sync for Fiber {}
// SAFETY: as above; its body is `Send`, and so is what it owns.
unsafe impl Send for Fiber {}

impl Fiber {
    /// One that keeps itself alive until [`Live::end`]. With a stack, it begins there with `start`,
    /// which is given its address.
    pub(super) fn make(
        id: u32,
        runtime: Arc<Runtime>,
        body: Body,
        place: Option<(Stack, Start)>,
    ) -> (Handle, Live) {
        let fiber = Arc::new(Self {
            id,
            runtime,
            parking: Parking::new(),
            granted: AtomicU32::new(0),
            permit: AtomicU32::new(0),
            saved: UnsafeCell::new(core::ptr::null_mut()),
            stack: UnsafeCell::new(None),
            body: UnsafeCell::new(Some(body)),
        });
        let live = Live(NonNull::from(&*fiber));
        if let Some((stack, start)) = place {
            let frame: [usize; FRAME] = arch::first_frame(start, live.0.as_ptr().cast());
            #[expect(clippy::cast_ptr_alignment, reason = "a stack ends where a page does")]
            let top = stack.end().cast::<[usize; FRAME]>().wrapping_sub(1);
            // SAFETY: at the end of a stack that nobody uses yet, which has room and is aligned.
            unsafe { top.write(frame) };
            // SAFETY: nobody else knows of the thread yet.
            unsafe { *fiber.saved.get() = top.cast() };
            // SAFETY: as above.
            unsafe { *fiber.stack.get() = Some(stack) };
        }
        // Its own reference to itself: given up in `Live::end`.
        core::mem::forget(Arc::clone(&fiber));
        (Handle(fiber), live)
    }

    /// Where its stack pointer is while it is off its stack.
    pub(super) fn saved(&self) -> *mut *mut u8 {
        self.saved.get()
    }

    /// What it is to do, once.
    ///
    /// # Safety
    /// Called by itself alone.
    pub(super) unsafe fn take_body(&self) -> Option<Body> {
        // SAFETY: nobody else looks at it.
        unsafe { (*self.body.get()).take() }
    }

    /// Itself: waits for a grant.
    pub(super) fn wait(&self) {
        // Acquire: see what was done before the grant.
        while self.granted.load(Acquire) == 0 {
            Carrier::block(self);
        }
        // From 1 to 0: used up. There is one grant for each wait, so none is lost here.
        self.granted.store(0, Relaxed);
    }

    /// What it waits for has come. To be granted once for each wait.
    pub(super) fn grant(&self) {
        // From 0 to 1. Release: it sees what was done before.
        self.granted.store(1, Release);
        self.wake();
    }

    /// Itself: waits for a permit.
    pub(super) fn park(&self) {
        // From whatever to 0: used up. Acquire: see what was done before.
        while self.permit.swap(0, Acquire) == 0 {
            Carrier::block(self);
        }
    }

    fn wake(&self) {
        let wake = self.parking.wake();
        if wake != Wake::Noted {
            Carrier::unparked(self);
        }
        if wake != Wake::Ended {
            return;
        }
        if self.runtime.model == Model::OneToOne {
            native::resume(self);
        } else {
            // It has parked, so it has not ended, and nobody else makes it run.
            self.runtime.resume(Live(NonNull::from(self)));
        }
    }
}

impl fmt::Debug for Fiber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fiber").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Stands for a user thread that has not ended, for whoever makes it run: there is one at a time,
/// in a queue or a carrier's hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Live(NonNull<Fiber>);

// SAFETY: it stands for a shared owner, and a fiber can be shared.
unsafe impl Send for Live {}

impl Live {
    /// The thread has ended: its stack is to be used again, and its memory is let go.
    ///
    /// # Safety
    /// Nobody runs on its stack any more or ever will, and this is the last use of its `Live`.
    pub(super) unsafe fn end(self) -> Option<Stack> {
        // SAFETY: nobody runs there, so the stack is the caller's.
        let stack = unsafe { (*self.stack.get()).take() };
        // SAFETY: the reference that `make` forgot.
        drop(unsafe { Arc::from_raw(self.0.as_ptr()) });
        stack
    }
}

impl Token for Live {
    type Target = Fiber;

    fn into_raw(self) -> NonNull<Fiber> {
        self.0
    }

    unsafe fn from_raw(fiber: NonNull<Fiber>) -> Self {
        Self(fiber)
    }
}

impl Deref for Live {
    type Target = Fiber;

    fn deref(&self) -> &Fiber {
        // SAFETY: a thread that has not ended keeps itself alive.
        unsafe { self.0.as_ref() }
    }
}

/// A user thread, for others: to tell it apart and to wake it.
#[derive(Clone, Debug)]
pub struct Handle(Arc<Fiber>);

impl Handle {
    /// Of a thread that has not ended.
    pub(super) fn of(fiber: Live) -> Self {
        let fiber = fiber.0.as_ptr();
        // SAFETY: it came from an `Arc`, which the thread itself still has a reference to.
        unsafe { Arc::increment_strong_count(fiber) };
        // SAFETY: the reference just added.
        Self(unsafe { Arc::from_raw(fiber) })
    }

    /// Its number, from 1; each of a run has its own.
    pub fn id(&self) -> u32 {
        self.0.id
    }

    /// Lets it go on from [`super::park`], now or when it comes there. Anybody may call it, also
    /// who is no user thread.
    pub fn unpark(&self) {
        // From whatever to 1. Release: it sees what was done before.
        self.0.permit.swap(1, Release);
        self.0.wake();
    }

    /// What it waits for has come.
    pub(super) fn grant(&self) {
        self.0.grant();
    }

    /// The run it belongs to.
    pub(super) fn runtime(&self) -> &Runtime {
        &self.0.runtime
    }
}
