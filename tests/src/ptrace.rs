//! The registers of a thread that is stopped for us (`ptrace`).
#![expect(unsafe_code, reason = "a system call that no crate here has")]

use std::io;
use std::ptr::null_mut;

use crate::wait::wait_until;

/// A thread that is stopped until this is dropped.
#[derive(Debug)]
pub struct Stopped(i32);

impl Stopped {
    /// Stops a thread.
    ///
    /// # Errors
    /// Those of the call: it may be forbidden here.
    ///
    /// # Panics
    /// If it does not stop.
    pub fn new(tid: u32) -> io::Result<Self> {
        let tid = i32::try_from(tid).map_err(io::Error::other)?;
        // SAFETY: the call reads and writes no memory of this process.
        let seized =
            unsafe { libc::ptrace(libc::PTRACE_SEIZE, tid, null_mut::<u8>(), null_mut::<u8>()) };
        if seized != 0 {
            return Err(io::Error::last_os_error());
        }
        let stopped = Self(tid);
        // SAFETY: as above.
        let told = unsafe {
            libc::ptrace(libc::PTRACE_INTERRUPT, tid, null_mut::<u8>(), null_mut::<u8>())
        };
        if told != 0 {
            return Err(io::Error::last_os_error());
        }
        wait_until("the thread stops", || {
            // SAFETY: no status is asked for.
            unsafe { libc::waitpid(tid, null_mut(), libc::__WALL | libc::WNOHANG) == tid }
        });
        Ok(stopped)
    }

    /// Its registers by name, in the order that the kernel has them.
    ///
    /// # Errors
    /// Those of the call.
    #[cfg(target_arch = "x86_64")]
    pub fn registers(&self) -> io::Result<[(&'static str, u64); 23]> {
        // SAFETY: it is a struct of integers.
        let mut all: libc::user_regs_struct = unsafe { std::mem::zeroed() };
        let to = (&raw mut all).cast::<u8>();
        // SAFETY: the call writes one such struct to where it is told.
        let got = unsafe { libc::ptrace(libc::PTRACE_GETREGS, self.0, null_mut::<u8>(), to) };
        if got != 0 {
            return Err(io::Error::last_os_error());
        }
        Ok([
            ("r15", all.r15),
            ("r14", all.r14),
            ("r13", all.r13),
            ("r12", all.r12),
            ("rbp", all.rbp),
            ("rbx", all.rbx),
            ("r11", all.r11),
            ("r10", all.r10),
            ("r9", all.r9),
            ("r8", all.r8),
            ("rax", all.rax),
            ("rcx", all.rcx),
            ("rdx", all.rdx),
            ("rsi", all.rsi),
            ("rdi", all.rdi),
            ("orig_rax", all.orig_rax),
            ("rip", all.rip),
            ("cs", all.cs),
            ("eflags", all.eflags),
            ("rsp", all.rsp),
            ("ss", all.ss),
            ("fs_base", all.fs_base),
            ("gs_base", all.gs_base),
        ])
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        // SAFETY: the call reads and writes no memory of this process.
        unsafe { libc::ptrace(libc::PTRACE_DETACH, self.0, null_mut::<u8>(), null_mut::<u8>()) };
    }
}
