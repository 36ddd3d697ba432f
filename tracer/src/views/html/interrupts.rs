//! The interrupts of each CPU, four to six bytes each.
//!
//! All numbers are LEB128. First how many there are of different ones, and of each its class, its
//! number, and its name by length and bytes. Then the CPUs: number, how many interrupts, and each in
//! the order of begins: which it is, how long after the one before it began, or after the begin of
//! what is told, its length, and how much of that was spent in others nested in it, all in ns.
//!
//! They are those that the report counts, those that end in what is told, and their lengths since its
//! begin without what is nested are the report's times.

use std::collections::BTreeMap;
use std::io::{self, Write};

use tracer_common::task::Comm;

use super::tracks::number;
use crate::event::{Event, What, text};
use crate::model::names;
use crate::model::summary::Summary;

/// What was served: class and number as in `interrupt_totals`, and the name of the handler.
type Which = (u8, u32, Comm);

/// `irq`, `softirq`, `vector`.
const CLASSES: [u8; 3] = [0, 1, 2];

/// One of them.
#[derive(Clone, Copy, Debug)]
struct Slice {
    begin_ns: u64,
    end_ns: u64,
    nested_ns: u64,
    which: Which,
}

/// All interrupts that ended in the part of the trace that is told.
#[derive(Clone, Debug, Default)]
pub(super) struct Interrupts {
    cpus: BTreeMap<u16, Vec<Slice>>,
    /// When what is told begins, ns.
    begin_ns: u64,
    /// Those that end from the one time on and before the other count, ns.
    part: (u64, Option<u64>),
}

impl Interrupts {
    /// The trace began at this time, ns; the part of it that is told is this one.
    pub(super) fn begin(&mut self, trace_ns: u64, from_ns: u64, to_ns: u64) {
        self.begin_ns = from_ns.max(trace_ns);
        // At the begin of a trace nothing is cut off.
        self.part = (if from_ns > trace_ns { from_ns } else { 0 }, Some(to_ns));
    }

    /// Takes in what an event says of them.
    pub(super) fn event(&mut self, event: &Event) {
        let [irq, softirq, vector] = CLASSES;
        let none = Comm::default();
        let (which, begin_ns, nested_ns) = match &event.what {
            What::Irq(one) => ((irq, one.irq, one.name), one.begin_ns, one.nested_ns),
            What::Softirq(one) => ((softirq, one.vec, none), one.begin_ns, one.nested_ns),
            What::Vector(one) => ((vector, one.vector, none), one.begin_ns, one.nested_ns),
            _ => return,
        };
        let (from_ns, to_ns) = self.part;
        let end_ns = event.at_ns;
        let counts = end_ns >= from_ns && to_ns.is_none_or(|to_ns| end_ns < to_ns);
        if let (true, Some(cpu)) = (counts, event.cpu) {
            let slice = Slice { begin_ns, end_ns, nested_ns, which };
            self.cpus.entry(cpu).or_default().push(slice);
        }
    }

    /// Writes them.
    ///
    /// # Errors
    /// Those of the writer.
    pub(super) fn write(&self, out: &mut dyn Write, summary: &Summary) -> io::Result<()> {
        let mut kinds: BTreeMap<Which, u64> = BTreeMap::new();
        for slice in self.cpus.values().flatten() {
            kinds.entry(slice.which).or_default();
        }
        let mut bytes = Vec::new();
        number(&mut bytes, kinds.len() as u64);
        for (place, (&which, kind)) in (0..).zip(kinds.iter_mut()) {
            *kind = place;
            let name = name(which, summary);
            number(&mut bytes, which.0.into());
            number(&mut bytes, which.1.into());
            number(&mut bytes, name.len() as u64);
            bytes.extend(name.bytes());
        }
        number(&mut bytes, self.cpus.len() as u64);
        for (&cpu, slices) in &self.cpus {
            number(&mut bytes, cpu.into());
            number(&mut bytes, slices.len() as u64);
            self.write_cpu(out, &mut bytes, slices, &kinds)?;
        }
        out.write_all(&bytes)
    }

    fn write_cpu(
        &self,
        out: &mut dyn Write,
        bytes: &mut Vec<u8>,
        slices: &[Slice],
        kinds: &BTreeMap<Which, u64>,
    ) -> io::Result<()> {
        let begin = |slice: &Slice| slice.begin_ns.max(self.begin_ns).min(slice.end_ns);
        let mut slices = slices.to_vec();
        slices.sort_by_key(|slice| (begin(slice), std::cmp::Reverse(slice.end_ns)));
        let mut before_ns = self.begin_ns;
        for slice in slices {
            let begin_ns = begin(&slice);
            let Slice { end_ns, nested_ns, which, .. } = slice;
            number(bytes, kinds.get(&which).copied().unwrap_or_default());
            number(bytes, begin_ns.saturating_sub(before_ns));
            number(bytes, end_ns - begin_ns);
            number(bytes, nested_ns);
            before_ns = begin_ns;
            if bytes.len() > 1 << 16 {
                out.write_all(bytes)?;
                bytes.clear();
            }
        }
        Ok(())
    }
}

/// Its name in the report, where that of a handler can be longer than a record has room for.
fn name((class, id, comm): Which, summary: &Summary) -> String {
    match class {
        0 => {
            let cut = text(&comm);
            let is = |name: &str| {
                name == cut || cut.len() == size_of::<Comm>() && name.starts_with(&cut)
            };
            let whole = summary.irqs.iter().find(|row| row.irq == id && is(&row.name));
            whole.map_or(cut.clone(), |row| row.name.clone())
        }
        1 => names::softirq(id),
        _ => names::vector(id),
    }
}
