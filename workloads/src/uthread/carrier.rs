//! A kernel thread that carries user threads: its run queue, its switches, its loop.
//!
//! A switch goes from one user thread's stack straight to the next one's; to the carrier's own
//! stack only if there is nobody to go on. What is to become of the thread that was left is done
//! after the switch, by whoever runs then, on another stack: before that it could be found in a
//! queue and be run by a thief while its registers are still being saved.
#![expect(unsafe_code, reason = "a switch leaves one stack for another")]

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell, UnsafeCell};
use core::ptr::{self, NonNull};
use core::sync::atomic::Ordering::Relaxed;

use rustix::io::Errno;

use super::count::{Counts, Tally, bump};
use super::fiber::{Body, Fiber, Handle, Live};
use super::runtime::{Model, Runtime};
use super::{native, probe};
use crate::stack::Stack;
use crate::{arch, thread};

/// The word of the thread's block that points to its [`Carrier`].
const SLOT: usize = 0;

/// Stacks that a carrier keeps to use again.
const STACKS: usize = 64;

/// A carrier. Its address is known to the thread itself alone.
#[derive(Debug)]
pub(super) struct Carrier {
    /// Its number among all, of its queue too.
    pub(super) index: usize,
    /// The number of its kernel thread.
    pub(super) tid: u32,
    pub(super) runtime: Arc<Runtime>,
    pub(super) tally: Tally,
    /// Who runs; nobody while its own loop does.
    current: Cell<Option<Live>>,
    /// Who was left by the last switch, and what is to become of it.
    left: Cell<(Option<Live>, Then)>,
    /// The stack pointer of its own loop while it is off it.
    saved: UnsafeCell<*mut u8>,
    stacks: RefCell<Vec<Stack>>,
    /// Counts the looks for the next one.
    pub(super) ticks: Cell<u32>,
}

/// What becomes of who was left.
#[derive(Clone, Copy, Debug)]
enum Then {
    /// Nothing: it was the carrier's loop.
    Nothing,
    /// It goes to the end of the run queue.
    Queue,
    /// It waits.
    Park,
    /// It has ended.
    End,
}

impl Carrier {
    /// Makes the calling kernel thread a carrier while `run` runs, with `current` as who runs
    /// there; what was counted.
    pub(super) fn with(
        runtime: Arc<Runtime>,
        index: usize,
        current: Option<Live>,
        run: impl FnOnce(&Self),
    ) -> Carried {
        let this = Self {
            index,
            tid: thread::tid(),
            runtime,
            tally: Tally::default(),
            current: Cell::new(current),
            left: Cell::new((None, Then::Nothing)),
            saved: UnsafeCell::new(ptr::null_mut()),
            stacks: RefCell::default(),
            ticks: Cell::new(0),
        };
        let slot = &thread::current().slots[SLOT];
        slot.store(ptr::from_ref(&this).expose_provenance(), Relaxed);
        run(&this);
        slot.store(0, Relaxed);
        Carried { tid: this.tid, counts: this.tally.counts() }
    }

    /// The calling thread's carrier. After a switch it may be another one: what this returns is
    /// good until then.
    pub(super) fn here<'a>() -> Option<&'a Self> {
        let address = thread::current().slots[SLOT].load(Relaxed);
        // SAFETY: it is null, or of a carrier that `with` keeps until no user thread is left on it.
        unsafe { ptr::with_exposed_provenance::<Self>(address).as_ref() }
    }

    /// Who runs here.
    pub(super) fn current(&self) -> Option<Live> {
        self.current.get()
    }

    fn id(&self) -> u32 {
        id(self.current.get())
    }

    /// `fiber`, which is the caller: waits for a wake, unless there was one.
    #[inline(never)]
    pub(super) fn block(fiber: &Fiber) {
        let Some(here) = Self::here() else { return };
        if fiber.parking.prepare() {
            bump(&here.tally.parks);
            if here.runtime.model == Model::OneToOne {
                return native::park(here, fiber);
            }
            let next = here.next();
            probe::park(fiber.id, id(next), here.tid);
            here.switch_to(next, Then::Park);
        }
    }

    /// The caller has ended a park of `fiber`, and counts that.
    pub(super) fn unparked(fiber: &Fiber) {
        if let Some(here) = Self::here() {
            bump(&here.tally.unparks);
            probe::unpark(here.id(), fiber.id, here.tid);
        } else {
            fiber.runtime.outside.lock().unparks += 1;
            probe::unpark(0, fiber.id, thread::tid());
        }
    }

    /// Lets another one go on, if there is one.
    pub(super) fn yield_now(&self) {
        bump(&self.tally.yields);
        if let Some(next) = self.next() {
            self.switch_to(Some(next), Then::Queue);
        }
    }

    /// Makes a user thread, to run after those that can run already.
    ///
    /// # Errors
    /// Those of [`Stack::new`].
    pub(super) fn spawn(&self, body: Body) -> Result<Handle, Errno> {
        let cached = self.stacks.borrow_mut().pop();
        let stack = cached.map_or_else(|| Stack::new(self.runtime.stack), Ok)?;
        let (handle, live) = self.runtime.make(body, Some((stack, begin)));
        bump(&self.tally.spawns);
        probe::spawn(self.id(), live.id, self.tid);
        self.runtime.resume(live);
        Ok(handle)
    }

    /// The thread that runs here has done all: it never runs again.
    fn end(&self) -> ! {
        bump(&self.tally.exits);
        self.runtime.ended();
        let next = self.next();
        probe::exit(self.id(), id(next), self.tid);
        self.switch_to(next, Then::End);
        unreachable!("a user thread that has ended")
    }

    /// Leaves who runs here, or the carrier's loop, for `next` or the carrier's loop. Comes back
    /// when somebody switches to who was left, perhaps on another carrier.
    ///
    /// Never inlined: there is one place that calls the switch, so that the processor predicts its
    /// return right, and one place of the probe.
    #[inline(never)]
    fn switch_to(&self, next: Option<Live>, then: Then) {
        let from = self.current.replace(next);
        self.left.set((from, then));
        bump(&self.tally.switches);
        probe::switch(id(from), id(next), self.tid);
        let save = from.map_or(self.saved.get(), |from| from.saved());
        let to = next.map_or(self.saved.get(), |next| next.saved());
        // SAFETY: whoever has a `Live` in hand has it alone, and so its stack pointer; the loop's is
        // this carrier's.
        let to = unsafe { *to };
        // SAFETY: `next` is off its stack and nobody else can run it, as above; who was left is
        // given away only after this.
        unsafe { arch::switch_stack(save, to) };
        // `self` is the carrier of before.
        if let Some(here) = Self::here() {
            here.settle();
        }
    }

    /// What follows every switch: does what is to be done with who was left.
    fn settle(&self) {
        let (Some(left), then) = self.left.replace((None, Then::Nothing)) else { return };
        match then {
            Then::Nothing => {}
            Then::Queue => {
                self.enqueue(left);
                // A carrier may have looked while the queue was empty, between the two.
                self.runtime.idle.offer();
            }
            Then::Park => {
                if !left.parking.commit() {
                    self.runtime.resume(left);
                }
            }
            Then::End => {
                // SAFETY: it has been left for good.
                let stack = unsafe { left.end() };
                let mut stacks = self.stacks.borrow_mut();
                let room = stacks.len() < STACKS;
                stacks.extend(stack.filter(|_| room));
            }
        }
    }

    /// The carrier's loop switches to a user thread.
    pub(super) fn carry(&self, next: Live) {
        self.switch_to(Some(next), Then::Nothing);
    }
}

/// What a kernel thread did as a carrier.
#[derive(Clone, Copy, Debug)]
pub struct Carried {
    /// Its number.
    pub tid: u32,
    /// What it counted.
    pub counts: Counts,
}

/// The number that a probe shows.
#[inline]
fn id(fiber: Option<Live>) -> u32 {
    fiber.map_or(0, |fiber| fiber.id)
}

/// A user thread's first Rust, on its own stack.
///
/// # Safety
/// Switched to by a carrier, for which `word` is the fiber that now runs.
pub(super) unsafe extern "C" fn begin(word: *mut u8) -> ! {
    if let Some(here) = Carrier::here() {
        here.settle();
    }
    if let Some(fiber) = NonNull::new(word).map(NonNull::cast::<Fiber>) {
        // SAFETY: the fiber keeps itself alive.
        let fiber = unsafe { fiber.as_ref() };
        // SAFETY: this is the fiber itself.
        let body = unsafe { fiber.take_body() };
        if let Some(body) = body {
            body();
        }
    }
    match Carrier::here() {
        Some(here) => here.end(),
        None => unreachable!("a user thread runs on a carrier"),
    }
}
