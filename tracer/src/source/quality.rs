//! How far a trace can be trusted: what was asked for, what came, and what did not, with causes.

use std::collections::BTreeMap;

use serde::Serialize;
use tracer_common::counter;

use super::recording::{Damage, End, Start};

/// Gaps that are listed one by one; further ones are only counted.
pub const GAPS_MAX: usize = 100_000;

/// What is known of a trace when it has ended.
#[derive(Clone, Debug, Serialize)]
pub struct Quality {
    /// What the recording says of itself.
    pub start: Start,
    /// Its end; `None` if it was cut off.
    pub end: Option<End>,
    /// Begin of the trace, ns of the monotonic clock.
    pub start_ns: u64,
    /// Its end; that of the last record if it was cut off.
    pub end_ns: u64,
    /// Events passed on, without gaps.
    pub events: u64,
    /// Bytes of the file, as far as it could be read; zero if there is none.
    pub bytes: u64,
    /// Bytes of the records.
    pub raw_bytes: u64,
    /// Events passed on, by the CPU that made them.
    pub seen_per_cpu: BTreeMap<u16, u64>,
    /// Records lost, likewise. With those seen it adds up to those made, if these are known.
    pub lost_per_cpu: BTreeMap<u16, u64>,
    /// Records made, likewise; `None` if the recording was cut off.
    pub emitted_per_cpu: Option<BTreeMap<u16, u64>>,
    /// Records that were made and are no events.
    pub lost: Lost,
    /// Firings of tracepoints that made no record because the program was already running on that
    /// CPU, by program.
    pub missed: BTreeMap<String, u64>,
    /// What the programs could not follow: `unmarked tasks`, `calls without begin`,
    /// `unpaired interrupts`.
    pub unfollowed: BTreeMap<&'static str, u64>,
    /// Bytes that are no records of a known kind, by what is wrong with them.
    pub decode_errors: BTreeMap<String, u64>,
    /// Whether the file stops before the recording's end.
    pub truncated: bool,
    /// What of the file could not be read.
    pub damaged: Damage,
    /// Chunks in the file that this version does not know.
    pub unknown_chunks: u64,
}

/// Lost records.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Lost {
    /// How many, at least: without the recording's end, what was lost after a CPU's last record
    /// is not known.
    pub total: u64,
    /// One of [`cause`]'s constants to how many; adds up to `total`.
    pub by_cause: BTreeMap<&'static str, u64>,
    /// Where they are missing, by the time of each gap's end.
    pub gaps: Vec<GapAt>,
    /// Gaps beyond [`GAPS_MAX`], which are not listed.
    pub gaps_unlisted: u64,
}

/// Records missing on one CPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct GapAt {
    /// The CPU.
    pub cpu: u16,
    /// Time of the last record before it, ns.
    pub from_ns: u64,
    /// Time of the first record after it, ns.
    pub to_ns: u64,
    /// Records missing.
    pub count: u64,
}

/// Why records are lost.
pub mod cause {
    /// The ring buffer was full: the reader was too slow or the buffer too small.
    pub const RING_FULL: &str = "ring full";
    /// The CPU had no ring buffer.
    pub const NO_RING: &str = "no ring";
    /// They came after younger ones had been passed on.
    pub const LATE: &str = "late";
    /// They came and could not be decoded.
    pub const UNDECODED: &str = "undecoded";
    /// They were in the part of the file that is damaged, as far as is known.
    pub const DAMAGED_FILE: &str = "damaged file";
    /// The recording has no end that would tell.
    pub const UNKNOWN: &str = "unknown";
    /// They were sent and are not in the recording: an error of tracer.
    pub const UNEXPLAINED: &str = "unexplained";
}

/// Sums of a kernel counter over all CPUs; zero without an end.
pub(super) fn sum(end: Option<&End>, counter: usize) -> u64 {
    let counters = end.into_iter().flat_map(|end| &end.counters);
    counters.filter_map(|of_cpu| of_cpu.get(counter)).fold(0, |sum, &one| sum.saturating_add(one))
}

impl Lost {
    /// Shares the total out among its causes: those that were counted, and one for the rest.
    pub(super) fn explain(
        &mut self,
        end: Option<&End>,
        damaged: Damage,
        late: u64,
        undecoded: u64,
    ) {
        let mut rest = self.total;
        let counted = [
            (cause::LATE, late),
            (cause::UNDECODED, undecoded),
            (cause::RING_FULL, sum(end, counter::LOST_FULL)),
            (cause::NO_RING, sum(end, counter::LOST_NO_RING)),
        ];
        let remaining = match end {
            _ if damaged.chunks > 0 => cause::DAMAGED_FILE,
            Some(_) => cause::UNEXPLAINED,
            None => cause::UNKNOWN,
        };
        for (cause, count) in counted.into_iter().chain([(remaining, u64::MAX)]) {
            let count = count.min(rest);
            rest -= count;
            if count > 0 {
                self.by_cause.insert(cause, count);
            }
        }
    }
}

impl Quality {
    /// What an end says of things that made no record.
    pub(super) fn take_end(&mut self) {
        let Some(end) = &self.end else { return };
        for (name, counter) in [
            ("unmarked tasks", counter::LOST_MARK),
            ("calls without begin", counter::LOST_CALL),
            ("unpaired interrupts", counter::UNPAIRED),
        ] {
            self.unfollowed.insert(name, sum(Some(end), counter));
        }
        self.unfollowed.retain(|_, count| *count > 0);
        for program in end.programs.iter().filter(|program| program.recursion_misses > 0) {
            let missed = self.missed.entry(program.program.clone()).or_default();
            *missed = missed.saturating_add(program.recursion_misses);
        }
        self.emitted_per_cpu = Some((0..).zip(emitted(end)).collect());
    }
}

/// Records that each CPU made, by its number.
pub(super) fn emitted(end: &End) -> Vec<u64> {
    let of_cpu = |counters: &Vec<u64>| counters.get(counter::EMITTED).copied().unwrap_or(0);
    end.counters.iter().map(of_cpu).collect()
}
