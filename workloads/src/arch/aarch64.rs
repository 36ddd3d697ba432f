//! The assembly of `aarch64`: system calls, the birth and the end of a task, its thread pointer.
//!
//! A system call takes its number in x8 and its arguments in x0 to x5. The kernel changes x0 and no
//! other register (arch/arm64/kernel/entry.S, v6.18), and a child of `clone` begins with its
//! parent's registers but for x0, which is 0, and the stack.
#![expect(unsafe_code, reason = "assembly is outside of what the compiler can check")]

use core::arch::{asm, naked_asm};

use super::Start;

/// Makes a system call; a result in -4095..0 is the negated error.
///
/// # Safety
/// Whatever the call demands.
pub unsafe fn syscall(number: usize, arguments: [usize; 6]) -> isize {
    let result: isize;
    // SAFETY: the caller answers for the call; the register the kernel changes is declared.
    unsafe {
        asm!(
            "svc #0", // enter the kernel
            in("x8") number,
            inlateout("x0") arguments[0] as isize => result,
            in("x1") arguments[1],
            in("x2") arguments[2],
            in("x3") arguments[3],
            in("x4") arguments[4],
            in("x5") arguments[5],
            options(nostack),
        );
    }
    result
}

/// `clone3` for a task on a stack of its own, where it calls `start(word)`. Returns in the creator
/// alone, with the child's tid or the negated error.
///
/// It must be assembly: the child comes back on an empty stack, on which nothing can return.
///
/// # Safety
/// `arguments` is a `clone_args` of `size` bytes whose stack is free, aligned to 16 at its end, and
/// stays so for as long as the task lives; what the flags share is the caller's to answer for.
#[unsafe(naked)]
pub unsafe extern "C" fn clone3_on_stack(
    arguments: *const u8,
    size: usize,
    start: Start,
    word: *mut u8,
) -> isize {
    naked_asm!(
        "mov x8, #435", // clone3(x0: arguments, x1: size)
        "svc #0",       // two return from here
        "cbz x0, 2f",   // the child
        "ret",          // the creator: tid or error
        "2:",
        "mov x29, #0", // the outermost frame: here ends every stack trace
        "mov x30, #0", // and nobody to return to
        "mov x0, x3",  // start's argument
        "blr x2",      // start
        "brk #1",      // it does not return
    )
}

/// `clone`, as [`clone3_on_stack`].
///
/// # Safety
/// As there; `stack` is the stack's end.
#[unsafe(naked)]
pub unsafe extern "C" fn clone_on_stack(
    flags: usize,
    stack: *mut u8,
    parent_tid: *mut u32,
    child_tid: *mut u32,
    tls: *mut u8,
    start: Start,
    word: *mut u8,
) -> isize {
    naked_asm!(
        "and x1, x1, #-16", // the stack's end, aligned
        "mov x9, x3",       // child_tid
        "mov x3, x4",       // tls is the fourth argument here
        "mov x4, x9",       // and child_tid the fifth
        "mov x8, #220",     // clone(x0, x1, x2: parent_tid, x3: tls, x4: child_tid)
        "svc #0",           // two return from here
        "cbz x0, 2f",       // the child
        "ret",              // the creator: tid or error
        "2:",
        "mov x29, #0", // the outermost frame
        "mov x30, #0", // and nobody to return to
        "mov x0, x6",  // start's argument
        "blr x5",      // start
        "brk #1",      // it does not return
    )
}

/// `vfork`: the child calls `start(word)` on the caller's own stack, below this frame, while the
/// caller is held until the child calls exec or ends. Returns in the parent alone.
///
/// # Safety
/// The child changes the parent's memory: it must do little more than exec or exit.
#[unsafe(naked)]
pub unsafe extern "C" fn vfork_and_call(start: Start, word: *mut u8) -> isize {
    naked_asm!(
        "mov x9, x0",      // start
        "mov x10, x1",     // its argument
        "mov x0, #0x4111", // CLONE_VM | CLONE_VFORK | SIGCHLD: there is no vfork(2) here
        "mov x1, #0",      // on the same stack
        "mov x8, #220",    // clone(x0, x1)
        "svc #0",          // the child returns first
        "cbz x0, 2f",      // the child
        "ret",             // the parent: pid or error; its return address is in x30
        "2:",
        "mov x29, #0", // the outermost frame
        "mov x0, x10", // start's argument
        "blr x9",      // start, on the stack below
        "brk #1",      // it does not return
    )
}

/// Gives a mapping back to the kernel and ends the calling thread, without touching memory in
/// between: the mapping may be the stack it runs on.
///
/// # Safety
/// Nobody uses the mapping any more, and no signal may be delivered to the thread: its handler
/// would have no stack.
#[unsafe(naked)]
pub unsafe extern "C" fn unmap_and_exit(base: *mut u8, length: usize) -> ! {
    naked_asm!(
        "mov x8, #215", // munmap(x0: base, x1: length)
        "svc #0",       // the stack is gone
        "mov x0, #0",   // code 0
        "mov x8, #93",  // exit(x0)
        "svc #0",       // this thread alone
        "brk #1",       // it does not return
    )
}

/// Sets the calling thread's thread pointer, `tpidr_el0`.
///
/// # Safety
/// Everything that reads the thread pointer from now on must expect the block it points to.
pub unsafe fn set_thread_pointer(block: *mut u8) {
    // SAFETY: sets a register that is the program's own; the caller answers for its readers.
    unsafe {
        asm!(
            "msr tpidr_el0, {}", // the block's address
            in(reg) block,
            options(nostack, preserves_flags),
        );
    }
}

/// The calling thread's thread pointer.
///
/// # Safety
/// None here; on other machines it must point to a block that begins with its own address.
#[inline]
pub unsafe fn thread_pointer() -> *mut u8 {
    let block: *mut u8;
    // SAFETY: reads a register.
    unsafe {
        asm!(
            "mrs {}, tpidr_el0", // the block's address
            out(reg) block,
            options(nostack, pure, readonly, preserves_flags),
        );
    }
    block
}

/// Where a signal handler returns to: the kernel restores what it interrupted.
///
/// # Safety
/// Never to be called: it is an address for `sa_restorer`.
#[unsafe(naked)]
pub unsafe extern "C" fn signal_return() {
    naked_asm!(
        "mov x8, #139", // rt_sigreturn()
        "svc #0",       // goes on where the signal hit
        "brk #1",       // it does not return
    )
}

/// The kernel's entry into a program: sp points to argc, after it argv, the environment and the
/// auxiliary vector.
#[cfg(all(feature = "program", not(test)))]
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn _start() -> ! {
    naked_asm!(
        "mov x29, #0",  // the outermost frame
        "mov x30, #0",  // and nobody to return to
        "mov x0, sp",   // what the kernel left on the stack, which is aligned to 16
        "bl {start}",   // into Rust
        "brk #1",       // it does not return
        start = sym crate::rt::start::start,
    )
}

// The compiler calls these by name, and there is no libc to have them. In assembly, since a loop in
// Rust would be compiled into a call to itself.
#[cfg(all(feature = "program", not(test)))]
core::arch::global_asm!(
    ".globl memcpy",
    ".globl memmove",
    ".globl memset",
    ".globl memcmp",
    ".globl bcmp",
    ".globl strlen",
    "memmove:",       // x0: to, x1: from, x2: bytes
    "sub x3, x0, x1", // `to` after `from`, as an unsigned distance
    "cmp x3, x2",     // within the bytes to copy?
    "b.hs memcpy",    // no: forwards does no harm
    "2:",
    "cbz x2, 3f",     // nothing left
    "sub x2, x2, #1", // backwards, from the last byte
    "ldrb w4, [x1, x2]",
    "strb w4, [x0, x2]",
    "b 2b",
    "3:",
    "ret",        // x0 still is `to`
    "memcpy:",    // x0: to, x1: from, x2: bytes
    "mov x3, x0", // where to write next; x0 is returned
    "4:",
    "cmp x2, #8", // a word left?
    "b.lo 5f",
    "ldr x4, [x1], #8", // copy a word
    "str x4, [x3], #8",
    "sub x2, x2, #8",
    "b 4b",
    "5:",
    "cbz x2, 6f",        // nothing left
    "ldrb w4, [x1], #1", // copy a byte
    "strb w4, [x3], #1",
    "sub x2, x2, #1",
    "b 5b",
    "6:",
    "ret",
    "memset:",    // x0: to, w1: byte, x2: bytes
    "mov x3, x0", // where to write next; x0 is returned
    "7:",
    "cbz x2, 8f",        // nothing left
    "strb w1, [x3], #1", // fill a byte
    "sub x2, x2, #1",
    "b 7b",
    "8:",
    "ret",
    "bcmp:",   // equal or not is less than memcmp says
    "memcmp:", // x0: one, x1: other, x2: bytes
    "9:",
    "cbz x2, 10f",       // nothing left: equal
    "ldrb w3, [x0], #1", // the next bytes
    "ldrb w4, [x1], #1",
    "sub x2, x2, #1",
    "subs w3, w3, w4", // their order
    "b.eq 9b",         // equal so far
    "mov w0, w3",
    "ret",
    "10:",
    "mov w0, #0", // equal
    "ret",
    "strlen:",    // x0: text that ends with 0
    "mov x1, x0", // its begin
    "11:",
    "ldrb w2, [x1], #1", // its end?
    "cbnz w2, 11b",      // not yet
    "sub x0, x1, x0",    // bytes up to and with the end
    "sub x0, x0, #1",    // without it
    "ret",
);
