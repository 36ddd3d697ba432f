//! Reading kernel structures by the offsets that userspace resolved.
#![expect(unsafe_code, reason = "kernel memory is reached by pointer")]

use aya_ebpf::helpers::{bpf_probe_read_kernel, bpf_probe_read_user};

use crate::globals;

/// A pointer to a kernel structure whose type the verifier knows from BTF.
///
/// # Invariants
/// It is an argument that the kernel never passes as null or as a small number, or it was read
/// through such a pointer and is not null. The verifier checks type and offset of every load, and
/// loads through pointers that were read cannot fault (they give zero).
#[derive(Clone, Copy)]
pub(crate) struct Kernel(*const u8);

impl Kernel {
    /// Wraps a tracepoint's argument that is never null (see the invariants), or what a helper
    /// returned.
    #[inline(always)]
    pub(crate) const fn new(pointer: *const u8) -> Self {
        Self(pointer)
    }

    /// The pointer, for helpers.
    #[inline(always)]
    pub(crate) const fn as_ptr(self) -> *const u8 {
        self.0
    }

    /// A field by value, with a plain load; `None` if this kernel does not have it.
    #[inline(always)]
    pub(crate) fn load<T: Copy, const FIELD: usize>(self) -> Option<T> {
        let field = self.0.wrapping_add(globals::offset::<FIELD>()?).cast::<T>();
        // SAFETY: by the invariants; the verifier has checked the offset against the type.
        Some(unsafe { field.read_volatile() })
    }

    /// A field that points to another structure; `None` also if it is null.
    #[inline(always)]
    pub(crate) fn follow<const FIELD: usize>(self) -> Option<Self> {
        let pointer = self.load::<*const u8, FIELD>()?;
        if pointer.is_null() { None } else { Some(Self(pointer)) }
    }

    /// A pointer field as an opaque number: equal for equal pointers, zero for null.
    ///
    /// It is copied by a helper, because the verifier forbids arithmetic on what it knows to be
    /// a pointer.
    #[inline(always)]
    pub(crate) fn identity<const FIELD: usize>(self) -> u64 {
        let Some(offset) = globals::offset::<FIELD>() else { return 0 };
        let address = self.copy_at::<u64>(offset).unwrap_or(0);
        if address == 0 { 0 } else { address ^ globals::id_key() }
    }

    /// A field copied by a helper: for what the verifier cannot check, such as an array's element
    /// by `extra` bytes.
    #[inline(always)]
    pub(crate) fn copy<T: Copy, const FIELD: usize>(self, extra: usize) -> Option<T> {
        self.copy_at(globals::offset::<FIELD>()? + extra)
    }

    /// What is so many bytes on, copied by a helper.
    #[inline(always)]
    pub(crate) fn copy_at<T: Copy>(self, offset: usize) -> Option<T> {
        copy_kernel(self.0.wrapping_add(offset).cast())
    }
}

/// Kernel memory at an address that may be wrong: `None` then.
#[inline(always)]
pub(crate) fn copy_kernel<T: Copy>(from: *const T) -> Option<T> {
    // SAFETY: the helper copies, or fails; callers read plain integers only.
    unsafe { bpf_probe_read_kernel(from) }.ok()
}

/// Memory of the current task's program: `None` if it is not there or not paged in.
#[inline(always)]
pub(crate) fn copy_user<T: Copy>(from: u64) -> Option<T> {
    // SAFETY: the helper copies, or fails; callers read plain integers only.
    unsafe { bpf_probe_read_user(from as *const T) }.ok()
}
