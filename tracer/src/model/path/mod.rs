//! The critical path: of which stretches, of which tasks, the time of one task is made.
//!
//! It is found backwards. While a task runs, the path is its running; while it is runnable, its
//! waiting for a CPU; while it sleeps, the path is what its waker did since the sleep began; before
//! its birth, what its creator did. That takes a history of every task, which the model keeps only
//! when it is asked to ([`crate::model::Model::keep_history`]): 24 bytes for every switch-in,
//! switch-out and waking.

use std::collections::HashMap;

use super::lives::LifeId;

mod report;
#[cfg(test)]
mod tests;
mod walk;

pub use report::{CriticalPath, Kind, PathSegment, PathShare};

/// Which task of the history: its place in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskIndex(u32);

/// What a task does from a moment on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doing {
    /// It runs.
    Runs,
    /// It waits for a CPU, and nobody in particular is to thank: preempted, or yielding.
    Ready,
    /// It waits for a CPU, woken by this task.
    WokenBy(TaskIndex),
    /// It waits for a CPU, woken by an interrupt: a timer, a device.
    WokenByInterrupt,
    /// It waits for a CPU, woken by a task of which nothing is known.
    WokenByUnknown,
    /// It sleeps.
    Sleeps,
    /// It has been created by this task, if that is known, and does not run yet.
    Born(Option<TaskIndex>),
    /// It is dead.
    Dead,
    /// Records are missing.
    Unknown,
}

/// A moment at which a task began to do something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Step {
    at_ns: u64,
    doing: Doing,
}

const _: () = assert!(size_of::<Step>() == 16);

/// One task and what it did, in the order of time.
#[derive(Clone, Debug, Default)]
struct Past {
    tid: u32,
    comm: String,
    steps: Vec<Step>,
    /// A waking that came before the switch-out which it ends.
    early: Option<Doing>,
}

/// What every task did.
#[derive(Clone, Debug, Default)]
pub struct History {
    tasks: Vec<Past>,
    /// Never iterated: its order means nothing.
    places: HashMap<LifeId, TaskIndex>,
}

/// How a task left its CPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Off {
    /// It could go on.
    Ready,
    /// It went to sleep, or was woken while it did.
    Asleep,
    /// For the last time.
    Dead,
}

/// Who woke a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waker {
    /// A task with a life.
    Task(LifeId),
    /// An interrupt, hard or soft.
    Interrupt,
    /// A task that is not known.
    Unknown,
}

impl History {
    fn place(&mut self, id: LifeId) -> TaskIndex {
        if let Some(&place) = self.places.get(&id) {
            return place;
        }
        let place = TaskIndex(u32::try_from(self.tasks.len()).unwrap_or(u32::MAX));
        self.tasks.push(Past::default());
        self.places.insert(id, place);
        place
    }

    fn past(&mut self, id: LifeId) -> Option<&mut Past> {
        let place = self.place(id);
        self.tasks.get_mut(place.0 as usize)
    }

    fn step(&mut self, at_ns: u64, id: LifeId, doing: Doing) {
        if let Some(past) = self.past(id) {
            past.then(at_ns, doing);
        }
    }

    /// It was created.
    pub fn born(&mut self, at_ns: u64, id: LifeId, creator: Option<LifeId>) {
        let creator = creator.map(|creator| self.place(creator));
        self.step(at_ns, id, Doing::Born(creator));
    }

    /// It came onto a CPU.
    pub fn on(&mut self, at_ns: u64, id: LifeId) {
        self.step(at_ns, id, Doing::Runs);
    }

    /// It left its CPU.
    pub fn off(&mut self, at_ns: u64, id: LifeId, off: Off) {
        let Some(past) = self.past(id) else { return };
        past.came_on_unseen();
        let early = past.early.take();
        past.then(
            at_ns,
            match off {
                Off::Dead => Doing::Dead,
                Off::Ready => Doing::Ready,
                Off::Asleep => early.unwrap_or(Doing::Sleeps),
            },
        );
    }

    /// It was woken, on a CPU or off it. A task that wakes another runs, also where its switch-in
    /// is not recorded.
    pub fn woken(&mut self, at_ns: u64, id: LifeId, waker: Waker, running: bool) {
        let doing = match waker {
            Waker::Task(waker) => {
                if let Some(past) = self.past(waker) {
                    past.came_on_unseen();
                }
                self.on(at_ns, waker);
                Doing::WokenBy(self.place(waker))
            }
            Waker::Interrupt => Doing::WokenByInterrupt,
            Waker::Unknown => Doing::WokenByUnknown,
        };
        let Some(past) = self.past(id) else { return };
        if running {
            past.early = Some(doing);
        } else {
            past.then(at_ns, doing);
        }
    }

    /// Nothing is known of it between these times, ns.
    pub fn lost(&mut self, from_ns: u64, to_ns: u64, id: LifeId) {
        self.step(from_ns, id, Doing::Unknown);
        self.step(to_ns, id, Doing::Unknown);
    }

    /// It is over, and this was its number and name.
    pub fn ended(&mut self, id: LifeId, tid: u32, comm: &str) {
        if let Some(past) = self.past(id) {
            past.tid = tid;
            comm.clone_into(&mut past.comm);
        }
        // The identity is not used again, but its entry would stay.
        self.places.remove(&id);
    }

    /// The first task of this number.
    pub fn first(&self, tid: u32) -> Option<TaskIndex> {
        let place = self.tasks.iter().position(|past| past.tid == tid)?;
        u32::try_from(place).ok().map(TaskIndex)
    }

    /// The last task of this number.
    pub fn last(&self, tid: u32) -> Option<TaskIndex> {
        let place = self.tasks.iter().rposition(|past| past.tid == tid)?;
        u32::try_from(place).ok().map(TaskIndex)
    }
}

impl Past {
    fn then(&mut self, at_ns: u64, doing: Doing) {
        // Corrections may come for a time that is past; a history goes forward only.
        let at_ns = self.steps.last().map_or(at_ns, |last| at_ns.max(last.at_ns));
        if self.steps.last().is_none_or(|last| last.doing != doing) {
            self.steps.push(Step { at_ns, doing });
        }
    }

    /// It is on a CPU. If its last step does not say so, what it did since is not known.
    fn came_on_unseen(&mut self) {
        if let Some(last) = self.steps.last().filter(|last| last.doing != Doing::Runs) {
            self.then(last.at_ns, Doing::Unknown);
        }
    }

    /// The step that holds just before a time: the last that began earlier.
    fn before(&self, at_ns: u64) -> Option<(usize, Step)> {
        let index = self.steps.partition_point(|step| step.at_ns < at_ns).checked_sub(1)?;
        Some((index, self.steps[index]))
    }
}
