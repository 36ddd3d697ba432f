//! Time in each state, by task.

use std::io::{self, Write};

use crate::views::table::{Side, Table};
use crate::views::units::percent;
use crate::views::{duration, shares_of};

use super::Page;
use super::cells::name;

impl Page<'_> {
    pub(super) fn states(&self, out: &mut dyn Write) -> io::Result<()> {
        let tasks = self.by_running();
        let (tasks, left_out) = self.first(&tasks);
        if tasks.is_empty() {
            return self.nothing(out);
        }
        let right = |name| (name, Side::Right);
        let mut table = Table::new(&[
            right("TID"),
            ("COMM", Side::Left),
            right("TIME"),
            right("RUN%"),
            right("RUNNABLE%"),
            right("SLEEP%"),
            right("DISK%"),
            right("STOP%"),
            right("TRACE%"),
            right("ZOMB%"),
            right("?%"),
        ]);
        for task in tasks {
            let shares = shares_of(task.states_ns.each().map(|(_, ns)| ns));
            let mut row = vec![task.tid.to_string(), name(task), duration(task.observed_ns())];
            row.extend(shares.map(percent));
            table.row(row);
        }
        table.write(out, self.options.style, left_out)
    }
}
