//! An address space.

use serde::Serialize;
use tracer_common::record::InspectedProcess;

use super::super::{Around, Raw, long};
use super::Sharing;

/// `VM_*` (`include/linux/mm.h`).
const VM_WRITE: u64 = 2;
const VM_EXEC: u64 = 4;
const VM_SHARED: u64 = 8;

/// Memory of a process. Sizes are bytes; the kernel's names in `/proc/PID/status` are said with
/// them.
#[derive(Clone, Debug, Serialize)]
pub struct AddressSpace {
    /// Who uses it.
    #[serde(flatten)]
    pub sharing: Sharing,
    /// All that is mapped (`VmSize`).
    pub total_bytes: Option<u64>,
    /// The most there ever was of it (`VmPeak`).
    pub peak_bytes: Option<u64>,
    /// Resident (`VmRSS`). This one and the four that follow are read from `/proc/PID/status`.
    pub resident_bytes: Option<u64>,
    /// Resident and anonymous (`RssAnon`).
    pub resident_anon_bytes: Option<u64>,
    /// Resident and of files (`RssFile`).
    pub resident_file_bytes: Option<u64>,
    /// Resident and shared without a file (`RssShmem`).
    pub resident_shmem_bytes: Option<u64>,
    /// Swapped out (`VmSwap`).
    pub swap_bytes: Option<u64>,
    /// Locked (`VmLck`).
    pub locked_bytes: Option<u64>,
    /// Pinned (`VmPin`).
    pub pinned_bytes: Option<u64>,
    /// Private and writable (`VmData`).
    pub data_bytes: Option<u64>,
    /// Executable and not writable, the program and its libraries (`VmExe` + `VmLib`).
    pub exec_bytes: Option<u64>,
    /// Stacks that grow by themselves (`VmStk`).
    pub stack_bytes: Option<u64>,
    /// Page tables (`VmPTE`).
    pub page_tables_bytes: Option<u64>,
    /// Mappings by the kernel's count.
    pub map_count: u32,
    /// The mappings that were read.
    pub mapped: Mapped,
    /// Begin of the program's code.
    pub start_code: u64,
    /// Its end.
    pub end_code: u64,
    /// Begin of its data.
    pub start_data: u64,
    /// Their end.
    pub end_data: u64,
    /// Begin of the heap.
    pub start_brk: u64,
    /// Its end.
    pub brk: u64,
    /// Where the first thread's stack began.
    pub start_stack: u64,
    /// Begin of the arguments.
    pub arg_start: u64,
    /// Their end.
    pub arg_end: u64,
    /// Begin of the environment.
    pub env_start: u64,
    /// Its end.
    pub env_end: u64,
}

/// The mappings, added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Mapped {
    /// How many.
    pub count: usize,
    /// All of them, bytes.
    pub bytes: u64,
    /// Those that can be written, bytes.
    pub writable_bytes: u64,
    /// Those that can be executed, bytes.
    pub executable_bytes: u64,
    /// Those that are shared with whoever maps the same, bytes.
    pub shared_bytes: u64,
}

impl AddressSpace {
    pub(super) fn of(read: &InspectedProcess, raw: &Raw, around: &Around) -> Self {
        let mm = &read.mm;
        let pages = |count: u64| long(count).map(|count| count * around.page_bytes);
        let status = |name: &str| of_status(&around.status, name);
        Self {
            sharing: Sharing::default(),
            total_bytes: pages(mm.total_vm),
            peak_bytes: pages(mm.hiwater_vm).max(pages(mm.total_vm)),
            resident_bytes: status("VmRSS:"),
            resident_anon_bytes: status("RssAnon:"),
            resident_file_bytes: status("RssFile:"),
            resident_shmem_bytes: status("RssShmem:"),
            swap_bytes: status("VmSwap:"),
            locked_bytes: pages(mm.locked_vm),
            pinned_bytes: pages(mm.pinned_vm),
            data_bytes: pages(mm.data_vm),
            exec_bytes: pages(mm.exec_vm),
            stack_bytes: pages(mm.stack_vm),
            page_tables_bytes: long(mm.pgtables),
            map_count: mm.map_count,
            mapped: Mapped::of(raw),
            start_code: mm.start_code,
            end_code: mm.end_code,
            start_data: mm.start_data,
            end_data: mm.end_data,
            start_brk: mm.start_brk,
            brk: mm.brk,
            start_stack: mm.start_stack,
            arg_start: mm.arg_start,
            arg_end: mm.arg_end,
            env_start: mm.env_start,
            env_end: mm.env_end,
        }
    }

    pub(super) fn shared(self, sharing: Sharing) -> Self {
        Self { sharing, ..self }
    }
}

impl Mapped {
    fn of(raw: &Raw) -> Self {
        let mut mapped = Self::default();
        for mapping in raw.mappings() {
            let bytes = mapping.end.saturating_sub(mapping.start);
            let with = |flag: u64| if mapping.flags & flag != 0 { bytes } else { 0 };
            mapped.count += 1;
            mapped.bytes += bytes;
            mapped.writable_bytes += with(VM_WRITE);
            mapped.executable_bytes += with(VM_EXEC);
            mapped.shared_bytes += with(VM_SHARED);
        }
        mapped
    }
}

/// A size of `/proc/PID/status`, bytes.
fn of_status(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::of_status;

    #[test]
    fn sizes_of_proc_are_bytes() {
        let status = "Name:\tVmRSS:\nVmRSS:\t    1776 kB\nVmSwap:\t0 kB\nVmHWM: 1\n";
        assert_eq!(of_status(status, "VmRSS:"), Some(1776 << 10));
        assert_eq!(of_status(status, "VmSwap:"), Some(0));
        assert_eq!(of_status(status, "VmHWM:"), None);
        assert_eq!(of_status("", "VmRSS:"), None);
    }
}
