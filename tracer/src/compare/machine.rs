//! What the figures are of: the machine, the kernel, and what it does against its CPU's faults.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::system;

/// The machine, when it was measured.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// The CPU's name; empty if it tells none.
    pub cpu: String,
    /// CPUs online.
    pub cpus: usize,
    /// Whether the CPU says that it is a virtual machine's.
    pub virtual_machine: bool,
    /// `uname -r`.
    pub kernel: String,
    /// `uname -m`.
    pub machine: String,
    /// What the kernel does against each fault that the CPU has, by the names of
    /// `/sys/devices/system/cpu/vulnerabilities`.
    pub mitigations: BTreeMap<String, String>,
    /// Faults that this CPU does not have.
    pub not_affected: usize,
    /// Page size, bytes.
    pub page_bytes: u64,
    /// Memory, bytes.
    pub memory_bytes: u64,
    /// Of that, what could be had, bytes.
    pub memory_available_bytes: u64,
    /// Which huge pages are made without being asked for: `always`, `madvise` or `never`. The
    /// workload does without.
    pub huge_pages: String,
    /// The load of the last minute before, hundredths of a task.
    pub load_percent: u64,
}

impl Machine {
    /// What makes the figures less sure than their intervals say, in words.
    pub fn warnings(&self) -> Vec<String> {
        let load = self.load_percent;
        // Half a CPU for others is more than what a machine does that is left alone.
        let busy = load > 50;
        let text = format!(
            "the machine was not quiet, with a load of {}.{:02} on {} CPUs: another run can find \
             medians outside of these intervals",
            load / 100,
            load % 100,
            self.cpus
        );
        busy.then_some(text).into_iter().collect()
    }

    /// This one, now. What cannot be read is empty or zero.
    pub fn here() -> Self {
        let start = system::start();
        let cpu = read("/proc/cpuinfo");
        let field = |name: &str| {
            let line = cpu.lines().find(|line| line.starts_with(name));
            line.and_then(|line| line.split_once(':')).map_or("", |(_, value)| value.trim())
        };
        let memory = read("/proc/meminfo");
        let (mitigations, not_affected) = mitigations();
        Self {
            cpu: field("model name").to_owned(),
            cpus: system::online_cpus().map_or(0, |cpus| cpus.len()),
            virtual_machine: field("flags").split(' ').any(|flag| flag == "hypervisor"),
            kernel: start.kernel,
            machine: start.machine,
            mitigations,
            not_affected,
            page_bytes: u64::try_from(rustix::param::page_size()).unwrap_or(0),
            memory_bytes: kib(&memory, "MemTotal:"),
            memory_available_bytes: kib(&memory, "MemAvailable:"),
            huge_pages: chosen(&read("/sys/kernel/mm/transparent_hugepage/enabled")),
            load_percent: load(&read("/proc/loadavg")),
        }
    }
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

fn mitigations() -> (BTreeMap<String, String>, usize) {
    let folder = fs::read_dir(Path::new("/sys/devices/system/cpu/vulnerabilities"));
    let (mut affected, mut not) = (BTreeMap::new(), 0);
    for file in folder.into_iter().flatten().flatten() {
        let text = fs::read_to_string(file.path()).unwrap_or_default();
        let text = text.trim();
        if text == "Not affected" {
            not += 1;
        } else if !text.is_empty() {
            affected.insert(file.file_name().to_string_lossy().into_owned(), text.to_owned());
        }
    }
    (affected, not)
}

/// A line of `/proc/meminfo`, bytes.
fn kib(text: &str, name: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let kib = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    kib.unwrap_or(0) << 10
}

/// The word in brackets.
fn chosen(text: &str) -> String {
    let word = text.split_once('[').and_then(|(_, rest)| rest.split_once(']'));
    word.map_or_else(String::new, |(word, _)| word.to_owned())
}

/// The first number of `/proc/loadavg`, which has two decimals, hundredths.
fn load(text: &str) -> u64 {
    let number = text.split(' ').next().and_then(|number| number.split_once('.'));
    let hundredths = number.and_then(|(whole, part)| format!("{whole}{part}").parse::<u64>().ok());
    hundredths.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_the_kernel_are_read() {
        assert_eq!(kib("MemTotal:  2048 kB\nMemFree: 1 kB\n", "MemFree:"), 1024);
        assert_eq!(kib("", "MemFree:"), 0);
        assert_eq!(chosen("always [madvise] never\n"), "madvise");
        assert_eq!(chosen("gone"), "");
        assert_eq!(load("1.25 0.10 0.01 1/100 5\n"), 125);
        assert_eq!(load(""), 0);
    }

    #[test]
    fn a_busy_machine_is_warned_of() {
        let of = |load_percent| Machine { load_percent, cpus: 2, ..Machine::default() }.warnings();
        assert!(of(50).is_empty());
        assert!(of(125)[0].contains("a load of 1.25 on 2 CPUs"), "{:?}", of(125));
    }

    #[test]
    fn this_machine_has_a_cpu_and_memory() {
        let here = Machine::here();
        assert!(here.cpus > 0 && here.memory_bytes >= here.memory_available_bytes);
        assert!(here.memory_available_bytes > 0 && !here.kernel.is_empty());
        let again: Machine = serde_json::from_str(&serde_json::to_string(&here).unwrap()).unwrap();
        assert_eq!(again, here);
    }
}
