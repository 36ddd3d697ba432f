//! The rows of `uthreads`, and those of what is over.

use std::collections::BTreeMap;

use serde::Serialize;

use super::carrier::{Carrier, Counts};
use super::group::Group;
use super::thread::Thread;
use super::time::{CarrierStates, UthreadStates};
use crate::model::distribution::Quantiles;
use crate::model::state::{Cause, CauseKind};
use crate::model::syscall::Machine;
use crate::usdt::Probe;

/// Most user threads of one process that are followed at a time.
pub(super) const THREADS_MAX: usize = 100_000;

/// Most rows of user threads; further ones that end are in their process's sums only.
pub const ROWS_MAX: usize = 10_000;

/// What was counted by probes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct UthreadCounts {
    /// Switches: from a user thread or a carrier's own loop to another.
    pub switches: u64,
    /// Of these, those from a user thread that could go on.
    pub yields: u64,
    /// User threads that parked.
    pub parks: u64,
    /// User threads that were unparked.
    pub unparks: u64,
    /// User threads taken from another carrier's queue.
    pub steals: u64,
    /// User threads made.
    pub spawns: u64,
    /// User threads that ended.
    pub exits: u64,
}

impl From<Counts> for UthreadCounts {
    fn from(counts: Counts) -> Self {
        let Counts { switches, yields, parks, unparks, steals, spawns, exits } = counts;
        Self { switches, yields, parks, unparks, steals, spawns, exits }
    }
}

/// Times in which user threads were ready in the queue of a carrier that slept with another one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct StallRow {
    /// How often.
    pub count: u64,
    /// Their sum, ns.
    pub sum: u64,
    /// The longest, ns.
    pub max: u64,
}

/// The longest of them on one carrier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LongestStall {
    /// When it began, ns.
    pub at_ns: u64,
    /// The user thread that slept.
    pub by: u64,
    /// In which system call; null if it was in none, or that was not told.
    pub call: Option<String>,
}

/// A process with user-level threads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuntimeRow {
    /// The process.
    pub tgid: u32,
    /// Its name.
    pub comm: String,
    /// `many-to-one`, `one-to-one` or `many-to-many`, by what was seen.
    pub model: &'static str,
    /// User threads it had.
    pub uthreads: u64,
    /// Most at a time.
    pub uthreads_peak: usize,
    /// Kernel threads that carried them.
    pub carriers: usize,
    /// By all, carriers or not.
    #[serde(flatten)]
    pub counts: UthreadCounts,
    /// By kernel threads that carry none.
    pub outside: UthreadCounts,
    /// Times from being ready to being current.
    pub ready_ns: Quantiles,
    /// Of all its carriers.
    pub stalls: StallRow,
    /// Events of user threads beyond the most that are followed.
    pub untracked: u64,
    /// Times that the probes contradicted each other.
    pub surprises: u64,
    /// False if records that may be about it are missing: counts and times are lower bounds.
    pub exact: bool,
}

/// A kernel thread that carried user threads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CarrierRow {
    /// Its number.
    pub tid: u32,
    /// Its process.
    pub tgid: u32,
    /// From when on it is known to carry.
    pub from_ns: u64,
    /// Until when: `states_ns` adds up to exactly `to_ns` - `from_ns`.
    pub to_ns: u64,
    /// Its time.
    pub states_ns: CarrierStates,
    /// What it did.
    #[serde(flatten)]
    pub counts: UthreadCounts,
    /// Times it kept others waiting.
    pub stalls: StallRow,
    /// The longest of them.
    pub longest_stall: Option<LongestStall>,
    /// False if records that may be about it are missing.
    pub exact: bool,
}

/// A user thread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UthreadRow {
    /// The program's number for it.
    pub id: u64,
    /// Its process.
    pub tgid: u32,
    /// When it was made or first heard of.
    pub from_ns: u64,
    /// When it ended, or its process or the trace did: `states_ns` adds up to exactly `to_ns` -
    /// `from_ns`.
    pub to_ns: u64,
    /// The user thread that made it, zero for none; null if that was not seen.
    pub spawned_by: Option<u64>,
    /// Whether its end was seen.
    pub ended: bool,
    /// Its time.
    pub states_ns: UthreadStates,
    /// Longest time from being ready to being current.
    pub ready_max_ns: u64,
    /// Time it was ready in the queue of a carrier that slept with another one.
    pub ready_behind_ns: u64,
    /// Times a carrier switched to it.
    pub switches: u64,
    /// Times it left its carrier and could go on.
    pub yields: u64,
    /// Times it parked.
    pub parks: u64,
    /// Times it was unparked.
    pub unparks: u64,
    /// Times it was stolen.
    pub steals: u64,
    /// Times it came onto another carrier than the one before.
    pub migrations: u64,
    /// Time as current one by the carrier's tid.
    pub carriers_ns: BTreeMap<u32, u64>,
    /// Running time by CPU.
    pub cpus: BTreeMap<u16, u64>,
    /// False if records that may be about it are missing.
    pub exact: bool,
}

/// A USDT probe that was attached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProbeRow {
    /// Which.
    #[serde(flatten)]
    pub probe: Probe,
    /// Times it was passed by a followed task.
    pub hits: u64,
}

/// All of `uthreads`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct UthreadsRow {
    /// Processes with user-level threads, in the order of their ends.
    pub processes: Vec<RuntimeRow>,
    /// Their carriers, in the order in which they were heard of.
    pub carriers: Vec<CarrierRow>,
    /// Their user threads, by their begin.
    pub threads: Vec<UthreadRow>,
    /// User threads without a row.
    pub threads_omitted: u64,
    /// The USDT probes, whatever they tell.
    pub probes: Vec<ProbeRow>,
}

/// Rows of what is over.
#[derive(Clone, Debug, Default)]
pub(super) struct Finished(pub(super) UthreadsRow);

impl Finished {
    /// A user thread is over, or cut off.
    pub(super) fn thread(&mut self, group: &Group, thread: &Thread, ended: bool) {
        if self.0.threads.len() >= ROWS_MAX {
            self.0.threads_omitted += 1;
            return;
        }
        let tid = |carrier: usize| group.carriers.get(carrier).map_or(0, |found| found.tid);
        let counts = thread.counts;
        self.0.threads.push(UthreadRow {
            id: thread.id,
            tgid: group.tgid,
            from_ns: thread.from_ns,
            to_ns: thread.since_ns,
            spawned_by: thread.spawned_by,
            ended,
            states_ns: thread.times,
            ready_max_ns: thread.ready_max_ns,
            ready_behind_ns: thread.behind_ns,
            switches: counts.switches,
            yields: counts.yields,
            parks: counts.parks,
            unparks: counts.unparks,
            steals: counts.steals,
            migrations: counts.migrations,
            carriers_ns: thread.carriers.0.iter().map(|&(no, ns)| (tid(no), ns)).collect(),
            cpus: thread.cpus.0.iter().copied().collect(),
            exact: thread.exact && group.exact,
        });
    }

    /// A process is over, or cut off; its user threads have their rows.
    pub(super) fn group(&mut self, group: &Group, machine: Machine) {
        let mut outside = Counts::default();
        group.outside.values().for_each(|counts| outside.add(counts));
        let mut counts = outside;
        let mut stalls = StallRow::default();
        let mut carriers = 0;
        // Those that were gone before the accounts began are not told.
        for carrier in group.carriers.iter().filter(|carrier| carrier.from_ns <= carrier.since_ns) {
            carriers += 1;
            counts.add(&carrier.counts);
            stalls.count += carrier.stalls.count;
            stalls.sum += carrier.stalls.sum_ns;
            stalls.max = stalls.max.max(carrier.stalls.max_ns);
            self.0.carriers.push(row(group.tgid, carrier, machine));
        }
        self.0.processes.push(RuntimeRow {
            tgid: group.tgid,
            comm: group.comm.clone(),
            model: model(group),
            uthreads: group.made,
            uthreads_peak: group.peak,
            carriers,
            counts: counts.into(),
            outside: outside.into(),
            ready_ns: group.ready.quantiles(),
            stalls,
            untracked: group.untracked,
            surprises: group.surprises,
            exact: group.exact,
        });
    }
}

/// How user threads are put on kernel threads, by what was seen.
fn model(group: &Group) -> &'static str {
    match group.carriers.iter().filter(|carrier| carrier.multiplexes()).count() {
        0 => "one-to-one",
        1 => "many-to-one",
        _ => "many-to-many",
    }
}

fn row(tgid: u32, carrier: &Carrier, machine: Machine) -> CarrierRow {
    let longest = |(at_ns, by, cause): (u64, u64, Cause)| {
        let call = match cause.kind() {
            CauseKind::Call(number) => Some(machine.call(number).into_owned()),
            _ => None,
        };
        LongestStall { at_ns, by, call }
    };
    let stalls = &carrier.stalls;
    CarrierRow {
        tid: carrier.tid,
        tgid,
        from_ns: carrier.from_ns,
        to_ns: carrier.since_ns,
        states_ns: carrier.times,
        counts: carrier.counts.into(),
        stalls: StallRow { count: stalls.count, sum: stalls.sum_ns, max: stalls.max_ns },
        longest_stall: stalls.longest.map(longest),
        exact: carrier.exact,
    }
}
