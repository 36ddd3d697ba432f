//! Signals, interrupts, futexes.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::model::futexes::FutexRow;
use crate::model::interrupts::Own;
use crate::model::signals::SignalRow;
use crate::views::duration;
use crate::views::table::{Side, Table};

use super::Page;
use super::tasks::quantiles;

/// Class, number and name of an interrupt: what the CPUs are summed over.
type Source = (&'static str, u32, String);

impl Page<'_> {
    pub(super) fn signals(&self, out: &mut dyn Write) -> io::Result<()> {
        let signals = &self.summary.signals;
        if signals.is_empty() {
            return self.nothing(out);
        }
        let right = |name| (name, Side::Right);
        let left = |name| (name, Side::Left);
        let mut table = Table::new(&[
            right("AT"),
            left("SIGNAL"),
            left("FROM"),
            left("TO"),
            left("RESULT"),
            right("TAKEN"),
            right("BLOCKED"),
            left("HANDLER"),
        ]);
        let (signals, left_out) = self.first(signals);
        for signal in signals {
            table.row(self.signal(signal));
        }
        table.write(out, self.options.style, left_out)?;
        match self.summary.signals_omitted {
            0 => Ok(()),
            omitted => writeln!(out, "  {omitted} more were counted only, and not kept"),
        }
    }

    fn signal(&self, signal: &SignalRow) -> Vec<String> {
        let dash = || "-".to_owned();
        let task = |tid: u32| format!("{} {tid}", self.comm(tid));
        let waited = signal.generated_ns.zip(signal.delivered_ns);
        let at_ns = signal.generated_ns.or(signal.delivered_ns).unwrap_or_default();
        let scope = if signal.group { " (process)" } else { "" };
        vec![
            duration(at_ns.saturating_sub(self.summary.start_ns)),
            format!("{}{}", signal.name, if signal.sync { " (fault)" } else { "" }),
            signal.sender_tid.map_or_else(|| "kernel".to_owned(), task),
            format!("{}{scope}", task(signal.target_tid)),
            signal.result.clone().unwrap_or_else(dash),
            waited.map_or_else(dash, |(from, to)| duration(to.saturating_sub(from))),
            signal.blocked_ns.filter(|&ns| ns > 0).map_or_else(dash, duration),
            signal.handler.clone().unwrap_or_else(dash),
        ]
    }

    pub(super) fn interrupts(&self, out: &mut dyn Write) -> io::Result<()> {
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
        let mut sources: Vec<(Source, Own)> = sources.into_iter().collect();
        sources.sort_by_key(|(_, own)| std::cmp::Reverse(own.total_ns));
        let (first, left_out) = self.first(&sources);
        for ((class, number, name), own) in first {
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

    pub(super) fn futexes(&self, out: &mut dyn Write) -> io::Result<()> {
        // Wakes that nobody waited for are what libraries do at every start, once a key.
        let idle = |row: &&FutexRow| {
            row.waits == 0 && row.woken == 0 && row.in_progress.is_empty() && row.errors.is_empty()
        };
        let (idle, mut futexes): (Vec<&FutexRow>, Vec<&FutexRow>) =
            self.summary.futexes.iter().partition(idle);
        if futexes.is_empty() && idle.is_empty() {
            return self.nothing(out);
        }
        futexes.sort_by_key(|row| std::cmp::Reverse((row.wait_ns.sum, row.waits + row.wakes)));
        let right = |name| (name, Side::Right);
        let mut table = Table::new(&[
            ("KEY", Side::Left),
            right("WAITS"),
            right("WAKES"),
            right("WOKEN"),
            right("SLEPT"),
            right("AVG"),
            right("P50"),
            right("P99"),
            right("MAX"),
            right("WAITERS"),
            right("WAKERS"),
            ("ERRORS", Side::Left),
        ]);
        let (first, left_out) = self.first(&futexes);
        for row in first {
            table.row(futex(row));
        }
        if !futexes.is_empty() {
            table.write(out, self.options.style, left_out)?;
        }
        match idle.iter().map(|row| row.wakes).sum::<u64>() {
            0 => Ok(()),
            wakes => writeln!(out, "  and {} keys woken {wakes} times, nobody waiting", idle.len()),
        }
    }
}

fn futex(row: &FutexRow) -> Vec<String> {
    let mut errors: Vec<String> =
        row.errors.iter().map(|(name, count)| format!("{name} {count}")).collect();
    if !row.in_progress.is_empty() {
        errors.push(format!("{} still waiting", row.in_progress.len()));
    }
    let mut texts =
        vec![row.key.clone(), row.waits.to_string(), row.wakes.to_string(), row.woken.to_string()];
    texts.extend(quantiles(&row.wait_ns));
    texts.extend([row.waiters.len(), row.wakers.len()].map(|count| count.to_string()));
    texts.push(errors.join(", "));
    texts
}
