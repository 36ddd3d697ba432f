//! A static program without libc: a leader and two threads made by `clone`, with stacks of their
//! own and nothing else.
//!
//! What it does is always the same, so it needs no file of truth: the threads exit with codes 1
//! and 2 after a sleep of a millisecond, the leader waits for both and exits with code 9.
//!
//! It is all assembly, and `build.rs` links it without the C library and its start-up code. What
//! the linker keeps of std in the file is never run: the kernel starts it at `_start`.
#![no_main]
#![expect(unsafe_code, reason = "a program without a runtime is assembly")]

// Flags of both clones: what threads share, and that the kernel writes the tid when the thread
// begins and clears it, waking the leader, when it ends: CLONE_VM, CLONE_FS, CLONE_FILES,
// CLONE_SIGHAND, CLONE_THREAD, CLONE_SYSVSEM, CLONE_PARENT_SETTID, CLONE_CHILD_CLEARTID.

#[cfg(target_arch = "x86_64")]
core::arch::global_asm!(
    ".macro thread number",
    "mov eax, 56", // clone(flags, stack, parent_tid, child_tid, tls)
    "mov edi, 0x350f00",
    "lea rsi, [rip + stack\\number + 4096]",
    "lea rdx, [rip + tid\\number]",
    "mov r10, rdx",
    "xor r8d, r8d",
    "syscall",
    "test eax, eax",
    "jnz 1f",
    "mov eax, 35", // nanosleep(request, null)
    "lea rdi, [rip + millisecond]",
    "xor esi, esi",
    "syscall",
    "mov eax, 60", // exit(number)
    "mov edi, \\number",
    "syscall",
    "1:",
    ".endm",
    ".macro join number",
    "2: mov edx, [rip + tid\\number]",
    "test edx, edx",
    "jz 3f",
    "mov eax, 202", // futex(tid, FUTEX_WAIT, tid, null)
    "lea rdi, [rip + tid\\number]",
    "xor esi, esi",
    "xor r10d, r10d",
    "syscall",
    "jmp 2b",
    "3:",
    ".endm",
    ".globl _start",
    "_start:",
    "thread 1",
    "thread 2",
    "join 1",
    "join 2",
    "mov eax, 231", // exit_group(9)
    "mov edi, 9",
    "syscall",
);

#[cfg(target_arch = "aarch64")]
core::arch::global_asm!(
    ".macro thread number",
    "mov x8, #220", // clone(flags, stack, parent_tid, tls, child_tid)
    "mov x0, #0x0f00",
    "movk x0, #0x35, lsl #16",
    "adrp x1, stack\\number",
    "add x1, x1, :lo12:stack\\number",
    "add x1, x1, #4096",
    "adrp x2, tid\\number",
    "add x2, x2, :lo12:tid\\number",
    "mov x3, #0",
    "mov x4, x2",
    "svc #0",
    "cbnz x0, 1f",
    "mov x8, #101", // nanosleep(request, null)
    "adrp x0, millisecond",
    "add x0, x0, :lo12:millisecond",
    "mov x1, #0",
    "svc #0",
    "mov x8, #93", // exit(number)
    "mov x0, #\\number",
    "svc #0",
    "1:",
    ".endm",
    ".macro join number",
    "adrp x9, tid\\number",
    "add x9, x9, :lo12:tid\\number",
    "2: ldr w2, [x9]",
    "cbz w2, 3f",
    "mov x8, #98", // futex(tid, FUTEX_WAIT, tid, null)
    "mov x0, x9",
    "mov x1, #0",
    "mov x3, #0",
    "svc #0",
    "b 2b",
    "3:",
    ".endm",
    ".globl _start",
    "_start:",
    "thread 1",
    "thread 2",
    "join 1",
    "join 2",
    "mov x8, #94", // exit_group(9)
    "mov x0, #9",
    "svc #0",
);

// A thread's stack ends where the next thing begins, and none is used beyond its last bytes.
core::arch::global_asm!(
    ".section .rodata",
    ".balign 8",
    "millisecond: .quad 0, 1000000",
    ".bss",
    ".balign 16",
    "stack1: .zero 4096",
    "stack2: .zero 4096",
    "tid1: .zero 4",
    "tid2: .zero 4",
    ".text",
);

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
compile_error!("`bare` is written for x86_64 and aarch64: add this machine's system calls");
