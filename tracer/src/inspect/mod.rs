//! A live process as four structures: [`Process`], its [`Lwp`]s and [`KernelThread`]s, and the
//! [`Cpu`]s, made of what the iterators of an inspection have read in one pass.
//!
//! Nothing here reads anything: what is not in the records is given with them, as [`Around`].

mod call;
mod cpu;
mod kernel_thread;
mod lwp;
mod process;
mod raw;
mod symbols;

use serde::Serialize;
use tracer_common::task::TaskKey;

use crate::model::names;

pub use call::{Argument, Call};
pub use cpu::{Cpu, OnCpu};
pub use kernel_thread::{Deadline, Fair, Frame, KernelThread};
pub use lwp::{AltStack, Lwp, Register, Stack};
pub use process::{
    AddressSpace, Credentials, Files, Fs, Handler, Mapped, Namespaces, Process, Relative, Sharing,
};
pub use raw::Raw;
pub use symbols::Symbols;

/// What is asked for is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gone;

/// Everything that was read of one process.
#[derive(Clone, Debug, Serialize)]
pub struct Inspection {
    /// Version of this format.
    pub schema: u32,
    /// When the first task was read, ns of `CLOCK_MONOTONIC`.
    pub from_ns: u64,
    /// When the last one was.
    pub to_ns: u64,
    /// Tasks of the machine that were read.
    pub tasks: usize,
    /// What the threads have in common.
    pub process: Process,
    /// The user's half of each thread; none for a kernel thread.
    pub lwps: Vec<Lwp>,
    /// The scheduler's half of each.
    pub kernel_threads: Vec<KernelThread>,
    /// Every CPU.
    pub cpus: Vec<Cpu>,
}

/// What an inspection needs besides the records.
#[derive(Clone, Debug, Default)]
pub struct Around {
    /// CPUs that are online.
    pub online: Vec<u16>,
    /// CPUs that could ever be.
    pub possible: Vec<u16>,
    /// Bytes of a page.
    pub page_bytes: u64,
    /// Names of kernel functions.
    pub symbols: Symbols,
    /// `/proc/PID/status`, read right after the pass, for the resident sizes alone: the kernel keeps
    /// them in parts a CPU that only the kernel can add up.
    pub status: String,
}

impl Inspection {
    /// Of the group `tgid`.
    ///
    /// # Errors
    /// [`Gone`]: no task of the group was read.
    pub fn of(tgid: u32, raw: &Raw, around: &Around) -> Result<Self, Gone> {
        let threads: Vec<_> = raw.threads(tgid).collect();
        if threads.is_empty() {
            return Err(Gone);
        }
        let leader = threads.iter().find(|seen| seen.identity.key.tid == tgid);
        let leader = leader.or(threads.first()).ok_or(Gone)?;
        let lwps = threads.iter().filter_map(|seen| {
            let lwp = raw.lwp(seen.identity.key)?;
            Some(Lwp::of(seen, lwp, leader, raw))
        });
        let kernel_threads = threads.iter().filter_map(|seen| {
            let thread = raw.kernel_thread(seen.identity.key)?;
            Some(KernelThread::of(seen, thread, around))
        });
        let (from_ns, to_ns) = raw.span();
        Ok(Self {
            schema: 1,
            from_ns,
            to_ns,
            tasks: raw.seen().len(),
            process: Process::of(leader, &threads, raw, around),
            lwps: lwps.collect(),
            kernel_threads: kernel_threads.collect(),
            cpus: cpu::all(raw, around),
        })
    }
}

/// A number that the running kernel has.
fn long(value: u64) -> Option<u64> {
    (value != u64::MAX).then_some(value)
}

/// The same of a smaller one.
fn int(value: u32) -> Option<u32> {
    (value != u32::MAX).then_some(value)
}

/// A name as text.
fn text(comm: &[u8; 16]) -> String {
    let end = comm.iter().position(|&byte| byte == 0).unwrap_or(comm.len());
    String::from_utf8_lossy(&comm[..end]).into_owned()
}

/// The signals of a mask.
fn signals(mask: u64) -> Vec<String> {
    (1..=64).filter(|signal| mask >> (signal - 1) & 1 != 0).map(names::signal).collect()
}

/// A key that can be looked up.
fn number(key: TaskKey) -> (u32, u64) {
    (key.tid, key.start_ns)
}
