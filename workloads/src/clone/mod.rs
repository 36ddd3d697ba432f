//! Tasks made with any set of flags, by either system call.
//!
//! What a new task runs on follows from its flags:
//!
//! | Flags | Stack | Thread pointer |
//! | --- | --- | --- |
//! | no `VM` | a copy of its creator's, in a copy of the memory | its creator's, in the copy |
//! | `VM`, `VFORK` | its creator's, who is held meanwhile; its own, if asked for | its own |
//! | `VM` | its own | its own |
//!
//! The thread pointer is given with `SETTLS`, and set by the task's first instructions without.
//! Which sets the kernel refuses: [`rules`].

mod call;
mod cgroup;
mod flags;
mod lent;
pub mod rules;
pub mod sets;
pub mod trial;

use core::fmt;

use rustix::fd::{AsFd as _, AsRawFd as _, BorrowedFd, FromRawFd as _, OwnedFd};
use rustix::io::Errno;
use rustix::process::getppid;

pub(crate) use call::Call;
pub use flags::Flags;
pub(crate) use lent::Frame;

use crate::ledger::{self, Entry};
use crate::stack::Stack;
use crate::thread::{self, JoinHandle, current, life};

/// By which system call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Way {
    /// The old one: flags and exit signal in one word.
    Clone,
    /// The new one: a structure of arguments.
    #[default]
    Clone3,
}

/// A task before its birth.
#[derive(Clone, Debug)]
pub struct Builder<'fd> {
    flags: Flags,
    exit_signal: u8,
    way: Way,
    stack: Option<usize>,
    set_tid: Option<u32>,
    cgroup: Option<BorrowedFd<'fd>>,
}

/// A task that was made. Dropped, it is let go: its stack, if it has one of its own, is freed when
/// it ends; its exit status is for somebody else to take.
#[derive(Debug)]
pub struct Task {
    tid: u32,
    flags: Flags,
    entry: Option<&'static Entry>,
    pidfd: Option<OwnedFd>,
    /// The stack of its own.
    memory: Option<JoinHandle<()>>,
}

impl<'fd> Builder<'fd> {
    /// With these flags, by `clone3`. Its exit signal is SIGCHLD, but for a thread or a sibling,
    /// which has none of its own.
    pub fn new(flags: Flags) -> Self {
        let exit_signal = rules::usual_signal(flags);
        Self { flags, exit_signal, way: Way::Clone3, stack: None, set_tid: None, cgroup: None }
    }

    /// By this call.
    #[must_use]
    pub fn way(self, way: Way) -> Self {
        Self { way, ..self }
    }

    /// Its parent is sent this at its end; nothing, if it is 0.
    #[must_use]
    pub fn exit_signal(self, exit_signal: u8) -> Self {
        Self { exit_signal, ..self }
    }

    /// On a stack of its own, of so many bytes. It is for tasks with `VM`; without `VFORK` they get
    /// one of the usual size if none is asked for.
    #[must_use]
    pub fn stack(self, bytes: usize) -> Self {
        Self { stack: Some(bytes), ..self }
    }

    /// With this number, in the creator's pid namespace: `clone3` alone, with the right to.
    #[must_use]
    pub fn set_tid(self, tid: u32) -> Self {
        Self { set_tid: Some(tid), ..self }
    }

    /// In this cgroup, by a file descriptor of its folder in a cgroup2 file system: goes with
    /// `INTO_CGROUP`.
    #[must_use]
    pub fn cgroup(self, folder: BorrowedFd<'fd>) -> Self {
        Self { cgroup: Some(folder), ..self }
    }

    /// Makes it: it runs `run`, and ends with the code that this returns, a thread alone and a
    /// process as a whole.
    ///
    /// A task without `VM` begins with a copy of the memory, where the other threads' locks are as
    /// they were; the heap's is free.
    ///
    /// # Errors
    /// The kernel's for the set: `EINVAL` by the [`rules`], `EPERM` without the rights that
    /// namespaces and [`Builder::set_tid`] ask for, `EEXIST` for a number that is taken, `EAGAIN`
    /// where there may be no more tasks, `EBADF` for `INTO_CGROUP` without a folder; those of `mmap`;
    /// and `EINVAL` without asking the kernel for a stack of its own without `VM`, or a smaller one
    /// than the closure needs. `ENOSYS` beside a libc.
    pub fn start(self, run: impl FnOnce() -> u8 + Send + 'static) -> Result<Task, Errno> {
        #[expect(unsafe_code, reason = "a task may share its creator's memory")]
        // SAFETY: what the closure has is its own, for ever, and can be another thread's.
        unsafe {
            self.start_unchecked(run)
        }
    }

    /// Makes it, whatever the closure borrows.
    ///
    /// # Safety
    /// With `VM`: what the closure borrows outlives the task, and can be another thread's, unless
    /// the creator is held by `VFORK`.
    #[expect(unsafe_code, reason = "a task may share its creator's memory")]
    pub(crate) unsafe fn start_unchecked<F: FnOnce() -> u8>(self, run: F) -> Result<Task, Errno> {
        let own = self.has_own_stack();
        if self.stack.is_some() && !own {
            return Err(Errno::INVAL);
        }
        let entry = announce(self.flags, self.exit_signal);
        let mut pidfd = -1;
        let mut call = self.call();
        call.pidfd = (&raw mut pidfd).expose_provenance();
        let (tid, memory) = if own {
            let stack = Stack::reused(self.stack.unwrap_or(thread::STACK))?;
            let body = move || current().end_with(run());
            let prepared = life::prepare(stack, body)?;
            prepared.block.set_entry(entry);
            // SAFETY: the caller answers for what the closure borrows.
            let memory = unsafe { life::make(prepared, &mut call) }?;
            (memory.tid(), Some(memory))
        } else {
            // SAFETY: there is no own stack: the memory is copied, or this task is held.
            (unsafe { lent::make(&mut call, entry, run) }?, None)
        };
        self.made(entry, tid);
        #[expect(unsafe_code, reason = "the kernel made a file descriptor")]
        // SAFETY: the kernel wrote it for nobody else.
        let pidfd = (pidfd >= 0).then(|| unsafe { OwnedFd::from_raw_fd(pidfd) });
        Ok(Task { tid, flags: self.flags, entry, pidfd, memory })
    }

    /// Whether it gets a stack: it must where the memory is shared by two that run.
    fn has_own_stack(&self) -> bool {
        let asked = !self.flags.contains(Flags::VFORK) || self.stack.is_some();
        self.flags.contains(Flags::VM) && asked
    }

    fn call(&self) -> Call {
        Call {
            way: self.way,
            flags: self.flags,
            exit_signal: self.exit_signal,
            stack: None,
            tls: 0,
            parent_tid: 0,
            child_tid: 0,
            pidfd: 0,
            set_tid: self.set_tid,
            cgroup: self
                .cgroup
                .map_or(u64::MAX, |folder| u64::from(folder.as_raw_fd().cast_unsigned())),
        }
    }

    fn made(&self, entry: Option<&Entry>, tid: u32) {
        let Some(entry) = entry else { return };
        entry.numbered(tid);
        if !self.flags.contains(Flags::THREAD) {
            entry.is(tid, tid);
        }
    }
}

/// Takes lines in the ledger for a task that is about to be made by the calling one.
pub(crate) fn announce(flags: Flags, exit_signal: u8) -> Option<&'static Entry> {
    let entry = ledger::claim()?;
    let pid = crate::process::pid();
    let above = || getppid().map_or(0, |pid| pid.as_raw_nonzero().get().cast_unsigned());
    let sibling = flags.intersects(Flags::THREAD.union(Flags::PARENT));
    entry.made(thread::tid(), if sibling { above() } else { pid }, flags.bits());
    if flags.contains(Flags::THREAD) {
        entry.is(0, pid);
    } else {
        entry.ends_with_signal(exit_signal);
    }
    Some(entry)
}

impl Task {
    /// One on its creator's stack.
    pub(crate) fn lent(tid: u32, flags: Flags, entry: Option<&'static Entry>) -> Self {
        Self { tid, flags, entry, pidfd: None, memory: None }
    }

    /// Its number, by its creator's count.
    pub fn tid(&self) -> u32 {
        self.tid
    }

    /// The flags it was made with.
    pub fn flags(&self) -> Flags {
        self.flags
    }

    /// Its pidfd, if it was made with `PIDFD`.
    pub fn pidfd(&self) -> Option<BorrowedFd<'_>> {
        self.pidfd.as_ref().map(|fd| fd.as_fd())
    }

    /// Its lines in the ledger, if there is one.
    pub fn entry(&self) -> Option<&'static Entry> {
        self.entry
    }

    /// Waits until it has let go of the memory it shares, by its end or by exec, and frees its
    /// stack. One that shares none has nothing to let go of: this returns at once.
    pub fn join(self) {
        if let Some(memory) = self.memory {
            // One that ended otherwise than by returning has no result, and needs none.
            memory.finish();
        }
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Clone => "clone",
            Self::Clone3 => "clone3",
        })
    }
}
