//! Futexes: who waited on what.

use std::io::{self, Write};

use crate::model::futexes::FutexRow;
use crate::views::table::{Side, Table};

use super::Page;
use super::cells::quantiles;
use super::columns::LOCKS;

impl Page<'_> {
    pub(super) fn locks(&self, out: &mut dyn Write) -> io::Result<()> {
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
        self.sort(&mut futexes, LOCKS);
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
            table.row(cells(row));
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

fn cells(row: &FutexRow) -> Vec<String> {
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
