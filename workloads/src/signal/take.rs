//! Taking signals without a handler: waiting for them, and reading them from a file.
#![expect(unsafe_code, reason = "the kernel is given addresses of sets")]

use core::time::Duration;

use linux_raw_sys::general as raw;
use rustix::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd};
use rustix::io::Errno;
use rustix::time::Timespec;
use zerocopy::{FromBytes, IntoBytes};

use super::{Info, Set};
use crate::{clock, sys};

/// Waits for one of these, which the thread should block, and takes it: `rt_sigtimedwait`. The lowest
/// number comes first.
///
/// # Errors
/// `EAGAIN` if none came in time; `EINTR` if a handler ran.
pub fn wait(set: Set, timeout: Option<Duration>) -> Result<Info, Errno> {
    let mut info = Info::default();
    let timeout: Option<Timespec> = timeout.map(clock::timespec);
    let arguments = [
        (&raw const set).addr(),
        (&raw mut info).addr(),
        timeout.as_ref().map_or(0, |timeout| (&raw const *timeout).addr()),
        size_of::<Set>(),
        0,
        0,
    ];
    // SAFETY: the three are of the kernel's layout, and there for as long as it waits.
    unsafe { sys::call(raw::__NR_rt_sigtimedwait, arguments) }?;
    Ok(info)
}

/// Blocks these and no others until a handler has run: `rt_sigsuspend`.
pub fn suspend(set: Set) {
    let arguments = [(&raw const set).addr(), size_of::<Set>(), 0, 0, 0, 0];
    // SAFETY: reads a set of the kernel's size.
    let ended = unsafe { sys::call(raw::__NR_rt_sigsuspend, arguments) };
    debug_assert_eq!(ended, Err(Errno::INTR), "it never ends otherwise");
}

/// A file that signals are read from.
#[derive(Debug)]
pub struct SignalFd(OwnedFd);

impl SignalFd {
    /// One for these, which its readers should block.
    ///
    /// # Errors
    /// Those of `signalfd4`: too many files.
    pub fn new(set: Set) -> Result<Self, Errno> {
        /// "No file yet", for a call that can also change one.
        const NEW: usize = usize::MAX;
        let arguments = [NEW, (&raw const set).addr(), size_of::<Set>(), CLOSE_ON_EXEC, 0, 0];
        // SAFETY: reads a set of the kernel's size.
        let fd = unsafe { sys::call(raw::__NR_signalfd4, arguments) }?;
        let fd = i32::try_from(fd).map_err(|_large| Errno::BADF)?;
        // SAFETY: the kernel has just made it, and nobody else knows of it.
        Ok(Self(unsafe { OwnedFd::from_raw_fd(fd) }))
    }

    /// Waits for one of them, and takes it.
    ///
    /// # Errors
    /// `EINTR` if a handler ran.
    pub fn read(&self) -> Result<Read, Errno> {
        let mut read = Read::default();
        rustix::io::read(&self.0, read.as_mut_bytes())?;
        Ok(read)
    }
}

/// `SFD_CLOEXEC`, which is `O_CLOEXEC` (include/uapi/linux/signalfd.h, v6.18).
const CLOSE_ON_EXEC: usize = raw::O_CLOEXEC as usize;

impl AsFd for SignalFd {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// What is read of a signal, as far as it is used here: `struct signalfd_siginfo`
/// (include/uapi/linux/signalfd.h, v6.18).
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes)]
#[repr(C)]
pub struct Read {
    /// Which one.
    pub signal: u32,
    /// Unused by the kernel.
    pub errno: i32,
    /// How it came about, as [`Info::code`].
    pub code: i32,
    /// The process that sent it.
    pub pid: u32,
    /// Its user.
    pub uid: u32,
    /// For other kinds of signals than are sent here.
    pub other: [u32; 6],
    /// What was queued with it, as an `int`.
    pub small_value: i32,
    /// What was queued with it.
    pub value: u64,
    /// For other kinds again.
    pub rest: [u64; 9],
}

const _: () = assert!(size_of::<Read>() == 128);

impl Read {
    /// The same, as a handler would be told.
    pub fn info(&self) -> Info {
        Info::from_sender(self.signal, self.code, (self.pid, self.uid), self.value)
    }
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use rustix::io::Errno;

    use super::{SignalFd, wait};
    use crate::signal::info::QUEUED;
    use crate::signal::{Set, Signal, mask, send};
    use crate::thread;

    #[test]
    fn a_wait_ends_in_time() {
        let set = Set::of(&[Signal::real_time(7).unwrap()]);
        let _blocked = mask::block(set);
        let taken = wait(set, Some(Duration::from_millis(1)));
        assert_eq!(taken.unwrap_err(), Errno::AGAIN);
    }

    #[test]
    fn a_file_has_signals_to_read() {
        let signal = Signal::real_time(6).unwrap();
        let set = Set::of(&[signal]);
        let _blocked = mask::block(set);
        let file = SignalFd::new(set).unwrap();
        let pid = std::process::id();
        send::queue_thread(pid, thread::tid(), signal, 1 << 40 | 3).unwrap();
        let read = file.read().unwrap();
        assert_eq!((read.signal, read.code, read.pid), (signal.number(), QUEUED, pid));
        assert_eq!((read.small_value, read.value), (3, 1 << 40 | 3));
        assert!(!mask::pending().contains(signal));
    }
}
