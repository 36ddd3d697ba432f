//! The assembly of `x86_64`: system calls, the birth and the end of a task, its thread pointer.
//!
//! A system call takes its number in rax and its arguments in rdi, rsi, rdx, r10, r8 and r9. The
//! kernel changes rax, rcx and r11 and no other register (arch/x86/entry/entry_64.S, v6.18), and a
//! child of `clone` begins with its parent's registers but for rax, which is 0, and the stack.
#![expect(unsafe_code, reason = "assembly is outside of what the compiler can check")]

use core::arch::{asm, naked_asm};

use super::Start;

/// Makes a system call; a result in -4095..0 is the negated error.
///
/// # Safety
/// Whatever the call demands.
pub unsafe fn syscall(number: usize, arguments: [usize; 6]) -> isize {
    let result: isize;
    // SAFETY: the caller answers for the call; the registers the kernel changes are declared.
    unsafe {
        asm!(
            "syscall", // enter the kernel
            inlateout("rax") number as isize => result,
            in("rdi") arguments[0],
            in("rsi") arguments[1],
            in("rdx") arguments[2],
            in("r10") arguments[3],
            in("r8") arguments[4],
            in("r9") arguments[5],
            lateout("rcx") _, // the address to return to
            lateout("r11") _, // the flags
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
        "mov r8, rcx",   // the word: the kernel overwrites rcx
        "mov eax, 435",  // clone3(rdi: arguments, rsi: size)
        "syscall",       // two return from here
        "test eax, eax", // which one?
        "jz 2f",         // the child
        "ret",           // the creator: tid or error
        "2:",
        "xor ebp, ebp", // the outermost frame: here ends every stack trace
        "mov rdi, r8",  // start's argument
        "call rdx",     // start; the call also aligns the stack as the ABI wants it
        "ud2",          // start does not return
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
        "mov r10, rcx",       // child_tid: the kernel's fourth argument is r10
        "mov r11, [rsp + 8]", // the word, the first argument on the stack
        "and rsi, -16",       // the stack's end, aligned
        "mov [rsi - 8], r11", // the child finds the word there: r11 is lost in the kernel
        "sub rsi, 16",        // below it is the child's stack
        "mov eax, 56",        // clone(rdi, rsi, rdx: parent_tid, r10: child_tid, r8: tls)
        "syscall",            // two return from here
        "test eax, eax",      // which one?
        "jz 2f",              // the child
        "ret",                // the creator: tid or error
        "2:",
        "xor ebp, ebp",       // the outermost frame
        "mov rdi, [rsp + 8]", // start's argument
        "call r9",            // start; the stack is aligned to 16 before the call
        "ud2",                // start does not return
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
        "mov eax, 58",   // vfork()
        "syscall",       // the child returns first
        "test eax, eax", // which one?
        "jz 2f",         // the child
        "ret", // the parent: pid or error; the return address is above what the child used
        "2:",
        "mov rax, rdi", // start
        "mov rdi, rsi", // its argument
        "sub rsp, 8",   // keep the return address, and align the stack to 16
        "call rax",     // start
        "ud2",          // start does not return
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
        "mov eax, 11",  // munmap(rdi: base, rsi: length)
        "syscall",      // the stack is gone
        "xor edi, edi", // code 0
        "mov eax, 60",  // exit(rdi)
        "syscall",      // this thread alone
        "ud2",          // exit does not return
    )
}

/// Sets the calling thread's thread pointer, the base of segment fs.
///
/// # Safety
/// Everything that reads the thread pointer from now on must expect the block it points to.
pub unsafe fn set_thread_pointer(block: *mut u8) {
    const ARCH_SET_FS: usize = 0x1002;
    // SAFETY: sets a register; the caller answers for its readers. It fails for addresses that are
    // not canonical only, which no pointer is.
    unsafe { syscall(158, [ARCH_SET_FS, block as usize, 0, 0, 0, 0]) };
}

/// The calling thread's thread pointer.
///
/// # Safety
/// It must point to a block whose first word is its own address, as the ABI asks for.
#[inline]
pub unsafe fn thread_pointer() -> *mut u8 {
    let block: *mut u8;
    // SAFETY: reads the first word of the block, which the caller says is there.
    unsafe {
        asm!(
            "mov {}, fs:[0]", // the block's address, kept in the block itself
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
        "mov eax, 15", // rt_sigreturn()
        "syscall",     // goes on where the signal hit
        "ud2",         // it does not return
    )
}

/// The kernel's entry into a program: rsp points to argc, after it argv, the environment and the
/// auxiliary vector.
#[cfg(all(feature = "program", not(test)))]
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn _start() -> ! {
    naked_asm!(
        "xor ebp, ebp",        // the outermost frame
        "mov rdi, rsp",        // what the kernel left on the stack
        "and rsp, -16",        // aligned already; the ABI promises it, this makes sure
        "call {start}",        // into Rust
        "ud2",                 // it does not return
        start = sym crate::rt::start::start,
    )
}

// The compiler calls these by name, and there is no libc to have them. In assembly, since a loop in
// Rust would be compiled into a call to itself. `rep movsb` is what the processor is fastest at for
// all but small sizes ("enhanced rep movsb"), and the compiler copies small sizes in place.
#[cfg(all(feature = "program", not(test)))]
core::arch::global_asm!(
    ".globl memcpy",
    ".globl memmove",
    ".globl memset",
    ".globl memcmp",
    ".globl bcmp",
    ".globl strlen",
    "memmove:",                 // rdi: to, rsi: from, rdx: bytes
    "mov rax, rdi",             // returns `to`
    "mov rcx, rdi",             // where `to` begins
    "sub rcx, rsi",             // after where `from` begins, as an unsigned distance
    "cmp rcx, rdx",             // within the bytes to copy?
    "jae 2f",                   // no: forwards does no harm
    "lea rdi, [rdi + rdx - 1]", // the last bytes
    "lea rsi, [rsi + rdx - 1]",
    "mov rcx, rdx", // how many
    "std",          // backwards
    "rep movsb",    // copy
    "cld",          // forwards again, as the ABI wants it
    "ret",
    "memcpy:",      // rdi: to, rsi: from, rdx: bytes
    "mov rax, rdi", // returns `to`
    "2:",
    "mov rcx, rdx", // how many
    "rep movsb",    // copy
    "ret",
    "memset:",      // rdi: to, esi: byte, rdx: bytes
    "mov r8, rdi",  // returns `to`
    "mov eax, esi", // the byte
    "mov rcx, rdx", // how many
    "rep stosb",    // fill
    "mov rax, r8",
    "ret",
    "bcmp:",                         // equal or not is less than memcmp says
    "memcmp:",                       // rdi: one, rsi: other, rdx: bytes
    "xor eax, eax",                  // equal, unless found otherwise
    "mov rcx, rdx",                  // how many
    "cmp rcx, rcx",                  // equal, if there is nothing to compare
    "repe cmpsb",                    // up to the first difference
    "je 3f",                         // none
    "movzx eax, byte ptr [rdi - 1]", // the bytes that differ
    "movzx ecx, byte ptr [rsi - 1]",
    "sub eax, ecx", // their order
    "3:",
    "ret",
    "strlen:",      // rdi: text that ends with 0
    "mov rax, rdi", // its begin
    "4:",
    "cmp byte ptr [rax], 0", // its end?
    "je 5f",
    "inc rax", // not yet
    "jmp 4b",
    "5:",
    "sub rax, rdi", // bytes before the end
    "ret",
);
