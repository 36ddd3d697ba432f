//! Files of `/proc` and such, read whole.

use alloc::string::String;
use alloc::vec::Vec;

use rustix::fs::{Mode, OFlags, open};
use rustix::io::{Errno, read, retry_on_intr};

/// The text of a file; what is not UTF-8 is shown as U+FFFD.
///
/// # Errors
/// Those of `open` and `read`.
pub fn text(path: &str) -> Result<String, Errno> {
    let file = open(path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?;
    let mut text = Vec::new();
    let mut piece = [0; 4096];
    loop {
        match retry_on_intr(|| read(&file, &mut piece))? {
            0 => return Ok(String::from_utf8_lossy(&text).into_owned()),
            count => text.extend_from_slice(&piece[..count]),
        }
    }
}

/// A file that is a number and nothing else; `None` for one that is not, or is not there.
pub fn number(path: &str) -> Option<u64> {
    text(path).ok()?.trim().parse().ok()
}
