//! An inspection in which nothing is null or empty that has fields of its own.

use tracer::inspect::{Around, Inspection, Raw, Symbols};
use tracer_common::record::{
    InspectedHandlers, InspectedKernelThread, InspectedLwp, InspectedMapping, InspectedProcess,
    TaskSeen,
};
use tracer_common::task::{Identity, Resources, TaskKey};
use tracer_common::{Header, Kind};
use zerocopy::{FromZeros, Immutable, IntoBytes};

/// `SCHED_DEADLINE`
const DEADLINE: u32 = 6;

/// A process of two threads, one with a deadline and its own credentials, and its child, which is
/// runnable.
pub(crate) fn inspection() -> Inspection {
    let mut records = Vec::new();
    for (tid, tgid, policy) in [(100, 100, 0), (101, 100, DEADLINE), (102, 102, 0)] {
        task(TaskKey { tid, tgid, start_ns: 1 }, policy, &mut records);
    }
    let header = header::<InspectedMapping>(Kind::INSPECTED_MAPPING);
    add(InspectedMapping { header, start: 0, end: 4096, flags: 0 }, &mut records);
    let around = Around {
        online: vec![0],
        possible: vec![0],
        page_bytes: 4096,
        symbols: Symbols::of("ffffffff81000000 T a"),
        status: "VmRSS:\t4 kB\n".to_owned(),
    };
    Inspection::of(100, &Raw::of(&records), &around).expect("the process")
}

fn task(key: TaskKey, policy: u32, to: &mut Vec<u8>) {
    let objects = u64::from(key.tid);
    let resources =
        Resources { mm: 1, files: 1, fs: 1, sighand: 1, signal: 1, nsproxy: 1, cred: objects };
    let parent_tgid = if key.tgid == 100 { 7 } else { 100 };
    let identity = Identity { key, resources, parent_tgid, policy, ..Identity::new_zeroed() };
    let state = u32::from(key.tid != 102);
    let on_cpu = u32::from(key.tid == 101);
    let seen = header::<TaskSeen>(Kind::TASK);
    add(TaskSeen { header: seen, identity, state, on_cpu, ..TaskSeen::new_zeroed() }, to);
    if key.tgid != 100 {
        return;
    }
    let mut thread = InspectedKernelThread {
        header: header::<InspectedKernelThread>(Kind::INSPECTED_KERNEL_THREAD),
        key,
        frames_bytes: 8,
        ..InspectedKernelThread::new_zeroed()
    };
    thread.frames[0] = 0xffff_ffff_8100_0001;
    add(thread, to);
    let mut lwp = InspectedLwp {
        header: header::<InspectedLwp>(Kind::INSPECTED_LWP),
        key,
        sas_sp: 1,
        sas_size: 1,
        ..InspectedLwp::new_zeroed()
    };
    lwp.registers[0] = 1;
    lwp.call = libc::SYS_read.cast_unsigned();
    add(lwp, to);
    let process = header::<InspectedProcess>(Kind::INSPECTED_PROCESS);
    add(InspectedProcess { header: process, key, ..InspectedProcess::new_zeroed() }, to);
    let handlers = header::<InspectedHandlers>(Kind::INSPECTED_HANDLERS);
    add(InspectedHandlers { header: handlers, key, ..InspectedHandlers::new_zeroed() }, to);
}

fn header<T>(kind: u8) -> Header {
    let words = u8::try_from(size_of::<T>() / 8).expect("a record's length");
    Header { kind, words, ..Header::new_zeroed() }
}

fn add<T: IntoBytes + Immutable>(record: T, to: &mut Vec<u8>) {
    to.extend_from_slice(record.as_bytes());
}

#[test]
fn an_inspection_is_what_its_records_say() {
    let found = inspection();
    assert!(!found.process.leader_exited && found.process.address_space.is_some());
    assert_eq!(found.process.tids, [100, 101]);
    assert_eq!(found.process.children[0].tgid, 102);
    assert_eq!(found.lwps[1].apart, ["cred"]);
    assert!(found.lwps[1].credentials.is_some() && found.lwps[0].credentials.is_none());
    assert_eq!(found.kernel_threads[0].wait_channel.as_deref(), Some("a"));
    assert!(found.cpus[0].current.is_some() && found.cpus[0].runnable.len() == 1);
}
