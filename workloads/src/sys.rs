//! The system calls that rustix does not offer to everybody, and their errors.
//!
//! Numbers are those of `linux-raw-sys`. What rustix has is called there.
#![expect(unsafe_code, reason = "system calls that the compiler cannot check")]

use linux_raw_sys::general as raw;
use rustix::io::Errno;

use crate::arch;

/// Makes a system call.
///
/// # Errors
/// Those of the call.
///
/// # Safety
/// Whatever the call demands.
pub unsafe fn call(number: u32, arguments: [usize; 6]) -> Result<usize, Errno> {
    // SAFETY: the caller answers for the call.
    let result = unsafe { arch::syscall(number as usize, arguments) };
    check(result)
}

/// Reads a raw result: the kernel returns an error as its negated number.
///
/// # Errors
/// The error it is.
pub fn check(result: isize) -> Result<usize, Errno> {
    const LARGEST_ERROR: isize = 4095;
    let error = i32::try_from(-result).ok().filter(|_| (-LARGEST_ERROR..0).contains(&result));
    error.map_or(Ok(result.cast_unsigned()), |error| Err(Errno::from_raw_os_error(error)))
}

/// Ends the calling thread alone, with a code of 0 to 255. Its stack stays as it is.
pub fn exit_thread(code: u8) -> ! {
    loop {
        // SAFETY: what this thread borrowed or holds is leaked; its stack stays mapped.
        unsafe { arch::syscall(raw::__NR_exit as usize, [usize::from(code), 0, 0, 0, 0, 0]) };
    }
}

/// Ends the process with all its threads; nothing is dropped.
pub fn exit_process(code: u8) -> ! {
    loop {
        // SAFETY: ends the process, and has no other effect.
        unsafe { arch::syscall(raw::__NR_exit_group as usize, [usize::from(code), 0, 0, 0, 0, 0]) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_and_errors_are_told_apart() {
        assert_eq!(check(0), Ok(0));
        assert_eq!(check(-1), Err(Errno::PERM));
        assert_eq!(check(-22), Err(Errno::INVAL));
        assert!(check(-4095).is_err());
        // An address in the upper half is no error.
        assert_eq!(check(-4096), Ok(usize::MAX - 4095));
    }
}
