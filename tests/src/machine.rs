//! What this machine lets the tests do.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The capabilities any of which, with root, lets a process load tracing programs: `CAP_BPF` and
/// `CAP_SYS_ADMIN`.
const CAPABILITIES: u64 = 1 << 39 | 1 << 21;

/// Says why a test does not run.
#[expect(clippy::print_stdout, reason = "the test command counts these lines")]
pub fn skip(reason: &str) {
    println!("skipped: {reason}");
}

/// Whether tracing is possible here; if not, says why.
pub fn can_trace() -> bool {
    let reason = if !rustix::process::geteuid().is_root() {
        "loading BPF programs needs root"
    } else if effective_capabilities() & CAPABILITIES == 0 {
        "loading BPF programs needs CAP_BPF or CAP_SYS_ADMIN"
    } else if !Path::new("/sys/kernel/btf/vmlinux").exists() {
        "this kernel has no BTF"
    } else {
        return true;
    };
    skip(reason);
    false
}

fn effective_capabilities() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    line.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

/// Whether a program is on PATH; if not, says so.
pub fn has(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).any(|folder| folder.join(program).is_file());
    if !found {
        skip(&format!("there is no {program} on this machine"));
    }
    found
}

/// Where the unified cgroup hierarchy is mounted.
pub fn cgroup2() -> Option<PathBuf> {
    let mounts = fs::read_to_string("/proc/self/mounts").ok()?;
    mounts.lines().find_map(|line| {
        let mut words = line.split(' ').skip(1);
        let dir = words.next()?;
        (words.next()? == "cgroup2").then(|| PathBuf::from(dir))
    })
}

/// BPF objects by what they are and their ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BpfObjects {
    /// Programs.
    pub programs: BTreeSet<u32>,
    /// Links.
    pub links: BTreeSet<u32>,
    /// Maps.
    pub maps: BTreeSet<u32>,
}

impl BpfObjects {
    /// Those that a process has open.
    pub fn of(pid: u32) -> Self {
        let mut found = Self::default();
        let entries = fs::read_dir(format!("/proc/{pid}/fdinfo"));
        for entry in entries.into_iter().flatten().flatten() {
            // It may have been closed just now.
            let info = fs::read_to_string(entry.path()).unwrap_or_default();
            let id = |name| {
                let line = info.lines().find_map(|line: &str| line.strip_prefix(name));
                line.and_then(|id| id.trim().parse().ok())
            };
            // A link tells its program's id too.
            if let Some(link) = id("link_id:") {
                found.links.insert(link);
            } else {
                found.programs.extend(id("prog_id:"));
            }
            found.maps.extend(id("map_id:"));
        }
        found
    }

    /// Those of the whole machine.
    pub fn of_all() -> Self {
        Self {
            programs: aya::programs::loaded_programs().flatten().map(|info| info.id()).collect(),
            links: aya::programs::loaded_links().flatten().map(|info| info.id()).collect(),
            maps: aya::maps::loaded_maps().flatten().map(|info| info.id()).collect(),
        }
    }

    /// Whether it has none of the others.
    pub fn has_none_of(&self, others: &Self) -> bool {
        self.programs.is_disjoint(&others.programs)
            && self.links.is_disjoint(&others.links)
            && self.maps.is_disjoint(&others.maps)
    }
}
