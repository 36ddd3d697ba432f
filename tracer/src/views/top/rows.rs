//! What happened between two moments: differences of the model's sums.
//!
//! The states of a task add up to the interval, to the nanosecond, with the time before its birth
//! and after its release as a state of its own ([`GONE`]). The model may find out later that a
//! stretch was something else than it seemed: such time is in the row of the interval in which it
//! is found out, taken from the largest other part, so that over several intervals the sums are
//! those of the report.

use std::collections::{BTreeMap, HashMap};

use crate::model::Model;
use crate::model::cpu::CpuTimes;
use crate::model::lives::LifeId;
use crate::model::state::State;
use crate::model::watch::{Figures, Glimpse};

use super::details::Details;

/// The states of [`crate::model::state::StateSums`], and [`GONE`].
pub const PARTS: usize = 9;

/// The place of the time of which nothing is known.
pub const UNKNOWN: usize = 7;

/// The place of the time before a task's birth and after its release.
pub const GONE: usize = 8;

/// What is true of all intervals of a capture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// Whom it is of, in words.
    pub whom: String,
    /// Whether all tasks are followed.
    pub all: bool,
    /// Whether interrupts are recorded.
    pub irqs: bool,
    /// Whether futex calls are recorded.
    pub futexes: bool,
}

/// One task's interval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The task at the end of it. Its figures are of the interval, but for `states`.
    pub task: Glimpse,
    /// Time in each state, ns: adds up to the interval.
    pub parts: [u64; PARTS],
}

impl Row {
    /// Whether it did anything but sleep, was born or ended.
    pub fn active(&self) -> bool {
        let Figures { voluntary, involuntary, wakeups, signals, .. } = self.task.figures;
        let counted = voluntary + involuntary + wakeups + signals > 0;
        counted || self.parts[0] + self.parts[1] + self.parts[GONE] > 0 || self.task.ended
    }

    /// The mean of the run delays that ended, ns.
    pub fn delay_ns(&self) -> u64 {
        let Figures { delay_ns, delays, .. } = self.task.figures;
        delay_ns.checked_div(delays).unwrap_or_default()
    }

    /// The letter of its state, as `ps` has it; `?` if that is not known.
    pub fn letter(&self) -> char {
        match self.task.state {
            _ if self.task.ended => 'X',
            State::Unknown => '?',
            State::Running(_) => '*',
            state => state.letter(),
        }
    }
}

/// One CPU's interval, ns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CpuRow {
    /// Its number.
    pub number: u16,
    /// Tasks; when not all are followed, those that are.
    pub busy_ns: u64,
    /// Hard interrupts.
    pub irq_ns: u64,
    /// Softirqs.
    pub softirq_ns: u64,
    /// Nothing; only if all tasks are followed.
    pub idle_ns: u64,
    /// Whatever is not followed.
    pub other_ns: u64,
    /// Not known what.
    pub unknown_ns: u64,
}

/// All that is shown of one interval.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interval {
    /// Begin, ns since the capture began.
    pub from_ns: u64,
    /// End, likewise.
    pub to_ns: u64,
    /// Events in it.
    pub events: u64,
    /// Records that are missing in it.
    pub lost: u64,
    /// Records that the kernel could not send since the interval before, as it counts them: these
    /// may be missing in later intervals.
    pub losing: u64,
    /// Records lost since the capture began.
    pub lost_in_all: u64,
    /// CPU time that tracer took meanwhile, ns.
    pub own_ns: u64,
    /// CPUs, by number.
    pub cpus: Vec<CpuRow>,
    /// Tasks.
    pub rows: Vec<Row>,
    /// The task that was asked for.
    pub details: Option<Details>,
}

impl Interval {
    /// How long it is, ns.
    pub fn length_ns(&self) -> u64 {
        self.to_ns.saturating_sub(self.from_ns)
    }

    /// Whether anything of it, or of what comes next, is missing.
    pub fn is_lossy(&self) -> bool {
        self.lost + self.losing > 0
    }
}

/// What has been shown of one task.
#[derive(Clone, Copy, Debug, Default)]
struct Shown {
    parts: [u64; PARTS - 1],
    figures: Figures,
}

/// The moment before.
#[derive(Debug)]
pub struct Rows {
    start_ns: u64,
    since_ns: u64,
    tasks: HashMap<LifeId, Shown>,
    cpus: BTreeMap<u16, CpuTimes>,
    lost: u64,
}

impl Rows {
    /// Nothing has been shown of what is since this time, ns.
    pub fn new(start_ns: u64) -> Self {
        let (tasks, cpus) = (HashMap::new(), BTreeMap::new());
        Self { start_ns, since_ns: start_ns, tasks, cpus, lost: 0 }
    }

    /// The interval from the moment before until now, ns; what was counted outside of the model is
    /// for the caller to fill in.
    pub fn take(&mut self, model: &mut Model, now_ns: u64) -> Interval {
        let from_ns = self.since_ns;
        self.since_ns = now_ns.max(from_ns);
        let length_ns = self.since_ns - from_ns;
        let mut shown = HashMap::with_capacity(self.tasks.len());
        let mut rows = Vec::new();
        for glimpse in model.glimpses(self.since_ns) {
            let mut before = self.tasks.remove(&glimpse.id).unwrap_or_default();
            let (id, ended) = (glimpse.id, glimpse.ended);
            rows.push(row(&mut before, glimpse, length_ns));
            if !ended {
                shown.insert(id, before);
            }
        }
        self.tasks = shown;
        let cpus = model.cpus().iter().map(|(number, cpu)| (number, cpu.times_at(self.since_ns)));
        let cpus: BTreeMap<u16, CpuTimes> = cpus.collect();
        let lost: u64 = cpus.values().map(|times| times.lost).sum();
        let before = std::mem::replace(&mut self.cpus, cpus);
        Interval {
            from_ns: from_ns - self.start_ns,
            to_ns: self.since_ns - self.start_ns,
            lost: lost.saturating_sub(std::mem::replace(&mut self.lost, lost)),
            cpus: self.cpus.iter().map(|(number, now)| cpu(*number, &before, now)).collect(),
            rows,
            ..Interval::default()
        }
    }

    /// Tasks that are remembered.
    pub fn remembered(&self) -> usize {
        self.tasks.len()
    }
}

fn row(before: &mut Shown, mut task: Glimpse, length_ns: u64) -> Row {
    let now = task.figures;
    let known = advance(&mut before.parts, now.states.each().map(|(_, ns)| ns), length_ns);
    let mut parts = [0; PARTS];
    parts[..GONE].copy_from_slice(&known);
    parts[GONE] = length_ns - known.iter().sum::<u64>();
    let was = std::mem::replace(&mut before.figures, now);
    let since = |of: fn(&Figures) -> u64| of(&now).saturating_sub(of(&was));
    task.figures = Figures {
        states: now.states,
        delay_ns: since(|figures| figures.delay_ns),
        delays: since(|figures| figures.delays),
        voluntary: since(|figures| figures.voluntary),
        involuntary: since(|figures| figures.involuntary),
        migrations: since(|figures| figures.migrations),
        wakeups: since(|figures| figures.wakeups),
        signals: since(|figures| figures.signals),
        stolen_ns: since(|figures| figures.stolen_ns),
    };
    Row { task, parts }
}

/// What is new since `shown`, which goes on to that: together no more than `room_ns`, and else as
/// much as the sums have grown by. Where a sum has shrunk, others have grown by too much: what is
/// too much is taken off the largest, and stays to be shown of it.
pub(super) fn advance<const N: usize>(
    shown: &mut [u64; N],
    now: [u64; N],
    room_ns: u64,
) -> [u64; N] {
    let total = |sums: &[u64; N]| sums.iter().sum::<u64>();
    let grown_ns = total(&now).saturating_sub(total(shown));
    let target_ns = grown_ns.min(room_ns);
    let mut parts = [0; N];
    for index in 0..N {
        parts[index] = now[index].saturating_sub(shown[index]);
    }
    let mut excess_ns = total(&parts) - target_ns;
    while excess_ns > 0 {
        let Some(largest) = parts.iter_mut().max() else { break };
        let off_ns = excess_ns.min(*largest);
        *largest -= off_ns;
        excess_ns -= off_ns;
    }
    if grown_ns > room_ns {
        // It is from before the interval, and was never to be shown.
        *shown = now;
    } else {
        for index in 0..N {
            shown[index] += parts[index];
        }
    }
    parts
}

fn cpu(number: u16, before: &BTreeMap<u16, CpuTimes>, now: &CpuTimes) -> CpuRow {
    let nothing = CpuTimes::default();
    let was = before.get(&number).unwrap_or(&nothing);
    let since = |of: fn(&CpuTimes) -> u64| of(now).saturating_sub(of(was));
    let irq_ns = since(|times| times.interrupts.irq_ns);
    let softirq_ns = since(|times| times.interrupts.softirq_ns);
    let in_idle_ns = since(|times| times.interrupts.idle_irq_ns)
        + since(|times| times.interrupts.idle_softirq_ns);
    let busy_ns = since(|times| times.busy_ns);
    let other_ns = since(|times| times.other_ns);
    let in_tasks_ns = (irq_ns + softirq_ns).saturating_sub(in_idle_ns);
    CpuRow {
        number,
        busy_ns: busy_ns.saturating_sub(in_tasks_ns),
        irq_ns,
        softirq_ns,
        idle_ns: since(|times| times.idle_ns).saturating_sub(in_idle_ns),
        other_ns: other_ns.saturating_sub(in_tasks_ns.saturating_sub(busy_ns)),
        unknown_ns: since(|times| times.unknown_ns),
    }
}
