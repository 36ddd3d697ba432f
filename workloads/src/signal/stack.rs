//! Alternate stacks: where a handler runs when the thread's own stack is full.
#![expect(unsafe_code, reason = "the kernel is given a stack")]

use core::marker::PhantomData;
use core::{mem, ptr};

use linux_raw_sys::general as raw;
use rustix::io::Errno;

use crate::stack::Stack;
use crate::sys;

/// Bytes that do for a handler and all registers that the kernel saves before it, those of the widest
/// vector units among them.
const SIZE: usize = 64 << 10;

/// The calling thread's alternate stack, with a guard page below, until this is dropped.
#[derive(Debug)]
pub struct AltStack {
    stack: mem::ManuallyDrop<Stack>,
    /// It is its thread's: it must not leave it.
    thread: PhantomData<*const ()>,
}

impl AltStack {
    /// Gives the calling thread one, for the handlers that ask for it.
    ///
    /// # Errors
    /// Those of `mmap`; `EPERM` from a handler that runs on such a stack.
    pub fn new() -> Result<Self, Errno> {
        let stack = Stack::new(SIZE)?;
        // SAFETY: the stack is nobody's but the kernel's until it is taken back.
        unsafe { change(stack.bottom(), 0, stack.size()) }?;
        Ok(Self { stack: mem::ManuallyDrop::new(stack), thread: PhantomData })
    }

    /// Whether an address is on it.
    pub fn contains(&self, address: u64) -> bool {
        let (bottom, end) = (self.stack.bottom().addr() as u64, self.stack.end().addr() as u64);
        (bottom..end).contains(&address)
    }
}

impl Drop for AltStack {
    fn drop(&mut self) {
        // SAFETY: takes the stack away.
        let disabled = unsafe { change(ptr::null_mut(), raw::SS_DISABLE, 0) };
        // The thread runs on it, if the kernel refuses: then it stays.
        if disabled.is_ok() {
            // SAFETY: the kernel uses it no more, and it is dropped once.
            unsafe { mem::ManuallyDrop::drop(&mut self.stack) };
        }
    }
}

/// `sigaltstack`.
///
/// # Safety
/// The memory stays the kernel's until it is given another.
unsafe fn change(bottom: *mut u8, flags: u32, size: usize) -> Result<(), Errno> {
    let new = raw::stack_t {
        ss_sp: bottom.cast(),
        ss_flags: flags.cast_signed(),
        ss_size: size as raw::__kernel_size_t,
    };
    // SAFETY: reads a structure of the kernel's layout.
    unsafe { sys::call(raw::__NR_sigaltstack, [(&raw const new).addr(), 0, 0, 0, 0, 0]) }
        .map(|_zero| ())
}
