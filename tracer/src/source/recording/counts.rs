//! What the kernel's own counters said at one moment of a recording: a few lines of text files,
//! with the times between which the kernel wrote each of them.

use serde::{Deserialize, Serialize};

/// One reading of the kernel's counters. `None` is a file that is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KernelCounts {
    /// `/proc/interrupts`.
    pub interrupts: Option<CountTable>,
    /// `/proc/softirqs`.
    pub softirqs: Option<CountTable>,
    /// `/proc/stat`, the lines of single CPUs.
    pub stat: Option<StatTable>,
}

/// A table with a column for each CPU.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountTable {
    /// The CPUs of the columns.
    pub cpus: Vec<u16>,
    /// Its lines.
    pub lines: Vec<CountLine>,
}

/// A line of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountLine {
    /// What stands before the colon: a number, or a name.
    pub name: String,
    /// The handlers that share an interrupt with a number; of a line with a name, its explanation.
    pub handlers: Vec<String>,
    /// The kernel wrote it not before, ns of the monotonic clock.
    pub from_ns: u64,
    /// And not after.
    pub to_ns: u64,
    /// By column. The kernel's own are 32 bits and wrap.
    pub counts: Vec<u64>,
}

/// Times of CPUs in clock ticks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatTable {
    /// When, ns of the monotonic clock.
    pub at_ns: u64,
    /// Ticks in a second (`USER_HZ`).
    pub ticks_per_second: u64,
    /// By CPU.
    pub cpus: Vec<StatLine>,
}

/// Times of one CPU in clock ticks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatLine {
    /// The CPU.
    pub cpu: u16,
    /// Of tasks, interrupts, and what the hypervisor took: user, nice, system, irq, softirq, steal.
    pub busy: u64,
    /// Idle and iowait.
    pub idle: u64,
}

impl CountTable {
    /// The count of a line on a CPU.
    pub fn count(&self, line: &CountLine, cpu: u16) -> Option<u64> {
        let column = self.cpus.iter().position(|&of| of == cpu)?;
        line.counts.get(column).copied()
    }

    /// The line of this name.
    pub fn line(&self, name: &str) -> Option<&CountLine> {
        self.lines.iter().find(|line| line.name == name)
    }
}
