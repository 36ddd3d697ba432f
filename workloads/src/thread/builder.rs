//! How a thread is made.
#![expect(unsafe_code, reason = "a new thread shares its creator's memory")]

use alloc::string::{String, ToString as _};
use alloc::sync::Arc;
use core::ffi::CStr;
use core::sync::atomic::{AtomicU32, Ordering};

use rustix::io::Errno;
use rustix::thread::{CpuSet, sched_setaffinity, set_name};

use super::handle::JoinHandle;
use super::meet::{self, Place};
use super::{STACK, life};
use crate::clone::{self, Call, Flags, Way};
use crate::stack::Stack;
use crate::sys;

/// A thread before its birth.
#[derive(Debug, Default)]
pub struct Builder {
    name: Option<String>,
    stack: Option<Room>,
    cpus: Option<CpuSet>,
}

/// Where a thread's stack comes from.
#[derive(Debug)]
enum Room {
    /// A new one of so many bytes.
    New(usize),
    /// It is there already.
    Given(Stack),
}

impl Builder {
    /// With the usual stack, on any CPU, called as its creator.
    pub fn new() -> Self {
        Self::default()
    }

    /// Called so; the kernel keeps 15 bytes.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        self.name = Some(name.to_string());
        self
    }

    /// With at least so many bytes of stack, its closure and its own block among them.
    #[must_use]
    pub fn stack(mut self, bytes: usize) -> Self {
        self.stack = Some(Room::New(bytes));
        self
    }

    /// On this stack, which goes with it.
    #[must_use]
    pub fn on(mut self, stack: Stack) -> Self {
        self.stack = Some(Room::Given(stack));
        self
    }

    /// On these CPUs alone, before its closure runs. The creator waits for that.
    #[must_use]
    pub fn cpus(mut self, cpus: CpuSet) -> Self {
        self.cpus = Some(cpus);
        self
    }

    /// Makes it.
    ///
    /// # Errors
    /// `EINVAL` for a stack that is too small, and for CPUs of which it may use none; those of
    /// `mmap` and `clone3`. `ENOSYS` beside a libc.
    pub fn spawn<T: Send + 'static>(
        self,
        run: impl FnOnce() -> T + Send + 'static,
    ) -> Result<JoinHandle<T>, Errno> {
        // SAFETY: what the closure borrows and what it returns live for ever.
        unsafe { self.spawn_unchecked(run) }
    }

    /// Makes it, whatever its closure borrows.
    ///
    /// # Safety
    /// What the closure borrows outlives the thread.
    pub(super) unsafe fn spawn_unchecked<T: Send, F: FnOnce() -> T + Send>(
        mut self,
        run: F,
    ) -> Result<JoinHandle<T>, Errno> {
        let Some(cpus) = self.cpus.take() else {
            // SAFETY: as the caller says.
            return unsafe { self.make(run) };
        };
        let pinned = Arc::new(Pinned::default());
        let told = Arc::clone(&pinned);
        let body = move || {
            let error = sched_setaffinity(None, &cpus).err();
            told.tell(error);
            drop(told);
            if error.is_some() {
                // Its creator returns the error, and nobody sees this thread.
                drop(run);
                sys::exit_thread(0);
            }
            run()
        };
        // SAFETY: as the caller says.
        let thread = unsafe { self.make(body) }?;
        match pinned.wait() {
            None => Ok(thread),
            Some(error) => {
                thread.finish();
                Err(error)
            }
        }
    }

    /// Makes it, wherever it runs.
    ///
    /// # Safety
    /// What the closure borrows outlives the thread.
    unsafe fn make<T: Send, F: FnOnce() -> T + Send>(self, run: F) -> Result<JoinHandle<T>, Errno> {
        let Self { name, stack, .. } = self;
        let stack = match stack {
            Some(Room::Given(stack)) => stack,
            Some(Room::New(bytes)) => Stack::reused(bytes)?,
            None => Stack::reused(STACK)?,
        };
        let entry = clone::announce(Flags::OF_THREAD, 0);
        if let (Some(entry), Some(name)) = (entry, &name) {
            entry.called(name);
        }
        let body = move || {
            if let Some(name) = name {
                rename(&name);
            }
            run()
        };
        let prepared = life::prepare(stack, body)?;
        prepared.block.set_entry(entry);
        // SAFETY: what the flags share is safe to share: the closure is `Send`, and the caller
        // answers for what it borrows.
        let thread = unsafe { life::make(prepared, &mut call()) }?;
        if let Some(entry) = entry {
            entry.numbered(thread.tid());
        }
        Ok(thread)
    }
}

/// The call that makes a thread.
fn call() -> Call {
    Call {
        way: Way::Clone3,
        flags: Flags::OF_THREAD,
        exit_signal: 0,
        stack: None,
        tls: 0,
        parent_tid: 0,
        child_tid: 0,
        pidfd: 0,
        set_tid: None,
        cgroup: 0,
    }
}

/// Calls the calling thread so.
fn rename(name: &str) {
    let mut text = [0; 16];
    for (place, byte) in text.iter_mut().take(15).zip(name.bytes()) {
        *place = byte;
    }
    if let Ok(name) = CStr::from_bytes_until_nul(&text) {
        let named = set_name(name);
        debug_assert!(named.is_ok(), "the kernel takes every name of 15 bytes");
    }
}

/// What a thread tells its creator of its CPUs: 0 is nothing yet, 1 is well, more is an error.
#[derive(Debug, Default)]
struct Pinned(AtomicU32);

impl Pinned {
    const WELL: u32 = 1;

    fn tell(&self, error: Option<Errno>) {
        let error = error.map_or(0, |error| error.raw_os_error().cast_unsigned());
        // The word is all there is to see: no order is needed.
        self.0.store(Self::WELL + error, Ordering::Relaxed);
        meet::wake(&self.0, Place::Here);
    }

    fn wait(&self) -> Option<Errno> {
        loop {
            match self.0.load(Ordering::Relaxed) {
                0 => {
                    meet::wait(&self.0, 0, Place::Here);
                }
                Self::WELL => return None,
                error => {
                    let error = (error - Self::WELL).cast_signed();
                    return Some(Errno::from_raw_os_error(error));
                }
            }
        }
    }
}
