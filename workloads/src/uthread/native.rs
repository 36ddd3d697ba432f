//! One to one: each user thread has a kernel thread of its own, and the kernel does the rest.
//!
//! There is nothing to switch, so there are no switches. Who parks sleeps on a futex, who yields
//! asks the kernel to, who sleeps does so in the kernel.
#![expect(unsafe_code, reason = "a user thread's life ends with its kernel thread's")]

use alloc::format;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::Ordering::Acquire;
use core::time::Duration;

use rustix::io::Errno;

use super::carrier::{Carried, Carrier};
use super::count::bump;
use super::fiber::{Body, Fiber, Handle, Live};
use super::parking::PARKED;
use super::probe;
use super::runtime::Runtime;
use crate::futex::{self, Scope};
use crate::sync::Mutex;
use crate::{clock, thread};

/// The kernel threads of a run.
#[derive(Debug)]
pub(super) struct Natives {
    /// What those did that have ended.
    carried: Mutex<Vec<Carried>>,
    /// Those that nobody else will join.
    loose: Mutex<Vec<thread::JoinHandle<()>>>,
}

impl Natives {
    /// None.
    pub(super) fn new() -> Self {
        Self { carried: Mutex::new(Vec::new()), loose: Mutex::new(Vec::new()) }
    }

    /// Nobody has joined this one: the run's end will.
    pub(super) fn leave(&self, thread: thread::JoinHandle<()>) {
        self.loose.lock().push(thread);
    }
}

/// Makes a user thread and its kernel thread.
///
/// # Errors
/// Those of [`thread::Builder::spawn`].
pub(super) fn spawn(
    runtime: &Arc<Runtime>,
    body: Body,
) -> Result<(Handle, thread::JoinHandle<()>), Errno> {
    let (handle, live) = runtime.make(body, None);
    let builder = thread::Builder::new().name(&format!("uthread/{}", live.id));
    // Before it runs, so that no tracer sees it run before it is made.
    if let Some(here) = Carrier::here() {
        bump(&here.tally.spawns);
        probe::spawn(here.current().map_or(0, |by| by.id), live.id, here.tid);
    } else {
        runtime.outside.lock().spawns += 1;
        probe::spawn(0, live.id, thread::tid());
    }
    match builder.stack(runtime.stack).spawn(move || carry(live)) {
        Ok(thread) => Ok((handle, thread)),
        Err(error) => {
            // SAFETY: it has no stack, and there is no other use of it.
            drop(unsafe { live.end() });
            runtime.ended();
            Err(error)
        }
    }
}

/// The life of a kernel thread.
fn carry(live: Live) {
    let runtime = Arc::clone(&live.runtime);
    let carried = Carrier::with(Arc::clone(&runtime), 0, Some(live), |here| {
        // SAFETY: this is the thread itself.
        let body = unsafe { live.take_body() };
        if let Some(body) = body {
            body();
        }
        bump(&here.tally.exits);
        probe::exit(live.id, 0, here.tid);
    });
    runtime.natives.carried.lock().push(carried);
    // SAFETY: it has no stack of its own, and there is no other use of it.
    drop(unsafe { live.end() });
    runtime.ended();
}

/// Runs `body` as the first; returns when all have ended.
pub(super) fn run(runtime: &Arc<Runtime>, body: Body) -> Result<Vec<Carried>, Errno> {
    let (_, first) = spawn(runtime, body)?;
    runtime.wait();
    first.join();
    // All have ended, so none is left behind from here on.
    let loose = core::mem::take(&mut *runtime.natives.loose.lock());
    loose.into_iter().for_each(thread::JoinHandle::join);
    Ok(core::mem::take(&mut *runtime.natives.carried.lock()))
}

/// `fiber`, which is the caller, has said that it parks.
pub(super) fn park(here: &Carrier, fiber: &Fiber) {
    probe::park(fiber.id, 0, here.tid);
    if fiber.parking.commit() {
        let word = fiber.parking.word();
        // Acquire: see what was done before the wake.
        while word.load(Acquire) == PARKED {
            futex::wait_while(word, PARKED, Scope::Private, None);
        }
    }
}

/// The park of `fiber` has been ended.
pub(super) fn resume(fiber: &Fiber) {
    futex::wake(fiber.parking.word(), 1, Scope::Private);
}

/// The caller sleeps; its kernel thread does.
pub(super) fn sleep(here: &Carrier, id: u32, time: Duration) {
    bump(&here.tally.parks);
    probe::park(id, 0, here.tid);
    clock::sleep(time);
    bump(&here.tally.unparks);
    probe::unpark(0, id, here.tid);
}

/// Lets another one run, if the kernel has one for this CPU.
pub(super) fn yield_now(here: &Carrier) {
    bump(&here.tally.yields);
    rustix::thread::sched_yield();
}
