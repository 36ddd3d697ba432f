//! The user registers of a task in the kernel, and with them the arguments of its system call.

use tracer_common::field::{
    REGS_ARG0, REGS_ARRAY, REGS_DX, REGS_ORIG_AX, REGS_R8, REGS_R10, REGS_SI, REGS_SP,
    REGS_SYSCALLNO,
};
use tracer_common::inspect_field::REGS_R9;
use tracer_common::record::{REGISTERS_MAX, SleepCall};

use crate::globals;
use crate::kernel::Kernel;

/// Words of x86's `pt_regs`, which end at the top of the kernel stack.
const X86_REGISTERS: usize = 21;

/// A `struct pt_regs`: the user registers of a task in the kernel.
#[derive(Clone, Copy)]
pub(crate) struct Registers(Kernel);

impl Registers {
    /// Wraps a tracepoint's registers argument; they are never null.
    #[inline(always)]
    pub(crate) const fn new(pointer: *const u8) -> Self {
        Self(Kernel::new(pointer))
    }

    /// The stack pointer.
    #[inline(always)]
    pub(crate) fn sp(self) -> u64 {
        self.0.load::<u64, REGS_SP>().unwrap_or(0)
    }

    /// Number of the system call it is in; all ones if in none.
    #[inline(always)]
    pub(crate) fn call(self) -> u64 {
        let arm64 = || self.0.load::<u32, REGS_SYSCALLNO>().map(u64::from);
        self.0.load::<u64, REGS_ORIG_AX>().or_else(arm64).unwrap_or(u64::MAX)
    }

    /// The same as [`SleepCall`] has it.
    #[inline(always)]
    pub(crate) fn told_call(self) -> u32 {
        // An int for the kernel: negative if it is in no call.
        let number = self.call() as u32;
        if number <= SleepCall::NUMBER_MAX {
            number + SleepCall::FIRST
        } else if number >> 31 != 0 {
            SleepCall::NONE
        } else {
            SleepCall::UNTOLD
        }
    }

    /// The first five arguments of the system call. They keep their values until its end, but for
    /// arm64's first, of which the kernel keeps a copy.
    #[inline(always)]
    pub(crate) fn args(self) -> Args {
        [
            self.arg::<REGS_ARG0, 0>(),
            self.arg::<REGS_SI, 1>(),
            self.arg::<REGS_DX, 2>(),
            self.arg::<REGS_R10, 3>(),
            self.arg::<REGS_R8, 4>(),
        ]
    }

    /// All that a program sees, in the order of `pt_regs`: x86's, or arm64's `user_pt_regs`.
    #[inline(always)]
    pub(crate) fn all(self, into: &mut [u64; REGISTERS_MAX]) {
        let count =
            if globals::offset::<REGS_ORIG_AX>().is_some() { X86_REGISTERS } else { REGISTERS_MAX };
        for (index, register) in into.iter_mut().enumerate().take(count) {
            *register = self.0.copy_at(index * 8).unwrap_or(0);
        }
    }

    /// The sixth argument (x86; arm64 has it in the array).
    #[inline(always)]
    pub(crate) fn sixth(self) -> u64 {
        self.arg::<REGS_R9, 5>()
    }

    #[inline(always)]
    fn arg<const FIELD: usize, const N: usize>(self) -> u64 {
        let in_array = || self.0.copy::<u64, REGS_ARRAY>(N * 8);
        self.0.load::<u64, FIELD>().or_else(in_array).unwrap_or(0)
    }
}

/// The first five arguments of a call.
pub(crate) type Args = [u64; 5];
