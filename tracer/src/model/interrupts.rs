//! Interrupts: how often, how long, and from whom the time was taken.
//!
//! A record's time includes what was nested in it, and that has records of its own; what is
//! summed here is the time without it, so that no nanosecond is counted twice.

use std::collections::BTreeMap;

use serde::Serialize;
use tracer_common::record::{Irq, Softirq, Vector};

use crate::event::text;

use super::{Model, names};

/// Count and own time of one interrupt on one CPU.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Own {
    /// How often.
    pub count: u64,
    /// Time without what was nested, ns.
    pub total_ns: u64,
    /// Longest such time, ns.
    pub max_ns: u64,
}

impl Own {
    fn add(&mut self, own_ns: u64) {
        self.count += 1;
        self.total_ns += own_ns;
        self.max_ns = self.max_ns.max(own_ns);
    }
}

/// A row of `irqs`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IrqRow {
    /// Interrupt number.
    pub irq: u32,
    /// Name of its handler.
    pub name: String,
    /// The CPU.
    pub cpu: u16,
    /// How often and how long.
    #[serde(flatten)]
    pub own: Own,
}

/// A row of `softirqs`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SoftirqRow {
    /// Vector.
    pub vec: u32,
    /// Its name.
    pub name: String,
    /// The CPU.
    pub cpu: u16,
    /// How often and how long.
    #[serde(flatten)]
    pub own: Own,
}

/// A row of `vectors`: interrupts of the CPU's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VectorRow {
    /// [`tracer_common::record::VectorId`].
    pub vector: u32,
    /// Its name.
    pub name: String,
    /// The CPU.
    pub cpu: u16,
    /// How often and how long.
    #[serde(flatten)]
    pub own: Own,
}

/// All that was interrupted.
#[derive(Clone, Debug, Default)]
pub struct Interrupts {
    irqs: BTreeMap<(u32, String, u16), Own>,
    softirqs: BTreeMap<(u32, u16), Own>,
    vectors: BTreeMap<(u32, u16), Own>,
}

impl Interrupts {
    /// All accounts begin anew.
    pub fn restart(&mut self) {
        *self = Self::default();
    }

    /// The rows of `irqs`.
    pub fn irqs(&self) -> Vec<IrqRow> {
        let row = |(key, own): (&(u32, String, u16), &Own)| {
            let (irq, name, cpu) = key.clone();
            IrqRow { irq, name, cpu, own: *own }
        };
        self.irqs.iter().map(row).collect()
    }

    /// The rows of `softirqs`.
    pub fn softirqs(&self) -> Vec<SoftirqRow> {
        let row = |(&(vec, cpu), &own)| SoftirqRow { vec, name: names::softirq(vec), cpu, own };
        self.softirqs.iter().map(row).collect()
    }

    /// The rows of `vectors`.
    pub fn vectors(&self) -> Vec<VectorRow> {
        let row =
            |(&(vector, cpu), &own)| VectorRow { vector, name: names::vector(vector), cpu, own };
        self.vectors.iter().map(row).collect()
    }
}

/// The time of an interrupt without what was nested in it, ns.
fn own_ns(at_ns: u64, begin_ns: u64, nested_ns: u64) -> u64 {
    at_ns.saturating_sub(begin_ns).saturating_sub(nested_ns)
}

impl Model {
    pub(super) fn irq(&mut self, at_ns: u64, cpu: Option<u16>, irq: &Irq) {
        let Some(cpu) = cpu else { return };
        let own_ns = own_ns(at_ns, irq.begin_ns, irq.nested_ns);
        self.interrupts.irqs.entry((irq.irq, text(&irq.name), cpu)).or_default().add(own_ns);
        self.hard(cpu, irq.tid, own_ns);
    }

    pub(super) fn vector(&mut self, at_ns: u64, cpu: Option<u16>, vector: &Vector) {
        let Some(cpu) = cpu else { return };
        let own_ns = own_ns(at_ns, vector.begin_ns, vector.nested_ns);
        self.interrupts.vectors.entry((vector.vector, cpu)).or_default().add(own_ns);
        self.hard(cpu, vector.tid, own_ns);
    }

    pub(super) fn softirq(&mut self, at_ns: u64, cpu: Option<u16>, softirq: &Softirq) {
        let Some(cpu) = cpu else { return };
        let own_ns = own_ns(at_ns, softirq.begin_ns, softirq.nested_ns);
        self.interrupts.softirqs.entry((softirq.vec, cpu)).or_default().add(own_ns);
        self.cpus.of(cpu).times.softirq_ns += own_ns;
        // For ksoftirqd it is its own work.
        if let Some(life) = self.newest(softirq.tid)
            && !(life.kernel && life.comm.starts_with("ksoftirqd/"))
        {
            life.thread.softirq_stolen_ns += own_ns;
        }
    }

    fn hard(&mut self, cpu: u16, tid: u32, own_ns: u64) {
        self.cpus.of(cpu).times.irq_ns += own_ns;
        if let Some(life) = self.newest(tid) {
            life.thread.irq_stolen_ns += own_ns;
        }
    }
}
