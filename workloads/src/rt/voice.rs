//! What a program says: data on standard output, complaints on standard error.

use alloc::string::String;
use core::fmt::{self, Write as _};

use rustix::fd::BorrowedFd;
use rustix::io::{Errno, read, write};
use rustix::stdio::{stderr, stdin, stdout};

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

/// Waits for a line on standard input, or its end.
///
/// # Errors
/// Those of `read`.
pub fn listen() -> Result<(), Errno> {
    #[expect(unsafe_code, reason = "nothing in a program closes its standard streams")]
    // SAFETY: as the reason says.
    let stdin = unsafe { stdin() };
    let mut byte = [0];
    loop {
        match read(stdin, &mut byte) {
            Ok(1) if byte != *b"\n" => {}
            Err(Errno::INTR) => {}
            other => return other.map(|_count| ()),
        }
    }
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
