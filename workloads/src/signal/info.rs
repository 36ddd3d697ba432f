//! What the kernel says of a signal: `siginfo_t`.

use super::Signal;

/// Sent by `kill`.
pub const BY_KILL: i32 = 0;
/// Sent by the kernel, which says no more.
pub const BY_KERNEL: i32 = 128;
/// Queued with a value.
pub const QUEUED: i32 = -1;
/// Sent by `tgkill`.
pub const BY_TGKILL: i32 = -6;
/// `SIGCHLD`: a child exited.
pub const CHILD_EXITED: i32 = 1;
/// `SIGCHLD`: a signal ended a child.
pub const CHILD_KILLED: i32 = 2;
/// `SIGCHLD`: a child stopped.
pub const CHILD_STOPPED: i32 = 5;
/// `SIGCHLD`: a child went on.
pub const CHILD_CONTINUED: i32 = 6;

/// What the kernel says of a signal.
///
/// Laid out as the `siginfo_t` of 64-bit machines (include/uapi/asm-generic/siginfo.h, v6.18). What
/// follows the code is one of several structures; those of interest here have either a sender's pid,
/// uid and a value, or an address.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C, align(8))]
pub struct Info {
    signal: i32,
    errno: i32,
    code: i32,
    reserved: u32,
    pid: u32,
    uid: u32,
    value: u64,
    rest: [u64; 12],
}

const _: () = assert!(size_of::<Info>() == linux_raw_sys::general::SI_MAX_SIZE as usize);

impl Info {
    /// A queued signal, from the calling process.
    pub(super) fn queued(signal: Signal, value: u64) -> Self {
        let pid = crate::process::pid();
        let uid = rustix::process::getuid().as_raw();
        Self::from_sender(signal.number(), QUEUED, (pid, uid), value)
    }

    /// A signal from a process.
    pub(super) fn from_sender(signal: u32, code: i32, (pid, uid): (u32, u32), value: u64) -> Self {
        Self { signal: signal.cast_signed(), code, pid, uid, value, ..Self::default() }
    }

    /// Which one.
    pub fn signal(&self) -> u32 {
        self.signal.cast_unsigned()
    }

    /// How it came about: 0 or less from a process, more from the kernel, whose numbers depend on the
    /// signal.
    pub fn code(&self) -> i32 {
        self.code
    }

    /// The process that sent it, if one did.
    pub fn sender(&self) -> Option<u32> {
        (self.code <= 0).then_some(self.pid)
    }

    /// What was queued with it.
    pub fn value(&self) -> Option<u64> {
        (self.code == QUEUED).then_some(self.value)
    }

    /// The address that a fault is about.
    pub fn address(&self) -> Option<usize> {
        let address = u64::from(self.pid) | u64::from(self.uid) << 32;
        usize::try_from(address).ok().filter(|_| self.code > 0)
    }
}
