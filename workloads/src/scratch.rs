//! A file to write to, of which nothing is left whatever happens.

use alloc::format;

use rustix::fd::OwnedFd;
use rustix::fs::{Mode, OFlags, open, unlink};
use rustix::io::Errno;

use crate::thread;

/// What is written to it has reached the disk when the call returns.
#[derive(Debug)]
pub struct Scratch {
    /// The file, which has no name any more.
    pub file: OwnedFd,
    /// Whether it is read and written past the page cache; if not, the file system refuses that.
    pub is_direct: bool,
}

/// Makes one in `folder`.
///
/// # Errors
/// Those of `open` and `unlink`: no such folder, nothing may be written there.
pub fn file(folder: &str) -> Result<Scratch, Errno> {
    let name = format!("{folder}/workload-{}", thread::tid());
    // What is there under this name is not ours to write to.
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC | OFlags::SYNC;
    let mode = Mode::RUSR | Mode::WUSR;
    let (file, is_direct) = match open(&name, flags | OFlags::DIRECT, mode) {
        Err(Errno::INVAL) => {
            // The kernel has made it before it looked at how it is to be opened (`do_open`,
            // fs/namei.c, v6.18).
            unlink(&name)?;
            (open(&name, flags, mode)?, false)
        }
        opened => (opened?, true),
    };
    unlink(&name)?;
    Ok(Scratch { file, is_direct })
}
