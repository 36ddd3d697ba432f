//! What userspace sets before load. The verifier sees constants and never visits a branch that
//! they rule out, so that one program serves kernels with different prototypes.
#![expect(unsafe_code, reason = "globals are found by name and must be read as they were set")]

use core::ptr::read_volatile;

use tracer_common::config::CALL_MAX;
use tracer_common::field::{ABSENT, COUNT};
use tracer_common::inspect_field;

macro_rules! globals {
    ($($(#[$doc:meta])* $name:ident, $get:ident: $type:ty = $default:expr;)+) => { $(
        #[unsafe(no_mangle)]
        static $name: $type = $default;

        $(#[$doc])*
        #[inline(always)]
        pub(crate) fn $get() -> $type {
            // SAFETY: an initialised static; volatile because the loader changes its bytes.
            unsafe { read_volatile(&raw const $name) }
        }
    )+ };
}

globals! {
    /// One of [`tracer_common::config::Follow`].
    FOLLOW, follow: u32 = 0;
    /// tracer's own thread group.
    SELF_TGID, self_tgid: u32 = 0;
    /// How many ring buffers there are.
    RING_COUNT, ring_count: u32 = 1;
    /// Bytes after which a CPU wakes the reader.
    WATERMARK, watermark: u32 = 0;
    /// Mask over kernel addresses.
    ID_KEY, id_key: u64 = 0;
    /// Whether `sched_switch` tells the previous state.
    HAS_PREV_STATE, has_prev_state: u32 = 0;
    /// Whether `sched_process_exit` tells if the group is dead.
    HAS_GROUP_DEAD, has_group_dead: u32 = 0;
    /// Whether interrupts are traced.
    HAS_INTERRUPTS, has_interrupts: u32 = 0;
    /// Whether `bpf_find_vma` can be called.
    HAS_FIND_VMA, has_find_vma: u32 = 0;
    /// Whether `bpf_task_pt_regs` can be called.
    HAS_TASK_PT_REGS, has_task_pt_regs: u32 = 0;
    /// One of [`tracer_common::config::Stacks`].
    STACKS_OF, stacks: u32 = 0;
    /// The cgroup that is followed.
    CGROUP_ID, cgroup_id: u64 = 0;
    /// Its depth.
    CGROUP_LEVEL, cgroup_level: u32 = 0;
}

#[unsafe(no_mangle)]
static LAYOUT: [u32; COUNT] = [ABSENT; COUNT];

#[unsafe(no_mangle)]
static INSPECT_LAYOUT: [u32; inspect_field::COUNT] = [ABSENT; inspect_field::COUNT];

#[unsafe(no_mangle)]
static CALL_CLASS: [u8; CALL_MAX] = [0; CALL_MAX];

/// Offset of a field of [`tracer_common::field`] or [`inspect_field`]; `None` if this kernel does
/// not have it.
#[inline(always)]
pub(crate) fn offset<const FIELD: usize>() -> Option<usize> {
    let offset = if FIELD < COUNT {
        // SAFETY: FIELD is one of the table's constants, and the table has COUNT entries.
        unsafe { read_volatile((&raw const LAYOUT).cast::<u32>().wrapping_add(FIELD)) }
    } else {
        let index = FIELD - COUNT;
        // SAFETY: FIELD is one of the second table's constants, which are numbered from COUNT on.
        unsafe { read_volatile((&raw const INSPECT_LAYOUT).cast::<u32>().wrapping_add(index)) }
    };
    if offset == ABSENT { None } else { Some(offset as usize) }
}

/// Class of a system call, one of [`tracer_common::config::Call`].
#[inline(always)]
pub(crate) fn call_class(number: u64) -> u8 {
    if number >= CALL_MAX as u64 {
        return 0;
    }
    let entry = (&raw const CALL_CLASS).cast::<u8>().wrapping_add(number as usize);
    // SAFETY: the number was checked against the table's length.
    unsafe { read_volatile(entry) }
}
