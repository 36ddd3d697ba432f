//! The old ways to make a process: `fork` and `vfork`. Any other is [`crate::clone`]'s.
#![expect(unsafe_code, reason = "a new process goes on with its creator's frame")]

use rustix::io::Errno;

use crate::clone::{Builder, Flags, Frame, Task, Way, announce};
use crate::{arch, sys};

/// What a parent is told at its child's end.
const SIGCHLD: u8 = 17;

/// Makes a process with a copy of the memory: it runs `run`, and ends with the code that this
/// returns.
///
/// By `clone` with no flag, which the kernel cannot tell from `fork(2)`, and which every machine has.
///
/// # Errors
/// `EAGAIN` where there may be no more tasks, `ENOMEM`; `ENOSYS` beside a libc.
pub fn fork(run: impl FnOnce() -> u8) -> Result<Task, Errno> {
    let builder = Builder::new(Flags::empty()).way(Way::Clone);
    // SAFETY: what the closure borrows is copied.
    unsafe { builder.start_unchecked(run) }
}

/// Makes a process in the same memory, on this very stack, while the calling thread is held until
/// the process calls exec or ends: it runs `run`, and ends with the code that this returns.
///
/// By `vfork(2)`, where the machine has it.
///
/// # Errors
/// As [`fork`].
pub fn vfork(run: impl FnOnce() -> u8) -> Result<Task, Errno> {
    if cfg!(not(all(feature = "program", not(test)))) {
        return Err(Errno::NOSYS);
    }
    let flags = Flags::VM | Flags::VFORK;
    let entry = announce(flags, SIGCHLD);
    let mut frame = Frame::new(flags, entry, run);
    // SAFETY: the frame is the new process's until this returns.
    let made = unsafe { arch::vfork_and_call(live(&frame), (&raw mut frame).cast()) };
    let made = sys::check(made);
    // SAFETY: here is the creator.
    unsafe { frame.leave(made.is_ok()) };
    // The kernel's numbers are positive `int`s.
    let tid = u32::try_from(made?).map_err(|_large| Errno::OVERFLOW)?;
    Ok(Task::lent(tid, flags, entry))
}

/// The new process's life in a frame of this closure, which has no name.
fn live<F: FnOnce() -> u8>(_: &Frame<F>) -> arch::Start {
    Frame::<F>::live
}
