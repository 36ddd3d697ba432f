//! Where the time that tasks are not on a CPU goes: by task, by state and cause, and by who ended it.
//!
//! It is made of the same stretches as the sums of the report ([`super::stretches`]): all times of
//! one task in one state are that state's sum. Time as a zombie is left out: nobody waits in it.
//!
//! Its memory grows with the different ways in which a task that lives is off its CPUs, of which each
//! task has at most [`WAYS_MAX`], and with the tasks that ended, as the report's does.

use std::collections::{BTreeMap, HashMap};

use super::Model;
use super::lives::LifeId;
use super::state::{Cause, Sleep, State};
use super::stretches::{Stretch, Told, Whole};
use super::summary::{Kind, Summary, TaskRow, cause_of};
use super::syscall::Machine;
use super::wakeups::{ChainLink, Wakeups};

/// Wakers of wakers that are told apart.
const DEPTH: usize = 3;

/// Ways of one task that are told apart by their wakers; of further ones they are left out.
pub const WAYS_MAX: usize = 1000;

/// One way to be off a CPU.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Way {
    state: State,
    cause: Cause,
    /// Who ended it, who had woken that one, and so on, by places in the list of names.
    wakers: Vec<u32>,
}

/// The ways of one task, and their times, ns.
type Ways = HashMap<Way, u64>;

/// The time off the CPUs of all tasks.
#[derive(Debug)]
pub struct OffCpu {
    machine: Machine,
    open: HashMap<LifeId, Ways>,
    over: Vec<(Whole, Ways)>,
    names: Vec<String>,
    places: HashMap<String, u32>,
}

/// Time off the CPUs for one reason.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OffCpuRow {
    /// The name of the process.
    pub process: String,
    /// The name of the thread.
    pub thread: String,
    /// The state, as the report calls it.
    pub state: &'static str,
    /// What it slept in, or why it was runnable; `None` where there is nothing more to say.
    pub cause: Option<String>,
    /// Who ended the sleep, who had woken that one, and so on: tasks' names, `hardirq`, `softirq`,
    /// `unknown`.
    pub wakers: Vec<String>,
}

/// The report's rows of tasks, by what tells them apart.
pub(super) struct Rows<'a> {
    tasks: HashMap<(u32, Option<u64>, u64), &'a TaskRow>,
    processes: HashMap<u32, &'a str>,
}

impl<'a> Rows<'a> {
    /// Those of tasks that did nothing only if `inactive`.
    pub(super) fn of(summary: &'a Summary, inactive: bool) -> Self {
        let tasks = summary.tasks.iter().filter(|task| inactive || task.active());
        let processes = summary.processes.iter();
        Self {
            tasks: tasks.map(|task| ((task.tid, task.start_ns, task.from_ns), task)).collect(),
            processes: processes.map(|row| (row.tgid, &*row.comm)).collect(),
        }
    }

    /// The name of a task's process, and its row; none if it is not wanted.
    pub(super) fn find(&self, whole: &Whole) -> Option<(&'a str, &'a TaskRow)> {
        let task = *self.tasks.get(&(whole.tid, whole.start_ns, whole.from_ns))?;
        Some((self.processes.get(&task.tgid).copied().unwrap_or(&task.comm), task))
    }
}

impl OffCpu {
    /// Nothing is known yet; the trace is of this model.
    pub fn new(model: &Model) -> Self {
        Self {
            machine: model.machine,
            open: HashMap::new(),
            over: Vec::new(),
            names: Vec::new(),
            places: HashMap::new(),
        }
    }

    /// Takes in what is told; the model as it was then, unless the trace has ended.
    pub fn hear(&mut self, told: Told, model: Option<&Model>) {
        match told {
            Told::Stretch(stretch) => self.stretch(&stretch, model),
            Told::Over(whole) => {
                let ways = self.open.remove(&whole.life).unwrap_or_default();
                if whole.followed && !ways.is_empty() {
                    self.over.push((whole, ways));
                }
            }
            Told::Never(life) => {
                self.open.remove(&life);
            }
        }
    }

    fn stretch(&mut self, stretch: &Stretch, model: Option<&Model>) {
        let Stretch { life, state, from_ns, to_ns, cause, .. } = *stretch;
        if matches!(state, State::Running(_) | State::Zombie) {
            return;
        }
        let sleeps = matches!(state, State::Sleeping(_));
        let wakers = match model {
            Some(model) if sleeps => Wakeups::wakers(&model.lives, life, to_ns, DEPTH),
            _ => Vec::new(),
        };
        let wakers = wakers.into_iter().map(|link| self.name(link)).collect();
        let cause = if sleeps { cause } else { Cause::UNTOLD };
        let ways = self.open.entry(life).or_default();
        let mut way = Way { state, cause, wakers };
        if ways.len() >= WAYS_MAX && !ways.contains_key(&way) {
            way.wakers.clear();
        }
        *ways.entry(way).or_default() += to_ns - from_ns;
    }

    fn name(&mut self, link: ChainLink) -> u32 {
        let name = match (link.context, link.comm, link.tid) {
            ("task", Some(comm), _) => comm,
            ("task", None, Some(0)) => "idle".to_owned(),
            ("task", None, _) => "unknown".to_owned(),
            (context, ..) => context.to_owned(),
        };
        if let Some(&place) = self.places.get(&name) {
            return place;
        }
        let place = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.push(name.clone());
        self.places.insert(name, place);
        place
    }

    /// The times, ns, of the tasks that the report has, under the names that it has; of those that did
    /// nothing only if `inactive`.
    pub fn rows(self, summary: &Summary, inactive: bool) -> BTreeMap<OffCpuRow, u64> {
        let tasks = Rows::of(summary, inactive);
        let mut rows = BTreeMap::new();
        for (whole, ways) in &self.over {
            let Some((process, task)) = tasks.find(whole) else { continue };
            for (way, ns) in ways {
                *rows.entry(self.row(way, process, task)).or_default() += ns;
            }
        }
        rows
    }

    fn row(&self, way: &Way, process: &str, task: &TaskRow) -> OffCpuRow {
        let kernel = task.kind == Kind::Kernel;
        let cause = match way.state {
            State::Sleeping(Sleep::Stopped | Sleep::Traced) => None,
            State::Sleeping(_) => Some(cause_of(way.cause, self.machine, kernel).0.into_owned()),
            state => state.kind().map(str::to_owned),
        };
        let name = |&place: &u32| self.names.get(place as usize).cloned().unwrap_or_default();
        OffCpuRow {
            process: process.to_owned(),
            thread: task.comm.clone(),
            state: way.state.name(),
            cause,
            wakers: way.wakers.iter().map(name).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::tests::busy::{END, busy};

    fn heard() -> (Summary, BTreeMap<OffCpuRow, u64>) {
        let script = busy();
        let mut model = Model::new(&script.start);
        model.tell_stretches();
        let mut off = OffCpu::new(&model);
        for event in &script.events {
            model.apply(event);
            let told: Vec<Told> = model.take_told().collect();
            for told in told {
                off.hear(told, Some(&model));
            }
        }
        let (summary, rest) = model.finish_telling(END);
        for told in rest {
            off.hear(told, None);
        }
        let rows = off.rows(&summary, true);
        (summary, rows)
    }

    #[test]
    fn the_times_are_the_report_s() {
        let (summary, rows) = heard();
        for task in &summary.tasks {
            for (state, ns) in task.states_ns.each() {
                let of_task = |row: &&OffCpuRow| row.thread == task.comm && row.state == state;
                let sum: u64 = rows.iter().filter(|(row, _)| of_task(row)).map(|(_, ns)| ns).sum();
                let counts = !["running", "zombie"].contains(&state);
                assert_eq!(sum, if counts { ns } else { 0 }, "{} {state}", task.comm);
            }
        }
    }

    #[test]
    fn a_sleep_has_its_call_and_who_ended_it() {
        let (_, rows) = heard();
        let futex: Vec<_> = rows
            .iter()
            .filter(|(row, _)| row.cause.as_deref() == Some("futex"))
            .map(|(row, ns)| (&*row.process, &*row.thread, row.state, &row.wakers[0][..], *ns))
            .collect();
        assert_eq!(futex, [("task100", "task100", "sleeping", "task101", 40_000)]);
        assert!(
            rows.keys().any(|row| row.cause.as_deref() == Some("preempted")) || !rows.is_empty()
        );
    }
}
