//! Where and when a thread runs: the CPUs it may use, its policy and its priority.

#[cfg(not(all(test, loom)))]
pub mod contest;
mod policy;

pub use policy::{Attributes, Policy};

use alloc::vec::Vec;
use core::str;
use core::time::Duration;

use linux_raw_sys::general as raw;
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::process::{Pid, setpriority_process};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use rustix::time::{ClockId, Timespec, clock_gettime};

use crate::sys;

/// The CPUs that the calling thread may use, by number.
///
/// # Errors
/// `EINVAL` if the kernel has more CPUs than fit a set.
pub fn allowed() -> Result<Vec<usize>, Errno> {
    let set = sched_getaffinity(None)?;
    Ok((0..CpuSet::MAX_CPU).filter(|cpu| set.is_set(*cpu)).collect())
}

/// These CPUs; those that do not fit a set are left out.
pub fn set_of(cpus: &[usize]) -> CpuSet {
    let mut set = CpuSet::new();
    for cpu in cpus.iter().filter(|cpu| **cpu < CpuSet::MAX_CPU) {
        set.set(*cpu);
    }
    set
}

/// Lets a thread run on these CPUs alone: the calling one, if none is named. The calling thread is on
/// one of them when this returns; another one when it runs again.
///
/// # Errors
/// `EINVAL` if it may use none of them; `ESRCH` if there is no such thread; `EPERM` if it is
/// another's.
pub fn restrict(tid: Option<u32>, cpus: &CpuSet) -> Result<(), Errno> {
    sched_setaffinity(pid(tid)?, cpus)
}

/// Lets the calling thread run on one CPU alone, where it is when this returns.
///
/// # Errors
/// As [`restrict`].
pub fn pin(cpu: usize) -> Result<(), Errno> {
    restrict(None, &set_of(&[cpu]))
}

/// Where the calling thread is.
pub fn cpu() -> usize {
    rustix::thread::sched_getcpu()
}

/// Sets a thread's nice value, -20 to 19: the calling one's, if none is named.
///
/// # Errors
/// `EACCES` to be less nice without the right to; `EPERM` if it is another's; `ESRCH`.
pub fn nice(tid: Option<u32>, nice: i32) -> Result<(), Errno> {
    setpriority_process(pid(tid)?, nice)
}

/// CPU time that the calling thread has had, ns.
pub fn cpu_time_ns() -> u64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec.cast_unsigned() * 1_000_000_000 + time.tv_nsec.cast_unsigned()
}

/// How long the calling thread, which runs by `SCHED_RR`, may do so before it is another's turn.
///
/// # Errors
/// None that can be expected.
#[expect(unsafe_code, reason = "rustix does not offer the call")]
pub fn turn() -> Result<Duration, Errno> {
    let mut time = Timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes a time of the kernel's layout.
    unsafe { sys::call(raw::__NR_sched_rr_get_interval, [0, (&raw mut time).addr(), 0, 0, 0, 0]) }?;
    Duration::try_from(time).map_err(|_negative| Errno::INVAL)
}

/// Times that the kernel has moved the calling thread to another CPU since its birth, by its own
/// account: `se.nr_migrations` (kernel/sched/debug.c, `proc_sched_show_task`, v6.18). `None` if this
/// kernel does not show it.
///
/// # Errors
/// Those of reading `/proc`.
pub fn migrations() -> Result<Option<u64>, Errno> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC;
    let file = match rustix::fs::open("/proc/thread-self/sched", flags, Mode::empty()) {
        Ok(file) => file,
        Err(Errno::NOENT) => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut text = [0; 8192];
    let mut length = 0;
    while length < text.len() {
        match rustix::io::read(&file, &mut text[length..])? {
            0 => break,
            read => length += read,
        }
    }
    let text = str::from_utf8(&text[..length]).unwrap_or_default();
    Ok(text.lines().find_map(|line| field(line, "se.nr_migrations")))
}

/// The number of a line `name : number`.
fn field(line: &str, name: &str) -> Option<u64> {
    let (found, number) = line.split_once(':')?;
    number.trim().parse().ok().filter(|_| found.trim() == name)
}

/// A thread, as rustix has it.
fn pid(tid: Option<u32>) -> Result<Option<Pid>, Errno> {
    let pid = |tid: u32| i32::try_from(tid).ok().and_then(Pid::from_raw).ok_or(Errno::SRCH);
    tid.map(pid).transpose()
}

#[cfg(test)]
mod tests {
    use rustix::io::Errno;

    use super::{
        Policy, allowed, cpu, cpu_time_ns, field, migrations, nice, pin, restrict, set_of, turn,
    };

    // Of the calling test's thread alone: std gives each test its own.
    #[test]
    fn a_pinned_thread_is_there() {
        for wanted in allowed().unwrap() {
            pin(wanted).unwrap();
            assert_eq!((cpu(), allowed().unwrap()), (wanted, vec![wanted]));
        }
        assert_eq!(restrict(None, &set_of(&[])), Err(Errno::INVAL));
        assert_eq!(restrict(Some(0), &set_of(&[0])), Err(Errno::SRCH));
    }

    #[test]
    fn the_kernel_tells_its_account() {
        assert_eq!(field("se.nr_migrations       :        12", "se.nr_migrations"), Some(12));
        assert_eq!(field("se.nr_migrations_cold  :        12", "se.nr_migrations"), None);
        assert!(migrations().is_ok());
        let before = cpu_time_ns();
        nice(None, 19).unwrap();
        assert!(cpu_time_ns() > before);
    }

    #[test]
    fn turns_are_of_round_robin() {
        match (Policy::RoundRobin { priority: 1 }).set(None) {
            Ok(()) => assert!(!turn().unwrap().is_zero()),
            Err(error) => assert_eq!(error, Errno::PERM),
        }
    }
}
