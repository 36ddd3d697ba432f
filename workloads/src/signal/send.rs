//! Sending signals: to a process, to one of its threads, with a value or without.
#![expect(unsafe_code, reason = "the kernel is given the address of a value")]

use core::time::Duration;

use linux_raw_sys::general as raw;
use rustix::io::Errno;
use rustix::process::Pid;

use super::{Info, Signal};
use crate::sys;

/// To a process, whichever of its threads takes it: `kill`.
///
/// # Errors
/// `ESRCH` if there is no such process, which 0 and what is no pid are: groups of processes cannot
/// be meant; `EPERM` if it is another's.
pub fn process(pid: u32, signal: Signal) -> Result<(), Errno> {
    let target = target(pid)?;
    let number = signal.number().cast_signed();
    // SAFETY: there is no libc that could keep a number to itself.
    let signal = unsafe { rustix::process::Signal::from_raw_unchecked(number) };
    rustix::process::kill_process(target, signal)
}

/// To one thread of a process: `tgkill`.
///
/// # Errors
/// `ESRCH` if there is no such thread in that process; `EPERM` if it is another's.
pub fn thread(pid: u32, tid: u32, signal: Signal) -> Result<(), Errno> {
    let (pid, tid) = (word(pid)?, word(tid)?);
    // SAFETY: what a signal does is not for memory to see, but for handlers, which are safe.
    unsafe { sys::call(raw::__NR_tgkill, [pid, tid, signal.word(), 0, 0, 0]) }.map(|_zero| ())
}

/// To a process with a value: `rt_sigqueueinfo`.
///
/// # Errors
/// As [`process`]; `EAGAIN` if more are pending than `RLIMIT_SIGPENDING` allows.
pub fn queue(pid: u32, signal: Signal, value: u64) -> Result<(), Errno> {
    let info = Info::queued(signal, value);
    let arguments = [word(pid)?, signal.word(), (&raw const info).addr(), 0, 0, 0];
    // SAFETY: reads a structure of the kernel's layout.
    unsafe { sys::call(raw::__NR_rt_sigqueueinfo, arguments) }.map(|_zero| ())
}

/// To one thread with a value: `rt_tgsigqueueinfo`.
///
/// # Errors
/// As [`thread`] and [`queue`].
pub fn queue_thread(pid: u32, tid: u32, signal: Signal, value: u64) -> Result<(), Errno> {
    let info = Info::queued(signal, value);
    let arguments = [word(pid)?, word(tid)?, signal.word(), (&raw const info).addr(), 0, 0];
    // SAFETY: reads a structure of the kernel's layout.
    unsafe { sys::call(raw::__NR_rt_tgsigqueueinfo, arguments) }.map(|_zero| ())
}

/// `SIGALRM` to the calling process, which ends it unless it is handled, when so much time has
/// passed: `setitimer`, once. Zero takes it back.
///
/// # Errors
/// `EINVAL` for more seconds than the kernel can count.
pub fn alarm(after: Duration) -> Result<(), Errno> {
    let seconds = i64::try_from(after.as_secs()).map_err(|_large| Errno::INVAL)?;
    let timer = raw::__kernel_old_itimerval {
        it_interval: raw::__kernel_old_timeval { tv_sec: 0, tv_usec: 0 },
        it_value: raw::__kernel_old_timeval {
            tv_sec: seconds,
            tv_usec: i64::from(after.subsec_micros()),
        },
    };
    let arguments = [raw::ITIMER_REAL as usize, (&raw const timer).addr(), 0, 0, 0, 0];
    // SAFETY: reads a structure of the kernel's layout.
    unsafe { sys::call(raw::__NR_setitimer, arguments) }.map(|_zero| ())
}

/// A pid, as rustix has it.
fn target(pid: u32) -> Result<Pid, Errno> {
    i32::try_from(pid).ok().and_then(Pid::from_raw).ok_or(Errno::SRCH)
}

/// A pid or tid, as the kernel takes it; never 0 and never negative.
fn word(pid: u32) -> Result<usize, Errno> {
    target(pid).map(|pid| pid.as_raw_nonzero().get().cast_unsigned() as usize)
}

#[cfg(test)]
mod tests {
    use rustix::io::Errno;

    use super::{process, queue, queue_thread, thread};
    use crate::signal::info::{BY_TGKILL, QUEUED};
    use crate::signal::{Set, Signal, mask, take};
    use crate::thread::tid;

    #[test]
    fn groups_cannot_be_hit() {
        for pid in [0, u32::MAX, i32::MIN.cast_unsigned()] {
            assert_eq!(process(pid, Signal::WINCH), Err(Errno::SRCH));
            assert_eq!(thread(pid, tid(), Signal::WINCH), Err(Errno::SRCH));
            assert_eq!(thread(std::process::id(), pid, Signal::WINCH), Err(Errno::SRCH));
            assert_eq!(queue(pid, Signal::WINCH, 0), Err(Errno::SRCH));
        }
    }

    #[test]
    fn values_come_in_their_order() {
        let signal = Signal::real_time(5).unwrap();
        let set = Set::of(&[signal, Signal::USR1]);
        let _blocked = mask::block(set);
        let pid = std::process::id();
        for value in [7, u64::MAX, 0] {
            queue_thread(pid, tid(), signal, value).unwrap();
        }
        thread(pid, tid(), Signal::USR1).unwrap();
        let first = take::wait(set, None).unwrap();
        // The lowest number first (kernel/signal.c, next_signal, v6.18).
        assert_eq!((first.signal(), first.code()), (Signal::USR1.number(), BY_TGKILL));
        let values = [7, u64::MAX, 0].map(|_| {
            let info = take::wait(set, None).unwrap();
            assert_eq!((info.code(), info.sender()), (QUEUED, Some(pid)));
            info.value()
        });
        assert_eq!(values, [Some(7), Some(u64::MAX), Some(0)]);
    }
}
