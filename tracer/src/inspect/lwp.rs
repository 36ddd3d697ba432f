//! The part of a thread that its user side owns.

use serde::Serialize;
use tracer_common::record::{InspectedLwp, TaskSeen};

use super::{Call, Credentials, Raw, int, long, signals, text};

/// x86's `pt_regs` in its order, by the names that ptrace has for them.
const X86: [&str; 21] = [
    "r15", "r14", "r13", "r12", "rbp", "rbx", "r11", "r10", "r9", "r8", "rax", "rcx", "rdx", "rsi",
    "rdi", "orig_rax", "rip", "cs", "eflags", "rsp", "ss",
];

/// What arm64's `user_pt_regs` has after its numbered registers.
const ARM64: [&str; 3] = ["sp", "pc", "pstate"];

/// `SS_ONSTACK` is not kept by the kernel, the others are: `SS_DISABLE`, `SS_AUTODISARM`.
const SS_FLAGS: [(u32, &str); 2] = [(2, "SS_DISABLE"), (1 << 31, "SS_AUTODISARM")];

/// One thread as its program has it.
#[derive(Clone, Debug, Serialize)]
pub struct Lwp {
    /// Its number.
    pub tid: u32,
    /// Its name.
    pub comm: String,
    /// Its user registers as its last entry to the kernel has left them.
    pub registers: Vec<Register>,
    /// Whether they are not its present ones, because it runs.
    pub registers_stale: bool,
    /// The system call it is in; `None` if in none, or while it runs.
    pub call: Option<Call>,
    /// User time, ns, as the tick has sampled it.
    pub utime_ns: Option<u64>,
    /// System time, ns, likewise.
    pub stime_ns: Option<u64>,
    /// Page faults without I/O.
    pub min_flt: Option<u64>,
    /// Page faults with I/O.
    pub maj_flt: Option<u64>,
    /// Bytes read by calls.
    pub rchar_bytes: Option<u64>,
    /// Bytes written by calls.
    pub wchar_bytes: Option<u64>,
    /// Calls that read.
    pub syscr: Option<u64>,
    /// Calls that write.
    pub syscw: Option<u64>,
    /// Bytes fetched from storage.
    pub read_bytes: Option<u64>,
    /// Bytes to be sent to storage.
    pub write_bytes: Option<u64>,
    /// Signals it blocks.
    pub blocked: Vec<String>,
    /// The same as bits, bit n-1 for signal n.
    pub blocked_mask: u64,
    /// Signals pending for it alone.
    pub pending: Vec<String>,
    /// The same as bits.
    pub pending_mask: u64,
    /// The mapping that its stack pointer is in.
    pub user_stack: Option<Stack>,
    /// TLS base.
    pub tls: u64,
    /// Alternate signal stack.
    pub alternate_stack: Option<AltStack>,
    /// Word that is cleared and woken at its end.
    pub clear_child_tid: Option<u64>,
    /// Head of its list of robust futexes.
    pub robust_list: Option<u64>,
    /// Mode of seccomp: 0 none, 1 strict, 2 filter.
    pub seccomp: Option<u32>,
    /// Whether it can gain no privileges by exec.
    pub no_new_privs: Option<bool>,
    /// What it does not share with the leader of its group.
    pub apart: Vec<&'static str>,
    /// Its own credentials, where they are not the leader's.
    pub credentials: Option<Credentials>,
}

/// One register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Register {
    /// Its name.
    pub name: &'static str,
    /// What it has.
    pub value: u64,
}

/// A thread's user stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Stack {
    /// Begin of the mapping, which may have more than the stack.
    pub start: u64,
    /// Its end.
    pub end: u64,
    /// The stack pointer.
    pub sp: u64,
    /// From the stack pointer to the end, bytes.
    pub used_bytes: u64,
}

/// An alternate signal stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AltStack {
    /// Its begin.
    pub sp: u64,
    /// Its size, bytes.
    pub size_bytes: u64,
    /// `SS_*`.
    pub flags: Vec<&'static str>,
}

impl Lwp {
    pub(super) fn of(seen: &TaskSeen, read: &InspectedLwp, leader: &TaskSeen, raw: &Raw) -> Self {
        let (accounts, io) = (&seen.accounts, &read.io);
        let registers = registers(read);
        let runs = seen.on_cpu != 0;
        let sp = registers.iter().find(|it| matches!(it.name, "rsp" | "sp")).map(|it| it.value);
        let apart = apart(seen, leader);
        let own = raw.process(seen.identity.key).filter(|_| apart.contains(&"cred"));
        let alternate = (long(read.sas_sp), long(read.sas_size).filter(|&size| size != 0));
        let flags = SS_FLAGS.iter().filter(|(bit, _)| read.sas_flags & bit != 0);
        Self {
            tid: seen.identity.key.tid,
            comm: text(&seen.identity.comm),
            registers_stale: runs,
            call: if runs { None } else { Call::of(read) },
            utime_ns: long(accounts.utime_ns),
            stime_ns: long(accounts.stime_ns),
            min_flt: long(accounts.min_flt),
            maj_flt: long(accounts.maj_flt),
            rchar_bytes: long(io.rchar),
            wchar_bytes: long(io.wchar),
            syscr: long(io.syscr),
            syscw: long(io.syscw),
            read_bytes: long(io.read_bytes),
            write_bytes: long(io.write_bytes),
            blocked: signals(read.blocked),
            blocked_mask: read.blocked,
            pending: signals(read.pending),
            pending_mask: read.pending,
            user_stack: sp.and_then(|sp| {
                let mapping = raw.mapping(sp)?;
                let (start, end) = (mapping.start, mapping.end);
                Some(Stack { start, end, sp, used_bytes: end - sp })
            }),
            tls: read.tls,
            alternate_stack: match alternate {
                (Some(sp), Some(size_bytes)) => {
                    let flags = flags.map(|&(_, name)| name).collect();
                    Some(AltStack { sp, size_bytes, flags })
                }
                _ => None,
            },
            clear_child_tid: long(read.clear_child_tid).filter(|&at| at != 0),
            robust_list: long(read.robust_list).filter(|&at| at != 0),
            seccomp: int(read.seccomp),
            no_new_privs: int(read.no_new_privs).map(|flag| flag != 0),
            credentials: own.map(|own| Credentials::of(&own.cred)),
            registers,
            apart,
        }
    }
}

/// Of a kernel that tells none, or of a task that has exited, none.
fn registers(read: &InspectedLwp) -> Vec<Register> {
    let values = read.registers;
    if values == [0; _] {
        return Vec::new();
    }
    if cfg!(target_arch = "aarch64") {
        const NUMBERED: [&str; 31] = [
            "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13",
            "x14", "x15", "x16", "x17", "x18", "x19", "x20", "x21", "x22", "x23", "x24", "x25",
            "x26", "x27", "x28", "x29", "x30",
        ];
        let names = NUMBERED.iter().chain(&ARM64);
        return names.zip(values).map(|(name, value)| Register { name, value }).collect();
    }
    let segments = [("fs_base", read.tls), ("gs_base", read.gs_base)];
    let named = X86.into_iter().zip(values).chain(segments);
    named.map(|(name, value)| Register { name, value }).collect()
}

/// What a thread does not share with its leader. One that has exited has let go of everything.
fn apart(seen: &TaskSeen, leader: &TaskSeen) -> Vec<&'static str> {
    let (own, its) = (&seen.identity.resources, &leader.identity.resources);
    let all = [
        ("mm", own.mm, its.mm),
        ("files", own.files, its.files),
        ("fs", own.fs, its.fs),
        ("sighand", own.sighand, its.sighand),
        ("nsproxy", own.nsproxy, its.nsproxy),
        ("cred", own.cred, its.cred),
    ];
    let differ = |&(_, own, its): &(_, u64, u64)| own != its && own != 0 && its != 0;
    all.into_iter().filter(differ).map(|(name, ..)| name).collect()
}
