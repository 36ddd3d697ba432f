//! Signals on `x86_64`.
//!
//! A function that faults here keeps nothing on its stack, so that a handler can end it: what
//! [`leave`] returns to is its caller.
#![expect(unsafe_code, reason = "assembly is outside of what the compiler can check")]

use core::arch::naked_asm;

/// What the kernel saves when it calls a handler: `struct ucontext` (include/uapi/asm-generic/ucontext.h)
/// with `struct sigcontext_64` (arch/x86/include/uapi/asm/sigcontext.h), v6.18.
#[repr(C)]
pub(in crate::signal) struct UserContext {
    flags: u64,
    link: u64,
    stack: [u64; 3],
    /// r8 to r15, di, si, bp, bx, dx, ax, cx.
    registers: [u64; 15],
    pub(in crate::signal) sp: usize,
    pub(in crate::signal) pc: usize,
    /// Flags, segments, error and trap number, the old mask, cr2, address of the FPU's state.
    more: [u64; 7],
    reserved: [u64; 8],
    pub(in crate::signal) mask: u64,
}

const _: () = assert!(core::mem::offset_of!(UserContext, mask) == 296);

/// Where a handler returns to.
pub(in crate::signal) const RESTORER: Option<unsafe extern "C" fn()> = Some(signal_return);

/// Where a signal handler returns to: the kernel restores what it interrupted.
///
/// # Safety
/// Never to be called: it is an address for `sa_restorer`.
#[unsafe(naked)]
unsafe extern "C" fn signal_return() {
    naked_asm!(
        "mov eax, 15", // rt_sigreturn()
        "syscall",     // goes on where the signal hit
        "ud2",         // it does not return
    )
}

/// `si_code` of [`illegal`]: `ILL_ILLOPN` (arch/x86/kernel/traps.c, `handle_invalid_op`, v6.18).
pub(in crate::signal) const ILLEGAL_CODE: i32 = 2;
/// `si_code` of [`trap`]: `SI_KERNEL` (arch/x86/kernel/traps.c, `do_int3_user`, v6.18).
pub(in crate::signal) const TRAP_CODE: i32 = 128;
/// Divides by zero.
pub(in crate::signal) const DIVIDE: Option<extern "C" fn()> = Some(divide);

/// Writes a byte to an address.
///
/// # Safety
/// Nobody's memory, or memory that may be 1.
#[unsafe(naked)]
pub(in crate::signal) unsafe extern "C" fn store(address: *mut u8) {
    naked_asm!(
        "mov byte ptr [rdi], 1", // faults, unless there is memory
        "ret",
    )
}

/// Runs what is no instruction.
#[unsafe(naked)]
pub(in crate::signal) extern "C" fn illegal() {
    naked_asm!(
        "ud2", // faults
        "ret",
    )
}

/// Runs a breakpoint.
#[unsafe(naked)]
pub(in crate::signal) extern "C" fn trap() {
    naked_asm!(
        "int3", // traps: the instruction is done when the signal comes
        "ret",
    )
}

#[unsafe(naked)]
extern "C" fn divide() {
    naked_asm!(
        "xor edx, edx", // the dividend's upper half
        "mov eax, 1",   // its lower half
        "xor ecx, ecx", // by zero
        "div ecx",      // faults
        "ret",
    )
}

/// Pushes until the stack is full. It ends only by way of [`leave_overflow`].
#[unsafe(naked)]
pub(in crate::signal) extern "C" fn overflow() {
    naked_asm!(
        "mov rsi, rsp", // where the return address is
        "2:",
        "push rax", // faults at the guard
        "jmp 2b",
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
        "mov rsp, rsi", // back to where the return address is
        "ret",
    )
}

/// Where a function of this file that faulted at this instruction goes on, which returns to its
/// caller; `None` for any other instruction.
pub(in crate::signal) fn after(pc: usize) -> Option<usize> {
    // Where each begins, the bytes up to the instruction that is named, and where it goes on.
    let faulty = [
        (store as *const (), 0, leave as *const ()),
        (illegal as *const (), 0, leave as *const ()),
        (trap as *const (), 1, leave as *const ()),
        (divide as *const (), 9, leave as *const ()),
        (overflow as *const (), 3, leave_overflow as *const ()),
    ];
    let found = faulty.iter().find(|(function, bytes, _)| function.addr() + bytes == pc);
    found.map(|(_, _, after)| after.addr())
}
