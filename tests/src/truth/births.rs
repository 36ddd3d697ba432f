//! How tasks were made: by whom, with which flags, and what they got.
//!
//! Of a stack the truth has the lowest address and the report the stack pointer of the first
//! instruction, which is somewhere above; a library's thread has its thread pointer above both.

use std::collections::{BTreeMap, BTreeSet};

use super::Differences;
use super::pairs::Pair;

/// Bits of the flags that are the signal of the exit: the kernel takes them apart before its
/// tracepoint. It is at most 64; the highest bit of `CSIGNAL` is `CLONE_NEWTIME` for `clone3`.
const EXIT_SIGNAL: u64 = 0x7f;

/// The namespaces that `CLONE_NEW*` makes new, user namespaces apart: those are credentials.
const NEW_NAMESPACES: u64 =
    bit(7) | bit(17) | 0x0200_0000 | 0x0400_0000 | 0x0800_0000 | bit(29) | bit(30);

/// `CLONE_THREAD`
const THREAD: u64 = bit(16);

/// `CLONE_NEWUSER`
const NEW_USER: u64 = bit(28);

/// `linux/sched.h`, v6.18.
const NAMES: [(u64, &str); 27] = [
    (bit(7), "CLONE_NEWTIME"),
    (bit(8), "CLONE_VM"),
    (bit(9), "CLONE_FS"),
    (bit(10), "CLONE_FILES"),
    (bit(11), "CLONE_SIGHAND"),
    (bit(12), "CLONE_PIDFD"),
    (bit(13), "CLONE_PTRACE"),
    (bit(14), "CLONE_VFORK"),
    (bit(15), "CLONE_PARENT"),
    (bit(16), "CLONE_THREAD"),
    (bit(17), "CLONE_NEWNS"),
    (bit(18), "CLONE_SYSVSEM"),
    (bit(19), "CLONE_SETTLS"),
    (bit(20), "CLONE_PARENT_SETTID"),
    (bit(21), "CLONE_CHILD_CLEARTID"),
    (bit(22), "CLONE_DETACHED"),
    (bit(23), "CLONE_UNTRACED"),
    (bit(24), "CLONE_CHILD_SETTID"),
    (bit(25), "CLONE_NEWCGROUP"),
    (bit(26), "CLONE_NEWUTS"),
    (bit(27), "CLONE_NEWIPC"),
    (bit(28), "CLONE_NEWUSER"),
    (bit(29), "CLONE_NEWPID"),
    (bit(30), "CLONE_NEWNET"),
    (bit(31), "CLONE_IO"),
    (bit(32), "CLONE_CLEAR_SIGHAND"),
    (bit(33), "CLONE_INTO_CGROUP"),
];

const fn bit(number: u32) -> u64 {
    1 << number
}

/// Compares everything that was settled before a task's first instruction.
pub(super) fn compare(pairs: &[Pair<'_>], found: &mut Differences) {
    for pair in pairs {
        names(pair, found);
        maker(pair, found);
        if let Some(flags) = pair.truth.flags {
            flags_and_shares(pair, flags & !EXIT_SIGNAL, found);
        }
        memory(pair, found);
        let from = [Some(pair.report.from_ns), pair.truth.started_ns];
        found.at_most(pair, "first own moment after its birth", from);
    }
    execs(pairs, found);
}

fn names(pair: &Pair<'_>, found: &mut Differences) {
    let Pair { truth, report, .. } = pair;
    found.equal(pair, "tgid", truth.tgid, report.tgid);
    found.known(pair, "comm", truth.comm.as_deref(), Some(&report.comm));
    // Whoever takes over a leader's number becomes one.
    let leads = truth.tid == truth.tgid && !is_taken_over(pair);
    let kind = if leads || report.old_tid.is_some() { "process" } else { "thread" };
    found.equal(pair, "kind", kind, &report.kind);
}

/// Whether a leader goes by a thread's number since that one's exec.
fn is_taken_over(pair: &Pair<'_>) -> bool {
    pair.truth.tid != pair.report.tid && pair.report.old_tid.is_none()
}

fn maker(pair: &Pair<'_>, found: &mut Differences) {
    let Pair { truth, report, first } = pair;
    found.known(pair, "parent", truth.parent, Some(report.parent_tid));
    found.known(pair, "creator", truth.creator, report.creator_tid);
    // The first one is made before anything is attached: tracer cannot let it go earlier.
    if !first {
        found.equal(pair, "birth was recorded", true, report.born);
    }
}

fn flags_and_shares(pair: &Pair<'_>, flags: u64, found: &mut Differences) {
    let report = pair.report;
    found.equal(pair, "clone flags", Some(flags), report.clone_flags_raw);
    let of = |flags: u64| NAMES.iter().filter(move |(bit, _)| flags & bit != 0);
    let expected: BTreeSet<&str> = of(flags).map(|(_, name)| *name).collect();
    let names = report.clone_flags.iter().flatten().map(String::as_str).collect();
    found.equal(pair, "names of clone flags", expected, names);
    let expected = shared(flags);
    let names: BTreeSet<&str> = report.shared_at_birth.iter().map(String::as_str).collect();
    found.equal(pair, "shared at birth", expected, names);
}

/// What the kernel shares for these flags (`copy_process` and what it calls, v6.18).
fn shared(flags: u64) -> BTreeSet<&'static str> {
    let by_flag = [
        (bit(8), "mm"),
        (bit(9), "fs"),
        (bit(10), "files"),
        (bit(11), "sighand"),
        (THREAD, "signal"),
    ];
    let asked = by_flag.iter().filter(|(bit, _)| flags & bit != 0).map(|(_, name)| *name);
    let namespaces = (flags & NEW_NAMESPACES == 0).then_some("nsproxy");
    // Only threads keep the very same credentials (`copy_creds`).
    let credentials = (flags & THREAD != 0 && flags & NEW_USER == 0).then_some("cred");
    asked.chain(namespaces).chain(credentials).collect()
}

fn memory(pair: &Pair<'_>, found: &mut Differences) {
    let Pair { truth, report, .. } = pair;
    found.known(pair, "thread pointer", truth.tls, report.tls);
    if let Some(lowest) = truth.stack {
        let pointer = report.stack.unwrap_or_default();
        let highest = truth.tls.filter(|tls| *tls > lowest).unwrap_or(u64::MAX);
        let within = lowest < pointer && pointer <= highest;
        found.equal(pair, "stack pointer within its stack", (true, lowest), (within, lowest));
    }
}

/// The report has all programs that a process started in its leader's row.
fn execs(pairs: &[Pair<'_>], found: &mut Differences) {
    let mut execs: BTreeMap<u32, (usize, usize)> = BTreeMap::new();
    for Pair { truth, report, .. } in pairs {
        let (by_truth, by_report) = execs.entry(truth.tgid).or_default();
        *by_truth += truth.execs as usize;
        *by_report += report.execs.len();
    }
    for (tgid, (truth, mut report)) in execs {
        // The exec that began the truth's own program.
        if pairs.iter().any(|pair| pair.first && pair.truth.tgid == tgid) {
            report = report.saturating_sub(1);
        }
        found.equal(format_args!("process {tgid}"), "execs", truth, report);
    }
}
