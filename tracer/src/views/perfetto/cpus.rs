//! What ran on each CPU, as the switches that the format has: of each CPU one row of stints that
//! do not overlap, and of each task the times to the nanosecond.
//!
//! The two do not always go together. The kernel's account of a task, which is what the report
//! has, can begin a stint a moment before it ends the one of the task before. The end of the
//! earlier stint is then on a CPU of its own, above the real ones, and one ns late. And there is one more CPU for
//! what no switch says: that a task was asleep when the trace began, or that from some moment on
//! nothing is known of it. It comes onto that CPU for no time at all.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

use super::out::{Comer, Out};

/// CPUs for ends that overlap.
const SPARE: u16 = 6;

/// CPUs for what a switch said wrongly.
const AMENDS: u16 = 8;

/// For how long it is remembered where an end was, ns, if there are many.
const REST_NS: u64 = 1_000_000;

/// Many ends.
const RESTS: usize = 4096;

/// `prev_state` bits, as kernels from 4.14 on report them (`TASK_REPORT`).
pub(super) mod bits {
    pub(in super::super) const RUNNABLE: i64 = 0;
    pub(in super::super) const INTERRUPTIBLE: i64 = 0x1;
    pub(in super::super) const UNINTERRUPTIBLE: i64 = 0x2;
    pub(in super::super) const STOPPED: i64 = 0x4;
    pub(in super::super) const TRACED: i64 = 0x8;
    pub(in super::super) const DEAD: i64 = 0x10;
    pub(in super::super) const ZOMBIE: i64 = 0x20;
    pub(in super::super) const PARKED: i64 = 0x40;
    pub(in super::super) const IDLE: i64 = 0x80;
    pub(in super::super) const PREEMPTED: i64 = 0x100;
    /// None of those that a task can be in: three of them at once.
    pub(in super::super) const UNKNOWN: i64 = INTERRUPTIBLE | UNINTERRUPTIBLE | STOPPED;
}

/// A stint of a task, and the state that it goes to.
#[derive(Clone, Debug)]
pub(super) struct Stint {
    pub(super) task: Comer,
    pub(super) from_ns: u64,
    pub(super) to_ns: u64,
    pub(super) next: i64,
}

/// The end of a stint on a CPU of its own.
#[derive(Clone, Copy, Debug)]
struct Rest {
    from_ns: u64,
    to_ns: u64,
    cpu: u16,
}

/// The latest stint of each CPU, whose end is not written.
#[derive(Debug, Default)]
pub(super) struct Cpus {
    open: BTreeMap<u16, Stint>,
    /// Until when the spare CPUs are taken, ns.
    spare: [u64; SPARE as usize],
    /// Until when the CPUs of amendments are taken, ns.
    amends: [u64; AMENDS as usize],
    /// Latest ends that are on them, by task.
    rests: HashMap<u32, Rest>,
    /// The lowest number that is no CPU's.
    real: u16,
}

impl Cpus {
    /// Of a machine with these.
    pub(super) fn new(cpus: &[u16]) -> Self {
        let real = cpus.iter().max().map_or(1, |max| max.saturating_add(1));
        Self { real, ..Self::default() }
    }

    /// The CPU for what no switch says.
    pub(super) fn aside(&self) -> u16 {
        self.real.saturating_add(SPARE)
    }

    /// A task ran on a CPU; `before` says until when, ns, and where it did before. Gives the same
    /// of this stint, as it is written. Stints of one CPU come in the order of their ends.
    ///
    /// Of switches of two CPUs at one time the reader takes either first, so that no task may have
    /// two of them: what would follow at once on another CPU is written one ns later. That takes
    /// nothing from the length of any state.
    pub(super) fn ran<W: Write>(
        &mut self,
        out: &mut Out<W>,
        cpu: u16,
        stint: Stint,
        before: Option<(u64, u16)>,
    ) -> io::Result<(u64, u16)> {
        let rest = self.rests.get(&stint.task.tid).map(|rest| (rest.to_ns, rest.cpu));
        let before = rest.max(before).filter(|&(to_ns, on)| to_ns >= stint.from_ns && on != cpu);
        let last = self.open.get(&cpu);
        if before.is_some() || last.is_some_and(|last| stint.from_ns < last.from_ns) {
            let rest = self.on_spare(out, &stint, before, None)?;
            return Ok((rest.to_ns, rest.cpu));
        }
        let written = (stint.to_ns, cpu);
        let Some(last) = last else {
            out.switch(cpu, stint.from_ns, bits::RUNNABLE, &stint.task)?;
            self.open.insert(cpu, stint);
            return Ok(written);
        };
        let gap_ns = stint.from_ns.checked_sub(last.to_ns);
        if gap_ns.is_none() {
            let rest = Stint { from_ns: stint.from_ns, ..last.clone() };
            out.switch(cpu, stint.from_ns, last.next, &stint.task)?;
            let begun_ns = Some(last.from_ns);
            let written = self.on_spare(out, &rest, Some((rest.from_ns, cpu)), begun_ns)?;
            if self.rests.len() >= RESTS {
                self.rests.retain(|_, old| old.to_ns + REST_NS > rest.to_ns);
            }
            self.rests.insert(rest.task.tid, written);
        } else if gap_ns == Some(0) {
            out.switch(cpu, last.to_ns, last.next, &stint.task)?;
        } else {
            out.switch(cpu, last.to_ns, last.next, &idle())?;
            out.switch(cpu, stint.from_ns, bits::RUNNABLE, &stint.task)?;
        }
        self.open.insert(cpu, stint);
        Ok(written)
    }

    /// A stint on a spare CPU, after what the task did `before`. If that is the part of a stint that
    /// began at this time, ns, it need not be late where nothing is on the spare CPU since then: of
    /// two things at one time the reader takes the one on the lower CPU first.
    fn on_spare<W: Write>(
        &mut self,
        out: &mut Out<W>,
        stint: &Stint,
        before: Option<(u64, u16)>,
        begun_ns: Option<u64>,
    ) -> io::Result<Rest> {
        let free_since = |ns: u64| self.spare.iter().position(|until_ns| *until_ns < ns);
        let same = before.and_then(|(_, on)| on.checked_sub(self.real)).map(usize::from);
        let same = same.filter(|&place| place < self.spare.len());
        let same = same.or_else(|| begun_ns.and_then(free_since));
        let late_ns = match before {
            Some((to_ns, _)) => to_ns - stint.from_ns + u64::from(same.is_none()),
            None => 0,
        };
        let (from_ns, to_ns) = (stint.from_ns + late_ns, stint.to_ns + late_ns);
        let place = same.or_else(|| free_since(from_ns)).unwrap_or(self.spare.len() - 1);
        self.spare[place] = to_ns;
        let cpu = self.real.saturating_add(u16::try_from(place).unwrap_or(0));
        out.switch(cpu, from_ns, bits::RUNNABLE, &stint.task)?;
        out.switch(cpu, to_ns, stint.next, &idle())?;
        Ok(Rest { from_ns, to_ns, cpu })
    }

    /// The task whose stint ended so goes to this state, and not to the one that was told; tells
    /// whether that was not written yet.
    pub(super) fn correct(&mut self, tid: u32, (to_ns, cpu): (u64, u16), next: i64) -> bool {
        let open = self.open.get_mut(&cpu);
        let Some(last) = open.filter(|last| last.task.tid == tid && last.to_ns == to_ns) else {
            return false;
        };
        last.next = next;
        true
    }

    /// From this time on, ns, a task is in this state.
    pub(super) fn set<W: Write>(
        &mut self,
        out: &mut Out<W>,
        at_ns: u64,
        task: &Comer,
        state: i64,
    ) -> io::Result<()> {
        out.switch(self.aside(), at_ns, bits::RUNNABLE, task)?;
        out.switch(self.aside(), at_ns, state, &idle())
    }

    /// The stint of a task that ended at this time, ns, left it in this state, and not in the one
    /// that is written; tells whether that could be said. It can where nothing else is on one of the
    /// CPUs for it since the stint began: of two things at one time the reader then takes the one on
    /// the lower CPU first.
    pub(super) fn amend<W: Write>(
        &mut self,
        out: &mut Out<W>,
        (from_ns, to_ns): (u64, u64),
        task: &Comer,
        state: i64,
    ) -> io::Result<bool> {
        let rest = self.rests.get(&task.tid).filter(|rest| rest.to_ns >= to_ns);
        let from_ns = match rest {
            Some(rest) if rest.to_ns == to_ns => rest.from_ns,
            Some(_) => return Ok(false),
            None => from_ns,
        };
        let Some(place) = self.amends.iter().position(|until_ns| *until_ns < from_ns) else {
            return Ok(false);
        };
        self.amends[place] = to_ns;
        let cpu = self.aside().saturating_add(1 + u16::try_from(place).unwrap_or(0));
        out.switch(cpu, to_ns, bits::RUNNABLE, task)?;
        out.switch(cpu, to_ns, state, &idle())?;
        Ok(true)
    }

    /// The ends that are not written.
    pub(super) fn finish<W: Write>(&mut self, out: &mut Out<W>) -> io::Result<()> {
        for (cpu, last) in std::mem::take(&mut self.open) {
            out.switch(cpu, last.to_ns, last.next, &idle())?;
        }
        Ok(())
    }
}

fn idle() -> Comer {
    Comer { tid: 0, prio: 120, comm: "swapper".to_owned() }
}
