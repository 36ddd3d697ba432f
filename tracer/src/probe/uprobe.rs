//! Hanging a program on a place in a file (uprobe), with a cookie and with the place's semaphore,
//! for which aya has no option.
#![expect(unsafe_code, reason = "the system calls that no library offers with these options")]

use std::ffi::CString;
use std::fs;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

use tracer_common::usdt::SITES_MAX;

use crate::usdt::Place;

/// Number of the kind of perf event; absent where the kernel has no uprobes.
const TYPE: &str = "/sys/bus/event_source/devices/uprobe/type";

/// `BPF_LINK_CREATE` and `BPF_PERF_EVENT` (`include/uapi/linux/bpf.h`).
const BPF_LINK_CREATE: libc::c_int = 28;
const BPF_PERF_EVENT: u32 = 41;

/// Where in `config` the offset of the semaphore begins, bits: `format/ref_ctr_offset` of the
/// kind, fixed since 4.20 (`PERF_UPROBE_REF_CTR_OFFSET_SHIFT`).
const SEMAPHORE_SHIFT: u32 = 32;

/// `PERF_FLAG_FD_CLOEXEC` (`include/uapi/linux/perf_event.h`).
const FLAG_CLOSE_ON_EXEC: libc::c_ulong = 1 << 3;

/// The begin of `struct perf_event_attr` (`PERF_ATTR_SIZE_VER1`).
#[repr(C)]
#[derive(Default)]
struct EventAttr {
    kind: u32,
    size: u32,
    config: u64,
    sample_period: u64,
    sample_type: u64,
    read_format: u64,
    flags: u64,
    wakeup_events: u32,
    bp_type: u32,
    /// Address of the file's name.
    uprobe_path: u64,
    probe_offset: u64,
}

/// The part of `union bpf_attr` for a link to a perf event.
#[repr(C)]
struct LinkAttr {
    program: u32,
    event: u32,
    attach_type: u32,
    flags: u32,
    cookie: u64,
}

/// A program on one place. It comes off when this is dropped.
#[derive(Debug)]
pub(super) struct Uprobe {
    _link: OwnedFd,
    _event: OwnedFd,
}

/// Whether the kernel has uprobes, by the number of their kind of event.
pub(super) fn kind() -> io::Result<u32> {
    let text = fs::read_to_string(TYPE)?;
    text.trim().parse().map_err(|_not_a_number| io::Error::other("it holds no number"))
}

impl Uprobe {
    /// Hangs a loaded program on a place, for all processes: the program itself leaves out those
    /// that are not followed. The cookie tells it the place.
    pub(super) fn attach(
        program: BorrowedFd<'_>,
        kind: u32,
        place: &Place,
        cookie: usize,
    ) -> io::Result<Self> {
        debug_assert!(cookie < SITES_MAX, "a cookie is the index of a site");
        // The very file that was read, whatever has become of its name.
        let path = CString::new(format!("/proc/self/fd/{}", place.file.as_raw_fd()))?;
        let Ok(semaphore) = u32::try_from(place.semaphore) else {
            return Err(io::Error::other("its semaphore lies beyond 4 GiB"));
        };
        let attr = EventAttr {
            kind,
            size: 72,
            config: u64::from(semaphore) << SEMAPHORE_SHIFT,
            uprobe_path: path.as_ptr().addr() as u64,
            probe_offset: place.offset,
            ..EventAttr::default()
        };
        let event = open(&attr)?;
        let attr = LinkAttr {
            program: program.as_raw_fd().cast_unsigned(),
            event: event.as_raw_fd().cast_unsigned(),
            attach_type: BPF_PERF_EVENT,
            flags: 0,
            cookie: cookie as u64,
        };
        let link = link(&attr)?;
        Ok(Self { _link: link, _event: event })
    }
}

/// An event of all processes; such a one must name a CPU, which means nothing for uprobes.
fn open(attr: &EventAttr) -> io::Result<OwnedFd> {
    const ANY_PROCESS: libc::pid_t = -1;
    const CPU: libc::c_int = 0;
    const NO_GROUP: libc::c_int = -1;
    let (call, flags) = (libc::SYS_perf_event_open, FLAG_CLOSE_ON_EXEC);
    // SAFETY: the attributes are of the size they say and live during the call, as does the path
    // that they point to, which the caller holds.
    let fd = unsafe { libc::syscall(call, attr, ANY_PROCESS, CPU, NO_GROUP, flags) };
    owned(fd)
}

fn link(attr: &LinkAttr) -> io::Result<OwnedFd> {
    // SAFETY: the attributes live during the call and are of the size that is passed.
    let fd = unsafe { libc::syscall(libc::SYS_bpf, BPF_LINK_CREATE, attr, size_of::<LinkAttr>()) };
    owned(fd)
}

fn owned(fd: libc::c_long) -> io::Result<OwnedFd> {
    match libc::c_int::try_from(fd) {
        // SAFETY: the kernel has just given this descriptor to us, and to nobody else.
        Ok(fd) if fd >= 0 => Ok(unsafe { OwnedFd::from_raw_fd(fd) }),
        _ => Err(io::Error::last_os_error()),
    }
}

const _: () = assert!(size_of::<EventAttr>() == 72 && size_of::<LinkAttr>() == 24);
