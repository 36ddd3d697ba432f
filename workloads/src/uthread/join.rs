//! What a user thread returns, and who waits for it.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;
use core::mem;

use super::fiber::{Body, Handle};
use crate::sync::Mutex;
use crate::thread;

/// Where a user thread leaves its value.
pub(super) struct Packet<T>(Arc<Mutex<Slot<T>>>);

/// What is there.
enum Slot<T> {
    /// Nothing: it runs.
    Running,
    /// Nothing, and somebody waits.
    Waited(Handle),
    /// The value.
    Done(T),
    /// Nothing any more.
    Taken,
}

impl<T> Packet<T> {
    /// The value, if it is there; it is taken by this.
    pub(super) fn take(&self) -> Option<T> {
        let mut slot = self.0.lock();
        match mem::replace(&mut *slot, Slot::Taken) {
            Slot::Done(value) => Some(value),
            other => {
                *slot = other;
                None
            }
        }
    }

    /// Leaves word that somebody waits; false if the value is there.
    fn wait(&self, waiter: Handle) -> bool {
        let mut slot = self.0.lock();
        let runs = matches!(*slot, Slot::Running);
        if runs {
            *slot = Slot::Waited(waiter);
        }
        runs
    }

    fn put(&self, value: T) {
        let before = mem::replace(&mut *self.0.lock(), Slot::Done(value));
        if let Slot::Waited(waiter) = before {
            waiter.grant();
        }
    }
}

/// What a user thread is to do, and where its value will be.
pub(super) fn packet<T: Send + 'static>(
    run: impl FnOnce() -> T + Send + 'static,
) -> (Packet<T>, Body) {
    let slot = Arc::new(Mutex::new(Slot::Running));
    let packet = Packet(Arc::clone(&slot));
    (packet, Box::new(move || Packet(slot).put(run())))
}

/// The owner of a user thread's value. Dropped, it lets the thread go.
pub struct JoinHandle<T> {
    packet: Packet<T>,
    handle: Handle,
    /// One to one: its kernel thread.
    native: Option<thread::JoinHandle<()>>,
}

impl<T> JoinHandle<T> {
    pub(super) fn new(
        packet: Packet<T>,
        handle: Handle,
        native: Option<thread::JoinHandle<()>>,
    ) -> Self {
        Self { packet, handle, native }
    }

    /// The user thread, to be woken.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Waits until the thread has ended; what it returned. The calling user thread waits, not its
    /// carrier.
    ///
    /// # Panics
    /// If the caller is no user thread.
    pub fn join(mut self) -> T {
        let me = super::me();
        if self.packet.wait(Handle::of(me)) {
            me.wait();
        }
        if let Some(native) = self.native.take() {
            native.join();
        }
        self.packet.take().expect("a user thread that has ended")
    }
}

impl<T> Drop for JoinHandle<T> {
    fn drop(&mut self) {
        if let Some(native) = self.native.take() {
            self.handle.runtime().natives.leave(native);
        }
    }
}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinHandle").field("handle", &self.handle).finish_non_exhaustive()
    }
}
