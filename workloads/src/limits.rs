//! What may keep the kernel from making one more task.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use rustix::io::Errno;
use rustix::process::{Resource, getrlimit};

use crate::{file, maps};

/// One limit, and how much of it is used.
struct Limit {
    name: &'static str,
    used: Option<u64>,
    most: Option<u64>,
}

/// Says which limit kept the kernel from making a task or its stack, by its error: all that it may
/// be, where that cannot be told.
pub fn behind(error: Errno) -> String {
    let limits = match error {
        Errno::NOMEM => of_memory(),
        Errno::AGAIN => of_tasks(),
        _ => return "no limit".to_string(),
    };
    let reached: Vec<String> = limits.iter().filter(|limit| limit.is_reached()).map(say).collect();
    let of = if reached.is_empty() { limits.iter().map(say).collect() } else { reached };
    let word = if of.len() == 1 { "limit" } else { "one of the limits" };
    format!("{word}: {}", of.join(", "))
}

/// `ENOMEM`: no mapping more, or no memory.
fn of_memory() -> Vec<Limit> {
    let mapped = maps::now().ok().map(|mapped| mapped.mappings);
    let most = file::number("/proc/sys/vm/max_map_count");
    [Limit { name: "vm.max_map_count", used: mapped, most }].into()
}

/// `EAGAIN`: no task more (kernel/fork.c, `copy_process`, v6.18).
fn of_tasks() -> Vec<Limit> {
    let tasks = tasks();
    let kernel = |name, path: &str| Limit { name, used: tasks, most: file::number(path) };
    let processes = getrlimit(Resource::Nproc).current;
    let mut limits: Vec<Limit> = Vec::new();
    limits.push(kernel("kernel.threads-max", "/proc/sys/kernel/threads-max"));
    limits.push(kernel("kernel.pid_max", "/proc/sys/kernel/pid_max"));
    // Of one user's tasks, which nobody counts for us.
    limits.push(Limit { name: "RLIMIT_NPROC", used: None, most: processes });
    limits.extend(of_cgroup());
    limits
}

/// The limit of the own cgroup, in either kind of hierarchy.
fn of_cgroup() -> Option<Limit> {
    let cgroups = file::text("/proc/self/cgroup").ok()?;
    let path = |line: &str| {
        let mut parts = line.splitn(3, ':').skip(1);
        match (parts.next()?, parts.next()?) {
            ("", path) => Some(format!("/sys/fs/cgroup{path}")),
            (kinds, path) if kinds.split(',').any(|kind| kind == "pids") => {
                Some(format!("/sys/fs/cgroup/pids{path}"))
            }
            _ => None,
        }
    };
    cgroups.lines().filter_map(path).find_map(|folder| {
        let used = file::number(&format!("{folder}/pids.current"));
        let most = file::number(&format!("{folder}/pids.max"));
        (used.is_some() && most.is_some()).then_some(Limit {
            name: "pids.max of the cgroup",
            used,
            most,
        })
    })
}

/// Tasks of the whole machine: in `/proc/loadavg` after those that can run, as in `2/345`.
fn tasks() -> Option<u64> {
    let load = file::text("/proc/loadavg").ok()?;
    load.split_whitespace().nth(3)?.split_once('/')?.1.parse().ok()
}

impl Limit {
    /// Whether it is used up, or nearly: others come and go meanwhile.
    fn is_reached(&self) -> bool {
        matches!((self.used, self.most), (Some(used), Some(most)) if used >= most - most / 50)
    }
}

fn say(limit: &Limit) -> String {
    let number = |number: Option<u64>| number.map_or("?".into(), |number| number.to_string());
    format!("{} ({} of {})", limit.name, number(limit.used), number(limit.most))
}
