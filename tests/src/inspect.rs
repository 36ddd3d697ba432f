//! What `/proc` says of a thread, and what `tracer inspect --json` does, under the same names.

use std::collections::BTreeMap;
use std::fs;

/// Facts by name, as text that can be compared.
pub type Facts = BTreeMap<String, String>;

/// A page, KiB.
const KIB: u64 = 1024;

/// Sizes of an address space: their names in `/proc/PID/status` and in JSON.
const SIZES: [(&str, &str); 8] = [
    ("VmSize", "total_bytes"),
    ("VmRSS", "resident_bytes"),
    ("VmSwap", "swap_bytes"),
    ("VmLck", "locked_bytes"),
    ("VmPin", "pinned_bytes"),
    ("VmData", "data_bytes"),
    ("VmStk", "stack_bytes"),
    ("VmPTE", "page_tables_bytes"),
];

/// Capabilities, likewise.
const CAPS: [(&str, &str); 5] = [
    ("CapInh", "cap_inheritable"),
    ("CapPrm", "cap_permitted"),
    ("CapEff", "cap_effective"),
    ("CapBnd", "cap_bset"),
    ("CapAmb", "cap_ambient"),
];

/// Places, with their fields in `/proc/PID/stat`, from one.
const PLACES: [(&str, usize); 10] = [
    ("start_code", 26),
    ("end_code", 27),
    ("start_stack", 28),
    ("start_data", 45),
    ("end_data", 46),
    ("start_brk", 47),
    ("arg_start", 48),
    ("arg_end", 49),
    ("env_start", 50),
    ("env_end", 51),
];

/// Namespaces as `/proc/PID/ns` and JSON call them.
const NAMESPACES: [&str; 9] =
    ["cgroup", "ipc", "mnt", "net", "pid", "pid_for_children", "time", "user", "uts"];

/// What `/proc` says of a thread; nothing of what it does not have (a kernel thread has no memory).
///
/// # Panics
/// If the thread is not there.
#[track_caller]
pub fn proc(pid: u32, thread: u32) -> Facts {
    let file = |name: &str| {
        fs::read_to_string(format!("/proc/{pid}/task/{thread}/{name}")).unwrap_or_default()
    };
    let mut facts = Facts::new();
    status(&file("status"), &mut facts);
    stat(&file("stat"), &mut facts);
    sched(&file("sched"), &mut facts);
    let words: Vec<String> = file("schedstat").split_whitespace().map(str::to_owned).collect();
    for (name, word) in ["sum_exec_runtime", "run_delay", "pcount"].iter().zip(words) {
        facts.insert((*name).into(), word);
    }
    facts.insert("syscall".into(), file("syscall").trim().to_owned());
    facts.insert("wchan".into(), file("wchan").trim().to_owned());
    facts.insert("stack".into(), kernel_stack(&file("stack")));
    for line in file("io").lines() {
        if let Some((name, value)) = line.split_once(": ")
            && name != "cancelled_write_bytes"
        {
            facts.insert(name.into(), value.into());
        }
    }
    for name in NAMESPACES {
        let link = fs::read_link(format!("/proc/{pid}/task/{thread}/ns/{name}"));
        let link = link.map(|link| link.to_string_lossy().into_owned()).unwrap_or_default();
        let inum = link.split(['[', ']']).nth(1).unwrap_or_default();
        facts.insert(format!("ns {name}"), inum.to_owned());
    }
    maps(&file("maps"), &mut facts);
    assert!(facts.len() > 40, "no such thread {thread}: {facts:?}");
    facts
}

fn status(status: &str, facts: &mut Facts) {
    let fields: BTreeMap<&str, &str> = status
        .lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name, value.trim()))
        .collect();
    let plain = [
        "Name",
        "Tgid",
        "Pid",
        "PPid",
        "TracerPid",
        "FDSize",
        "Threads",
        "Umask",
        "NoNewPrivs",
        "Seccomp",
        "Cpus_allowed_list",
        "voluntary_ctxt_switches",
        "nonvoluntary_ctxt_switches",
    ];
    for name in plain {
        facts.insert(name.into(), fields.get(name).copied().unwrap_or_default().to_owned());
    }
    let words = |name: &str| {
        let words = fields.get(name).copied().unwrap_or_default().split_whitespace();
        words.collect::<Vec<_>>().join(" ")
    };
    for name in ["Uid", "Gid", "Groups"] {
        facts.insert(name.into(), words(name));
    }
    facts.insert("State".into(), words("State").chars().take(1).collect());
    facts.insert("NSpid".into(), words("NSpid").rsplit(' ').next().unwrap_or_default().into());
    let kib = |name: &str| {
        let size = fields.get(name)?.strip_suffix(" kB")?.trim().parse::<u64>().ok();
        size.map(|size| size * KIB)
    };
    for name in SIZES.iter().map(|(name, _)| *name).chain(["VmPeak"]) {
        if let Some(size) = kib(name) {
            facts.insert(name.into(), size.to_string());
        }
    }
    if let (Some(program), Some(libraries)) = (kib("VmExe"), kib("VmLib")) {
        facts.insert("VmExe + VmLib".into(), (program + libraries).to_string());
    }
    let masks = ["SigPnd", "ShdPnd", "SigBlk", "SigIgn", "SigCgt"];
    for name in masks.into_iter().chain(CAPS.map(|(name, _)| name)) {
        let mask = fields.get(name).and_then(|mask| u64::from_str_radix(mask, 16).ok());
        facts.insert(name.into(), mask.unwrap_or_default().to_string());
    }
}

fn stat(stat: &str, facts: &mut Facts) {
    let (_, rest) = stat.rsplit_once(") ").unwrap_or_default();
    let words: Vec<&str> = rest.split_whitespace().collect();
    // The first after the name is the third.
    let word = |field: usize| words.get(field - 3).copied().unwrap_or_default().to_owned();
    let named = [
        ("pgrp", 5),
        ("session", 6),
        ("minflt", 10),
        ("majflt", 12),
        ("priority", 18),
        ("nice", 19),
        ("processor", 39),
        ("rt_priority", 40),
        ("policy", 41),
    ];
    for (name, field) in named.into_iter().chain(PLACES) {
        facts.insert(name.into(), word(field));
    }
}

fn sched(sched: &str, facts: &mut Facts) {
    let lines = sched.lines().filter_map(|line| line.split_once(':'));
    for (name, value) in lines.map(|(name, value)| (name.trim(), value.trim())) {
        match name {
            "se.vruntime" | "se.exec_start" => {
                // Milliseconds, with six decimals.
                facts.insert(name.into(), value.replace('.', "").trim_start_matches('0').into());
            }
            "se.nr_migrations" | "se.slice" => {
                facts.insert(name.into(), value.into());
            }
            _ => {}
        }
    }
}

/// The functions with their offsets, as `name+0x1a`.
fn kernel_stack(stack: &str) -> String {
    let frame = |line: &str| {
        let place = line.split_once("] ")?.1;
        Some(place.split_once('/').map_or(place, |(place, _)| place).to_owned())
    };
    stack.lines().filter_map(frame).collect::<Vec<_>>().join(" ")
}

fn maps(maps: &str, facts: &mut Facts) {
    let mapping = |line: &str| {
        let (range, rest) = line.split_once(' ')?;
        let (from, to) = range.split_once('-')?;
        let at = |text| u64::from_str_radix(text, 16).ok();
        // One that every process has and none made.
        (!rest.ends_with("[vsyscall]")).then_some((at(from)?, at(to)?, rest.to_owned()))
    };
    let mappings: Vec<_> = maps.lines().filter_map(mapping).collect();
    if mappings.is_empty() {
        return;
    }
    let bytes = |what: fn(&str) -> bool| {
        let all = mappings.iter().filter(|(_, _, rest)| what(rest));
        all.map(|(from, to, _)| to - from).sum::<u64>().to_string()
    };
    facts.insert("maps".into(), mappings.len().to_string());
    facts.insert("map_count".into(), mappings.len().to_string());
    facts.insert("maps bytes".into(), bytes(|_| true));
    facts.insert("maps writable".into(), bytes(|rest| rest.as_bytes().get(1) == Some(&b'w')));
    facts.insert("maps executable".into(), bytes(|rest| rest.as_bytes().get(2) == Some(&b'x')));
    let call = facts.get("syscall").cloned().unwrap_or_default();
    let sp = call.split_whitespace().rev().nth(1).and_then(|sp| sp.strip_prefix("0x"));
    if let Some(sp) = sp.and_then(|sp| u64::from_str_radix(sp, 16).ok()) {
        let stack = mappings.iter().find(|(from, to, _)| (*from..*to).contains(&sp));
        let stack = stack.map(|(from, to, _)| format!("{from:#x}-{to:#x}"));
        facts.insert("user stack".into(), stack.unwrap_or_default());
    }
}

mod held;
mod ours;

pub use held::Held;
pub use ours::of;
