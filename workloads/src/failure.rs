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
            Self::System { what, error } => write!(f, "cannot {what}: {}", Meaning(*error)),
        }
    }
}

/// An error in words, which rustix has only beside std.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meaning(pub Errno);

/// The errors that these programs can meet, as `strerror(3)` says them.
const MEANINGS: [(Errno, &str); 24] = [
    (Errno::PERM, "operation not permitted (EPERM)"),
    (Errno::NOENT, "no such file or directory (ENOENT)"),
    (Errno::SRCH, "no such process (ESRCH)"),
    (Errno::INTR, "interrupted system call (EINTR)"),
    (Errno::IO, "input/output error (EIO)"),
    (Errno::NOEXEC, "exec format error (ENOEXEC)"),
    (Errno::BADF, "bad file descriptor (EBADF)"),
    (Errno::CHILD, "no child processes (ECHILD)"),
    (Errno::AGAIN, "resource temporarily unavailable (EAGAIN)"),
    (Errno::NOMEM, "cannot allocate memory (ENOMEM)"),
    (Errno::ACCESS, "permission denied (EACCES)"),
    (Errno::FAULT, "bad address (EFAULT)"),
    (Errno::BUSY, "device or resource busy (EBUSY)"),
    (Errno::EXIST, "file exists (EEXIST)"),
    (Errno::NOTDIR, "not a directory (ENOTDIR)"),
    (Errno::ISDIR, "is a directory (EISDIR)"),
    (Errno::INVAL, "invalid argument (EINVAL)"),
    (Errno::MFILE, "too many open files (EMFILE)"),
    (Errno::NOSPC, "no space left on device (ENOSPC)"),
    (Errno::ROFS, "read-only file system (EROFS)"),
    (Errno::DEADLK, "resource deadlock avoided (EDEADLK)"),
    (Errno::NOSYS, "function not implemented (ENOSYS)"),
    (Errno::USERS, "too many users (EUSERS)"),
    (Errno::OPNOTSUPP, "operation not supported (EOPNOTSUPP)"),
];

impl fmt::Display for Meaning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match MEANINGS.iter().find(|(error, _)| *error == self.0) {
            Some((_, words)) => f.write_str(words),
            None => write!(f, "error {}", self.0.raw_os_error()),
        }
    }
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
