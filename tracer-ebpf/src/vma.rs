//! What is mapped at an address of the current task: `bpf_find_vma` (from 5.17 on).
#![expect(unsafe_code, reason = "the kernel calls back with raw pointers")]

use core::ffi::c_void;

use aya_ebpf::helpers::bpf_find_vma;
use tracer_common::field::*;

use crate::globals;
use crate::kernel::Kernel;
use crate::task::Task;

/// `VM_SHARED` (`include/linux/mm.h`).
const VM_SHARED: u64 = 8;

const PAGE_SHIFT: u64 = 12;

/// Where in which file an address lies; no object for memory that is the task's own.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Place {
    /// Inode number, mixed with its device; zero for anonymous and private memory.
    pub(crate) object: u64,
    /// The address going in, the offset in the file coming out, bytes.
    pub(crate) offset: u64,
}

/// What lies at an address. `None` if the kernel cannot look now (its lock is taken) or at all.
#[inline(always)]
pub(crate) fn place(task: Task, address: u64) -> Option<Place> {
    if globals::has_find_vma() == 0 {
        return None;
    }
    let mut place = Place { object: 0, offset: address };
    // SAFETY: the callback has the signature that the kernel calls, and the context outlives it.
    let failed = unsafe {
        bpf_find_vma(task.as_ptr().cast(), address, look as *mut c_void, (&raw mut place).cast(), 0)
    };
    if failed == 0 { Some(place) } else { None }
}

/// Called once, with the mapping that contains the address.
extern "C" fn look(_task: *mut c_void, vma: *const u8, place: *mut Place) -> i64 {
    // SAFETY: the context that `place` passed, which is on its stack.
    let Some(place) = (unsafe { place.as_mut() }) else { return 0 };
    let vma = Kernel::new(vma);
    if vma.load::<u64, VMA_FLAGS>().unwrap_or(0) & VM_SHARED == 0 {
        return 0;
    }
    let Some(file) = vma.follow::<VMA_FILE>() else { return 0 };
    let Some(inode) = file.follow::<FILE_INODE>() else { return 0 };
    let device = inode.follow::<INODE_SB>().and_then(Kernel::load::<u32, SB_DEV>).unwrap_or(0);
    let start = vma.load::<u64, VMA_START>().unwrap_or(0);
    let page = vma.load::<u64, VMA_PGOFF>().unwrap_or(0);
    place.object = inode.load::<u64, INODE_INO>().unwrap_or(0) ^ (u64::from(device) << 40);
    place.offset = place.offset - start + (page << PAGE_SHIFT);
    0
}
