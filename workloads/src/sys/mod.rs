//! The system calls that neither std nor rustix offers.
#![expect(unsafe_code, reason = "fork and the end of one thread have no safe form")]

use std::io;

/// Where a fork returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fork {
    /// In the child.
    Child,
    /// In the parent; the child's process id.
    Parent(u32),
}

/// Forks. Only for processes with a single thread: a lock that another holds stays locked in the
/// child for ever.
///
/// # Errors
/// Those of `fork`.
///
/// # Panics
/// If the process has another thread.
pub fn fork() -> io::Result<Fork> {
    let threads = std::fs::read_dir("/proc/self/task")?.count();
    assert_eq!(threads, 1, "fork with other threads");
    // SAFETY: this process has no other thread, so the child may do whatever the parent may.
    let pid = unsafe { libc::fork() };
    match u32::try_from(pid) {
        Ok(0) => Ok(Fork::Child),
        Ok(pid) => Ok(Fork::Parent(pid)),
        Err(_negative) => Err(io::Error::last_os_error()),
    }
}

/// Ends this thread alone, behind the back of the C library. Its destructors do not run, and its
/// stack is never freed.
pub fn exit_thread(code: u8) -> ! {
    loop {
        // SAFETY: what this thread borrowed or holds is leaked; nobody else has a claim to its
        // stack, which stays mapped.
        unsafe { libc::syscall(libc::SYS_exit, libc::c_long::from(code)) };
    }
}

/// Ends this process without its destructors and exit handlers, as a forked child should.
pub fn exit_process(code: u8) -> ! {
    // SAFETY: ends the process, and has no other effect.
    unsafe { libc::_exit(libc::c_int::from(code)) }
}
