//! Interrupts as rows: of each CPU, and over all of them.

use std::collections::BTreeMap;

use serde::Serialize;
use tracer_common::task::Comm;

use crate::model::distribution::{Distribution, Quantiles};
use crate::model::names;

use super::{Interrupts, Soft, Threaded};

/// Count and own times of an interrupt: without what was nested in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Own {
    /// How often.
    pub count: u64,
    /// All together, ns.
    pub total_ns: u64,
    /// Half of them took at most this, ns.
    pub p50_ns: u64,
    /// 99 of 100 took at most this, ns.
    pub p99_ns: u64,
    /// The longest, ns.
    pub max_ns: u64,
    /// How many there are by powers of two: in place `n` those of at least 2^(n-1) and less than
    /// 2^n ns.
    pub histogram: Vec<u64>,
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
    /// Of these, those in ksoftirqd: put off because there was too much of it. The others ran on
    /// the way out of a hard interrupt, or where a task let softirqs through again.
    pub ksoftirqd_count: u64,
    /// Their time, ns.
    pub ksoftirqd_ns: u64,
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

/// A row of `interrupt_totals`: an interrupt on all CPUs together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TotalRow {
    /// `irq`, `vector` or `softirq`.
    pub class: &'static str,
    /// Its number: `irq`, `vector` or `vec`.
    pub number: u32,
    /// Its name.
    pub name: String,
    /// How often and how long.
    #[serde(flatten)]
    pub own: Own,
    /// Of these, those in ksoftirqd; zero for hard interrupts.
    pub ksoftirqd_count: u64,
    /// Their time, ns.
    pub ksoftirqd_ns: u64,
    /// How often on each CPU.
    pub cpus: BTreeMap<u16, u64>,
}

/// What the rows of one interrupt come to.
#[derive(Default)]
struct Total {
    all: Distribution,
    threaded: Threaded,
    cpus: BTreeMap<u16, u64>,
}

impl Own {
    fn of(times: &Distribution) -> Self {
        let Quantiles { count, sum, p50, p99, max } = times.quantiles();
        let histogram = times.octaves();
        Self { count, total_ns: sum, p50_ns: p50, p99_ns: p99, max_ns: max, histogram }
    }
}

impl Interrupts {
    /// The rows of `irqs`.
    pub fn irqs(&self) -> Vec<IrqRow> {
        let row = |(&(irq, name, cpu), times): (&(u32, Comm, u16), &Distribution)| IrqRow {
            irq,
            name: self.handler(irq, &name),
            cpu,
            own: Own::of(times),
        };
        self.irqs.iter().map(row).collect()
    }

    /// The rows of `softirqs`.
    pub fn softirqs(&self) -> Vec<SoftirqRow> {
        let row = |(&(vec, cpu), Soft { all, threaded }): (&(u32, u16), &Soft)| SoftirqRow {
            vec,
            name: names::softirq(vec),
            cpu,
            own: Own::of(all),
            ksoftirqd_count: threaded.count,
            ksoftirqd_ns: threaded.total_ns,
        };
        self.softirqs.iter().map(row).collect()
    }

    /// The rows of `vectors`.
    pub fn vectors(&self) -> Vec<VectorRow> {
        let row = |(&(vector, cpu), times): (&(u32, u16), &Distribution)| VectorRow {
            vector,
            name: names::vector(vector),
            cpu,
            own: Own::of(times),
        };
        self.vectors.iter().map(row).collect()
    }

    /// The rows of `interrupt_totals`, the most time first.
    pub fn totals(&self) -> Vec<TotalRow> {
        let mut totals: BTreeMap<(&'static str, u32, String), Total> = BTreeMap::new();
        let mut add = |of, cpu, times: &Distribution, threaded: Threaded| {
            let total = totals.entry(of).or_default();
            total.all.merge(times);
            total.threaded.count += threaded.count;
            total.threaded.total_ns += threaded.total_ns;
            *total.cpus.entry(cpu).or_default() += times.quantiles().count;
        };
        let none = Threaded::default();
        for (&(irq, name, cpu), times) in &self.irqs {
            add(("irq", irq, self.handler(irq, &name)), cpu, times, none);
        }
        for (&(vector, cpu), times) in &self.vectors {
            add(("vector", vector, names::vector(vector)), cpu, times, none);
        }
        for (&(vec, cpu), Soft { all, threaded }) in &self.softirqs {
            add(("softirq", vec, names::softirq(vec)), cpu, all, *threaded);
        }
        let row = |((class, number, name), Total { all, threaded, cpus })| TotalRow {
            class,
            number,
            name,
            own: Own::of(&all),
            ksoftirqd_count: threaded.count,
            ksoftirqd_ns: threaded.total_ns,
            cpus,
        };
        let mut rows: Vec<TotalRow> = totals.into_iter().map(row).collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.own.total_ns));
        rows
    }
}
