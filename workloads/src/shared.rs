//! Memory that processes share: it outlives a child that dies, and shows what it did.
#![expect(unsafe_code, reason = "a mapping is memory that the compiler knows nothing of")]

use core::ffi::c_void;
use core::{ptr, slice};

use rustix::io::Errno;
use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous, munmap};
use zerocopy::FromZeros;

/// A row of `T` in memory that is shared with every process forked from now on. It begins with
/// zeroes, takes no room before it is written to, and is unmapped with its owner.
#[derive(Debug)]
pub struct Shared<T> {
    base: *mut T,
    count: usize,
}

// SAFETY: it is memory with a `&[T]` for everyone, as a `Box<[T]>` is.
unsafe impl<T: Sync + Send> Send for Shared<T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for Shared<T> {}

impl<T: FromZeros + Sync> Shared<T> {
    /// Maps room for `count` of them.
    ///
    /// # Errors
    /// `EINVAL` for none or too many to be addressed, and those of `mmap`.
    pub fn new(count: usize) -> Result<Self, Errno> {
        let size =
            count.checked_mul(size_of::<T>()).filter(|size| *size > 0).ok_or(Errno::INVAL)?;
        let protection = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: a new mapping where the kernel likes it touches nothing that is there.
        let base = unsafe {
            mmap_anonymous(
                ptr::null_mut(),
                size,
                protection,
                MapFlags::SHARED | MapFlags::NORESERVE,
            )
        }?;
        Ok(Self { base: base.cast(), count })
    }

    /// Never unmaps it.
    pub fn leak(self) -> &'static [T] {
        let (base, count) = (self.base, self.count);
        core::mem::forget(self);
        // SAFETY: as in `deref`; and it stays mapped for ever.
        unsafe { slice::from_raw_parts(base, count) }
    }
}

impl<T> core::ops::Deref for Shared<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        // SAFETY: the mapping is that long, aligned to a page, zeroed, and zeroes are a `T`.
        unsafe { slice::from_raw_parts(self.base, self.count) }
    }
}

impl<T> Drop for Shared<T> {
    fn drop(&mut self) {
        let base: *mut c_void = self.base.cast();
        // SAFETY: the mapping is ours, and nobody can have a reference to it any more.
        let unmapped = unsafe { munmap(base, self.count * size_of::<T>()) };
        debug_assert!(unmapped.is_ok(), "a mapping of our own");
    }
}
