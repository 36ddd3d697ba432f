//! The maps: where records go, what is counted, who is followed, which interrupts are running.
#![expect(unsafe_code, reason = "a map is shared with the kernel by its address")]

use core::ptr::{null, null_mut};

use aya_ebpf::btf_maps::{Array, ArrayOfMaps, HashMap, PerCpuArray, RingBuf, StackTrace};
use aya_ebpf::helpers::bpf_task_storage_get;
use aya_ebpf::macros::btf_map;
use tracer_common::config::TARGETS_MAX;
use tracer_common::counter;
use tracer_common::record::InspectedHandlers;
use tracer_common::usdt::{SITES_MAX, Site};

use crate::task::Task;

/// Most ring buffers; CPUs beyond share them.
pub(crate) const RINGS_MAX: usize = 512;

/// Room for the largest record of the iterators, in units of 8 bytes.
pub(crate) const SCRATCH_WORDS: usize = size_of::<InspectedHandlers>() / 8;

/// Levels of nesting that are kept, the task's own included: task, softirq, hardirq, and some.
/// A power of two.
pub(crate) const LEVELS: usize = 8;

/// One ring buffer for each CPU, or fewer that they share. Userspace makes them.
#[btf_map]
pub(crate) static RINGS: ArrayOfMaps<RingBuf<u64, 4096>, RINGS_MAX> = ArrayOfMaps::new();

/// One value a CPU: see [`tracer_common::counter`].
#[btf_map]
pub(crate) static COUNTERS: PerCpuArray<[u64; counter::COUNT], 1> = PerCpuArray::new();

/// Where the iterators make their records, which are too large for their stacks. Only one reader
/// runs them, one at a time, and a program is not moved to another CPU.
#[btf_map]
pub(crate) static SCRATCH: PerCpuArray<[u64; SCRATCH_WORDS], 1> = PerCpuArray::new();

/// One once userspace has begun to record, zero before and after.
#[btf_map]
static ARMED: Array<u32, 1> = Array::new();

/// The thread groups that userspace named.
#[btf_map]
pub(crate) static TARGETS: HashMap<u32, u8, { TARGETS_MAX as usize }> = HashMap::new();

/// Where the arguments of USDT probes are, by the cookie of the place.
#[btf_map]
pub(crate) static USDT_SITES: Array<Site, SITES_MAX> = Array::new();

/// The stacks. Its memory is taken at load, so that userspace makes it larger only where stacks
/// are wanted.
#[btf_map]
pub(crate) static STACKS: StackTrace<1> = StackTrace::new();

/// The interrupts that are running on each CPU.
#[btf_map]
pub(crate) static NEST: PerCpuArray<Nest, 1> = PerCpuArray::new();

/// Whether userspace is recording. What happens before is neither sent nor counted, so that
/// sequence numbers begin with the recording.
#[inline(always)]
pub(crate) fn armed() -> bool {
    ARMED.get(0).is_some_and(|armed| {
        // SAFETY: the value is this map's, alive while the program runs.
        unsafe { core::ptr::read_volatile(armed) != 0 }
    })
}

/// What is kept with a task; it disappears with the task.
#[btf_map]
static MARKS: TaskStorage<Mark> = TaskStorage::new();

/// The interrupts on one CPU.
#[repr(C)]
pub(crate) struct Nest {
    /// How many.
    pub(crate) depth: u64,
    /// They, outermost first, after a place that stands for the task they interrupt.
    pub(crate) running: [Running; LEVELS],
}

/// An interrupt that has begun.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Running {
    /// When, ns.
    pub(crate) begin_ns: u64,
    /// ns spent in interrupts nested in it so far.
    pub(crate) nested_ns: u64,
    /// Which one: a number that only its own end repeats.
    pub(crate) id: u64,
}

/// What is kept with a task.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Mark {
    /// One if it is followed.
    pub(crate) followed: u32,
    /// The recorded system call it is in, one of [`tracer_common::config::Call`]; zero if none.
    pub(crate) call: u32,
    /// When it entered that call, ns.
    pub(crate) begin_ns: u64,
    /// The futex word at that moment, for PI operations.
    pub(crate) word: u32,
    /// How many of its stacks have woken the reader since its last exec.
    pub(crate) woke: u32,
}

impl Mark {
    /// A task that is followed or not, in no call.
    pub(crate) const fn new(followed: u32) -> Self {
        Self { followed, call: 0, begin_ns: 0, word: 0, woke: 0 }
    }
}

/// `BPF_MAP_TYPE_TASK_STORAGE` with `BPF_F_NO_PREALLOC`; aya has no type for it.
#[repr(C)]
struct TaskStorage<T> {
    r#type: *const [i32; 29],
    key: *const i32,
    value: *const T,
    max_entries: *const [i32; 0],
    map_flags: *const [i32; 1],
}

// SAFETY: the struct only describes the map to the loader; no field is ever read.
unsafe impl<T> Sync for TaskStorage<T> {}

impl<T> TaskStorage<T> {
    const fn new() -> Self {
        Self { r#type: null(), key: null(), value: null(), max_entries: null(), map_flags: null() }
    }
}

const CREATE: u64 = 1;

/// A task's mark, if it has one.
#[inline(always)]
pub(crate) fn mark(task: Task) -> Option<&'static mut Mark> {
    storage(task, null_mut(), 0)
}

/// A task's mark, made if it has none; `None` if there was no memory.
#[inline(always)]
pub(crate) fn mark_or(task: Task, mut initial: Mark) -> Option<&'static mut Mark> {
    storage(task, &raw mut initial, CREATE)
}

#[inline(always)]
fn storage(task: Task, initial: *mut Mark, flags: u64) -> Option<&'static mut Mark> {
    let map = (&raw const MARKS).cast_mut().cast();
    // SAFETY: the map is a task storage map and the task came from the kernel.
    let value = unsafe { bpf_task_storage_get(map, task.as_ptr().cast(), initial.cast(), flags) };
    // SAFETY: the kernel gives null or this task's own value, alive while the program runs.
    unsafe { value.cast::<Mark>().as_mut() }
}
