//! Who woke whom, and the longest sleeps with the chain of wakings that ended them.

use std::io::{self, Write};

use crate::model::wakeups::{ChainLink, LongWait, WakeupRow};
use crate::views::duration;
use crate::views::table::{Side, Table};

use super::Page;
use super::columns::WAKEUPS;
use super::stacks::functions;

/// Long sleeps that are shown.
const LONG_WAITS: usize = 5;

impl Page<'_> {
    pub(super) fn wakeups(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut rows: Vec<&WakeupRow> = self.summary.wakeups.iter().collect();
        if rows.is_empty() {
            return self.nothing(out);
        }
        let right = |name| (name, Side::Right);
        let left = |name| (name, Side::Left);
        let mut table = Table::new(&[
            left("WAKER"),
            left("WOKEN"),
            right("COUNT"),
            right("SLEPT"),
            right("MAX"),
            right("TO-RUN-P50"),
            right("TO-RUN-P99"),
            right("TO-RUN-MAX"),
        ]);
        self.sort(&mut rows, WAKEUPS);
        let (first, left_out) = self.first(&rows);
        for row in first {
            table.row(self.wakeup(row));
        }
        table.write(out, self.options.style, left_out)?;
        if self.summary.wakeups_omitted > 0 {
            writeln!(out, "  {} wakings of further pairs", self.summary.wakeups_omitted)?;
        }
        writeln!(out, "  the longest sleeps, and who ended them:")?;
        for wait in self.summary.longest_waits.iter().take(LONG_WAITS) {
            writeln!(out, "  {}", self.long_wait(wait))?;
            functions(out, "kernel", wait.kernel.as_deref())?;
            functions(out, "user", wait.user.as_deref())?;
        }
        Ok(())
    }

    fn wakeup(&self, row: &WakeupRow) -> Vec<String> {
        let latency = &row.latency_ns;
        let time = |ns| if latency.count == 0 { "-".to_owned() } else { duration(ns) };
        let task = |tid: u32| format!("{} {tid}", self.comm(tid));
        vec![
            row.waker_tid.map_or_else(|| format!("({})", row.context), task),
            task(row.woken_tid),
            row.count.to_string(),
            duration(row.sleep_ns),
            duration(row.sleep_max_ns),
            time(latency.p50),
            time(latency.p99),
            time(latency.max),
        ]
    }

    fn long_wait(&self, wait: &LongWait) -> String {
        let at = duration(wait.woken_ns.saturating_sub(self.summary.origin_ns));
        let mut line =
            format!("{at}  {} {} after {}", wait.comm, wait.tid, duration(wait.sleep_ns));
        for link in &wait.chain {
            line.push_str(" <- ");
            line.push_str(&chain_link(link));
        }
        line
    }
}

fn chain_link(link: &ChainLink) -> String {
    match (link.tid, &link.comm) {
        (Some(tid), comm) => format!("{} {tid}", comm.as_deref().unwrap_or("?")),
        (None, _) => format!("({})", link.context),
    }
}
