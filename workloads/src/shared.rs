//! Memory that processes share: it outlives a child that dies, and shows what it did.
#![expect(unsafe_code, reason = "a mapping is memory that the compiler knows nothing of")]

use core::ffi::c_void;
use core::{ptr, slice};

use rustix::io::Errno;
use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous, munmap};
use rustix::param::page_size;
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

    /// Maps room for `count` of them right below an address, a page's; nothing may be mapped there.
    ///
    /// # Errors
    /// `EEXIST` if something is, and as [`Shared::new`].
    pub fn new_below(address: *mut u8, count: usize) -> Result<Self, Errno> {
        let size =
            count.checked_mul(size_of::<T>()).filter(|size| *size > 0).ok_or(Errno::INVAL)?;
        let at = address.wrapping_sub(size.next_multiple_of(page_size()));
        let protection = ProtFlags::READ | ProtFlags::WRITE;
        let flags = MapFlags::SHARED | MapFlags::FIXED_NOREPLACE;
        // SAFETY: a new mapping that replaces none touches nothing that is there.
        let base = unsafe { mmap_anonymous(at.cast(), size, protection, flags) }?;
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

#[cfg(test)]
mod tests {
    use core::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[test]
    fn it_begins_with_zeroes_and_keeps_what_is_written() {
        let shared = Shared::<AtomicU32>::new(5000).unwrap();
        assert_eq!(shared.len(), 5000);
        assert!(shared.iter().all(|word| word.load(Ordering::Relaxed) == 0));
        shared[4999].store(7, Ordering::Relaxed);
        assert_eq!(shared[4999].load(Ordering::Relaxed), 7);
    }

    #[test]
    fn none_and_too_many_are_refused() {
        for count in [0, usize::MAX, usize::MAX / 2] {
            assert_eq!(Shared::<AtomicU32>::new(count).err(), Some(Errno::INVAL), "{count}");
        }
    }
}
