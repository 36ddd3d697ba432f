//! What a recording says of itself, as JSON: at its start, and at its end.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::KernelCounts;
use crate::stacks::{self, Table};
use crate::usdt;

/// One moment on three clocks, ns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clocks {
    /// `CLOCK_MONOTONIC`: the clock of all records.
    pub monotonic_ns: u64,
    /// `CLOCK_BOOTTIME`: as monotonic, and counts while suspended.
    pub boottime_ns: u64,
    /// `CLOCK_REALTIME`: since 1970, UTC.
    pub realtime_ns: u64,
}

/// Whom a recording follows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Follow {
    /// Every task of the machine.
    #[default]
    All,
    /// A command that was started for it, with its process id.
    Command {
        /// Program and arguments.
        argv: Vec<String>,
        /// Process id, initial namespace.
        pid: u32,
    },
    /// Running processes.
    Pids(Vec<u32>),
    /// A cgroup.
    Cgroup(String),
}

impl Follow {
    /// Whether records cover every task, so that what a CPU does is known at all times.
    pub fn is_all(&self) -> bool {
        matches!(self, Self::All)
    }
}

/// One BPF program that was attached.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    /// Family, as `--events` names it.
    pub family: String,
    /// Program, which is named after its tracepoint.
    pub program: String,
}

/// What a recording begins with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    /// [`tracer_common::WIRE_VERSION`] of the records.
    pub wire_version: u32,
    /// Version of tracer that wrote it.
    pub tracer_version: String,
    /// `uname -r`.
    pub kernel: String,
    /// `uname -m`.
    pub machine: String,
    /// `uname -n`.
    pub host: String,
    /// Numbers of the CPUs that were online.
    pub cpus: Vec<u16>,
    /// Thread group of tracer itself.
    pub tracer_pid: u32,
    /// Whom it follows.
    pub follow: Follow,
    /// The moment from which all programs were attached.
    pub clocks: Clocks,
    /// Offsets of kernel fields as resolved from BTF, by `struct.path`; absent ones are missing.
    pub layout: BTreeMap<String, u32>,
    /// What was attached.
    pub attached: Vec<Attached>,
    /// What was wanted and could not be attached: one line each.
    pub missing: Vec<String>,
    /// Bytes of each ring buffer.
    pub buffer_bytes: u64,
    /// How many ring buffers.
    pub buffers: u32,
    /// USDT probes that were attached, by their numbers in records.
    #[serde(default)]
    pub usdt: Vec<usdt::Probe>,
    /// At which switches stacks are recorded; `None` if at none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stacks: Option<stacks::Which>,
    /// The kernel's own counters just after `clocks`; `None` in files of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<KernelCounts>,
}

/// Cost of one BPF program, by the kernel's own accounts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgramCost {
    /// Its name.
    pub program: String,
    /// Runs and their time, ns, if `kernel.bpf_stats_enabled` was on; else zero.
    pub runs: u64,
    /// See `runs`.
    pub run_time_ns: u64,
    /// Events it missed because it was already running on that CPU.
    pub recursion_misses: u64,
}

/// What a recording ends with. A recording without it was cut off.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// The moment at which all programs were detached.
    pub clocks: Clocks,
    /// For each possible CPU the counters of [`tracer_common::counter`], in its order.
    pub counters: Vec<Vec<u64>>,
    /// What the programs cost and missed.
    pub programs: Vec<ProgramCost>,
    /// CPU time of tracer's own threads, ns.
    pub tracer_cpu_ns: u64,
    /// Peak resident memory of tracer, bytes.
    pub tracer_peak_rss_bytes: u64,
    /// Exit status of the command as wait reports it, if there was one and it ended.
    pub command_status: Option<i32>,
    /// The kernel's own counters just before `clocks`; `None` in files of older versions.
    #[serde(default)]
    pub counts: Option<KernelCounts>,
    /// The stacks that were recorded, with their names; `None` if none were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stacks: Option<Table>,
}
