//! Stacks of threads that are gone, kept for the next: to map, protect and unmap one takes longer
//! than to make the thread.
//!
//! A few, and none that is large: at most [`STACKS`] times [`LARGEST`] bytes are kept from the
//! kernel. What the last thread left on a stack is still there; the guard stays. There is no lock: a
//! process that is forked meanwhile has a cache that works.

use core::ptr;
use core::sync::atomic::{AtomicUsize, Ordering};

use rustix::io::Errno;

use super::Stack;

/// Stacks that are kept.
pub const STACKS: usize = 16;

/// Bytes of the largest that is kept, its guard included.
pub const LARGEST: usize = 512 << 10;

/// The kernel's smallest page: addresses and lengths are multiples of it.
const PAGE: usize = 4 << 10;

/// Each is 0, or the address of a stack, and in the bits that are 0 in every such address, its pages.
static CACHE: [AtomicUsize; STACKS] = [const { AtomicUsize::new(0) }; STACKS];

const _: () = assert!(LARGEST / PAGE < PAGE, "the number of pages fits below an address");

impl Stack {
    /// One with room for at least `size` bytes, maybe used before.
    ///
    /// # Errors
    /// As [`Stack::new`].
    pub fn reused(size: usize) -> Result<Self, Errno> {
        let length = Self::length_for(size)?;
        match take(|pages| pages * PAGE == length) {
            Some(stack) => Ok(stack),
            None => Self::new(size),
        }
    }

    /// Keeps it for the next, or unmaps it.
    pub fn keep(self) {
        if self.length > LARGEST {
            return;
        }
        for slot in &CACHE {
            if slot.load(Ordering::Relaxed) != 0 {
                continue;
            }
            let kept = self.base.expose_provenance() | (self.length / PAGE);
            // Release: whoever takes it writes to it after all that its last thread did.
            if slot.compare_exchange(0, kept, Ordering::Release, Ordering::Relaxed).is_ok() {
                self.into_parts();
                return;
            }
        }
    }
}

/// Unmaps all that are kept.
pub fn empty() {
    while take(|_| true).is_some() {}
}

fn take(fits: impl Fn(usize) -> bool) -> Option<Stack> {
    for slot in &CACHE {
        let kept = slot.load(Ordering::Relaxed);
        let (address, pages) = (kept & !(PAGE - 1), kept & (PAGE - 1));
        // Acquire: as above. The same word is the same stack, even if it was away meanwhile.
        if kept != 0
            && fits(pages)
            && slot.compare_exchange(kept, 0, Ordering::Acquire, Ordering::Relaxed).is_ok()
        {
            let base = ptr::with_exposed_provenance_mut(address);
            // SAFETY: `keep` took it apart, and this is who took it out.
            return Some(unsafe { Stack::from_parts(base, pages * PAGE) });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::{LARGEST, STACKS, empty};
    use crate::stack::Stack;

    /// There is one cache.
    static ALONE: Mutex<()> = Mutex::new(());

    #[test]
    fn a_kept_stack_is_used_again_for_its_size_alone() {
        let _alone = ALONE.lock();
        empty();
        let stack = Stack::new(20_000).unwrap();
        let end = stack.end();
        stack.keep();
        assert_ne!(Stack::reused(50_000).unwrap().end(), end);
        let again = Stack::reused(20_000).unwrap();
        assert_eq!(again.end(), end);
        assert_ne!(Stack::reused(20_000).unwrap().end(), end, "it is taken");
    }

    #[test]
    fn no_more_are_kept_than_there_is_room_for() {
        let _alone = ALONE.lock();
        empty();
        let stacks: Vec<Stack> = (0..STACKS + 3).map(|_| Stack::new(4096).unwrap()).collect();
        stacks.into_iter().for_each(Stack::keep);
        Stack::new(LARGEST).unwrap().keep();
        let mut kept = 0;
        while super::take(|_| true).is_some() {
            kept += 1;
        }
        assert_eq!(kept, STACKS);
    }
}
