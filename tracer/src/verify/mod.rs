//! Holds what the events say against what the kernel says: counts to the unit, times within a
//! stated bound. A trace that cannot be trusted says so itself.
//!
//! What is compared are the ledgers of tasks: stretches of a life over which both the kernel's
//! accounts and the events are known, from birth to the last switch or between two looks at the
//! sleeping task. Tasks without one are counted, and nothing is said of them.

use serde::Serialize;

use crate::model::anomaly::Anomaly;
use crate::model::summary::{Ledger, Summary, TaskRow};

mod checks;
mod counts;
mod stat;
#[cfg(test)]
mod tests;
mod text;

use checks::{CHECKS, Kind};
pub use counts::{Counter, Counters, Standing};

/// Most tasks listed for a check; all are counted.
const LISTED_MAX: usize = 20;

/// Whether a trace is complete, as its reader found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Completeness {
    /// Records the kernel side made.
    pub emitted: u64,
    /// Records that were read.
    pub seen: u64,
    /// Records known to be lost.
    pub lost: u64,
    /// The recording has no end.
    pub truncated: bool,
    /// Anything else for which the trace cannot be vouched for, as sentences.
    pub reasons: Vec<String>,
}

/// What verification found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Everything that could be compared agrees.
    Pass,
    /// Something disagrees though the trace is complete: a fault of tracer or of the kernel.
    Fail,
    /// Records are missing: nothing can be vouched for.
    Lossy,
}

/// One disagreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The task; zero where it is a CPU.
    pub tid: u32,
    /// Its name, or `cpu` and its number.
    pub comm: String,
    /// What the kernel says.
    pub kernel: u64,
    /// What the events say.
    pub events: u64,
}

/// What became of one check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Its name.
    pub name: &'static str,
    /// What it requires.
    pub requires: &'static str,
    /// Only told: it never fails.
    pub informational: bool,
    /// Tasks or CPUs compared.
    pub checked: u64,
    /// Of these, those that disagree.
    pub failed: u64,
    /// Largest difference met, in the unit of the check (count or ns), agreeing ones included.
    pub worst: u64,
    /// Disagreements, at most 20.
    pub failures: Vec<Failure>,
}

/// The result of a verification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// What was found.
    pub outcome: Outcome,
    /// Why, as sentences; empty for a pass.
    pub reasons: Vec<String>,
    /// Whether the trace is complete.
    pub completeness: Completeness,
    /// Followed tasks.
    pub tasks: u64,
    /// Of these, those with a ledger.
    pub tasks_compared: u64,
    /// Of these, those left out because BPF programs do not run in them: on some machines they do
    /// not in the threads of process 1. Their own switches are not recorded, nor are wakings and
    /// migrations decided while they run.
    pub tasks_invisible: u64,
    /// The kernel's counters of CPUs, and what became of each.
    pub counters: Vec<Counter>,
    /// Each check.
    pub checks: Vec<Check>,
}

impl Verdict {
    /// Whether the trace can be trusted.
    pub fn passed(&self) -> bool {
        self.outcome == Outcome::Pass
    }
}

/// Compares everything that can be compared.
pub fn verify(summary: &Summary, completeness: &Completeness, kernel: &Counters<'_>) -> Verdict {
    let mut checks: Vec<Check> = CHECKS.iter().map(Kind::empty).collect();
    let (mut tasks_compared, mut tasks_invisible) = (0, 0);
    let hidden = summary.hides_tasks || summary.anomalies.of(Anomaly::SwitchNotSeen) > 0;
    for task in &summary.tasks {
        let Some(ledger) = &task.ledger else { continue };
        if hidden && invisible(task, ledger) {
            tasks_invisible += 1;
            continue;
        }
        tasks_compared += 1;
        for (kind, check) in CHECKS.iter().zip(&mut checks) {
            check.compare(kind, task, ledger, hidden);
        }
    }
    checks.push(states(summary));
    checks.push(cpus(summary));
    let (counters, of_cpus) = counts::compare(summary, kernel, hidden);
    checks.extend(of_cpus);
    let mut reasons = missing(completeness, summary);
    let outcome = if reasons.is_empty() {
        let failing = checks.iter().filter(|check| check.failed > 0 && !check.informational);
        reasons.extend(failing.map(|check| {
            format!("{} of {} differ in {}", check.failed, check.checked, check.name)
        }));
        if hidden && checks.iter().any(|check| check.name == "migrations" && check.failed > 0) {
            reasons.push(
                "this kernel hides tasks from BPF: migrations decided while one of them ran are \
                 not recorded"
                    .to_owned(),
            );
        }
        if reasons.is_empty() { Outcome::Pass } else { Outcome::Fail }
    } else {
        Outcome::Lossy
    };
    Verdict {
        outcome,
        reasons,
        completeness: completeness.clone(),
        tasks: summary.tasks.len() as u64,
        tasks_compared,
        tasks_invisible,
        counters,
        checks,
    }
}

/// Whether nothing that the task did was recorded though it did something. A birth that was seen,
/// or one switch, tells that programs do run in it.
fn invisible(task: &TaskRow, ledger: &Ledger) -> bool {
    let kernel = ledger.kernel.nvcsw.unwrap_or_default() + ledger.kernel.nivcsw.unwrap_or_default();
    task.tgid == 1 && !task.born && ledger.voluntary + ledger.involuntary == 0 && kernel > 0
}

/// Why the trace cannot be vouched for.
fn missing(completeness: &Completeness, summary: &Summary) -> Vec<String> {
    let Completeness { emitted, seen, lost, truncated, reasons } = completeness;
    let mut missing = Vec::new();
    if *lost > 0 {
        missing.push(format!("{lost} records were lost"));
    }
    if *truncated {
        missing.push("the recording has no end: it was cut off".to_owned());
    } else if seen + lost != *emitted {
        missing.push(format!("{emitted} records were made, {seen} seen, {lost} lost"));
    }
    let gaps = summary.cpus.iter().filter(|cpu| cpu.lost > 0);
    missing.extend(gaps.map(|cpu| format!("CPU {}: a gap of {} records", cpu.cpu, cpu.lost)));
    missing.extend(reasons.iter().cloned());
    missing
}

impl Kind {
    /// Nothing compared yet.
    fn empty(&self) -> Check {
        Check { informational: self.informational, ..empty(self.name, self.requires) }
    }
}

fn empty(name: &'static str, requires: &'static str) -> Check {
    Check {
        name,
        requires,
        informational: false,
        checked: 0,
        failed: 0,
        worst: 0,
        failures: Vec::new(),
    }
}

/// The states of each task add up to the time it was observed.
fn states(summary: &Summary) -> Check {
    let mut check = empty("states", "the states of a task add up to its time, exactly");
    for task in &summary.tasks {
        let (kernel, events) = (task.observed_ns(), task.states_ns.total());
        check.note(kernel.abs_diff(events), kernel == events, || Failure {
            tid: task.tid,
            comm: task.comm.clone(),
            kernel,
            events,
        });
    }
    check
}

/// The uses of each CPU add up to the length of the trace.
fn cpus(summary: &Summary) -> Check {
    let mut check = empty("cpus", "the uses of a CPU add up to the trace's length, exactly");
    for cpu in &summary.cpus {
        let (kernel, events) = (summary.length_ns(), cpu.total_ns());
        check.note(kernel.abs_diff(events), kernel == events, || Failure {
            tid: 0,
            comm: format!("cpu {}", cpu.cpu),
            kernel,
            events,
        });
    }
    check
}

impl Check {
    fn compare(&mut self, kind: &Kind, task: &TaskRow, ledger: &Ledger, hidden: bool) {
        let Some(kernel) = (kind.kernel)(ledger) else { return };
        let events = (kind.events)(ledger);
        let difference = kernel.abs_diff(events);
        self.note(difference, (kind.agrees)(kernel, events, ledger, hidden), || Failure {
            tid: task.tid,
            comm: task.comm.clone(),
            kernel,
            events,
        });
    }

    fn note(&mut self, difference: u64, agrees: bool, failure: impl FnOnce() -> Failure) {
        self.checked += 1;
        self.worst = self.worst.max(difference);
        if agrees {
            return;
        }
        self.failed += 1;
        if self.failures.len() < LISTED_MAX {
            self.failures.push(failure());
        }
    }
}
