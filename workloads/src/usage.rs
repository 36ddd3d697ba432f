//! What the kernel says that the calling thread has used.
#![expect(unsafe_code, reason = "a system call that rustix does not offer")]

use core::mem::MaybeUninit;

use linux_raw_sys::general as raw;

use crate::sys;

/// How often the calling thread has left its CPU of its own will: to wait for something.
///
/// The kernel counts it where it switches (`nvcsw` of `task_struct`, `__schedule` in
/// kernel/sched/core.c, v6.18), so a difference of two calls is exact: it is what a tracer of
/// switches has to see in between.
pub fn voluntary_switches() -> u64 {
    of_this_thread().ru_nvcsw.cast_unsigned()
}

/// Page faults of the calling thread that needed no I/O (`min_flt` of `task_struct`).
pub fn minor_faults() -> u64 {
    of_this_thread().ru_minflt.cast_unsigned()
}

fn of_this_thread() -> raw::rusage {
    let mut usage = MaybeUninit::<raw::rusage>::uninit();
    let arguments = [raw::RUSAGE_THREAD as usize, usage.as_mut_ptr().addr(), 0, 0, 0, 0];
    // SAFETY: the kernel writes one `rusage`, and there is room for it.
    let asked = unsafe { sys::call(raw::__NR_getrusage, arguments) };
    debug_assert!(asked.is_ok(), "a thread can always ask for its own");
    // SAFETY: the call has written it.
    unsafe { usage.assume_init() }
}
