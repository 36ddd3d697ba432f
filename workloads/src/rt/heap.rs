//! The heap: `talc` on mappings, behind a lock.
#![expect(unsafe_code, reason = "an allocator hands out memory that the compiler knows nothing of")]

use core::alloc::Layout;
use core::ptr;
use core::sync::atomic::{AtomicUsize, Ordering};

use lock_api::MutexGuard;
use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous};
use talc::TalcLock;
use talc::base::Talc;
use talc::base::binning::Binning;
use talc::source::Source;

use crate::sync::mutex::RawMutex;

/// Memory is taken from the kernel in pieces of this many bytes, and never given back.
const PIECE: usize = 1 << 20;

#[global_allocator]
static HEAP: TalcLock<RawMutex, Mappings> = TalcLock::new(Mappings);

/// The heap's lock, held.
pub(crate) type Held =
    MutexGuard<'static, RawMutex, Talc<Mappings, talc::base::binning::DefaultBinning>>;

/// Holds the heap's lock, for a fork: the copy of the memory has it held by its only thread.
pub(crate) fn hold() -> Held {
    HEAP.lock()
}

/// Bytes taken from the kernel.
static TAKEN: AtomicUsize = AtomicUsize::new(0);

/// Bytes that the heap has taken from the kernel so far.
pub(crate) fn taken() -> usize {
    TAKEN.load(Ordering::Relaxed)
}

/// Where the heap's memory comes from.
#[derive(Debug)]
pub(crate) struct Mappings;

// SAFETY: it calls the kernel alone, and the heap it is given.
unsafe impl Source for Mappings {
    fn acquire<B: Binning>(talc: &mut Talc<Self, B>, layout: Layout) -> Result<(), ()> {
        // Room for the heap's own words beside what is asked for.
        let wanted = layout.size().checked_add(layout.align()).ok_or(())?;
        let size = wanted.checked_add(PIECE / 2).ok_or(())?.next_multiple_of(PIECE);
        let protection = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: a new mapping where the kernel likes it touches nothing that is there.
        let mapped =
            unsafe { mmap_anonymous(ptr::null_mut(), size, protection, MapFlags::PRIVATE) };
        let base = mapped.map_err(|_refused| ())?;
        TAKEN.fetch_add(size, Ordering::Relaxed);
        // SAFETY: the mapping is new, and from here on the heap's alone.
        unsafe { talc.claim(base.cast(), size) }.map(|_end| ()).ok_or(())
    }
}
