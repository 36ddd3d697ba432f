//! Signals: one by one in their phases, and the sums of each number.

use std::io::{self, Write};

use crate::model::distribution::Quantiles;
use crate::model::signals::{Fate, SignalRow, SignalTotal};
use crate::views::duration;
use crate::views::table::{Side, Table};

use super::Page;
use super::cells::some_time;

/// With more signals than this the sums come too.
const FEW: usize = 10;

impl Page<'_> {
    pub(super) fn signals(&self, out: &mut dyn Write) -> io::Result<()> {
        let summary = self.summary;
        if summary.signals.is_empty() {
            return self.nothing(out);
        }
        if summary.signals.len() > FEW || summary.signals_omitted > 0 {
            self.signal_totals(out)?;
            writeln!(out)?;
        }
        let right = |name| (name, Side::Right);
        let left = |name| (name, Side::Left);
        let mut table = Table::new(&[
            right("AT"),
            left("SIGNAL"),
            left("FROM"),
            left("TO"),
            left("WHILE"),
            left("FATE"),
            right("BLOCKED"),
            right("WAITING"),
            right("RUNQ"),
            left("ACTION"),
            right("HANDLER"),
            left("NOTES"),
        ]);
        // What was lost into another signal is told with that one.
        let told = |row: &&SignalRow| row.coalesced_into_ns.is_none();
        let signals: Vec<&SignalRow> = summary.signals.iter().filter(told).collect();
        let (signals, left_out) = self.first(&signals);
        for signal in signals {
            table.row(self.signal(signal));
        }
        table.write(out, self.options.style, left_out)?;
        match summary.signals_omitted {
            0 => Ok(()),
            omitted => writeln!(out, "  {omitted} more were counted only, and not kept"),
        }
    }

    fn signal_totals(&self, out: &mut dyn Write) -> io::Result<()> {
        let right = |name| (name, Side::Right);
        let mut table = Table::new(&[
            ("SIGNAL", Side::Left),
            right("SENT"),
            right("DELIVERED"),
            right("WAITED"),
            right("COALESCED"),
            right("IGNORED"),
            right("OTHER"),
            right("BLOCKED"),
            right("MAX"),
            right("WAITING"),
            right("MAX"),
            right("HANDLER"),
            right("MAX"),
        ]);
        let mut totals: Vec<&SignalTotal> = self.summary.signal_totals.iter().collect();
        totals.sort_by_key(|total| std::cmp::Reverse(total.generated));
        for total in totals {
            table.row(total_cells(total));
        }
        table.write(out, self.options.style, 0)
    }

    fn signal(&self, signal: &SignalRow) -> Vec<String> {
        let dash = || "-".to_owned();
        let task = |tid: u32| format!("{} {tid}", self.comm(tid));
        let at_ns = signal.generated_ns.or(signal.delivered_ns).unwrap_or_default();
        let to = match (signal.group, signal.delivered_tid) {
            (false, _) => task(signal.target_tid),
            (true, Some(taker)) if taker != signal.target_tid => {
                format!("{} (process), taken by {taker}", task(signal.target_tid))
            }
            (true, _) => format!("{} (process)", task(signal.target_tid)),
        };
        let sender = match (&signal.sender_comm, signal.sender_tid) {
            (Some(comm), Some(tid)) => format!("{comm} {tid}"),
            _ if signal.generated_ns.is_none() => "?".to_owned(),
            _ => "kernel".to_owned(),
        };
        let blocked = signal.blocked_max_ns.filter(|&ns| ns > 0);
        let roughly = if signal.blocked_exact { "" } else { "<=" };
        vec![
            duration(at_ns.saturating_sub(self.summary.start_ns)),
            format!("{}{}", signal.name, if signal.sync { " (fault)" } else { "" }),
            sender,
            to,
            signal.target_state.unwrap_or("-").to_owned(),
            signal.fate.name().to_owned(),
            blocked.map_or_else(dash, |ns| format!("{roughly}{}", duration(ns))),
            signal.waiting_ns.map_or_else(dash, duration),
            signal.run_delay_ns.filter(|&ns| ns > 0).map_or_else(dash, duration),
            signal.action.unwrap_or("-").to_owned(),
            signal.handler_ns.map_or_else(dash, duration),
            notes(signal).join(", "),
        ]
    }
}

fn notes(signal: &SignalRow) -> Vec<String> {
    let mut notes = Vec::new();
    if signal.coalesced > 0 {
        notes.push(format!("+{} coalesced", signal.coalesced));
    }
    if let Some(call) = signal.interrupted {
        notes.push(format!("ended {call}"));
    }
    if let Some(depth) = signal.depth
        && depth > 0
    {
        notes.push(format!("in {depth} handlers"));
    }
    if signal.delivered_as.is_some_and(|sig| sig != signal.signal) {
        notes.push("as SIGKILL".to_owned());
    }
    if signal.action == Some("handler") && signal.returned_ns.is_none() {
        notes.push("handler did not return".to_owned());
    }
    notes
}

fn total_cells(total: &SignalTotal) -> Vec<String> {
    let of = |fate: Fate| total.fates.get(&fate).copied().unwrap_or_default();
    let told = [Fate::Delivered, Fate::Waited, Fate::Coalesced, Fate::Ignored].map(of);
    let other = total.fates.values().sum::<u64>() - told.iter().sum::<u64>();
    let mut cells = vec![total.name.clone(), total.generated.to_string()];
    cells.extend(told.into_iter().chain([other]).map(|count| match count {
        0 => "-".to_owned(),
        count => count.to_string(),
    }));
    let times = |times: &Quantiles| [times.sum, times.max].map(some_time);
    cells.extend(
        [&total.blocked_ns, &total.waiting_ns, &total.handler_ns].into_iter().flat_map(times),
    );
    cells
}
