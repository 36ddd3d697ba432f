//! What a signal interrupted.

use super::Set;
use super::machine::UserContext;

/// Registers and mask of what a handler interrupted: the kernel puts them back when it returns.
#[repr(transparent)]
pub struct Context(UserContext);

impl Context {
    /// The instruction that it goes on with.
    pub fn pc(&self) -> usize {
        self.0.pc
    }

    /// Where its stack ends.
    pub fn stack_pointer(&self) -> usize {
        self.0.sp
    }

    /// The signals it blocks.
    pub fn mask(&self) -> Set {
        Set::from_bits(self.0.mask)
    }

    /// Lets it go on elsewhere.
    ///
    /// Only for [`super::fault`]: what it was doing is left undone.
    pub(super) fn set_pc(&mut self, pc: usize) {
        self.0.pc = pc;
    }
}

impl core::fmt::Debug for Context {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Context").field("pc", &self.pc()).finish_non_exhaustive()
    }
}
