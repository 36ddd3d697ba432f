//! The machine, without which no figure means anything.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Context as _;
use serde::Serialize;

use super::child;

/// What a reader of the results has to know.
#[derive(Debug, Serialize)]
pub(super) struct Facts {
    /// The kernel's release.
    pub(super) kernel: String,
    /// The instruction set.
    pub(super) machine: &'static str,
    /// The CPU's name, if it has one.
    pub(super) cpu: Option<String>,
    /// The CPUs this program may use.
    pub(super) cpus: String,
    /// The last of them.
    pub(super) last_cpu: u32,
    /// Versions of tracer and perf.
    pub(super) tools: Vec<String>,
    /// Load average before the first run.
    pub(super) load_average_before: String,
    /// And after the last, which raised it.
    pub(super) load_average_after: String,
}

impl Facts {
    /// Before the first run.
    pub(super) fn find(tracer: &Path) -> anyhow::Result<Self> {
        let status = read("/proc/self/status")?;
        let cpus = field(&status, "Cpus_allowed_list").context("no Cpus_allowed_list")?;
        let version = |program: &Path| child::output(Command::new(program).arg("--version"));
        let tools = [version(tracer)?, version("perf".as_ref())?];
        Ok(Self {
            kernel: read("/proc/sys/kernel/osrelease")?.trim().to_owned(),
            machine: std::env::consts::ARCH,
            cpu: field(&read("/proc/cpuinfo")?, "model name").map(str::to_owned),
            last_cpu: last(cpus).with_context(|| format!("no last CPU in {cpus}"))?,
            cpus: cpus.to_owned(),
            tools: tools.iter().map(|version| version.trim().to_owned()).collect(),
            load_average_before: load_average()?,
            load_average_after: String::new(),
        })
    }

    /// After the last run.
    pub(super) fn after(mut self) -> anyhow::Result<Self> {
        self.load_average_after = load_average()?;
        Ok(self)
    }
}

/// A file of procfs.
fn read(file: &str) -> anyhow::Result<String> {
    fs::read_to_string(file).with_context(|| format!("cannot read {file}"))
}

/// The three averages.
fn load_average() -> anyhow::Result<String> {
    let text = read("/proc/loadavg")?;
    Ok(text.split_whitespace().take(3).collect::<Vec<_>>().join(" "))
}

/// The first value of a name in `name: value` lines.
fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        (found.trim() == name).then_some(value.trim())
    })
}

/// The last of a list such as `0-3,8`.
fn last(list: &str) -> Option<u32> {
    list.rsplit([',', '-']).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{field, last};

    #[test]
    fn the_last_cpu_of_a_list() {
        assert_eq!(last("0-3,8"), Some(8));
        assert_eq!(last("0-3"), Some(3));
        assert_eq!(last("0"), Some(0));
        assert_eq!(last(""), None);
    }

    #[test]
    fn fields_are_found_with_their_padding() {
        let text = "processor\t: 0\nmodel name\t: A B\nmodel name\t: C\n";
        assert_eq!(field(text, "model name"), Some("A B"));
        assert_eq!(field(text, "model"), None);
    }
}
