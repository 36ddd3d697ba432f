//! A gate that tasks wait at, in one process or in several.

use core::sync::atomic::{AtomicU32, Ordering};

use rustix::io::Errno;
use rustix::thread::futex;
use zerocopy::FromZeros;

/// A gate, closed at first. In [`crate::shared`] memory it is one for all processes.
#[derive(Debug, Default, FromZeros)]
#[repr(transparent)]
pub struct Gate(AtomicU32);

impl Gate {
    const OPEN: u32 = 1;

    /// A closed one.
    pub const fn new() -> Self {
        Self(AtomicU32::new(0))
    }

    /// Lets everybody through, from now on.
    pub fn open(&self) {
        // Release: whoever comes through sees what was done before.
        self.0.store(Self::OPEN, Ordering::Release);
        // Not a private wake: who waits may be of another process.
        let woken = futex::wake(&self.0, futex::Flags::empty(), i32::MAX.cast_unsigned());
        debug_assert!(woken.is_ok(), "a word that is there");
    }

    /// Waits until it is open.
    pub fn pass(&self) {
        // Acquire: as above.
        while self.0.load(Ordering::Acquire) != Self::OPEN {
            let woken = futex::wait(&self.0, futex::Flags::empty(), 0, None);
            debug_assert!(
                matches!(woken, Ok(()) | Err(Errno::AGAIN | Errno::INTR)),
                "a word that is there"
            );
        }
    }
}
