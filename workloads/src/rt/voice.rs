//! What a program says: data on standard output, complaints on standard error.

use alloc::string::String;
use core::fmt::{self, Write as _};

use rustix::fd::BorrowedFd;
use rustix::io::{Errno, write};
use rustix::stdio::{stderr, stdout};

/// Says a line on standard output.
pub fn say(what: fmt::Arguments<'_>) {
    #[expect(unsafe_code, reason = "nothing in a program closes its standard streams")]
    // SAFETY: as the reason says.
    let stdout = unsafe { stdout() };
    line(stdout, what);
}

/// Says a line on standard error.
pub fn complain(what: fmt::Arguments<'_>) {
    #[expect(unsafe_code, reason = "nothing in a program closes its standard streams")]
    // SAFETY: as the reason says.
    let stderr = unsafe { stderr() };
    line(stderr, what);
}

/// One write for one line, so that lines of several tasks do not mix.
fn line(to: BorrowedFd<'_>, what: fmt::Arguments<'_>) {
    let mut text = String::new();
    if writeln!(text, "{what}").is_err() {
        return;
    }
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        match write(to, rest) {
            Ok(written) => rest = &rest[written..],
            Err(Errno::INTR) => {}
            // Nobody listens any more.
            Err(_gone) => return,
        }
    }
}
