//! Structures behind a task that may be freed while they are read, and what an inspection reads of
//! them.
#![expect(clippy::wildcard_imports, reason = "the field tables are read here and only here")]

use tracer_common::field::*;
use tracer_common::inspect_field::*;
use tracer_common::record::{AddressSpace, Credentials, GROUPS_MAX};

use crate::kernel::Kernel;

/// Words of a file table that are looked at.
const OPEN_WORDS: usize = 64;

/// A structure that may be freed while it is read: what is read may be wrong then, and no more.
#[derive(Clone, Copy)]
pub(super) struct Loose(pub(super) Kernel);

impl Loose {
    /// What a pointer field points to.
    #[inline(always)]
    pub(super) fn of<const FIELD: usize>(from: Kernel, extra: usize) -> Option<Self> {
        let pointer = from.copy::<u64, FIELD>(extra)?;
        if pointer == 0 { None } else { Some(Self(Kernel::new(pointer as *const u8))) }
    }

    #[inline(always)]
    pub(super) fn follow<const FIELD: usize>(self) -> Option<Self> {
        Self::of::<FIELD>(self.0, 0)
    }

    #[inline(always)]
    pub(super) fn long<const FIELD: usize>(self) -> u64 {
        self.0.copy::<u64, FIELD>(0).unwrap_or(u64::MAX)
    }

    #[inline(always)]
    pub(super) fn int<const FIELD: usize>(self) -> u32 {
        self.0.copy::<u32, FIELD>(0).unwrap_or(u32::MAX)
    }
}

impl Loose {
    /// Of a `signal_struct`: one of its numbers, in the initial namespace.
    #[inline(always)]
    pub(super) fn number<const KIND: usize>(self) -> u32 {
        let pid = Self::of::<SIGNAL_PIDS>(self.0, KIND);
        pid.and_then(|pid| pid.0.copy::<u32, PID_NUMBERS>(0)).unwrap_or(0)
    }

    /// Of an `fdtable`: how many bits are set.
    #[inline(always)]
    pub(super) fn open_files(self, max: u32) -> u32 {
        let Some(bits) = self.follow::<FDT_OPEN>() else { return 0 };
        let mut count = 0;
        for word in 0..OPEN_WORDS {
            if word * 64 >= max as usize {
                break;
            }
            count += ones(bits.0.copy_at(word * 8).unwrap_or(0));
        }
        count
    }

    /// Of a `cred`.
    #[inline(always)]
    pub(super) fn credentials(self, into: &mut Credentials) {
        into.cap_inheritable = self.long::<CRED_CAP_INHERITABLE>();
        into.cap_permitted = self.long::<CRED_CAP_PERMITTED>();
        into.cap_effective = self.long::<CRED_CAP_EFFECTIVE>();
        into.cap_bset = self.long::<CRED_CAP_BSET>();
        into.cap_ambient = self.long::<CRED_CAP_AMBIENT>();
        into.uid = self.int::<CRED_UID>();
        into.gid = self.int::<CRED_GID>();
        into.suid = self.int::<CRED_SUID>();
        into.sgid = self.int::<CRED_SGID>();
        into.euid = self.int::<CRED_EUID>();
        into.egid = self.int::<CRED_EGID>();
        into.fsuid = self.int::<CRED_FSUID>();
        into.fsgid = self.int::<CRED_FSGID>();
        into.securebits = self.int::<CRED_SECUREBITS>();
        let groups = self.follow::<CRED_GROUP_INFO>();
        into.ngroups = groups.map_or(0, Loose::int::<GROUPS_COUNT>);
        for (index, group) in into.groups.iter_mut().enumerate().take(GROUPS_MAX) {
            let at = |groups: Self| groups.0.copy::<u32, GROUPS_GID>(index * 4);
            *group = match groups {
                Some(groups) if (index as u32) < into.ngroups => at(groups).unwrap_or(u32::MAX),
                _ => 0,
            };
        }
    }

    /// Of an `mm_struct`.
    #[inline(always)]
    pub(super) fn address_space(self, into: &mut AddressSpace) {
        into.hiwater_vm = self.long::<MM_HIWATER_VM>();
        into.total_vm = self.long::<MM_TOTAL_VM>();
        into.locked_vm = self.long::<MM_LOCKED_VM>();
        into.pinned_vm = self.long::<MM_PINNED_VM>();
        into.data_vm = self.long::<MM_DATA_VM>();
        into.exec_vm = self.long::<MM_EXEC_VM>();
        into.stack_vm = self.long::<MM_STACK_VM>();
        into.pgtables = self.long::<MM_PGTABLES>();
        into.start_code = self.long::<MM_START_CODE>();
        into.end_code = self.long::<MM_END_CODE>();
        into.start_data = self.long::<MM_START_DATA>();
        into.end_data = self.long::<MM_END_DATA>();
        into.start_brk = self.long::<MM_START_BRK>();
        into.brk = self.long::<MM_BRK>();
        into.start_stack = self.long::<MM_START_STACK>();
        into.arg_start = self.long::<MM_ARG_START>();
        into.arg_end = self.long::<MM_ARG_END>();
        into.env_start = self.long::<MM_ENV_START>();
        into.env_end = self.long::<MM_ENV_END>();
        into.map_count = self.int::<MM_MAP_COUNT>();
        into.users = self.int::<MM_USERS>();
    }
}

/// How many bits are set; BPF has no instruction for it.
#[inline(always)]
fn ones(mut bits: u64) -> u32 {
    bits -= (bits >> 1) & 0x5555_5555_5555_5555;
    bits = (bits & 0x3333_3333_3333_3333) + ((bits >> 2) & 0x3333_3333_3333_3333);
    bits = (bits + (bits >> 4)) & 0x0f0f_0f0f_0f0f_0f0f;
    (bits.wrapping_mul(0x0101_0101_0101_0101) >> 56) as u32
}
