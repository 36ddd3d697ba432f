//! The events of CPUs against the kernel's own counters: `/proc/interrupts`, `/proc/softirqs` and
//! `/proc/stat`, read at the begin and at the end of a recording.
//!
//! Interrupts go on while they are read. Those that began before the one reading and after the
//! other are counted; of those that began during a reading it is not known whether the kernel had
//! counted them. So the events give two bounds, and where they agree the count is exact.

use serde::Serialize;
use tracer_common::record::VectorId;

use crate::model::names;
use crate::model::summary::Summary;
use crate::model::tally::{Between, Source};
use crate::source::recording::{Attached, CountLine, CountTable, KernelCounts};

use super::stat::stat;
use super::{Check, Failure, empty};

#[cfg(test)]
mod tests;

/// Between the tracepoint at which an interrupt begins and the kernel's count of it, ns, either
/// way.
const BESIDE_NS: u64 = 10_000;

/// Lines of `/proc/interrupts` that have tracepoints, with the programs and the vectors.
const NAMED: [(&str, &[(&str, u32)]); 4] = [
    ("LOC", &[("local_timer_exit", VectorId::LOCAL_TIMER)]),
    ("RES", &[("reschedule_exit", VectorId::RESCHEDULE)]),
    (
        "CAL",
        &[
            ("call_function_exit", VectorId::CALL_FUNCTION),
            ("call_function_single_exit", VectorId::CALL_FUNCTION_SINGLE),
        ],
    ),
    ("IWI", &[("irq_work_exit", VectorId::IRQ_WORK)]),
];

/// The kernel's counters that a recording carries.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counters<'a> {
    /// At its begin.
    pub begin: Option<&'a KernelCounts>,
    /// At its end.
    pub end: Option<&'a KernelCounts>,
    /// The programs, which say what was recorded.
    pub attached: &'a [Attached],
}

/// What became of a file of the kernel's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It was held against the events.
    Compared,
    /// It was not there when the recording was made, or not understood.
    NotThere,
    /// The recording has no reading of it: it is of an older version, or was cut off.
    NotRead,
    /// Not all tasks were followed: of the others no interrupts are recorded.
    NotAllTasks,
    /// The recording has no events of that kind.
    NotRecorded,
}

/// One file of the kernel's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Counter {
    /// The file.
    pub name: &'static str,
    /// What became of it.
    pub standing: Standing,
    /// Counts that were compared: of one line on one CPU.
    pub compared: u64,
    /// Of these, those that are equal to the unit.
    pub equal: u64,
    /// Of these, those that are within the bounds which the readings leave.
    pub within: u64,
    /// Of these, those of which the kernel has more, where it hides tasks from BPF.
    pub hidden: u64,
    /// How many more in all.
    pub hidden_count: u64,
    /// Of these, those that disagree.
    pub differ: u64,
    /// Lines that have counted and have no tracepoint.
    pub untraced: Vec<String>,
}

/// A file with a table, and what its lines are.
struct Table<'a> {
    name: &'static str,
    check: Check,
    of: fn(&KernelCounts) -> Option<&CountTable>,
    /// What of the events a line counts; `None` if nothing.
    sources: &'a dyn Fn(&CountLine) -> Option<Vec<Source>>,
    program: &'static str,
}

impl Counters<'_> {
    pub(super) fn has(&self, program: &str) -> bool {
        self.attached.iter().any(|attached| attached.program == program)
    }

    /// Both readings of a file, or why there are not two.
    pub(super) fn both<T>(
        &self,
        of: impl Fn(&KernelCounts) -> Option<&T>,
    ) -> Result<(&T, &T), Standing> {
        let (begin, end) = self.begin.zip(self.end).ok_or(Standing::NotRead)?;
        of(begin).zip(of(end)).ok_or(Standing::NotThere)
    }

    fn softirq(&self, line: &CountLine) -> Option<Vec<Source>> {
        let vec = (0..32).find(|&vec| names::softirq(vec) == line.name)?;
        self.has("softirq_exit").then(|| vec![Source::Softirq(vec)])
    }

    fn interrupt(&self, line: &CountLine) -> Option<Vec<Source>> {
        if let Ok(number) = line.name.parse() {
            return self.has("irq_handler_exit").then(|| vec![Source::Irq(number)]);
        }
        let (_, vectors) = NAMED.iter().find(|(name, _)| *name == line.name)?;
        let source =
            |&(program, vector): &(&str, u32)| self.has(program).then_some(Source::Vector(vector));
        vectors.iter().map(source).collect()
    }
}

/// Compares all of them: what became of each file, and the checks.
pub(super) fn compare(
    summary: &Summary,
    counters: &Counters<'_>,
    hidden: bool,
) -> (Vec<Counter>, Vec<Check>) {
    let interrupts = Table {
        name: "/proc/interrupts",
        check: empty(
            "interrupts",
            "interrupts = /proc/interrupts, to the unit or between two bounds",
        ),
        of: |counts| counts.interrupts.as_ref(),
        sources: &|line| counters.interrupt(line),
        program: "irq_handler_exit",
    };
    let softirqs = Table {
        name: "/proc/softirqs",
        check: empty("softirqs", "softirqs = /proc/softirqs, to the unit or between two bounds"),
        of: |counts| counts.softirqs.as_ref(),
        sources: &|line| counters.softirq(line),
        program: "softirq_exit",
    };
    let (mut rows, mut checks) = (Vec::new(), Vec::new());
    for table in [interrupts, softirqs] {
        let (row, check) = table.compare(summary, counters, hidden);
        rows.push(row);
        checks.push(check);
    }
    let (row, of_stat) = stat(summary, counters);
    rows.push(row);
    checks.extend(of_stat);
    (rows, checks)
}

impl Counter {
    pub(super) fn new(name: &'static str, standing: Standing) -> Self {
        Self {
            name,
            standing,
            compared: 0,
            equal: 0,
            within: 0,
            hidden: 0,
            hidden_count: 0,
            differ: 0,
            untraced: Vec::new(),
        }
    }
}

impl Table<'_> {
    fn compare(self, summary: &Summary, counters: &Counters<'_>, hidden: bool) -> (Counter, Check) {
        let Self { name, mut check, of, sources, program } = self;
        let mut row = Counter::new(name, Standing::Compared);
        let both = counters.both(of);
        row.standing = match both {
            Err(standing) => standing,
            Ok(_) if !summary.follows_all => Standing::NotAllTasks,
            Ok(_) if !counters.has(program) => Standing::NotRecorded,
            Ok(_) => Standing::Compared,
        };
        let (Standing::Compared, Ok((begin, end))) = (row.standing, both) else {
            return (row, check);
        };
        for line in &end.lines {
            let Some(first) = begin.line(&line.name) else { continue };
            let sources = sources(line);
            for &cpu in &end.cpus {
                let Some(kernel) = added(begin, first, end, line, cpu) else { continue };
                let Some(sources) = &sources else {
                    if kernel > 0 && row.untraced.last() != Some(&line.name) {
                        row.untraced.push(line.name.clone());
                    }
                    continue;
                };
                let events = between(summary, sources, cpu, first, line);
                note(&mut row, &mut check, (&line.name, cpu), (kernel, events, hidden));
            }
        }
        (row, check)
    }
}

/// How many the kernel has counted in between on a CPU, each handler of an interrupt by itself.
fn added(
    begin: &CountTable,
    first: &CountLine,
    end: &CountTable,
    last: &CountLine,
    cpu: u16,
) -> Option<u64> {
    let (before, after) = (begin.count(first, cpu)?, end.count(last, cpu)?);
    // The kernel's counts are 32 bits.
    let added = after.wrapping_sub(before) & u64::from(u32::MAX);
    let shared = last.name.parse::<u32>().is_ok();
    Some(if shared { added * last.handlers.len() as u64 } else { added })
}

/// How many began in between by the events.
fn between(
    summary: &Summary,
    sources: &[Source],
    cpu: u16,
    first: &CountLine,
    last: &CountLine,
) -> Between {
    let around = |line: &CountLine| {
        (line.from_ns.saturating_sub(BESIDE_NS), line.to_ns.saturating_add(BESIDE_NS))
    };
    let mut sum = Between::default();
    for &source in sources {
        let Between { low, high } =
            summary.tally.between((source, cpu), around(first), around(last));
        sum = Between { low: sum.low + low, high: sum.high + high };
    }
    sum
}

fn note(
    row: &mut Counter,
    check: &mut Check,
    (line, cpu): (&str, u16),
    (kernel, Between { low, high }, hidden): (u64, Between, bool),
) {
    if kernel == 0 && high == 0 {
        return;
    }
    row.compared += 1;
    let events = kernel.clamp(low, high);
    let difference = kernel.abs_diff(events);
    let agrees = match difference {
        0 if low == high => &mut row.equal,
        0 => &mut row.within,
        more if hidden && kernel > high => {
            row.hidden_count += more;
            &mut row.hidden
        }
        _ => &mut row.differ,
    };
    *agrees += 1;
    let differ = row.differ;
    check.note(difference, differ == check.failed, || Failure {
        tid: 0,
        comm: format!("{line} cpu {cpu}"),
        kernel,
        events,
    });
}
