//! Signals on `aarch64`.
//!
//! A function that faults here calls nothing, so that a handler can end it: its return address is
//! still in x30.
#![expect(unsafe_code, reason = "assembly is outside of what the compiler can check")]

use core::arch::naked_asm;

/// What the kernel saves when it calls a handler: `struct ucontext` and `struct sigcontext`
/// (arch/arm64/include/uapi/asm/ucontext.h and sigcontext.h, v6.18).
#[repr(C)]
pub(in crate::signal) struct UserContext {
    flags: u64,
    link: u64,
    stack: [u64; 3],
    pub(in crate::signal) mask: u64,
    /// Room for a mask of 1024 bits, and up to the next multiple of 16.
    reserved: [u64; 16],
    fault: u64,
    registers: [u64; 31],
    pub(in crate::signal) sp: usize,
    pub(in crate::signal) pc: usize,
}

const _: () = assert!(core::mem::offset_of!(UserContext, fault) == 176);

/// Where a handler returns to: the kernel's vDSO has a place of its own for that, which debuggers
/// know.
pub(in crate::signal) const RESTORER: Option<unsafe extern "C" fn()> = None;

/// `si_code` of [`illegal`]: `ILL_ILLOPC` (arch/arm64/kernel/traps.c, `do_el0_undef`, v6.18).
pub(in crate::signal) const ILLEGAL_CODE: i32 = 1;
/// `si_code` of [`trap`]: `TRAP_BRKPT` (arch/arm64/kernel/debug-monitors.c, `do_el0_brk64`, v6.18).
pub(in crate::signal) const TRAP_CODE: i32 = 1;
/// This machine divides by zero without a word: the result is zero.
pub(in crate::signal) const DIVIDE: Option<extern "C" fn()> = None;

/// Writes a byte to an address.
///
/// # Safety
/// Nobody's memory, or memory that may be 1.
#[unsafe(naked)]
pub(in crate::signal) unsafe extern "C" fn store(address: *mut u8) {
    naked_asm!(
        "mov w1, #1",
        "strb w1, [x0]", // faults, unless there is memory
        "ret",
    )
}

/// Runs what is no instruction.
#[unsafe(naked)]
pub(in crate::signal) extern "C" fn illegal() {
    naked_asm!(
        "udf #0", // faults
        "ret",
    )
}

/// Runs a breakpoint.
#[unsafe(naked)]
pub(in crate::signal) extern "C" fn trap() {
    naked_asm!(
        "brk #0", // faults
        "ret",
    )
}

/// Pushes until the stack is full. It ends only by way of [`leave_overflow`].
#[unsafe(naked)]
pub(in crate::signal) extern "C" fn overflow() {
    naked_asm!(
        "mov x1, sp", // where the stack was
        "2:",
        "str xzr, [sp, #-16]!", // faults at the guard
        "b 2b",
    )
}

/// Where a function that faulted goes on.
#[unsafe(naked)]
extern "C" fn leave() {
    naked_asm!(
        "ret", // to the caller of the function that faulted
    )
}

/// Where [`overflow`] goes on.
#[unsafe(naked)]
extern "C" fn leave_overflow() {
    naked_asm!(
        "mov sp, x1", // back to where the stack was
        "ret",
    )
}

/// Where a function of this file that faulted at this instruction goes on, which returns to its
/// caller; `None` for any other instruction.
pub(in crate::signal) fn after(pc: usize) -> Option<usize> {
    // Where each begins, the bytes up to the instruction that is named, and where it goes on.
    let faulty = [
        (store as *const (), 4, leave as *const ()),
        (illegal as *const (), 0, leave as *const ()),
        (trap as *const (), 0, leave as *const ()),
        (overflow as *const (), 4, leave_overflow as *const ()),
    ];
    let found = faulty.iter().find(|(function, bytes, _)| function.addr() + bytes == pc);
    found.map(|(_, _, after)| after.addr())
}
