//! Facts of the machine that a recording carries or a capture needs.

use std::fs;
use std::io;

use crate::source::recording::Start;

/// Numbers of the CPUs that are online.
///
/// # Errors
/// The kernel's list cannot be read or understood.
pub fn online_cpus() -> io::Result<Vec<u16>> {
    listed_cpus("/sys/devices/system/cpu/online")
}

/// Numbers of the CPUs that could ever be online.
///
/// # Errors
/// The kernel's list cannot be read or understood.
pub fn possible_cpus() -> io::Result<Vec<u16>> {
    listed_cpus("/sys/devices/system/cpu/possible")
}

fn listed_cpus(path: &str) -> io::Result<Vec<u16>> {
    let list = fs::read_to_string(path)?;
    parse_cpus(&list).ok_or_else(|| io::Error::other(format!("not a list of CPUs: {list:?}")))
}

/// The part of a recording's begin that says which machine and kernel it is of.
pub fn start() -> Start {
    let names = rustix::system::uname();
    Start {
        kernel: names.release().to_string_lossy().into_owned(),
        machine: names.machine().to_string_lossy().into_owned(),
        host: names.nodename().to_string_lossy().into_owned(),
        ..Start::default()
    }
}

/// Peak resident memory of this process, bytes; zero if it cannot be read.
pub fn peak_rss_bytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}

fn parse_cpus(list: &str) -> Option<Vec<u16>> {
    let mut cpus = Vec::new();
    for range in list.trim().split(',') {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        cpus.extend(first.parse::<u16>().ok()?..=last.parse::<u16>().ok()?);
    }
    Some(cpus)
}

#[cfg(test)]
mod tests {
    use super::parse_cpus;

    #[test]
    fn a_list_of_cpus_has_ranges() {
        assert_eq!(parse_cpus("0-2,5\n"), Some(vec![0, 1, 2, 5]));
        assert_eq!(parse_cpus("0"), Some(vec![0]));
        assert_eq!(parse_cpus(""), None);
        assert_eq!(parse_cpus("0-"), None);
    }
}
