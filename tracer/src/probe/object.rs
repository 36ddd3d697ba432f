//! The BPF programs as they were built, and what is changed in them before they are loaded: how many
//! frames the map of stacks has room for.
//!
//! The kernel makes no such map with more frames than `kernel.perf_event_max_stack` (`stack_map_alloc`,
//! `kernel/bpf/stackmap.c`, v6.18), and a frame more than it walks is never used. The number is a type
//! in the object's BTF, an array of as many addresses, and aya has no call to change it: it is changed
//! in the object. Where stacks are not wanted, the map is made an ordinary one, which the sysctl does
//! not concern: no program that is loaded uses it.

use aya::include_bytes_aligned;
use aya_obj::generated::bpf_map_type::{BPF_MAP_TYPE_ARRAY, BPF_MAP_TYPE_STACK_TRACE};
use zerocopy::IntoBytes;

use super::error::LoadError;
use crate::stacks::Which;

/// The BPF programs; empty if tracer was built without them.
pub(super) static OBJECT: &[u8] = include_bytes_aligned!(concat!(env!("OUT_DIR"), "/tracer.bpf.o"));

/// Size of the BPF programs that this tracer was built with, bytes; zero without them.
pub(super) fn object_bytes() -> usize {
    OBJECT.len()
}

/// Frames of a stack, as the programs were built.
const BUILT: u32 = 127;

const SYSCTL: &str = "/proc/sys/kernel/perf_event_max_stack";

/// `BTF_KIND_ARRAY`, as the second word of a type has it.
const ARRAY: u32 = 3 << 24;

/// The object, fit for this kernel and for what is wanted.
#[derive(Debug)]
pub(super) struct Fit {
    words: Option<Vec<u64>>,
    /// What is said of it, if there is something to say.
    pub(super) shallow: Option<String>,
}

impl Fit {
    /// # Errors
    /// [`LoadError::NoFrames`]: stacks are wanted and this kernel walks none.
    pub(super) fn of(wanted: Option<Which>) -> Result<Self, LoadError> {
        let most = std::fs::read_to_string(SYSCTL).ok().and_then(|text| text.trim().parse().ok());
        let most: u32 = most.unwrap_or(BUILT);
        let (from, to, shallow) = match wanted {
            None => (BPF_MAP_TYPE_STACK_TRACE as u32, BPF_MAP_TYPE_ARRAY as u32, None),
            Some(_) if most == 0 => return Err(LoadError::NoFrames),
            Some(_) if most >= BUILT => return Ok(Self { words: None, shallow: None }),
            Some(_) => (BUILT, most, Some(shallow(most))),
        };
        Ok(Self { words: changed(OBJECT, from, to), shallow })
    }

    /// The bytes to load.
    pub(super) fn object(&self) -> &[u8] {
        self.words.as_ref().map_or(OBJECT, |words| &words.as_bytes()[..OBJECT.len()])
    }
}

/// Whether this kernel can tell stacks, if they are wanted: to be asked before anything is begun.
///
/// # Errors
/// [`LoadError::NoFrames`].
pub fn check_stacks(wanted: Option<Which>) -> Result<(), LoadError> {
    Fit::of(wanted).map(|_fit| ())
}

fn shallow(most: u32) -> String {
    format!(
        "stacks have their innermost {most} frames only: kernel.perf_event_max_stack is {most}, and \
         {BUILT} are possible (sysctl -w kernel.perf_event_max_stack={BUILT})"
    )
}

/// A copy of the object, as aligned as it is, in which the one array type of this many elements has
/// that many; none if there is not exactly one.
fn changed(object: &[u8], from: u32, to: u32) -> Option<Vec<u64>> {
    let mut words = vec![0_u64; object.len().div_ceil(8)];
    words.as_mut_bytes()[..object.len()].copy_from_slice(object);
    let [place] = places(object, from)[..] else { return None };
    words.as_mut_bytes()[place..place + 4].copy_from_slice(&to.to_le_bytes());
    Some(words)
}

/// Where BTF has array types of this many elements: three words of a nameless type, and then the
/// element's type, the index's type, and the number, which is what is told, in bytes.
fn places(object: &[u8], elements: u32) -> Vec<usize> {
    let words: Vec<u32> =
        object.as_chunks::<4>().0.iter().map(|word| u32::from_le_bytes(*word)).collect();
    let is = |six: &[u32]| six[..3] == [0, ARRAY, 0] && six[5] == elements;
    let found = words.windows(6).enumerate().filter(|(_, six)| is(six));
    found.map(|(at, _)| (at + 5) * 4).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_array_of_this_length_is_changed() {
        let words = [9, 0, ARRAY, 0, 4, 5, 127, 0, ARRAY, 0, 4, 5, 7, 1];
        let object = words.as_bytes();
        let mut expected = words;
        expected[6] = 16;
        assert_eq!(
            changed(object, 127, 16).unwrap().as_bytes()[..object.len()],
            *expected.as_bytes()
        );
        assert_eq!(changed(object, 8, 16), None);
        let twice = [object, object].concat();
        assert_eq!(changed(&twice, 127, 16), None);
    }

    #[test]
    fn the_object_has_one_of_each() {
        if !OBJECT.is_empty() {
            let count = |elements| places(OBJECT, elements).len();
            let kind = BPF_MAP_TYPE_STACK_TRACE as u32;
            assert_eq!([count(BUILT), count(kind)], [1, 1], "make the search narrower");
        }
    }
}
