//! The trace for [Perfetto](https://perfetto.dev): its UI and its SQL.
//!
//! What ran where, and in what states tasks were, is written as compact ftrace bundles, made from
//! the stretches that the model tells ([`crate::model::stretches`]), not from the switches as they
//! were seen: so every sum over `thread_state` is the one of the report, to the nanosecond. Births,
//! signals, futexes and interrupts are slices and instants on tracks, with flows between them.
//!
//! Everything is written as the replay goes. Packets are not in the order of time (a stretch is
//! told when it is over): the reader sorts.

use std::io::{self, Write};

use crate::event::Event;
use crate::model::Model;
use crate::model::state::State;
use crate::model::stretches::{Stretch, Told};
use crate::source::recording::Start;

use self::cpus::{Cpus, Stint, bits};
use self::happenings::Pending;
use self::out::{Comer, Out, Wake};
use self::packet::{
    BOOTTIME, Clock, ClockSnapshot, MONOTONIC, Packet, REALTIME, SystemInfo, Utsname,
};
use self::tasks::{Newborn, Tasks, state_bits};
use self::tracks::Tracks;

mod calls;
mod cpus;
mod ends;
mod happenings;
mod out;
mod packet;
mod tasks;
#[cfg(test)]
mod tests;
mod tracks;
mod who;

/// A trace that is being written.
pub struct Perfetto<W> {
    out: Out<W>,
    cpus: Cpus,
    tasks: Tasks,
    tracks: Tracks,
    pending: Pending,
    /// What is written, ns.
    from_ns: u64,
    to_ns: u64,
    /// Whether that has begun, and whether it is over: names change no more.
    begun: bool,
    past: bool,
    /// Whether each waking by a task is an instant of its waker.
    all_wakeups: bool,
}

impl<W: Write> Perfetto<W> {
    /// To this writer.
    pub fn new(to: W) -> Self {
        Self {
            out: Out::new(to),
            cpus: Cpus::default(),
            tasks: Tasks::default(),
            tracks: Tracks::default(),
            pending: Pending::default(),
            from_ns: 0,
            to_ns: u64::MAX,
            begun: false,
            past: false,
            all_wakeups: false,
        }
    }

    /// Each waking by a task has a flow, by whatever call.
    pub fn all_wakeups(&mut self) {
        self.all_wakeups = true;
    }

    /// Of a recording that begins so.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn start(&mut self, start: &Start) -> io::Result<()> {
        let clocks = start.clocks;
        self.from_ns = clocks.monotonic_ns;
        self.cpus = Cpus::new(&start.cpus);
        let offset_ns = clocks.boottime_ns.wrapping_sub(clocks.monotonic_ns);
        self.out.begin(offset_ns, self.from_ns);
        let clock =
            |clock_id, timestamp| Clock { clock_id: Some(clock_id), timestamp: Some(timestamp) };
        let clocks = vec![
            clock(BOOTTIME, clocks.boottime_ns),
            clock(MONOTONIC, clocks.monotonic_ns),
            clock(REALTIME, clocks.realtime_ns),
        ];
        self.out.packet(&Packet {
            trusted_packet_sequence_id: Some(1),
            clock_snapshot: Some(ClockSnapshot { clocks }),
            ..Packet::default()
        })?;
        self.out.packet(&Packet {
            trusted_packet_sequence_id: Some(1),
            system_info: Some(SystemInfo {
                utsname: Some(Utsname {
                    sysname: Some("Linux".to_owned()),
                    release: Some(start.kernel.clone()),
                    machine: Some(start.machine.clone()),
                }),
                num_cpus: u32::try_from(start.cpus.len()).ok(),
            }),
            ..Packet::default()
        })
    }

    /// Only what happened between these times, ns, is wanted.
    pub fn part(&mut self, from_ns: u64, to_ns: u64) {
        (self.from_ns, self.to_ns) = (self.from_ns.max(from_ns), to_ns);
        self.out.begin_at(self.from_ns);
    }

    /// An event of this time, ns, is next; with the model as it is before.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn comes(&mut self, at_ns: u64, model: &Model) -> io::Result<()> {
        self.past |= at_ns >= self.to_ns;
        if !self.begun && at_ns >= self.from_ns {
            self.begun = true;
            return self.name_all(model);
        }
        Ok(())
    }

    /// The model has taken in this event, and what it told has been passed on.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn happen(&mut self, event: &Event, model: &Model) -> io::Result<()> {
        if event.at_ns < self.to_ns {
            self.names(event, model)?;
        }
        if (self.from_ns..self.to_ns).contains(&event.at_ns) {
            self.happened(event, model)?;
        }
        Ok(())
    }

    /// The end: everything is told.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn finish(mut self) -> io::Result<()> {
        self.cpus.finish(&mut self.out)?;
        self.out.finish()
    }

    /// The model tells this; with the model as it is then, unless the trace has ended.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn told(&mut self, told: &Told, model: Option<&Model>) -> io::Result<()> {
        match told {
            Told::Stretch(stretch) if stretch.followed => {
                let life = model.and_then(|model| model.task(stretch.tid));
                let life = life.filter(|life| {
                    model.and_then(|model| model.life_id(life)) == Some(stretch.life)
                });
                if let Some(life) = life {
                    self.know(stretch.life, life)?;
                } else if self.tasks.get_mut(stretch.life).is_none() {
                    self.tasks.begin(stretch.life, stretch.tid);
                }
                self.stretch(stretch)
            }
            Told::Over(whole) => self.over(whole),
            _ => Ok(()),
        }
    }

    fn stretch(&mut self, stretch: &Stretch) -> io::Result<()> {
        let Some(task) = self.tasks.get_mut(stretch.life) else { return Ok(()) };
        let who = Comer { tid: task.tid, prio: task.prio, comm: task.comm.clone() };
        let &Stretch { state, from_ns, to_ns, next, .. } = stretch;
        match task.newborn.take() {
            Some(Newborn { cpu, at_ns, newtask, .. }) if state_bits(state) == bits::RUNNABLE => {
                task.written = Some(bits::RUNNABLE);
                self.out.event(cpu, at_ns, newtask)?;
            }
            Some(Newborn { tree, .. }) => self.out.packet(&tree)?,
            None => {}
        }
        if let State::Running(cpu) = state {
            let next = state_bits(next);
            task.written = Some(next);
            let before = task.ran;
            let stint = Stint { task: who, from_ns, to_ns, next };
            let place = self.cpus.ran(&mut self.out, cpu, stint, before)?;
            if let Some(task) = self.tasks.get_mut(stretch.life) {
                (task.ran, task.late) = (Some(place), place.0 > to_ns);
                task.ran_from = (place == (to_ns, cpu)).then_some(from_ns);
            }
            return Ok(());
        }
        let bits = state_bits(state);
        if task.written == Some(bits) {
            return Ok(());
        }
        let runnable = |written: Option<i64>| matches!(written, Some(bits::RUNNABLE));
        let woken = task.waking_at(from_ns).filter(|_| bits == bits::RUNNABLE);
        let woken = woken.filter(|_| !runnable(task.written));
        task.written = Some(bits);
        // What was told at the end of the stint is corrected. Of two things at one time the reader
        // may take either first; what comes next is as late, and no length is wrong.
        let ran = task.ran.filter(|(to_ns, _)| *to_ns >= from_ns);
        if ran.is_some_and(|ran| self.cpus.correct(who.tid, ran, bits)) {
            return Ok(());
        }
        let begun = task.ran_from.filter(|_| ran.is_some_and(|(to_ns, _)| to_ns == from_ns));
        if let Some(begun_ns) = begun
            && self.cpus.amend(&mut self.out, (begun_ns, from_ns), &who, bits)?
        {
            return Ok(());
        }
        let corrects = ran.is_some();
        let late = corrects || std::mem::take(&mut task.late);
        task.late = corrects;
        let from_ns = from_ns + u64::from(late);
        match woken {
            Some(woken) => {
                let wake = Wake {
                    tid: who.tid,
                    prio: who.prio,
                    comm: &who.comm,
                    target_cpu: woken.target_cpu,
                    flags: woken.flags,
                };
                self.out.waking(woken.cpu, from_ns, &wake)
            }
            None => self.cpus.set(&mut self.out, from_ns, &who, bits),
        }
    }
}
