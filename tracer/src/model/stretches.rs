//! The closed stretches of every task's states, told one by one as the trace goes on, for views
//! that draw them: exactly those of which the sums in the report are made.
//!
//! A stretch is told when nothing can change it any more: the wait before a stint not before the
//! end of the stint, which says when it really began (see [`super::state`]). The stretches of one
//! task come in the order of time, do not overlap and leave nothing out between the begin and the
//! end of its account; those of different tasks come in no order. Of a part of a trace only what
//! lies within it is told.
//!
//! Whoever wants them asks with [`Model::tell_stretches`] before the first event and takes what
//! there is with [`Model::take_told`] after each: nothing piles up. Without that, a closed stretch
//! costs one look at a pointer.

use super::Model;
use super::lives::{Life, LifeId};
use super::state::{Cause, Closed, State};
use super::summary::Summary;
use crate::stacks::StackKey;

/// What is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// A stretch of a task's states.
    Stretch(Stretch),
    /// A task is over, or the trace: it has no more stretches, and this is its row in the report.
    Over(Whole),
    /// There was no such task after all: what was told of it belongs to no row of the report.
    Never(LifeId),
}

/// A task was in a state from one time to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Which task.
    pub life: LifeId,
    /// Its number when this was told.
    pub tid: u32,
    /// Its thread group, likewise.
    pub tgid: u32,
    /// Whether it is followed by then; the report has rows of followed tasks only.
    pub followed: bool,
    /// Its state.
    pub state: State,
    /// From when, ns.
    pub from_ns: u64,
    /// Until when, ns; later than that.
    pub to_ns: u64,
    /// In which system call it slept, if it did.
    pub cause: Cause,
    /// With which stacks it left its CPU, if it is off one and they were told.
    pub stack: Option<StackKey>,
    /// Its state afterwards by what was known then: later events can correct it, and the next
    /// stretch has the last word.
    pub next: State,
}

/// What a task is in the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whole {
    /// Which task.
    pub life: LifeId,
    /// Its number: the last one of the time that is told, if it took over its leader's by `exec`.
    pub tid: u32,
    /// Its thread group.
    pub tgid: u32,
    /// Its start, ns, if that is known by then; with the number it names a row of the report.
    pub start_ns: Option<u64>,
    /// Whether it has a row.
    pub followed: bool,
    /// When its account began, ns.
    pub from_ns: u64,
    /// When it ended, ns.
    pub to_ns: u64,
    /// Whether it was released then; else it was still there at the end of the trace, or its end
    /// was not recorded.
    pub released: bool,
}

impl Model {
    /// Which life this is, if it is the newest of its number.
    pub fn life_id(&self, life: &Life) -> Option<LifeId> {
        let id = self.lives.current(life.tid)?;
        self.lives.get(id).filter(|known| std::ptr::eq(*known, life)).map(|_| id)
    }

    /// From now on the closed stretches of all tasks are told.
    pub fn tell_stretches(&mut self) {
        self.told.get_or_insert_default();
        self.lives.iter_mut().for_each(|life| life.thread.timeline.tell());
    }

    /// What there is to tell since the last time.
    pub fn take_told(&mut self) -> impl Iterator<Item = Told> + '_ {
        self.told.iter_mut().flat_map(|told| told.drain(..))
    }

    /// Nothing more happens; the trace ended at this time, ns: what it says, and the rest of what
    /// there is to tell.
    pub fn finish_telling(mut self, end_ns: u64) -> (Summary, Vec<Told>) {
        let end_ns = end_ns.max(self.last_ns);
        self.futexes.end(&self.lives);
        self.close(end_ns);
        for (number, later) in std::mem::take(&mut self.cpus_later) {
            self.cpus.of(number).told(later);
        }
        self.signals.finish(end_ns);
        let told = self.told.take().unwrap_or_default();
        (Summary::new(self, end_ns), told)
    }

    /// It was asked for, and is no more: this is a copy, and another one tells.
    pub(super) fn tell_no_more(&mut self) {
        self.told = None;
        self.lives.iter_mut().for_each(|life| life.thread.timeline.tell_no_more());
    }

    /// Something happened to a task.
    pub(super) fn tell(&mut self, id: LifeId) {
        let Some(told) = &mut self.told else { return };
        if let Some(life) = self.lives.get_mut(id) {
            tell_of(told, id, life);
        }
    }

    /// It is over.
    pub(super) fn tell_last(&mut self, id: LifeId, life: &mut Life, released: bool) {
        let Some(told) = &mut self.told else { return };
        tell_of(told, id, life);
        let timeline = &life.thread.timeline;
        let from_ns = timeline.from_ns();
        if timeline.counts_at(from_ns) {
            let (tid, start_ns) = life.at_cut.unwrap_or((life.tid, life.start_ns));
            told.push(Told::Over(Whole {
                life: id,
                tid,
                tgid: life.tgid,
                start_ns,
                followed: life.followed,
                from_ns,
                to_ns: timeline.now().1.min(self.cut.to_ns),
                released,
            }));
        }
    }

    /// It never was.
    pub(super) fn tell_never(&mut self, id: LifeId) {
        if let Some(told) = &mut self.told {
            told.push(Told::Never(id));
        }
    }
}

fn tell_of(told: &mut Vec<Told>, id: LifeId, life: &mut Life) {
    let (tid, tgid, followed) = (life.tid, life.tgid, life.followed);
    told.extend(life.thread.timeline.take_stretches().map(|closed| {
        let Closed { state, from_ns, to_ns, cause, stack, next } = closed;
        let life = id;
        Told::Stretch(Stretch {
            life,
            tid,
            tgid,
            followed,
            state,
            from_ns,
            to_ns,
            cause,
            stack,
            next,
        })
    }));
}
