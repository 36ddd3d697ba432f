//! Threads that may borrow from their creator, which waits for them.
#![expect(unsafe_code, reason = "the scope promises what the compiler cannot see")]

use core::cell::UnsafeCell;
use core::marker::PhantomData;
use core::ptr;
use core::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

use alloc::boxed::Box;
use alloc::sync::Arc;
use rustix::io::Errno;

use super::meet::{self, Place};
use super::{Builder, JoinHandle};

/// Where threads can be made that end before it does.
#[derive(Debug)]
pub struct Scope<'scope, 'env: 'scope> {
    /// Threads that may still use what they borrowed.
    running: AtomicU32,
    /// The threads whose handles were dropped: the scope joins them.
    left: Left,
    borrows: PhantomData<&'scope mut &'scope ()>,
    lives: PhantomData<&'env mut &'env ()>,
}

/// The handle of a thread in a scope. Dropped, it leaves the thread for the scope to join.
#[derive(Debug)]
pub struct ScopedJoinHandle<'scope, T> {
    thread: Option<JoinHandle<()>>,
    result: Arc<Slot<T>>,
    left: &'scope Left,
}

/// Where a thread leaves its result.
#[derive(Debug)]
struct Slot<T>(UnsafeCell<Option<T>>);

// SAFETY: the thread writes before it ends, and its joiner reads after that.
unsafe impl<T: Send> Sync for Slot<T> {}

/// Runs `run`, which may make threads that borrow; returns when all of them are gone.
pub fn scope<'env, T>(run: impl for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> T) -> T {
    let scope = Scope {
        running: AtomicU32::new(0),
        left: Left::default(),
        borrows: PhantomData,
        lives: PhantomData,
    };
    let result = run(&scope);
    scope.wait();
    // No thread is left to drop a handle. To be gone is more than to have let go of what was
    // borrowed: their ends are in the ledger, and their memory is free.
    scope.left.join();
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
        Ok(ScopedJoinHandle { thread: Some(thread), result, left: &self.left })
    }

    /// Waits until no thread uses what it borrowed.
    fn wait(&self) {
        loop {
            // Acquire: what the threads did is seen.
            let running = self.running.load(Ordering::Acquire);
            if running == 0 {
                return;
            }
            meet::wait(&self.running, running, Place::Here);
        }
    }
}

/// One thread fewer. The last one wakes the scope.
fn leave(running: &AtomicU32) {
    // Release: what this thread did is seen by the scope's end. After it the scope may be gone, if
    // the thread's handle was forgotten: the address is the kernel's to look up, and a wake of
    // nobody does no harm.
    if running.fetch_sub(1, Ordering::Release) == 1 {
        meet::wake(running, Place::Here);
    }
}

impl<T> ScopedJoinHandle<'_, T> {
    /// The thread's number.
    pub fn tid(&self) -> u32 {
        self.thread.as_ref().map_or(0, JoinHandle::tid)
    }

    /// Waits until the thread is gone; what its closure returned.
    ///
    /// # Panics
    /// If it ended without returning: it called [`crate::sys::exit_thread`].
    pub fn join(mut self) -> T {
        if let Some(thread) = self.thread.take() {
            thread.join();
        }
        // SAFETY: the thread is gone, and this is its only handle.
        let result = unsafe { (*self.result.0.get()).take() };
        result.expect("a thread that returned")
    }
}

impl<T> Drop for ScopedJoinHandle<'_, T> {
    fn drop(&mut self) {
        if let Some(thread) = self.thread.take() {
            self.left.push(thread);
        }
    }
}

/// A heap of handles: many put one on it, and one takes them all.
#[derive(Debug, Default)]
struct Left(AtomicPtr<Node>);

#[derive(Debug)]
struct Node {
    thread: JoinHandle<()>,
    next: *mut Node,
}

impl Left {
    fn push(&self, thread: JoinHandle<()>) {
        let node = Box::into_raw(Box::new(Node { thread, next: ptr::null_mut() }));
        let mut first = self.0.load(Ordering::Relaxed);
        loop {
            // SAFETY: nobody else knows of the node yet.
            unsafe { (*node).next = first };
            // Release: whoever takes the node sees what is in it.
            match self.0.compare_exchange_weak(first, node, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return,
                Err(other) => first = other,
            }
        }
    }

    /// Joins all.
    fn join(&self) {
        // Acquire: as above.
        let mut next = self.0.swap(ptr::null_mut(), Ordering::Acquire);
        while !next.is_null() {
            // SAFETY: it was made by `push` of a box, and taken off the heap by this swap alone.
            let node = unsafe { Box::from_raw(next) };
            next = node.next;
            node.thread.finish();
        }
    }
}
