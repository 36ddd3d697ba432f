//! How a thread is made.
#![expect(unsafe_code, reason = "a new task shares its creator's memory")]

use alloc::string::{String, ToString as _};

use linux_raw_sys::general as raw;
use rustix::io::Errno;
use rustix::thread::CpuSet;

use super::handle::JoinHandle;
use super::life::{self, Prepared};
use super::{STACK, tid};
use crate::{arch, ledger, sys};

/// What a thread shares with its creator, and what the kernel is to do with its words:
///
/// | Flag | |
/// | --- | --- |
/// | `VM` | the address space |
/// | `FS` | root, working directory and umask |
/// | `FILES` | the table of file descriptors |
/// | `SIGHAND` | the handlers of signals |
/// | `THREAD` | the thread group: one pid, and signals to it |
/// | `SYSVSEM` | the undo list of System V semaphores |
/// | `SETTLS` | its thread pointer is given |
/// | `PARENT_SETTID` | its number is written before it runs |
/// | `CHILD_CLEARTID` | the number is cleared, and its joiner woken, when it is gone |
const FLAGS: u64 = (raw::CLONE_VM
    | raw::CLONE_FS
    | raw::CLONE_FILES
    | raw::CLONE_SIGHAND
    | raw::CLONE_THREAD
    | raw::CLONE_SYSVSEM
    | raw::CLONE_SETTLS
    | raw::CLONE_PARENT_SETTID
    | raw::CLONE_CHILD_CLEARTID) as u64;

/// A thread before its birth.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    name: Option<String>,
    stack: Option<usize>,
    cpus: Option<CpuSet>,
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
        self.stack = Some(bytes);
        self
    }

    /// On these CPUs alone, before its closure runs.
    #[must_use]
    pub fn cpus(mut self, cpus: CpuSet) -> Self {
        self.cpus = Some(cpus);
        self
    }

    /// Makes it.
    ///
    /// # Errors
    /// `EINVAL` for a stack that is too small, and those of `mmap`, `clone3` and, before the thread
    /// is made, of a CPU set without a CPU of this machine (`EINVAL`).
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
        self,
        run: F,
    ) -> Result<JoinHandle<T>, Errno> {
        let Self { name, stack, cpus } = self;
        if let Some(cpus) = &cpus {
            can_run_on(cpus)?;
        }
        let entry = ledger::claim();
        if let (Some(entry), Some(name)) = (entry, &name) {
            entry.called(name);
        }
        let run = move || {
            settle(name.as_deref(), cpus.as_ref());
            drop(name);
            run()
        };
        let Prepared { stack, packet, block } = life::prepare(stack.unwrap_or(STACK), run)?;
        if let Some(entry) = entry {
            let pid = rustix::process::getpid().as_raw_nonzero().get().cast_unsigned();
            let parent = rustix::process::getppid().map_or(0, |pid| pid.as_raw_nonzero().get());
            entry.made(tid(), parent.cast_unsigned(), FLAGS);
            entry.is(0, pid);
        }
        block.set_entry(entry);
        // SAFETY: the stack is the new thread's alone, and what its flags share is safe to share:
        // the closure is `Send`, and the caller answers for what it borrows.
        unsafe { make(stack, packet, block) }
    }
}

/// Makes the task.
///
/// # Safety
/// The packet lies at the top of the stack, with the block above it; what the closure borrows
/// outlives the thread.
unsafe fn make<F: FnOnce() -> T, T>(
    stack: crate::stack::Stack,
    packet: *mut life::Packet<F, T>,
    block: &'static super::Block,
) -> Result<JoinHandle<T>, Errno> {
    let bottom = stack.bottom();
    let arguments = raw::clone_args {
        flags: FLAGS,
        pidfd: 0,
        child_tid: block.tid.as_ptr().addr() as u64,
        parent_tid: block.tid.as_ptr().addr() as u64,
        exit_signal: 0,
        stack: bottom.addr() as u64,
        stack_size: (packet.addr() - bottom.addr()) as u64,
        tls: block.bind().addr() as u64,
        set_tid: 0,
        set_tid_size: 0,
        cgroup: 0,
    };
    if let Some(entry) = block.entry() {
        entry.given(arguments.stack, arguments.tls);
    }
    let (base, length) = stack.into_parts();
    block.base.store(base, core::sync::atomic::Ordering::Relaxed);
    block.length.store(length, core::sync::atomic::Ordering::Relaxed);
    // SAFETY: the stack is free and aligned: it ends where the packet begins.
    let made = unsafe {
        arch::clone3_on_stack(
            (&raw const arguments).cast(),
            size_of_val(&arguments),
            life::begin::<F, T>,
            packet.cast(),
        )
    };
    match sys::check(made) {
        Ok(tid) => {
            if let Some(entry) = block.entry() {
                entry.numbered(tid as u32);
            }
            Ok(JoinHandle::new(packet, block, tid as u32))
        }
        Err(error) => {
            // SAFETY: there is no thread: the packet is still ours, and is dropped once.
            unsafe { core::ptr::drop_in_place(packet) };
            // SAFETY: as above; the mapping is unmapped with all that is in it.
            drop(unsafe { crate::stack::Stack::from_parts(base, length) });
            Err(error)
        }
    }
}

/// What a thread does before its closure runs.
fn settle(name: Option<&str>, cpus: Option<&CpuSet>) {
    if let Some(name) = name {
        let mut text = [0; 16];
        for (place, byte) in text.iter_mut().take(15).zip(name.bytes()) {
            *place = byte;
        }
        if let Ok(name) = core::ffi::CStr::from_bytes_until_nul(&text) {
            let named = rustix::thread::set_name(name);
            debug_assert!(named.is_ok(), "the kernel takes every name of 15 bytes");
        }
    }
    if let Some(cpus) = cpus {
        let moved = rustix::thread::sched_setaffinity(None, cpus);
        debug_assert!(moved.is_ok(), "looked at by the creator");
    }
}

/// Looks whether a task of ours may run on one of them.
fn can_run_on(cpus: &CpuSet) -> Result<(), Errno> {
    let mine = rustix::thread::sched_getaffinity(None)?;
    let any = (0..CpuSet::MAX_CPU).any(|cpu| cpus.is_set(cpu) && mine.is_set(cpu));
    if any { Ok(()) } else { Err(Errno::INVAL) }
}
