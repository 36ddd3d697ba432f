//! Threads that may borrow from their creator, which waits for them.
#![expect(unsafe_code, reason = "the scope promises what the compiler cannot see")]

use core::cell::UnsafeCell;
use core::marker::PhantomData;
use core::sync::atomic::{AtomicU32, Ordering};

use alloc::sync::Arc;
use rustix::io::Errno;
use rustix::thread::futex;

use super::{Builder, JoinHandle};

/// Where threads can be made that end before it does.
#[derive(Debug)]
pub struct Scope<'scope, 'env: 'scope> {
    /// Threads that may still use what they borrowed.
    running: AtomicU32,
    scope: PhantomData<&'scope mut &'scope ()>,
    env: PhantomData<&'env mut &'env ()>,
}

/// The handle of a thread in a scope. Dropped, it lets the thread go; the scope waits all the same.
#[derive(Debug)]
pub struct ScopedJoinHandle<'scope, T> {
    thread: JoinHandle<()>,
    result: Arc<Slot<T>>,
    scope: PhantomData<&'scope ()>,
}

/// Where a thread leaves its result.
#[derive(Debug)]
struct Slot<T>(UnsafeCell<Option<T>>);

// SAFETY: the thread writes before it ends, and its joiner reads after that.
unsafe impl<T: Send> Sync for Slot<T> {}

/// Runs `run`, which may make threads that borrow; returns when all of them have let go of it.
pub fn scope<'env, T>(run: impl for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> T) -> T {
    let scope = Scope { running: AtomicU32::new(0), scope: PhantomData, env: PhantomData };
    let result = run(&scope);
    scope.wait();
    result
}

impl<'scope> Scope<'scope, '_> {
    /// Runs `run` in a new thread.
    ///
    /// # Errors
    /// As [`Builder::spawn`].
    pub fn spawn<T: Send + 'scope>(
        &'scope self,
        run: impl FnOnce() -> T + Send + 'scope,
    ) -> Result<ScopedJoinHandle<'scope, T>, Errno> {
        self.spawn_with(Builder::new(), run)
    }

    /// Runs `run` in a new thread made to order.
    ///
    /// # Errors
    /// As [`Builder::spawn`].
    pub fn spawn_with<T: Send + 'scope>(
        &'scope self,
        builder: Builder,
        run: impl FnOnce() -> T + Send + 'scope,
    ) -> Result<ScopedJoinHandle<'scope, T>, Errno> {
        let result = Arc::new(Slot(UnsafeCell::new(None)));
        let slot = Arc::clone(&result);
        let running = &self.running;
        running.fetch_add(1, Ordering::Relaxed);
        let body = move || {
            let value = run();
            // SAFETY: nobody reads before this thread has ended.
            unsafe { *slot.0.get() = Some(value) };
            // If the handle is gone, the result is dropped here, while what it borrows is there.
            drop(slot);
            leave(running);
        };
        // SAFETY: the scope does not end before the thread has left it.
        let thread = unsafe { builder.spawn_unchecked(body) };
        let thread = thread.inspect_err(|_| leave(running))?;
        Ok(ScopedJoinHandle { thread, result, scope: PhantomData })
    }

    /// Waits until no thread uses what it borrowed.
    fn wait(&self) {
        loop {
            // Acquire: what the threads did is seen.
            let running = self.running.load(Ordering::Acquire);
            if running == 0 {
                return;
            }
            let woken = futex::wait(&self.running, futex::Flags::PRIVATE, running, None);
            debug_assert!(
                matches!(woken, Ok(()) | Err(Errno::AGAIN | Errno::INTR)),
                "a word that is there"
            );
        }
    }
}

/// One thread fewer. The last one wakes the scope.
fn leave(running: &AtomicU32) {
    // Release: what this thread did is seen by the scope's end. After it the scope may be gone: the
    // address is the kernel's to look up, and a wake of nobody does no harm.
    if running.fetch_sub(1, Ordering::Release) == 1 {
        let woken = futex::wake(running, futex::Flags::PRIVATE, 1);
        debug_assert!(woken.is_ok(), "an address of our own");
    }
}

impl<T> ScopedJoinHandle<'_, T> {
    /// The thread's number.
    pub fn tid(&self) -> u32 {
        self.thread.tid()
    }

    /// Waits until the thread is gone; what its closure returned.
    ///
    /// # Panics
    /// If it ended without returning: it called [`crate::sys::exit_thread`].
    pub fn join(self) -> T {
        self.thread.join();
        // SAFETY: the thread is gone, and this is its only handle.
        let result = unsafe { (*self.result.0.get()).take() };
        result.expect("a thread that returned")
    }
}
