//! The stretches of all tasks, packed as they come: five to eight bytes each.
//!
//! All numbers are LEB128. First the version and the tracks: for each its place in the report's
//! `tasks` and one (zero if it has none), its begin in ns since that of what is told, and how many
//! stretches it has. Then the stretches of each track: a code, a length in ns, the number of its
//! stacks if the code says so ([`super::stacks`]), and for one that runs its CPU, for one that was
//! woken by whom, and how long before that was. Last, for each CPU, its
//! number, how many stretches ran on it, and the tracks that these are of.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::io::{self, Write};

use tracer_common::record::{Context, Waking};

use super::interrupts::Interrupts;
use super::stacks::{self, Stacks};
use crate::event::{Event, What};
use crate::model::Model;
use crate::model::lives::LifeId;
use crate::model::state::{Ready, Sleep, State};
use crate::model::stretches::{Stretch, Told, Whole};
use crate::model::summary::Summary;

/// The version of this form; `data.js` knows it.
const VERSION: u64 = 2;

/// Time that is in no state: there should be none.
const NOT_THERE: u8 = 13;

/// By whom a task was woken, as it is written.
mod by {
    pub(super) const UNKNOWN: u64 = 0;
    pub(super) const HARDIRQ: u64 = 1;
    pub(super) const SOFTIRQ: u64 = 2;
    /// A track of this number.
    pub(super) fn track(track: u32) -> u64 {
        3 + 2 * u64::from(track)
    }
    /// A task of this number that has no track.
    pub(super) fn tid(tid: u32) -> u64 {
        4 + 2 * u64::from(tid)
    }
}

/// One task's stretches.
#[derive(Clone, Debug, Default)]
struct Track {
    from_ns: u64,
    to_ns: u64,
    count: u64,
    bytes: Vec<u8>,
    /// The number of the stacks that the next stretch has if nothing is said.
    stacks: u32,
    /// Wakings that came after the begin of its latest stretch: when, and by whom.
    wakings: VecDeque<(u64, u64)>,
}

/// The stretches of all tasks.
#[derive(Clone, Debug, Default)]
pub struct Tracks {
    all: Vec<Track>,
    places: HashMap<LifeId, u32>,
    /// The tracks of followed tasks that are over, in that order.
    over: Vec<(u32, Whole)>,
    /// The tracks that ran on each CPU, in the order in which their stretches were told.
    runs: BTreeMap<u16, Vec<u32>>,
    pub(super) stacks: Stacks,
    pub(super) interrupts: Interrupts,
}

impl Tracks {
    /// The trace began at this time, ns; the part of it that is told is this one.
    pub fn begin(&mut self, trace_ns: u64, from_ns: u64, to_ns: u64) {
        self.interrupts.begin(trace_ns, from_ns, to_ns);
    }

    /// An event that the model is about to take in.
    pub fn event(&mut self, event: &Event, model: &Model) {
        self.interrupts.event(event);
        let (What::Waking(waking) | What::WakeupNew(waking)) = &event.what else { return };
        let Some(woken) = model.newest_id(waking.tid) else { return };
        let by = self.waker(waking, model);
        let track = self.of(woken);
        self.all[track as usize].wakings.push_back((event.at_ns, by));
    }

    fn waker(&mut self, waking: &Waking, model: &Model) -> u64 {
        match waking.context {
            Context::TASK => {}
            Context::HARDIRQ => return by::HARDIRQ,
            Context::SOFTIRQ => return by::SOFTIRQ,
            _ => return by::UNKNOWN,
        }
        let tid = waking.waker_tid;
        match model.newest_id(tid) {
            Some(id) if model.task(tid).is_some_and(|life| life.followed) => by::track(self.of(id)),
            _ => by::tid(tid),
        }
    }

    /// What the model has told.
    pub fn told(&mut self, told: Told) {
        match told {
            Told::Stretch(stretch) => self.stretch(stretch),
            Told::Over(whole) => {
                let track = self.of(whole.life);
                self.all[track as usize].wakings = VecDeque::new();
                if whole.followed {
                    self.over.push((track, whole));
                }
                self.places.remove(&whole.life);
            }
            Told::Never(life) => {
                let track = self.of(life) as usize;
                self.all[track] = Track::default();
                self.places.remove(&life);
            }
        }
    }

    fn of(&mut self, life: LifeId) -> u32 {
        *self.places.entry(life).or_insert_with(|| {
            self.all.push(Track::default());
            u32::try_from(self.all.len() - 1).unwrap_or(u32::MAX)
        })
    }

    fn stretch(&mut self, stretch: Stretch) {
        let Stretch { life, state, from_ns, to_ns, .. } = stretch;
        let place = self.of(life);
        let stacks = self.stacks.number(stretch.stack);
        let track = &mut self.all[place as usize];
        if track.count == 0 {
            track.from_ns = from_ns;
            track.to_ns = from_ns;
        }
        if from_ns > track.to_ns {
            track.begin(NOT_THERE, from_ns, 0);
            track.stacks = 0;
        }
        let before_ns = track.to_ns;
        if !stacks::stay(state) {
            track.stacks = 0;
        }
        track.begin(code(state), to_ns, stacks);
        track.stacks = stacks;
        match state {
            State::Running(cpu) => {
                number(&mut track.bytes, u64::from(cpu));
                self.runs.entry(cpu).or_default().push(place);
            }
            State::Runnable(Ready::New | Ready::Woken) => track.woken(before_ns),
            _ => {}
        }
        let track = &mut self.all[place as usize];
        // The waking on the way into the next stretch came in this one.
        while track.wakings.front().is_some_and(|(at_ns, _)| *at_ns < from_ns) {
            track.wakings.pop_front();
        }
    }

    /// Writes them, for the tasks that have a row in the report.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write(&self, out: &mut dyn Write, summary: &Summary) -> io::Result<()> {
        let rows = self.rows(summary);
        let mut head = Vec::new();
        number(&mut head, VERSION);
        number(&mut head, self.all.len() as u64);
        for (track, row) in self.all.iter().zip(&rows) {
            number(&mut head, row.map_or(0, |row| row as u64 + 1));
            let from_ns = if track.count > 0 { track.from_ns } else { summary.start_ns };
            number(&mut head, from_ns.saturating_sub(summary.start_ns));
            number(&mut head, row.map_or(0, |_| track.count));
        }
        out.write_all(&head)?;
        for (track, _) in self.all.iter().zip(&rows).filter(|(_, row)| row.is_some()) {
            out.write_all(&track.bytes)?;
        }
        self.write_runs(out, &rows)
    }

    /// For each track its row in the report. Lives that nothing tells apart are over in the order of
    /// their rows.
    fn rows(&self, summary: &Summary) -> Vec<Option<usize>> {
        let mut places: HashMap<_, VecDeque<usize>> = HashMap::new();
        for (row, task) in summary.tasks.iter().enumerate() {
            let key = (task.tid, task.start_ns, task.from_ns, task.to_ns);
            places.entry(key).or_default().push_back(row);
        }
        let mut rows = vec![None; self.all.len()];
        for &(track, Whole { tid, start_ns, from_ns, to_ns, .. }) in &self.over {
            let places = places.get_mut(&(tid, start_ns, from_ns, to_ns));
            rows[track as usize] = places.and_then(VecDeque::pop_front);
        }
        rows
    }

    fn write_runs(&self, out: &mut dyn Write, rows: &[Option<usize>]) -> io::Result<()> {
        let mut bytes = Vec::new();
        number(&mut bytes, self.runs.len() as u64);
        for (&cpu, runs) in &self.runs {
            let told = || runs.iter().filter(|&&place| rows[place as usize].is_some());
            number(&mut bytes, u64::from(cpu));
            number(&mut bytes, told().count() as u64);
            for &place in told() {
                number(&mut bytes, u64::from(place));
                if bytes.len() > 1 << 16 {
                    out.write_all(&bytes)?;
                    bytes.clear();
                }
            }
        }
        out.write_all(&bytes)
    }
}

impl Track {
    /// Its next stretch, which lasts until this time, ns.
    fn begin(&mut self, code: u8, to_ns: u64, stacks: u32) {
        let told = stacks != self.stacks;
        self.bytes.push(if told { code | stacks::FLAG } else { code });
        number(&mut self.bytes, to_ns.saturating_sub(self.to_ns));
        if told {
            number(&mut self.bytes, stacks.into());
        }
        self.to_ns = to_ns;
        self.count += 1;
    }

    /// The stretch that began at this time, ns, did so by the latest waking until then. One that
    /// came while the task was still on its way into its sleep came before.
    fn woken(&mut self, from_ns: u64) {
        let past = self.wakings.iter().take_while(|(at_ns, _)| *at_ns <= from_ns).count();
        let latest = self.wakings.drain(..past).next_back();
        match latest.filter(|(_, by)| *by != by::UNKNOWN) {
            Some((at_ns, by)) => {
                number(&mut self.bytes, by);
                number(&mut self.bytes, from_ns.saturating_sub(at_ns));
            }
            None => number(&mut self.bytes, by::UNKNOWN),
        }
    }
}

/// The code of a state; `states.js` has the same.
fn code(state: State) -> u8 {
    match state {
        State::Running(_) => 0,
        State::Runnable(Ready::Created) => 1,
        State::Runnable(Ready::New) => 2,
        State::Runnable(Ready::Woken) => 3,
        State::Runnable(Ready::Preempted) => 4,
        State::Sleeping(Sleep::Interruptible) => 5,
        State::Sleeping(Sleep::Uninterruptible) => 6,
        State::Sleeping(Sleep::Idle) => 7,
        State::Sleeping(Sleep::Parked) => 8,
        State::Sleeping(Sleep::Stopped) => 9,
        State::Sleeping(Sleep::Traced) => 10,
        State::Zombie => 11,
        State::Unknown => 12,
    }
}

/// Appends a number as LEB128.
pub(super) fn number(bytes: &mut Vec<u8>, mut number: u64) {
    while number > 0x7f {
        bytes.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    bytes.push(number.to_le_bytes()[0]);
}
