//! Hanging a program on places in files (uprobes), with cookies and with the places' semaphores:
//! the system calls for which aya has no option.
//!
//! Newer kernels (6.6) hang one program on many places by one link, which also comes off at once.
//! Elsewhere each place has its own perf event, for each of which the kernel waits a tenth of a
//! second when it goes.
#![expect(unsafe_code, reason = "the system calls that no library offers with these options")]

use std::ffi::CString;
use std::fs;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

use aya_obj::generated::bpf_insn;

use crate::usdt::Place;

/// Number of the kind of perf event; absent where the kernel has no uprobes.
const TYPE: &str = "/sys/bus/event_source/devices/uprobe/type";

// include/uapi/linux/bpf.h
const BPF_PROG_LOAD: libc::c_int = 5;
const BPF_LINK_CREATE: libc::c_int = 28;
const BPF_PROG_TYPE_KPROBE: u32 = 2;
const BPF_PERF_EVENT: u32 = 41;
const BPF_TRACE_UPROBE_MULTI: u32 = 48;

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

/// The part of `union bpf_attr` for a link to many places. Of lists there are the addresses.
#[repr(C)]
#[derive(Default)]
struct MultiAttr {
    program: u32,
    target: u32,
    attach_type: u32,
    flags: u32,
    path: u64,
    offsets: u64,
    semaphores: u64,
    cookies: u64,
    count: u32,
    multi_flags: u32,
    pid: u32,
    reserved: u32,
}

/// The part of `union bpf_attr` for loading a program.
#[repr(C)]
#[derive(Default)]
struct ProgramAttr {
    kind: u32,
    count: u32,
    instructions: u64,
    license: u64,
    log_level: u32,
    log_size: u32,
    log: u64,
    kernel_version: u32,
    flags: u32,
    name: [u8; 16],
    ifindex: u32,
    attach_type: u32,
}

/// Whether the kernel has uprobes, by the number of their kind of event.
pub(super) fn kind() -> io::Result<u32> {
    let text = fs::read_to_string(TYPE)?;
    text.trim().parse().map_err(|_not_a_number| io::Error::other("it holds no number"))
}

/// Loads a program that can be hung on many places by one link.
pub(super) fn load(instructions: &[bpf_insn], name: &str) -> io::Result<OwnedFd> {
    let mut attr = ProgramAttr {
        kind: BPF_PROG_TYPE_KPROBE,
        count: u32::try_from(instructions.len()).unwrap_or(u32::MAX),
        instructions: instructions.as_ptr().addr() as u64,
        license: c"GPL".as_ptr().addr() as u64,
        attach_type: BPF_TRACE_UPROBE_MULTI,
        ..ProgramAttr::default()
    };
    for (slot, byte) in attr.name.iter_mut().take(15).zip(name.bytes()) {
        *slot = byte;
    }
    bpf(BPF_PROG_LOAD, &attr)
}

/// Hangs such a program on places in one file, each with its cookie. It comes off when the link
/// is dropped.
pub(super) fn link_many(
    program: BorrowedFd<'_>,
    places: &[&Place],
    cookies: &[u64],
) -> io::Result<OwnedFd> {
    let Some(first) = places.first() else { return Err(io::ErrorKind::InvalidInput.into()) };
    let path = path(first)?;
    let offsets: Vec<u64> = places.iter().map(|place| place.offset).collect();
    let semaphores: Vec<u64> = places.iter().map(|place| place.semaphore).collect();
    let attr = MultiAttr {
        program: program.as_raw_fd().cast_unsigned(),
        attach_type: BPF_TRACE_UPROBE_MULTI,
        path: path.as_ptr().addr() as u64,
        offsets: offsets.as_ptr().addr() as u64,
        semaphores: semaphores.as_ptr().addr() as u64,
        cookies: cookies.as_ptr().addr() as u64,
        count: u32::try_from(places.len().min(cookies.len())).unwrap_or(0),
        ..MultiAttr::default()
    };
    bpf(BPF_LINK_CREATE, &attr)
}

/// Hangs a loaded program on one place, with its cookie. It comes off when both are dropped.
pub(super) fn link_one(
    program: BorrowedFd<'_>,
    kind: u32,
    place: &Place,
    cookie: u64,
) -> io::Result<[OwnedFd; 2]> {
    let path = path(place)?;
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
        cookie,
    };
    Ok([bpf(BPF_LINK_CREATE, &attr)?, event])
}

/// The very file that was read, whatever has become of its name.
fn path(place: &Place) -> io::Result<CString> {
    Ok(CString::new(format!("/proc/self/fd/{}", place.file.as_raw_fd()))?)
}

/// An event of all processes: the program itself leaves out those that are not followed. Such an
/// event must name a CPU, which means nothing for uprobes.
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

/// A call that makes something from one of the structures above; what these point to is the
/// caller's.
fn bpf<T>(command: libc::c_int, attr: &T) -> io::Result<OwnedFd> {
    // SAFETY: the attributes live during the call and are of the size that is passed, and the
    // kernel only reads what they point to.
    let fd = unsafe { libc::syscall(libc::SYS_bpf, command, attr, size_of::<T>()) };
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
const _: () = assert!(size_of::<MultiAttr>() == 64 && size_of::<ProgramAttr>() == 72);
