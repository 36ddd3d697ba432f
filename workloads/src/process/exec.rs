//! Running another program in the place of this one.
#![expect(unsafe_code, reason = "the call takes rows of bare addresses")]

use alloc::ffi::CString;
use alloc::vec::Vec;
use core::ffi::{CStr, c_char};
use core::ptr;

use linux_raw_sys::general as raw;
use rustix::io::Errno;

use crate::sys;
use crate::thread::current;

/// A program to run, with its arguments: made before the fork, since a child in the same memory
/// should not use the heap, nor leave anything behind there.
#[derive(Debug)]
pub struct Image {
    path: CString,
    args: Vec<CString>,
}

impl Image {
    /// This very program, with other arguments.
    ///
    /// # Errors
    /// Those of reading `/proc/self/exe`, and `EINVAL` for an argument with a zero in it.
    pub fn own(args: &[&str]) -> Result<Self, Errno> {
        let path = rustix::fs::readlink(c"/proc/self/exe", Vec::new())?;
        let word = |word: &&str| CString::new(*word).map_err(|_zero| Errno::INVAL);
        let args = args.iter().map(word).collect::<Result<_, _>>()?;
        Ok(Self { path, args })
    }
}

/// Runs the program in the place of the calling process, with an empty environment. The calling
/// thread need not be the leader: the others die, and it takes over the leader's number.
///
/// Comes back only with the kernel's refusal.
pub fn execute(image: &Image) -> Errno {
    let mut arguments = Vec::with_capacity(image.args.len() + 2);
    arguments.push(image.path.as_ptr());
    arguments.extend(image.args.iter().map(|arg| arg.as_ptr()));
    arguments.push(ptr::null());
    let entry = current().entry();
    if let Some(entry) = entry {
        // Nobody can say so after it.
        entry.executes();
    }
    let error = call(&image.path, &arguments);
    if let Some(entry) = entry {
        entry.did_not_execute();
    }
    error
}

fn call(path: &CStr, arguments: &[*const c_char]) -> Errno {
    let environment: [*const c_char; 1] = [ptr::null()];
    let words = [
        path.as_ptr().expose_provenance(),
        arguments.as_ptr().expose_provenance(),
        environment.as_ptr().expose_provenance(),
        0,
        0,
        0,
    ];
    // SAFETY: a path and two rows of strings that end with null; all of it lives until the call
    // returns, if it does.
    let called = unsafe { sys::call(raw::__NR_execve, words) };
    // It does not return without an error.
    called.err().unwrap_or(Errno::NOEXEC)
}
