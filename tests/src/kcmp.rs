//! Whether two tasks share something, by the kernel's own word (`kcmp`).
#![expect(unsafe_code, reason = "a system call that no crate here has")]

use std::io;

/// `KCMP_*` of what the report numbers under the same name.
const KINDS: [(&str, libc::c_long); 4] = [("mm", 1), ("files", 2), ("fs", 3), ("sighand", 4)];

/// The same of what the report knows by flags of clones alone. Two tasks without any share one by
/// the kernel's word.
const BY_FLAGS: [(&str, libc::c_long); 2] = [("io", 5), ("sysvsem", 6)];

/// What the report knows by flags of clones alone, likewise.
pub fn by_flags() -> impl Iterator<Item = &'static str> {
    BY_FLAGS.iter().map(|(name, _)| *name)
}

/// The resources that can be compared, as the report names them.
pub fn resources() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|(name, _)| *name)
}

/// Whether both tasks use the same one.
///
/// # Errors
/// Those of the call: the kernel may be built without it.
///
/// # Panics
/// For a resource that is in neither list.
pub fn same(resource: &str, one: u32, other: u32) -> io::Result<bool> {
    let kind = KINDS
        .iter()
        .chain(&BY_FLAGS)
        .find(|(name, _)| *name == resource)
        .expect("a known resource")
        .1;
    // SAFETY: it reads no memory of this process.
    let order = unsafe { libc::syscall(libc::SYS_kcmp, one, other, kind, 0, 0) };
    // 1, 2 and 3 say how two that are not the same are ordered.
    if order < 0 { Err(io::Error::last_os_error()) } else { Ok(order == 0) }
}
