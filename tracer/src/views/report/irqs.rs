//! Interrupts, summed over the CPUs.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::model::interrupts::Own;
use crate::views::duration;
use crate::views::table::{Side, Table};

use super::Page;
use super::columns::{IRQS, Interrupt};

/// Class, number and name of an interrupt: what the CPUs are summed over.
type Source = (&'static str, u32, String);

impl Page<'_> {
    pub(super) fn irqs(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut sources: BTreeMap<Source, Own> = BTreeMap::new();
        let mut add = |class, number, name: &str, own: &Own| {
            let sum = sources.entry((class, number, name.to_owned())).or_default();
            sum.count += own.count;
            sum.total_ns += own.total_ns;
            sum.max_ns = sum.max_ns.max(own.max_ns);
        };
        self.summary.irqs.iter().for_each(|row| add("irq", row.irq, &row.name, &row.own));
        self.summary.vectors.iter().for_each(|row| add("vector", row.vector, &row.name, &row.own));
        self.summary.softirqs.iter().for_each(|row| add("softirq", row.vec, &row.name, &row.own));
        if sources.is_empty() {
            return self.nothing(out);
        }
        let right = |name| (name, Side::Right);
        let mut table = Table::new(&[
            ("CLASS", Side::Left),
            right("NR"),
            ("NAME", Side::Left),
            right("COUNT"),
            right("TOTAL"),
            right("AVG"),
            right("MAX"),
        ]);
        let sources: Vec<Interrupt> = sources
            .into_iter()
            .map(|((class, number, name), own)| Interrupt { class, number, name, own })
            .collect();
        let mut sources: Vec<&Interrupt> = sources.iter().collect();
        sources.sort_by_key(|row| std::cmp::Reverse(row.own.total_ns));
        self.sort(&mut sources, IRQS);
        let (first, left_out) = self.first(&sources);
        for Interrupt { class, number, name, own } in first {
            let average = own.total_ns.checked_div(own.count).unwrap_or_default();
            table.row(vec![
                (*class).to_owned(),
                number.to_string(),
                name.clone(),
                own.count.to_string(),
                duration(own.total_ns),
                duration(average),
                duration(own.max_ns),
            ]);
        }
        table.write(out, self.options.style, left_out)
    }
}
