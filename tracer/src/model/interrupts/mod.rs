//! Interrupts: how often, how long, and from whom the time was taken.
//!
//! A record's time includes what was nested in it, and that has records of its own; what is
//! summed here is the time without it, so that no nanosecond is counted twice: a hard interrupt
//! inside a softirq inside a task is taken from the task once.

use std::collections::BTreeMap;

use tracer_common::record::{Irq, Softirq, Vector};
use tracer_common::task::Comm;

use crate::event::text;
use crate::source::recording::Start;

use super::Model;
use super::distribution::Distribution;
use super::lives::Life;
use super::stolen::Kind;
use super::tally::{Source, Tally};

mod rows;

pub use rows::{IrqRow, Own, SoftirqRow, TotalRow, VectorRow};

/// Threads that run softirqs: for them it is their own work.
const SOFTIRQ_THREADS: [&str; 2] = ["ksoftirqd/", "ktimers/"];

/// A softirq on one CPU.
#[derive(Clone, Debug, Default)]
struct Soft {
    /// Own times, all of them.
    all: Distribution,
    /// Of these, those in a thread for softirqs.
    threaded: Threaded,
}

/// What ran in threads for softirqs.
#[derive(Clone, Copy, Debug, Default)]
struct Threaded {
    count: u64,
    total_ns: u64,
}

/// All that was interrupted.
#[derive(Clone, Debug, Default)]
pub struct Interrupts {
    irqs: BTreeMap<(u32, Comm, u16), Distribution>,
    softirqs: BTreeMap<(u32, u16), Soft>,
    vectors: BTreeMap<(u32, u16), Distribution>,
    /// Whole names of handlers, by interrupt: a record has room for sixteen letters.
    handlers: BTreeMap<u32, Vec<String>>,
    /// When they began, as far as it is kept.
    pub tally: Tally,
}

impl Interrupts {
    /// All accounts begin anew.
    pub fn restart(&mut self) {
        let (handlers, tally) = (std::mem::take(&mut self.handlers), self.tally.emptied());
        *self = Self { handlers, tally, ..Self::default() };
    }

    /// None yet. What the kernel's counts say of handlers is kept for their names.
    pub fn new(start: &Start) -> Self {
        let table = start.counts.as_ref().and_then(|counts| counts.interrupts.as_ref());
        let lines = table.into_iter().flat_map(|table| &table.lines);
        let named = lines.filter_map(|line| Some((line.name.parse().ok()?, line.handlers.clone())));
        Self { handlers: named.collect(), ..Self::default() }
    }

    /// The name of a handler, whole if it is known.
    fn handler(&self, irq: u32, name: &Comm) -> String {
        let name = text(name);
        let cut = name.len() == size_of::<Comm>();
        let mut handlers = self.handlers.get(&irq).into_iter().flatten();
        let whole = handlers.find(|whole| cut && whole.starts_with(&name));
        whole.cloned().unwrap_or(name)
    }
}

impl Model {
    pub(super) fn irq(&mut self, at_ns: u64, cpu: Option<u16>, irq: &Irq) {
        let Some(cpu) = cpu else { return };
        let own_ns = self.own_ns(at_ns, irq.begin_ns, irq.nested_ns);
        self.interrupts.tally.add(Source::Irq(irq.irq), cpu, irq.begin_ns);
        self.interrupts.irqs.entry((irq.irq, irq.name, cpu)).or_default().add(own_ns);
        self.hard(cpu, irq.tid, own_ns);
    }

    pub(super) fn vector(&mut self, at_ns: u64, cpu: Option<u16>, vector: &Vector) {
        let Some(cpu) = cpu else { return };
        let own_ns = self.own_ns(at_ns, vector.begin_ns, vector.nested_ns);
        self.interrupts.tally.add(Source::Vector(vector.vector), cpu, vector.begin_ns);
        self.interrupts.vectors.entry((vector.vector, cpu)).or_default().add(own_ns);
        self.hard(cpu, vector.tid, own_ns);
    }

    pub(super) fn softirq(&mut self, at_ns: u64, cpu: Option<u16>, softirq: &Softirq) {
        let Some(cpu) = cpu else { return };
        let own_ns = self.own_ns(at_ns, softirq.begin_ns, softirq.nested_ns);
        self.interrupts.tally.add(Source::Softirq(softirq.vec), cpu, softirq.begin_ns);
        let threaded = match self.newest(softirq.tid) {
            Some(life) if runs_softirqs(life) => true,
            Some(life) => {
                life.thread.stolen.take(Kind::Soft, own_ns);
                false
            }
            None => false,
        };
        let row = self.interrupts.softirqs.entry((softirq.vec, cpu)).or_default();
        row.all.add(own_ns);
        let times = &mut self.cpus.of(cpu).times.interrupts;
        times.softirqs += 1;
        times.softirq_ns += own_ns;
        if threaded {
            row.threaded.count += 1;
            row.threaded.total_ns += own_ns;
            times.ksoftirqd_ns += own_ns;
        } else if softirq.tid == 0 {
            times.idle_softirq_ns += own_ns;
        }
    }

    fn hard(&mut self, cpu: u16, tid: u32, own_ns: u64) {
        let times = &mut self.cpus.of(cpu).times.interrupts;
        times.irqs += 1;
        times.irq_ns += own_ns;
        if tid == 0 {
            times.idle_irq_ns += own_ns;
        } else if let Some(life) = self.newest(tid) {
            life.thread.stolen.take(Kind::Hard, own_ns);
        }
    }

    /// The time of an interrupt without what was nested in it, ns, as far as it is in the trace.
    fn own_ns(&self, at_ns: u64, begin_ns: u64, nested_ns: u64) -> u64 {
        at_ns.saturating_sub(begin_ns.max(self.start_ns)).saturating_sub(nested_ns)
    }
}

fn runs_softirqs(life: &Life) -> bool {
    life.kernel && SOFTIRQ_THREADS.iter().any(|name| life.comm.starts_with(name))
}
