//! The two system calls, with all that they can be told.
#![expect(unsafe_code, reason = "the calls are assembly, and share what the flags say")]

use linux_raw_sys::general as raw;
use rustix::io::Errno;

use super::{Flags, Way};
use crate::{arch, sys};

/// What a call says. Addresses are 0 where the flags do not ask for them.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) way: Way,
    pub(crate) flags: Flags,
    pub(crate) exit_signal: u8,
    /// The stack's lowest address and its bytes; nothing for the creator's.
    pub(crate) stack: Option<(usize, usize)>,
    pub(crate) tls: usize,
    pub(crate) parent_tid: usize,
    pub(crate) child_tid: usize,
    pub(crate) pidfd: usize,
    /// The number that it is to have, in the creator's pid namespace.
    pub(crate) set_tid: Option<u32>,
    pub(crate) cgroup: u64,
}

impl Call {
    /// Makes the task, which calls `start(word)`; its tid.
    ///
    /// # Errors
    /// Those of the call. `EINVAL` without asking the kernel for what `clone` has no words for, and
    /// for a task that shares the memory but has no stack: it would run on its creator's, both at
    /// once. `ENOSYS` beside a libc: its functions would not find themselves on our thread pointer.
    ///
    /// # Safety
    /// The addresses are what the flags ask for, and stay so for as long as the task lives; what the
    /// flags share is the caller's to answer for.
    pub(crate) unsafe fn make(&self, start: arch::Start, word: *mut u8) -> Result<u32, Errno> {
        if cfg!(not(all(feature = "program", not(test)))) {
            return Err(Errno::NOSYS);
        }
        let held = self.flags.contains(Flags::VFORK) || !self.flags.contains(Flags::VM);
        if self.stack.is_none() && !held {
            return Err(Errno::INVAL);
        }
        let made = match self.way {
            // SAFETY: the caller answers for the arguments.
            Way::Clone3 => unsafe { self.clone3(start, word) },
            Way::Clone if self.flags.intersects(Flags::OF_CLONE3) || self.set_tid.is_some() => {
                return Err(Errno::INVAL);
            }
            // SAFETY: as above.
            Way::Clone => unsafe { self.clone(start, word) },
        };
        let tid = sys::check(made)?;
        // The kernel's numbers are positive `int`s.
        u32::try_from(tid).map_err(|_large| Errno::OVERFLOW)
    }

    unsafe fn clone3(&self, start: arch::Start, word: *mut u8) -> isize {
        let (stack, size) = self.stack.unwrap_or_default();
        // Read by the kernel before it returns.
        let numbers = [self.set_tid.unwrap_or_default()];
        let arguments = raw::clone_args {
            flags: self.flags.bits(),
            pidfd: self.pidfd as u64,
            child_tid: self.child_tid as u64,
            parent_tid: self.parent_tid as u64,
            exit_signal: u64::from(self.exit_signal),
            stack: stack as u64,
            stack_size: size as u64,
            tls: self.tls as u64,
            set_tid: self.set_tid.map_or(0, |_| numbers.as_ptr().addr() as u64),
            set_tid_size: self.set_tid.map_or(0, |_| numbers.len() as u64),
            cgroup: self.cgroup,
        };
        let size = size_of_val(&arguments);
        // SAFETY: the caller answers for what the arguments say.
        unsafe { arch::clone3_and_call((&raw const arguments).cast(), size, start, word) }
    }

    unsafe fn clone(&self, start: arch::Start, word: *mut u8) -> isize {
        // Those beyond 32 bits are `clone3`'s: `make` has sent them away.
        let flags = usize::try_from(self.flags.bits()).unwrap_or(usize::MAX);
        let flags = flags | usize::from(self.exit_signal);
        let stack = self.stack.map_or(0, |(base, size)| base + size);
        // `clone` has one address for both; with both flags the kernel refuses.
        let pidfd = self.flags.contains(Flags::PIDFD);
        let parent_tid = if pidfd { self.pidfd } else { self.parent_tid };
        // SAFETY: the caller answers for what the arguments say.
        unsafe {
            arch::clone_and_call(flags, stack, parent_tid, self.child_tid, self.tls, start, word)
        }
    }
}
