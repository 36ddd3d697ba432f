//! The model for somebody who watches: what every task has done up to a moment, while the trace
//! goes on. What ended is told once and then forgotten, so that memory follows the tasks alive.

use super::Model;
use super::futexes::UsedRow;
use super::lives::{Life, LifeId};
use super::state::{State, StateSums};
use super::summary::{Around, TaskRow};
use super::wakeups::WakerRow;

/// What was counted and summed of one task until a moment. All but `states` only grow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Time in each state, the open stretch included.
    pub states: StateSums,
    /// Run delays that are over, ns.
    pub delay_ns: u64,
    /// How many these are.
    pub delays: u64,
    /// Switches that the task asked for.
    pub voluntary: u64,
    /// Switches that it did not ask for.
    pub involuntary: u64,
    /// Moves to another CPU.
    pub migrations: u64,
    /// Wakings.
    pub wakeups: u64,
    /// Signals it took.
    pub signals: u64,
    /// Time that interrupts took while it ran, ns: of the stints that are over.
    pub stolen_ns: u64,
}

/// One task at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glimpse {
    /// Which life.
    pub id: LifeId,
    /// Its number.
    pub tid: u32,
    /// Its thread group.
    pub tgid: u32,
    /// The process that created its process, by number.
    pub parent_tgid: u32,
    /// Whether it is a kernel thread.
    pub kernel: bool,
    /// Its name.
    pub comm: String,
    /// What it does.
    pub state: State,
    /// The CPU that it is on, or on whose queue; where it last was if it sleeps.
    pub cpu: Option<u16>,
    /// Whether it is gone.
    pub ended: bool,
    /// Its figures.
    pub figures: Figures,
}

/// What ended since somebody asked last.
#[derive(Clone, Debug, Default)]
pub(super) struct Watch {
    ended: Vec<Glimpse>,
}

impl Watch {
    /// A life was closed at this time, ns.
    pub(super) fn ends(&mut self, id: LifeId, life: &Life, at_ns: u64) {
        if life.followed {
            self.ended.push(Glimpse { ended: true, ..life.glimpse(id, at_ns) });
        }
    }
}

impl Life {
    /// What it has done up to now, ns.
    pub fn glimpse(&self, id: LifeId, at_ns: u64) -> Glimpse {
        let thread = &self.thread;
        let counts = &thread.counts;
        Glimpse {
            id,
            tid: self.tid,
            tgid: self.tgid,
            parent_tgid: self.parent_tgid,
            kernel: self.kernel,
            comm: self.comm.clone(),
            state: thread.timeline.now().0,
            cpu: thread.at(),
            ended: false,
            figures: Figures {
                states: thread.timeline.states_at(at_ns),
                delay_ns: thread.delays.sum_ns(),
                delays: thread.delays.count(),
                voluntary: counts.voluntary,
                involuntary: counts.involuntary,
                migrations: counts.migrations,
                wakeups: counts.wakeups,
                signals: self.lwp.as_ref().map_or(0, |lwp| lwp.signals),
                stolen_ns: thread.stolen.total_ns(),
            },
        }
    }
}

impl Model {
    /// Somebody watches: what ends is kept for [`Model::glimpses`] and for no report.
    pub fn watch(&mut self) {
        self.watch.get_or_insert_default();
    }

    /// The followed tasks at this moment, ns, and before them those that ended since the last
    /// time this was called.
    pub fn glimpses(&mut self, at_ns: u64) -> Vec<Glimpse> {
        let mut glimpses = self.watch.as_mut().map(|watch| std::mem::take(&mut watch.ended));
        let all = glimpses.get_or_insert_default();
        let lives = self.lives.ids().into_iter().filter_map(|id| Some((id, self.lives.get(id)?)));
        let followed = lives.filter(|(_, life)| life.followed);
        all.extend(followed.map(|(id, life)| life.glimpse(id, at_ns)));
        self.wakeups.make_room(&mut self.lives);
        glimpses.unwrap_or_default()
    }

    /// The row that the report would have of a task if the trace ended now, ns; `None` if there is
    /// no such task any more.
    pub fn row_at(&self, id: LifeId, at_ns: u64) -> Option<TaskRow> {
        let mut life = self.lives.get(id)?.clone();
        let process = self.processes.get(life.process)?;
        life.thread.count_delay();
        life.thread.timeline.end(at_ns);
        life.thread.settle_waits();
        let killed_by = |sig| self.signals.killed_by(life.tgid, sig);
        let around = Around { process, machine: self.machine, killed_by: &killed_by };
        Some(life.row(&around, at_ns, false))
    }

    /// Who woke a task, most often first.
    pub fn wakers_of(&self, id: LifeId) -> Vec<WakerRow> {
        self.wakeups.of(id)
    }

    /// The futexes that a task used, those it waited for longest first.
    pub fn futexes_of(&self, id: LifeId) -> Vec<UsedRow> {
        self.lives.get(id).map(|life| self.futexes.used_by(life.tid)).unwrap_or_default()
    }
}
