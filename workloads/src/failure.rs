//! Why a program does not end well: one line, and an exit status.

use alloc::string::String;
use core::fmt;

use rustix::io::Errno;

/// Why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The command line is wrong: which word, and what would be right.
    Usage(String),
    /// The program's own invariant does not hold: what was expected, what was found.
    Broken(String),
    /// The kernel refused something that was needed.
    System {
        /// What was to be done, as "cannot …" continues.
        what: String,
        /// The kernel's answer.
        error: Errno,
    },
}

impl Failure {
    /// The exit status: 2 for wrong usage, 1 for the rest.
    pub fn status(&self) -> u8 {
        if matches!(self, Self::Usage(_)) { 2 } else { 1 }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(what) => f.write_str(what),
            Self::Broken(what) => write!(f, "broken: {what}"),
            Self::System { what, error } => write!(f, "cannot {what}: {} ({error})", name(*error)),
        }
    }
}

/// The kernel's name of an error (errno(3)); of one that programs here never see, "an error".
pub fn name(error: Errno) -> &'static str {
    const NAMES: &[(Errno, &str)] = &[
        (Errno::ACCESS, "EACCES"),
        (Errno::AGAIN, "EAGAIN"),
        (Errno::BADF, "EBADF"),
        (Errno::BUSY, "EBUSY"),
        (Errno::CHILD, "ECHILD"),
        (Errno::EXIST, "EEXIST"),
        (Errno::FAULT, "EFAULT"),
        (Errno::INTR, "EINTR"),
        (Errno::INVAL, "EINVAL"),
        (Errno::IO, "EIO"),
        (Errno::ISDIR, "EISDIR"),
        (Errno::MFILE, "EMFILE"),
        (Errno::NFILE, "ENFILE"),
        (Errno::NODEV, "ENODEV"),
        (Errno::NOENT, "ENOENT"),
        (Errno::NOEXEC, "ENOEXEC"),
        (Errno::NOMEM, "ENOMEM"),
        (Errno::NOSPC, "ENOSPC"),
        (Errno::NOSYS, "ENOSYS"),
        (Errno::NOTDIR, "ENOTDIR"),
        (Errno::OPNOTSUPP, "EOPNOTSUPP"),
        (Errno::OVERFLOW, "EOVERFLOW"),
        (Errno::PERM, "EPERM"),
        (Errno::PIPE, "EPIPE"),
        (Errno::ROFS, "EROFS"),
        (Errno::SRCH, "ESRCH"),
        (Errno::TIMEDOUT, "ETIMEDOUT"),
        (Errno::USERS, "EUSERS"),
    ];
    let named = NAMES.iter().find(|(number, _)| *number == error);
    named.map_or("an error", |(_, name)| name)
}

/// Says what was to be done when the kernel refused.
pub trait Doing<T> {
    /// `what` continues "cannot …".
    ///
    /// # Errors
    /// The failure, with those words.
    fn doing(self, what: impl fmt::Display) -> Result<T, Failure>;
}

impl<T> Doing<T> for Result<T, Errno> {
    fn doing(self, what: impl fmt::Display) -> Result<T, Failure> {
        self.map_err(|error| Failure::System { what: alloc::format!("{what}"), error })
    }
}

/// Holds an invariant.
///
/// # Errors
/// [`Failure::Broken`] with these words, if it does not hold.
pub fn ensure(holds: bool, what: impl FnOnce() -> String) -> Result<(), Failure> {
    if holds { Ok(()) } else { Err(Failure::Broken(what())) }
}
