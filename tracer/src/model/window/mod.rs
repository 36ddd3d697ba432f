//! A part of a trace: what happened between two times.
//!
//! Events before it build up what is known; at its begin the accounts go back to zero
//! ([`Model::restart`]), and at its end the model stops as at the end of a trace. That alone would
//! not cut states exactly, for what a task did is often told by a later event: a stint on a CPU
//! ends when the scheduler says it did, a state that was not known is what the next event implies.
//! So a copy of the model goes on behind the end and closes what was open there ([`Hindsight`]);
//! the times of windows that touch add up to those of the whole, to the nanosecond.
//!
//! Counts are those of the events from the begin on and before the end. What has a length and is
//! counted when it ends (calls, interrupts, idle stretches, sleeps in the wake-ups) is counted whole in the
//! window in which it ends; a run delay, in that in which the task comes onto its CPU.

use std::collections::BTreeMap;

use crate::event::Event;

use crate::model::Model;
use crate::model::cpu::Cpu;
use crate::model::lives::{Life, LifeId};
use crate::model::state::State;
use crate::model::stretches::Told;
use crate::model::summary::{Summary, WindowRow};

mod restart;

/// The times between which time counts, ns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Begin.
    pub from_ns: u64,
    /// End.
    pub to_ns: u64,
}

impl Cut {
    /// Whether what happens at this time, ns, counts.
    pub fn has(self, at_ns: u64) -> bool {
        (self.from_ns..self.to_ns).contains(&at_ns)
    }

    /// All time counts.
    pub const NONE: Self = Self { from_ns: 0, to_ns: u64::MAX };

    /// How much of this stretch counts, ns.
    pub fn ns(self, from_ns: u64, to_ns: u64) -> u64 {
        to_ns.min(self.to_ns).saturating_sub(from_ns.max(self.from_ns))
    }
}

/// What later events say of the time before the end of a window.
#[derive(Clone, Debug, Default)]
struct Hindsight {
    /// Tasks that were there, by then: closed. `None` if there was no such task after all.
    lives: BTreeMap<LifeId, Option<Life>>,
    cpus: BTreeMap<u16, Cpu>,
    told: Vec<Told>,
}

/// What becomes of lives that end.
#[derive(Clone, Debug, Default)]
pub enum Later {
    /// Their own account is what is told.
    #[default]
    Nothing,
    /// They are remembered for a window that ended at this time, ns.
    Remember(u64, BTreeMap<LifeId, Option<Life>>),
    /// Of these more is known than the model has seen.
    Known(BTreeMap<LifeId, Option<Life>>),
}

/// A model of which a part is told.
#[derive(Debug)]
pub struct Windowed {
    model: Model,
    /// The begin, if it is still to come, ns.
    from_ns: Option<u64>,
    /// The end, likewise.
    to_ns: Option<u64>,
    /// The model as it was at the end.
    ended: Option<(Box<Model>, u64)>,
    begin_ns: u64,
    events: u64,
    /// Whether stretches are told, of the window.
    telling: bool,
}

impl Windowed {
    /// From one time to another, ns; from the trace's begin or to its end if they are not given.
    pub fn new(mut model: Model, from_ns: Option<u64>, to_ns: Option<u64>) -> Self {
        let begin_ns = from_ns.unwrap_or(model.start_ns).max(model.start_ns);
        let from_ns = from_ns.filter(|&from_ns| from_ns > model.start_ns);
        let telling = model.told.is_some();
        if from_ns.is_some() {
            model.tell_no_more();
        }
        Self { model, from_ns, to_ns, ended: None, begin_ns, events: 0, telling }
    }

    /// Takes in the next event, in the order of time.
    pub fn apply(&mut self, event: &Event) {
        if let Some(from_ns) = self.from_ns
            && event.at_ns >= from_ns
        {
            self.begin(from_ns);
        }
        if let Some(to_ns) = self.to_ns
            && event.at_ns >= to_ns
        {
            self.end(to_ns);
        }
        self.events += u64::from(self.from_ns.is_none() && self.ended.is_none());
        self.model.apply(event);
    }

    /// The trace ended at this time, ns.
    pub fn finish(self, end_ns: u64) -> Summary {
        self.finish_telling(end_ns).0
    }

    /// The model, which has seen all events so far, behind the end too.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// What there is to tell since the last time.
    pub fn take_told(&mut self) -> impl Iterator<Item = Told> + '_ {
        self.model.take_told()
    }

    /// The trace ended at this time, ns; with it comes the rest of what there is to tell.
    pub fn finish_telling(mut self, end_ns: u64) -> (Summary, Vec<Told>) {
        if let Some(from_ns) = self.from_ns {
            self.begin(from_ns);
        }
        if let Some(to_ns) = self.to_ns.filter(|&to_ns| to_ns < end_ns) {
            self.end(to_ns);
        }
        let ((summary, told), to_ns) = match self.ended {
            Some((mut ended, to_ns)) => {
                let mut hindsight = self.model.hindsight(end_ns);
                let told = std::mem::take(&mut hindsight.told);
                ended.learn(hindsight, to_ns);
                ((ended.finish(to_ns), told), to_ns)
            }
            None => (self.model.finish_telling(end_ns), end_ns),
        };
        let window = WindowRow { from_ns: self.begin_ns, to_ns, events: self.events };
        (Summary { window: Some(window), ..summary }, told)
    }

    fn begin(&mut self, from_ns: u64) {
        self.from_ns = None;
        self.model.restart(from_ns);
        if self.telling {
            self.model.tell_stretches();
        }
    }

    fn end(&mut self, to_ns: u64) {
        self.to_ns = None;
        let mut ended = Box::new(self.model.clone());
        ended.tell_no_more();
        self.ended = Some((ended, to_ns));
        self.model.cut(Cut { to_ns, ..self.model.cut });
        for life in self.model.lives.iter_mut() {
            life.at_cut = Some((life.tid, life.start_ns));
        }
        self.model.history = None;
        self.model.later = Later::Remember(to_ns, BTreeMap::new());
    }
}

impl Model {
    /// Only this time counts, for all that is open and all that is to come.
    fn cut(&mut self, cut: Cut) {
        self.cut = cut;
        for id in self.lives.ids() {
            if let Some(life) = self.lives.get_mut(id) {
                life.thread.timeline.cut(cut);
            }
        }
        self.cpus.cut(cut);
    }

    /// A life is closed, or was none: for whom remembers, or by what is known of it.
    pub(super) fn hindsight_of(&mut self, id: LifeId, life: Option<&mut Life>) {
        match (&mut self.later, life) {
            (Later::Nothing, _) | (Later::Known(_), None) => {}
            (Later::Remember(to_ns, lives), Some(life)) => {
                if life.thread.timeline.from_ns() < *to_ns {
                    lives.insert(id, Some(life.clone()));
                }
            }
            (Later::Remember(_, lives), None) => {
                lives.insert(id, None);
            }
            (Later::Known(lives), Some(life)) => {
                if let Some(Some(later)) = lives.remove(&id) {
                    life.thread.told(&later.thread);
                }
            }
        }
    }

    /// The end of a model that remembers.
    fn hindsight(mut self, end_ns: u64) -> Hindsight {
        let end_ns = end_ns.max(self.last_ns);
        self.close(end_ns);
        let cpus = self.cpus.iter().map(|(number, cpu)| (number, cpu.clone())).collect();
        let told = self.told.unwrap_or_default();
        match self.later {
            Later::Remember(_, lives) => Hindsight { lives, cpus, told },
            _ => Hindsight::default(),
        }
    }

    /// Before the end at this time, ns: what later events say.
    fn learn(&mut self, hindsight: Hindsight, to_ns: u64) {
        let Hindsight { lives, cpus, .. } = hindsight;
        let (mut known, mut unknown) = (BTreeMap::new(), Vec::new());
        for (id, life) in lives {
            match (self.lives.get(id).is_some(), life) {
                (true, Some(life)) => {
                    known.insert(id, Some(life));
                }
                (true, None) => self.forget(to_ns, id),
                (false, life) => unknown.extend(life),
            }
        }
        // Only now, for they get identities that others of them had.
        for life in unknown {
            self.adopt(life, to_ns);
        }
        self.later = Later::Known(known);
        self.cpus_later = cpus;
    }

    /// A task that was there before the end at this time, ns, and of which nothing was heard then.
    fn adopt(&mut self, mut life: Life, to_ns: u64) {
        let later = life.thread.clone();
        life.thread.restart();
        life.thread.told(&later);
        life.thread.timeline.back_to(to_ns, State::Unknown);
        if let Some(lwp) = &mut life.lwp {
            lwp.restart();
        }
        life.ending = None;
        life.held.detach();
        life.resharings.retain(|change| change.at_ns < to_ns);
        life.process = self.processes.join(life.thread.timeline.from_ns(), life.tgid, false);
        if let Some(process) = self.processes.get_mut(life.process) {
            process.followed |= life.followed;
            if process.comm.is_empty() {
                process.comm.clone_from(&life.comm);
                process.parent_tgid = life.parent_tgid;
                process.kernel = life.kernel;
            }
        }
        self.lives.begin(life);
    }
}
