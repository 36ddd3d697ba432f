//! Stacks: mappings with a guard page below, where an overflow dies instead of corrupting.
//!
//! ```text
//! base          base + GUARD                        base + length
//! | guard: no access | stack, growing down ................ |
//! ```
#![expect(unsafe_code, reason = "a mapping is memory that the compiler knows nothing of")]

pub mod cache;

use core::ptr;

use rustix::io::Errno;
use rustix::mm::{MapFlags, MprotectFlags, ProtFlags, mmap_anonymous, mprotect, munmap};

/// Bytes below a stack that nobody can touch: the largest page of both machines' usual kernels.
pub const GUARD: usize = if cfg!(target_arch = "aarch64") { 64 << 10 } else { 4 << 10 };

/// The least room for a stack, bytes.
pub const LEAST: usize = 4 << 10;

/// A stack of its own.
#[derive(Debug)]
pub struct Stack {
    base: *mut u8,
    length: usize,
}

// SAFETY: it owns memory, as a `Box<[u8]>` does.
unsafe impl Send for Stack {}

impl Stack {
    /// Maps one with room for at least `size` bytes, and the guard below.
    ///
    /// # Errors
    /// `EINVAL` for one that is smaller than [`LEAST`] or cannot be addressed, and those of `mmap`
    /// and `mprotect`; `ENOMEM` is also what the kernel says to more than `vm.max_map_count`
    /// mappings, of which a stack is two.
    pub fn new(size: usize) -> Result<Self, Errno> {
        let length = Self::length_for(size)?;
        // SAFETY: a new mapping where the kernel likes it touches nothing that is there.
        let base = unsafe {
            mmap_anonymous(
                ptr::null_mut(),
                length,
                ProtFlags::READ | ProtFlags::WRITE,
                MapFlags::PRIVATE | MapFlags::NORESERVE | MapFlags::STACK,
            )
        }?;
        let stack = Self { base: base.cast(), length };
        // SAFETY: the first bytes of the new mapping, which nobody uses yet.
        unsafe { mprotect(base, GUARD, MprotectFlags::empty()) }?;
        Ok(stack)
    }

    /// Bytes of the mapping for a stack of so many.
    fn length_for(size: usize) -> Result<usize, Errno> {
        let size = size.checked_next_multiple_of(GUARD).filter(|_| size >= LEAST);
        size.and_then(|size| size.checked_add(GUARD)).ok_or(Errno::INVAL)
    }

    /// Where it begins to grow down from: the address after its last byte, aligned to a page.
    pub fn end(&self) -> *mut u8 {
        self.base.wrapping_add(self.length)
    }

    /// Its lowest address that can be used.
    pub fn bottom(&self) -> *mut u8 {
        self.base.wrapping_add(GUARD)
    }

    /// Bytes that can be used.
    pub fn size(&self) -> usize {
        self.length - GUARD
    }

    /// Its whole mapping with the guard, and with it the duty to unmap it.
    pub fn into_parts(self) -> (*mut u8, usize) {
        let parts = (self.base, self.length);
        core::mem::forget(self);
        parts
    }

    /// Takes it over again.
    ///
    /// # Safety
    /// They are what [`Stack::into_parts`] gave, and this is the only taker.
    pub unsafe fn from_parts(base: *mut u8, length: usize) -> Self {
        Self { base, length }
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours, and its owner says that nobody runs on it any more.
        let unmapped = unsafe { munmap(self.base.cast(), self.length) };
        debug_assert!(unmapped.is_ok(), "a mapping of our own");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_that_cannot_be_are_refused() {
        for size in [0, LEAST - 1, usize::MAX, usize::MAX - GUARD] {
            assert_eq!(Stack::new(size).err(), Some(Errno::INVAL), "{size}");
        }
    }

    #[test]
    fn a_stack_has_the_room_that_was_asked_for_and_can_be_written() {
        let stack = Stack::new(20_000).unwrap();
        assert!(stack.size() >= 20_000);
        assert_eq!(stack.end().addr() - stack.bottom().addr(), stack.size());
        // SAFETY: the lowest byte of a stack that nobody runs on.
        unsafe { stack.bottom().write(1) };
        let highest = stack.end().wrapping_sub(1);
        // SAFETY: the highest one.
        unsafe { highest.write(2) };
    }

    #[test]
    fn the_guard_cannot_be_touched() {
        let stack = Stack::new(LEAST).unwrap();
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        let base = stack.bottom().addr() - GUARD;
        let guard = maps.lines().find(|line| line.starts_with(&format!("{base:x}-"))).unwrap();
        assert!(guard.contains(" ---p "), "{guard}");
    }
}
