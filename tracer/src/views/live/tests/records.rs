//! Records.

#![expect(clippy::similar_names, reason = "tid and tgid are the kernel's words")]

use tracer_common::record::{
    Exec, Exit, Futex, FutexCall, InfoKind, Newtask, SignalGenerate, Switch, TaskSeen,
};
use tracer_common::task::{Comm, Identity, TaskKey};
use zerocopy::FromZeros;

use super::START_NS;
use crate::event::What;

pub(super) fn zeroed<T: FromZeros>() -> T {
    T::new_zeroed()
}

pub(super) fn comm(name: &str) -> Comm {
    let mut comm = Comm::default();
    comm[..name.len()].copy_from_slice(name.as_bytes());
    comm
}

pub(super) fn identity(tid: u32, tgid: u32, name: &str) -> Identity {
    let key = TaskKey { tid, tgid, start_ns: u64::from(tid) };
    Identity { key, comm: comm(name), parent_tgid: 1, prio: 120, ..zeroed() }
}

pub(super) fn seen(tid: u32, tgid: u32, name: &str) -> What {
    let identity = identity(tid, tgid, name);
    What::TaskSeen(TaskSeen { identity, state: 1, cpu: 3, followed: 1, ..zeroed() })
}

/// Futex record of tokio/12, begun 1000 us after the start.
pub(super) fn futex(op: u32, ret: i64) -> Futex {
    let begin_ns = START_NS + 1_000_000;
    Futex { begin_ns, uaddr: 0x7f00, tid: 12, call: FutexCall::FUTEX, op, val: 2, ret, ..zeroed() }
}

pub(super) fn kill() -> SignalGenerate {
    SignalGenerate {
        target_tid: 12,
        target_tgid: 11,
        sender_tid: 10,
        sig: 15,
        group: 1,
        info_kind: InfoKind::GIVEN,
        si_pid: 10,
        ..zeroed()
    }
}

pub(super) fn newtask(flags: u64, exit_signal: i32, tgid: u32, shared: u32) -> What {
    let identity = identity(13, tgid, "bash");
    let clone_flags = flags;
    What::Newtask(Newtask {
        identity,
        clone_flags,
        creator_tid: 10,
        exit_signal,
        shared,
        ns_tid: 13,
        ..zeroed()
    })
}

pub(super) fn exec(old_tid: u32) -> What {
    let mut exec = Exec { identity: identity(10, 10, "sleep"), old_tid, ..zeroed() };
    exec.filename[..10].copy_from_slice(b"/bin/sleep");
    exec.filename_len = 10;
    What::Exec(exec)
}

pub(super) fn exit(code: u32, flags: u32, group_code: u32) -> What {
    let key = identity(10, 10, "").key;
    What::Exit(Exit { key, code, flags, group_code, parent_tgid: 1, ..zeroed() })
}

pub(super) fn switch(prev_tid: u32, next_tid: u32, prev_state: u32) -> What {
    What::Switch(Switch { prev_tid, next_tid, prev_state, ..zeroed() })
}
