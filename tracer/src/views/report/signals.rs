//! Signals, one by one.

use std::io::{self, Write};

use crate::model::signals::SignalRow;
use crate::views::duration;
use crate::views::table::{Side, Table};

use super::Page;

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
            duration(at_ns.saturating_sub(self.summary.origin_ns)),
            format!("{}{}", signal.name, if signal.sync { " (fault)" } else { "" }),
            signal.sender_tid.map_or_else(|| "kernel".to_owned(), task),
            format!("{}{scope}", task(signal.target_tid)),
            signal.result.clone().unwrap_or_else(dash),
            waited.map_or_else(dash, |(from, to)| duration(to.saturating_sub(from))),
            signal.blocked_ns.filter(|&ns| ns > 0).map_or_else(dash, duration),
            signal.handler.clone().unwrap_or_else(dash),
        ]
    }
}
