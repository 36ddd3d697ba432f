//! How much of the address space is in use, by the kernel's account: a leak shows there.

use rustix::io::Errno;

use crate::file;

/// What is mapped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mapped {
    /// Bytes, the first thread's stack apart, which grows with its use, and the heap apart, which
    /// keeps what it has.
    pub bytes: u64,
    /// Mappings of any kind: what `vm.max_map_count` limits.
    pub mappings: u64,
}

/// What is mapped now.
///
/// # Errors
/// Those of reading `/proc/self/maps`.
pub fn now() -> Result<Mapped, Errno> {
    let mut mapped = count(&file::text("/proc/self/maps")?);
    mapped.bytes = mapped.bytes.saturating_sub(heap());
    Ok(mapped)
}

fn count(maps: &str) -> Mapped {
    let mut mapped = Mapped::default();
    for line in maps.lines() {
        mapped.mappings += 1;
        if !line.ends_with("[stack]") {
            mapped.bytes += size(line).unwrap_or_default();
        }
    }
    mapped
}

/// Bytes of one line's mapping: it begins with two addresses in hexadecimal, as `from-to`.
fn size(line: &str) -> Option<u64> {
    let (from, to) = line.split_whitespace().next()?.split_once('-')?;
    let from = u64::from_str_radix(from, 16).ok()?;
    u64::from_str_radix(to, 16).ok()?.checked_sub(from)
}

/// Bytes that the heap has taken from the kernel.
#[cfg(all(feature = "program", not(test)))]
fn heap() -> u64 {
    crate::rt::heap::taken() as u64
}

/// Beside a libc the heap is not ours.
#[cfg(not(all(feature = "program", not(test))))]
fn heap() -> u64 {
    0
}

#[cfg(test)]
mod tests {
    use super::{Mapped, count};

    #[test]
    fn mappings_are_counted_but_for_the_stack() {
        let maps = "1000-3000 rw-p 00000000 00:00 0 \n\
                    7f0000000000-7f0000001000 ---p 00000000 00:00 0 \n\
                    7ffd00000000-7ffd00021000 rw-p 00000000 00:00 0    [stack]\n";
        assert_eq!(count(maps), Mapped { bytes: 0x3000, mappings: 3 });
    }
}
