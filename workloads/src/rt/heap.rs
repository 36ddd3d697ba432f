//! The heap: `talc` on mappings, behind a lock.
#![expect(unsafe_code, reason = "an allocator hands out memory that the compiler knows nothing of")]

use core::alloc::Layout;
use core::ptr;
use core::sync::atomic::{AtomicBool, Ordering};

use lock_api::{GuardSend, RawMutex};
use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous};
use rustix::thread::sched_yield;
use talc::TalcLock;
use talc::base::Talc;
use talc::base::binning::Binning;
use talc::source::Source;

/// Memory is taken from the kernel in pieces of this many bytes, and never given back.
const PIECE: usize = 1 << 20;

#[global_allocator]
static HEAP: TalcLock<Lock, Mappings> = TalcLock::new(Mappings);

/// Where the heap's memory comes from.
#[derive(Debug)]
struct Mappings;

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
        // SAFETY: the mapping is new, and from here on the heap's alone.
        unsafe { talc.claim(base.cast(), size) }.map(|_end| ()).ok_or(())
    }
}

/// The heap's lock: held for some hundred nanoseconds at most.
struct Lock(AtomicBool);

// SAFETY: `lock` returns to one at a time: only the one that changed the word from false to true.
unsafe impl RawMutex for Lock {
    #[expect(clippy::declare_interior_mutable_const, reason = "what the trait asks for")]
    const INIT: Self = Self(AtomicBool::new(false));

    type GuardMarker = GuardSend;

    fn lock(&self) {
        while !self.try_lock() {
            // Its holder has been preempted, or runs on another CPU.
            sched_yield();
        }
    }

    fn try_lock(&self) -> bool {
        // Acquire: what the last holder did to the heap is seen.
        self.0.compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }

    unsafe fn unlock(&self) {
        // Release: what this holder did to the heap is seen by the next.
        self.0.store(false, Ordering::Release);
    }
}
