//! Where tasks leave their CPUs: the stacks of a switch.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::Header;

/// The stacks of a task that leaves its CPU: made just before its [`super::Switch`], on that CPU.
///
/// A stack is told by its number in the map [`crate::config::STACKS`]; the addresses are read from
/// there at the end. A negative number tells why there is none: an error of the kernel's, or
/// [`Stack::KERNEL_THREAD`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Stack {
    /// Made by the task.
    pub header: Header,
    /// The task.
    pub tid: u32,
    /// Its thread group, whose addresses those of the user stack are.
    pub tgid: u32,
    /// The kernel stack.
    pub kernel: i32,
    /// The user stack, by frame pointers.
    pub user: i32,
}

impl Stack {
    /// As `user`: a task of the kernel's own has no user stack.
    pub const KERNEL_THREAD: i32 = i32::MIN;
    /// `-EEXIST`: another stack had the place in the map.
    pub const COLLISION: i32 = -17;
    /// `-EFAULT`: it could not be walked.
    pub const FAULT: i32 = -14;
    /// `-ENOMEM`: the map was full.
    pub const FULL: i32 = -12;
}

const _: () = assert!(size_of::<Stack>() == 32);
