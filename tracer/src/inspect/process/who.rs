//! Who a task is to others, and which world it sees.

use serde::Serialize;
use tracer_common::record::{self, GROUPS_MAX};

use super::super::{int, long};

/// Who a task is to others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the kernel's own names")]
pub struct Credentials {
    pub uid: u32,
    pub euid: u32,
    pub suid: u32,
    pub fsuid: u32,
    pub gid: u32,
    pub egid: u32,
    pub sgid: u32,
    pub fsgid: u32,
    /// Supplementary groups; of more than 32 the first.
    pub groups: Vec<u32>,
    pub cap_inheritable: Option<u64>,
    pub cap_permitted: Option<u64>,
    pub cap_effective: Option<u64>,
    pub cap_bset: Option<u64>,
    pub cap_ambient: Option<u64>,
    pub securebits: Option<u32>,
}

/// Inode numbers, as the links in `/proc/PID/ns` have them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the kernel's own names")]
pub struct Namespaces {
    pub cgroup: Option<u32>,
    pub ipc: Option<u32>,
    pub mnt: Option<u32>,
    pub net: Option<u32>,
    pub pid: Option<u32>,
    pub pid_for_children: Option<u32>,
    pub time: Option<u32>,
    pub user: Option<u32>,
    pub uts: Option<u32>,
}

impl Credentials {
    pub(in crate::inspect) fn of(read: &record::Credentials) -> Self {
        let count = usize::try_from(read.ngroups).unwrap_or(0).min(GROUPS_MAX);
        Self {
            uid: read.uid,
            euid: read.euid,
            suid: read.suid,
            fsuid: read.fsuid,
            gid: read.gid,
            egid: read.egid,
            sgid: read.sgid,
            fsgid: read.fsgid,
            groups: read.groups[..count].to_vec(),
            cap_inheritable: long(read.cap_inheritable),
            cap_permitted: long(read.cap_permitted),
            cap_effective: long(read.cap_effective),
            cap_bset: long(read.cap_bset),
            cap_ambient: long(read.cap_ambient),
            securebits: int(read.securebits),
        }
    }
}

impl Namespaces {
    pub(super) fn of(read: &record::Namespaces) -> Self {
        Self {
            cgroup: int(read.cgroup),
            ipc: int(read.ipc),
            mnt: int(read.mnt),
            net: int(read.net),
            pid: int(read.pid),
            pid_for_children: int(read.pid_for_children),
            time: int(read.time),
            user: int(read.user),
            uts: int(read.uts),
        }
    }
}
