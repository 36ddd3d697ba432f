//! What the compiled `core` and `alloc` refer to for unwinding, which no program here ever does:
//! every panic ends the process first.
#![expect(unsafe_code, reason = "the linker knows these by name")]

use crate::sys;

/// Unwinding goes on here after a destructor; it never begins.
#[unsafe(no_mangle)]
extern "C" fn _Unwind_Resume() -> ! {
    sys::exit_process(super::start::PANICKED)
}

/// Unwinding asks here what to do with a frame; it never begins.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() -> ! {
    sys::exit_process(super::start::PANICKED)
}
