//! How a trace was captured: the head of the report.

use std::collections::BTreeMap;

use serde::Serialize;

use super::units;
use crate::source::quality::{Lost, Quality};
use crate::source::recording::{Attached, Clocks, Damage, Follow, ProgramCost};

/// How a trace was captured and how far it can be trusted, for JSON.
#[derive(Clone, Debug, Serialize)]
pub struct Capture<'a> {
    /// Begin, ns of the monotonic clock.
    pub start_ns: u64,
    /// End, ns of the monotonic clock.
    pub end_ns: u64,
    /// The begin on three clocks.
    pub clocks: Clocks,
    /// Kernel release.
    pub kernel: &'a str,
    /// Machine architecture.
    pub machine: &'a str,
    /// Host name.
    pub host: &'a str,
    /// Version of tracer that recorded it.
    pub tracer_version: &'a str,
    /// CPUs that were online.
    pub cpus: &'a [u16],
    /// Whom it follows.
    pub follow: &'a Follow,
    /// The command's wait status, if there was one and it ended.
    pub command_status: Option<i32>,
    /// Events.
    pub events: u64,
    /// Bytes of the recording.
    pub bytes: u64,
    /// Bytes of its records before compression.
    pub raw_bytes: u64,
    /// What is missing.
    pub lost: &'a Lost,
    /// Records read, by CPU.
    pub seen_per_cpu: &'a BTreeMap<u16, u64>,
    /// Records lost, by CPU.
    pub lost_per_cpu: &'a BTreeMap<u16, u64>,
    /// Records made, by CPU; null if the recording was cut off.
    pub emitted_per_cpu: &'a Option<BTreeMap<u16, u64>>,
    /// Firings that a program missed because it was running already.
    pub missed: &'a BTreeMap<String, u64>,
    /// What could not be followed.
    pub unfollowed: &'a BTreeMap<&'static str, u64>,
    /// Bytes that are no records.
    pub decode_errors: &'a BTreeMap<String, u64>,
    /// Whether the recording stops before its end.
    pub truncated: bool,
    /// What of the file could not be read.
    pub damaged: Damage,
    /// What was attached.
    pub attached: &'a [Attached],
    /// What was wanted and could not be attached.
    pub missing: &'a [String],
    /// What tracing cost.
    pub overhead: Overhead<'a>,
}

/// What tracing cost.
#[derive(Clone, Debug, Serialize)]
pub struct Overhead<'a> {
    /// CPU time of tracer's own threads, ns; null if the recording was cut off.
    pub tracer_cpu_ns: Option<u64>,
    /// Its peak resident memory, bytes.
    pub tracer_peak_rss_bytes: Option<u64>,
    /// Each BPF program's runs and time; zero unless `kernel.bpf_stats_enabled` was set.
    pub programs: &'a [ProgramCost],
}

impl<'a> Capture<'a> {
    /// From the account of a trace.
    pub fn of(quality: &'a Quality) -> Self {
        let Quality { start, end, .. } = quality;
        let programs = end.as_ref().map_or(&[][..], |end| end.programs.as_slice());
        Self {
            start_ns: quality.start_ns,
            end_ns: quality.end_ns,
            clocks: start.clocks,
            kernel: &start.kernel,
            machine: &start.machine,
            host: &start.host,
            tracer_version: &start.tracer_version,
            cpus: &start.cpus,
            follow: &start.follow,
            command_status: end.as_ref().and_then(|end| end.command_status),
            events: quality.events,
            bytes: quality.bytes,
            raw_bytes: quality.raw_bytes,
            lost: &quality.lost,
            seen_per_cpu: &quality.seen_per_cpu,
            lost_per_cpu: &quality.lost_per_cpu,
            emitted_per_cpu: &quality.emitted_per_cpu,
            missed: &quality.missed,
            unfollowed: &quality.unfollowed,
            decode_errors: &quality.decode_errors,
            truncated: quality.truncated,
            damaged: quality.damaged,
            attached: &start.attached,
            missing: &start.missing,
            overhead: Overhead {
                tracer_cpu_ns: end.as_ref().map(|end| end.tracer_cpu_ns),
                tracer_peak_rss_bytes: end.as_ref().map(|end| end.tracer_peak_rss_bytes),
                programs,
            },
        }
    }
}

/// The same for people, a few lines.
pub fn lines(quality: &Quality) -> Vec<String> {
    let Quality { start, .. } = quality;
    let mut lines = vec![
        summary(quality),
        format!(
            "Linux {} {} on {}, {} CPUs, tracer {}",
            start.kernel,
            start.machine,
            start.host,
            start.cpus.len(),
            start.tracer_version
        ),
        volume(quality),
        lost(quality),
    ];
    lines.extend(gaps(quality));
    let mut not = |what: &str, counts: Vec<(String, u64)>| {
        for (name, count) in counts {
            lines.push(format!("{what}: {name} {count}"));
        }
    };
    not("missed while busy", pairs(&quality.missed));
    not("not followed", pairs(&quality.unfollowed));
    not("not understood", pairs(&quality.decode_errors));
    if quality.truncated {
        lines.push("CUT OFF: the recording has no end; what came after it is unknown".to_owned());
    }
    if quality.damaged.chunks > 0 {
        let Damage { chunks, bytes, first_offset } = quality.damaged;
        lines.push(format!(
            "DAMAGED: {chunks} places, {bytes} bytes of the file, the first at byte {first_offset:?}"
        ));
    }
    lines.extend(start.missing.iter().map(|missing| format!("not attached: {missing}")));
    lines.extend(cost(quality));
    lines
}

fn pairs<K: ToString>(counts: &BTreeMap<K, u64>) -> Vec<(String, u64)> {
    let some = counts.iter().filter(|(_, count)| **count > 0);
    some.map(|(name, &count)| (name.to_string(), count)).collect()
}

/// Who was followed, for how long.
pub(super) fn summary(quality: &Quality) -> String {
    let length = units::duration(quality.end_ns.saturating_sub(quality.start_ns));
    format!("{} for {length}", followed(&quality.start.follow))
}

fn followed(follow: &Follow) -> String {
    match follow {
        Follow::All => "all tasks".to_owned(),
        Follow::Command { argv, pid } => format!("{} (pid {pid}) and its tasks", argv.join(" ")),
        Follow::Pids(pids) => {
            let pids: Vec<String> = pids.iter().map(u32::to_string).collect();
            format!("processes {} and their tasks", pids.join(", "))
        }
        Follow::Cgroup(path) => format!("cgroup {path}"),
    }
}

fn volume(quality: &Quality) -> String {
    let Quality { events, raw_bytes, bytes, .. } = quality;
    let each = |bytes: u64| {
        let tenths = bytes.saturating_mul(10) / (*events).max(1);
        format!("{}.{}", tenths / 10, tenths % 10)
    };
    format!("{events} events of {} bytes, {} in the file", each(*raw_bytes), each(*bytes))
}

/// What is missing.
pub(super) fn lost(quality: &Quality) -> String {
    let causes = pairs(&quality.lost.by_cause);
    if quality.lost.total == 0 {
        return if quality.truncated { "lost: none that is known" } else { "lost: none" }
            .to_owned();
    }
    let made = quality.events + quality.lost.total;
    let permille = quality.lost.total.saturating_mul(1000) / made.max(1);
    let causes: Vec<String> = causes.iter().map(|(name, n)| format!("{name} {n}")).collect();
    format!(
        "LOST: {} of {made} events ({}.{} %): {}; a larger --buffer-size or --realtime 1 helps",
        quality.lost.total,
        permille / 10,
        permille % 10,
        causes.join(", ")
    )
}

/// Where the loss is, CPU by CPU.
fn gaps(quality: &Quality) -> Vec<String> {
    let mut by_cpu: BTreeMap<u16, (u64, u64, u64)> = BTreeMap::new();
    for gap in &quality.lost.gaps {
        let (gaps, events, ns) = by_cpu.entry(gap.cpu).or_default();
        *gaps += 1;
        *events += gap.count;
        *ns += gap.to_ns.saturating_sub(gap.from_ns);
    }
    let line = |(cpu, (gaps, events, ns)): (u16, (u64, u64, u64))| {
        format!("  cpu {cpu}: {events} events in {gaps} gaps, {} in all", units::duration(ns))
    };
    by_cpu.into_iter().map(line).collect()
}

fn cost(quality: &Quality) -> Option<String> {
    let end = quality.end.as_ref()?;
    let runs: u64 = end.programs.iter().map(|program| program.runs).sum();
    let ns: u64 = end.programs.iter().map(|program| program.run_time_ns).sum();
    let own = units::duration(end.tracer_cpu_ns);
    let mib = end.tracer_peak_rss_bytes >> 20;
    let programs = ns.checked_div(runs).map_or_else(String::new, |each| {
        format!(", BPF programs {} ({each} ns a run)", units::duration(ns))
    });
    Some(format!("cost: tracer itself {own} CPU, {mib} MiB{programs}"))
}
