//! A cell that is filled once.
#![expect(unsafe_code, reason = "the cell hands out references to what was written once")]

use core::fmt;

use super::Once;
use crate::shim::{UnsafeCell, const_fn};

/// A value that the first who asks for it makes.
pub struct OnceCell<T> {
    once: Once,
    value: UnsafeCell<Option<T>>,
}

// SAFETY: the value is made by one thread, and shared with all; the last owner drops it.
unsafe impl<T: Send + Sync> Sync for OnceCell<T> {}
// SAFETY: who owns the cell owns the value.
unsafe impl<T: Send> Send for OnceCell<T> {}

impl<T> OnceCell<T> {
    const_fn! {
        /// An empty cell.
        pub const fn new() -> Self {
            Self { once: Once::new(), value: UnsafeCell::new(None) }
        }
    }

    /// The value, if it is made.
    #[inline]
    pub fn get(&self) -> Option<&T> {
        if !self.once.is_done() {
            return None;
        }
        // SAFETY: once it is done nobody writes any more.
        self.value.with(|value| unsafe { &*value }.as_ref())
    }

    /// The value, which `make` makes if nobody has. Waits while another makes it.
    ///
    /// # Panics
    /// If `make` does.
    pub fn get_or_init(&self, make: impl FnOnce() -> T) -> &T {
        self.once.call(|| {
            let new = make();
            // SAFETY: `Once` runs one closure at a time, and none after this; nobody reads before.
            self.value.with_mut(|cell| unsafe { *cell = Some(new) });
        });
        let Some(value) = self.get() else { unreachable!("the work is done") };
        value
    }

    /// Fills the cell; gives `value` back if it is full.
    ///
    /// # Errors
    /// The value, if there is one already.
    pub fn set(&self, value: T) -> Result<(), T> {
        let mut value = Some(value);
        self.once.call(|| {
            let value = value.take();
            // SAFETY: as in `get_or_init`.
            self.value.with_mut(|cell| unsafe { *cell = value });
        });
        value.map_or(Ok(()), Err)
    }

    /// Ends the cell and returns the value.
    pub fn into_inner(self) -> Option<T> {
        self.value.into_inner()
    }
}

impl<T> Default for OnceCell<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: fmt::Debug> fmt::Debug for OnceCell<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OnceCell").field(&self.get()).finish()
    }
}
