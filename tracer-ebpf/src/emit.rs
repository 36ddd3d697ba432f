//! The only way out of the kernel: reserve, number, submit, and count what could not be sent.
#![expect(unsafe_code, reason = "ring buffer memory and per-CPU slots are reached by pointer")]

use core::ffi::c_void;

use aya_ebpf::helpers::{
    bpf_get_smp_processor_id, bpf_ktime_get_ns, bpf_ringbuf_reserve, bpf_ringbuf_submit,
    bpf_seq_write,
};
use tracer_common::{Header, counter};
use zerocopy::FromBytes;

use crate::globals;
use crate::maps::{self, COUNTERS, RINGS, SCRATCH, SCRATCH_WORDS};

const NO_WAKEUP: u64 = 1;
const FORCE_WAKEUP: u64 = 2;

/// Bytes that the kernel puts before every record of a ring buffer.
const RING_HEADER: u64 = 8;

type Counters = *mut [u64; counter::COUNT];

/// Sends the record that `make` fills around the header it is given, or counts it as lost.
///
/// The clock is read after the place in the ring is taken, so that a record which is not yet
/// reserved at some moment is also later than that moment.
#[inline(always)]
pub(crate) fn record<T>(kind: u8, make: impl FnOnce(Header) -> T) {
    record_and_wake(kind, false, make);
}

/// As [`record`]; `urgent`: the reader is woken whatever the watermark says. For what userspace
/// must look at before it is gone.
#[inline(always)]
pub(crate) fn record_and_wake<T>(kind: u8, urgent: bool, make: impl FnOnce(Header) -> T) {
    send::<T>(kind, urgent, |slot, header| {
        // SAFETY: the slot is reserved memory of T's size, aligned to 8 bytes.
        unsafe { slot.write(make(header)) };
    });
}

/// As [`record`], for records too large for the stack: `fill` writes every field itself.
#[inline(always)]
pub(crate) fn in_place<T>(kind: u8, fill: impl FnOnce(*mut T, Header)) {
    send(kind, false, fill);
}

#[inline(always)]
fn send<T>(kind: u8, urgent: bool, fill: impl FnOnce(*mut T, Header)) {
    const { assert!(align_of::<T>() <= 8 && size_of::<T>().is_multiple_of(8)) };
    let Some(counters) = counters() else { return };
    // SAFETY: a helper without arguments.
    let cpu = unsafe { bpf_get_smp_processor_id() };
    let seq = fetch_add(counters, counter::EMITTED);
    let Some(ring) = RINGS.get(cpu % globals::ring_count().max(1)) else {
        fetch_add(counters, counter::LOST_NO_RING);
        return;
    };
    let ring = core::ptr::from_ref(ring).cast_mut().cast::<c_void>();
    // SAFETY: the map is a ring buffer.
    let slot = unsafe { bpf_ringbuf_reserve(ring, size_of::<T>() as u64, 0) };
    if slot.is_null() {
        fetch_add(counters, counter::LOST_FULL);
        return;
    }
    let words = (size_of::<T>() / 8) as u8;
    fill(slot.cast(), Header { at_ns: now(), seq: seq as u32, cpu: cpu as u16, kind, words });
    let flags = wakeup(counters, size_of::<T>() as u64 + RING_HEADER, urgent);
    // SAFETY: the slot was reserved above and is submitted once.
    unsafe { bpf_ringbuf_submit(slot, flags) };
}

/// Whether this record wakes the reader: once in so many bytes of this CPU, or if it must.
#[inline(always)]
fn wakeup(counters: Counters, bytes: u64, urgent: bool) -> u64 {
    let unread = get(counters, counter::UNREAD_BYTES) + bytes;
    if unread < u64::from(globals::watermark()) && !urgent {
        set(counters, counter::UNREAD_BYTES, unread);
        return NO_WAKEUP;
    }
    set(counters, counter::UNREAD_BYTES, 0);
    fetch_add(counters, counter::WAKEUPS);
    FORCE_WAKEUP
}

/// Where the task iterator makes a record: what an earlier one has left is still there.
#[inline(always)]
pub(crate) fn scratch<T: FromBytes>() -> Option<&'static mut T> {
    const { assert!(align_of::<T>() <= 8 && size_of::<T>() <= SCRATCH_WORDS * 8) };
    // SAFETY: this CPU's slot is large enough, aligned, used by nothing else meanwhile, and any
    // bytes are a record.
    unsafe { SCRATCH.get_ptr_mut(0)?.cast::<T>().as_mut() }
}

/// Writes a record to the reader of the task iterator.
#[inline(always)]
pub(crate) fn to_reader<T>(seq: *mut c_void, record: &T) {
    let record = core::ptr::from_ref(record).cast_mut().cast();
    // SAFETY: seq is the iterator's own file, and the record is initialised and of that size.
    // A full page makes the kernel run the program again for the same task.
    unsafe { bpf_seq_write(seq.cast(), record, size_of::<T>() as u32) };
}

/// Now, ns of the monotonic clock.
#[inline(always)]
pub(crate) fn now() -> u64 {
    // SAFETY: a helper without arguments.
    unsafe { bpf_ktime_get_ns() }
}

/// Adds one to one of this CPU's counters.
#[inline(always)]
pub(crate) fn count(index: usize) {
    if let Some(counters) = counters() {
        fetch_add(counters, index);
    }
}

/// This CPU's counters; `None` while nothing is recorded.
#[inline(always)]
fn counters() -> Option<Counters> {
    if maps::armed() { COUNTERS.get_ptr_mut(0) } else { None }
}

#[inline(always)]
fn get(counters: Counters, index: usize) -> u64 {
    // SAFETY: this CPU's slot, and the index is a constant below COUNT.
    unsafe { counters.cast::<u64>().wrapping_add(index).read() }
}

#[inline(always)]
fn set(counters: Counters, index: usize, value: u64) {
    // SAFETY: this CPU's slot, and the index is a constant below COUNT.
    unsafe { counters.cast::<u64>().wrapping_add(index).write(value) };
}

/// Atomic, since an interrupt's program can run between the read and the write of a task's.
#[cfg(target_arch = "bpf")]
#[inline(always)]
fn fetch_add(counters: Counters, index: usize) -> u64 {
    let slot = counters.cast::<u64>().wrapping_add(index);
    let mut value = 1_u64;
    // SAFETY: the slot is this CPU's, 8 bytes, aligned; the instruction touches nothing else.
    unsafe {
        core::arch::asm!(
            "{value} = atomic_fetch_add((u64 *)({slot} + 0), {value})",
            value = inout(reg) value,
            slot = in(reg) slot,
        );
    }
    value
}

/// Only type-checked: BPF programs do not run on the host.
#[cfg(not(target_arch = "bpf"))]
fn fetch_add(counters: Counters, index: usize) -> u64 {
    let value = get(counters, index);
    set(counters, index, value + 1);
    value
}
