//! CPUs and interrupts of both.

use std::collections::{BTreeMap, BTreeSet};

use super::measure::{Lengths, Measure, Unit, in_order};
use super::{CpuName, Row, SourceName};
use crate::model::summary::{CpuRow, Summary};

/// A figure of a CPU; none if it is not known.
type Figure = (&'static str, Unit, fn(&CpuRow) -> Option<u64>);

const FIGURES: [Figure; 8] = [
    ("busy", Unit::Ns, |cpu| Some(cpu.busy_ns)),
    ("idle", Unit::Ns, |cpu| cpu.idle_ns),
    ("other", Unit::Ns, |cpu| Some(cpu.other_ns)),
    ("unknown", Unit::Ns, |cpu| Some(cpu.unknown_ns)),
    ("in irqs", Unit::Ns, |cpu| Some(cpu.irq_ns)),
    ("in softirqs", Unit::Ns, |cpu| Some(cpu.softirq_ns)),
    ("switches", Unit::Count, |cpu| Some(cpu.switches)),
    ("wakings", Unit::Count, |cpu| Some(cpu.wakings)),
];

/// How often an interrupt came, and how long it took, ns.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Source {
    count: u64,
    total_ns: u64,
    max_ns: u64,
}

/// All CPUs, then each.
pub(super) fn cpus(a: &Summary, b: &Summary, lengths: Lengths) -> Vec<Row<CpuName>> {
    let numbers: BTreeSet<u16> = a.cpus.iter().chain(&b.cpus).map(|cpu| cpu.cpu).collect();
    let of = |summary: &Summary, number: Option<u16>| -> Vec<CpuRow> {
        let wanted = |cpu: &&CpuRow| number.is_none_or(|number| cpu.cpu == number);
        summary.cpus.iter().filter(wanted).cloned().collect()
    };
    [None]
        .into_iter()
        .chain(numbers.into_iter().map(Some))
        .map(|cpu| {
            let sides = [of(a, cpu), of(b, cpu)];
            let measures = FIGURES.map(|(name, unit, figure)| {
                let sums = sides.each_ref().map(|rows| rows.iter().map(figure).sum());
                Measure::sum(name, unit, sums, lengths)
            });
            let [a_exact, b_exact] = sides.map(|rows| rows.iter().all(|row| row.lost == 0));
            let measures = in_order(measures.to_vec());
            Row { name: CpuName { cpu }, a_exact, b_exact, measures }
        })
        .collect()
}

/// The interrupts of a trace, on all CPUs together.
pub(super) fn interrupts(summary: &Summary) -> BTreeMap<SourceName, Source> {
    let mut sources: BTreeMap<SourceName, Source> = BTreeMap::new();
    for row in &summary.interrupt_totals {
        let name = SourceName { class: row.class, name: row.name.clone() };
        let source = sources.entry(name).or_default();
        source.count += row.own.count;
        source.total_ns += row.own.total_ns;
        source.max_ns = source.max_ns.max(row.own.max_ns);
    }
    sources
}

pub(super) fn interrupt_measures(
    a: Option<&Source>,
    b: Option<&Source>,
    lengths: Lengths,
) -> Vec<Measure> {
    let sides = [a, b].map(|side| side.copied().unwrap_or_default());
    let of = |figure: fn(&Source) -> u64| sides.each_ref().map(|side| Some(figure(side)));
    in_order(vec![
        Measure::sum("time", Unit::Ns, of(|side| side.total_ns), lengths),
        Measure::single("max", Unit::Ns, of(|side| side.max_ns)),
        Measure::sum("count", Unit::Count, of(|side| side.count), lengths),
    ])
}
