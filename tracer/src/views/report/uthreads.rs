//! User-level threads: their processes, their carriers, and they themselves.

use std::io::{self, Write};

use crate::model::uthreads::{CarrierRow, RuntimeRow, UthreadRow};
use crate::views::duration;
use crate::views::table::{Side, Table};

use super::Page;
use super::cells::some_time;
use super::columns::{CARRIERS, UTHREADS};

impl Page<'_> {
    pub(super) fn uthreads(&self, out: &mut dyn Write) -> io::Result<()> {
        let found = &self.summary.uthreads;
        if found.processes.is_empty() && found.probes.is_empty() {
            return self.nothing(out);
        }
        for process in &found.processes {
            self.runtime(out, process)?;
        }
        self.carriers(out)?;
        self.user_threads(out)?;
        self.probes(out)
    }

    /// What is to be said of a process as a whole.
    fn runtime(&self, out: &mut dyn Write, row: &RuntimeRow) -> io::Result<()> {
        let RuntimeRow { comm, tgid, model, uthreads, uthreads_peak, carriers, counts, .. } = row;
        let bound = if row.exact { "" } else { " (>=)" };
        writeln!(
            out,
            "  {comm} {tgid}{bound}: {model}; user threads {uthreads} (at most {uthreads_peak}), carriers \
             {carriers}; switches {} (yields {}), parks {}, unparks {}, steals {}",
            counts.switches, counts.yields, counts.parks, counts.unparks, counts.steals,
        )?;
        let ready = &row.ready_ns;
        if let Some(average) = ready.sum.checked_div(ready.count) {
            writeln!(
                out,
                "    ready to current: count {}, avg {}, p50 {}, p99 {}, max {}",
                ready.count,
                duration(average),
                duration(ready.p50),
                duration(ready.p99),
                duration(ready.max),
            )?;
        }
        if row.stalls.count > 0 {
            let (sum, max) = (duration(row.stalls.sum), duration(row.stalls.max));
            let text = format!(
                "    ready while their carrier slept with another: count {}, total {sum}, max {max}",
                row.stalls.count
            );
            writeln!(out, "{}", self.options.style.alarm(&text))?;
        }
        if row.surprises + row.untracked > 0 {
            let (surprises, untracked) = (row.surprises, row.untracked);
            writeln!(out, "    probes at odds {surprises}, events not followed {untracked}")?;
        }
        Ok(())
    }

    fn carriers(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut rows: Vec<&CarrierRow> = self.summary.uthreads.carriers.iter().collect();
        if rows.is_empty() {
            return Ok(());
        }
        rows.sort_by_key(|row| (std::cmp::Reverse(row.states_ns.running), row.tid));
        let right = |name| (name, Side::Right);
        let mut table = Table::new(&[
            right("CARRIER"),
            ("COMM", Side::Left),
            right("SWITCHES"),
            right("STEALS"),
            right("RUN"),
            right("RUNNABLE"),
            right("BLOCKED"),
            right("OWN-RUN"),
            right("OWN-WAIT"),
            right("IDLE"),
            right("?"),
            right("STALLS"),
            right("TOTAL"),
            right("MAX"),
            ("BY", Side::Left),
        ]);
        self.sort(&mut rows, CARRIERS);
        let (first, left_out) = self.first(&rows);
        for row in first {
            table.row(self.carrier(row));
        }
        table.write(out, self.options.style, left_out)
    }

    fn carrier(&self, row: &CarrierRow) -> Vec<String> {
        let mut cells = vec![
            row.tid.to_string(),
            self.comm(row.tid).to_owned(),
            row.counts.switches.to_string(),
            row.counts.steals.to_string(),
        ];
        let states = row.states_ns;
        let times = [
            states.running,
            states.runnable,
            states.blocked,
            states.own_running,
            states.own_runnable,
            states.idle,
            states.unknown,
        ];
        cells.extend(times.map(some_time));
        cells.push(row.stalls.count.to_string());
        cells.extend([row.stalls.sum, row.stalls.max].map(some_time));
        let by = row.longest_stall.as_ref().map(|stall| match &stall.call {
            Some(call) => format!("u{} in {call}", stall.by),
            None => format!("u{}", stall.by),
        });
        cells.push(by.unwrap_or_else(|| "-".to_owned()));
        cells
    }

    fn user_threads(&self, out: &mut dyn Write) -> io::Result<()> {
        let found = &self.summary.uthreads;
        let mut rows: Vec<&UthreadRow> = found.threads.iter().collect();
        if rows.is_empty() {
            return Ok(());
        }
        rows.sort_by_key(|row| (std::cmp::Reverse(row.states_ns.current()), row.tgid, row.id));
        let right = |name| (name, Side::Right);
        let mut table = Table::new(&[
            right("UTHREAD"),
            right("TGID"),
            right("RUN"),
            right("C-RUNNABLE"),
            right("C-BLOCKED"),
            right("READY"),
            right("BEHIND"),
            right("LONGEST"),
            right("PARKED"),
            right("?"),
            right("SWITCHES"),
            right("PARKS"),
            right("STEALS"),
            right("MIGR"),
            ("CARRIERS", Side::Left),
            ("CPUS", Side::Left),
        ]);
        self.sort(&mut rows, UTHREADS);
        let (first, left_out) = self.first(&rows);
        for row in first {
            table.row(user_thread(row));
        }
        table.write(out, self.options.style, left_out)?;
        match found.threads_omitted {
            0 => Ok(()),
            omitted => writeln!(out, "  {omitted} more were counted only, and not kept"),
        }
    }

    /// Which probes there were, if they told of no user thread.
    fn probes(&self, out: &mut dyn Write) -> io::Result<()> {
        let found = &self.summary.uthreads;
        if !found.processes.is_empty() {
            return Ok(());
        }
        for row in &found.probes {
            let probe = &row.probe;
            let (provider, name, file) = (&probe.provider, &probe.name, &probe.file);
            writeln!(out, "  {provider}:{name} passed {} times in {file}", row.hits)?;
        }
        Ok(())
    }
}

fn user_thread(row: &UthreadRow) -> Vec<String> {
    let bound = if row.exact { "" } else { ">=" };
    let mut cells = vec![format!("{bound}u{}", row.id), row.tgid.to_string()];
    let states = row.states_ns;
    let times = [
        states.running,
        states.carrier_runnable,
        states.carrier_blocked,
        states.ready,
        row.ready_behind_ns,
        row.ready_max_ns,
        states.parked,
        states.unknown,
    ];
    cells.extend(times.map(some_time));
    cells.extend([row.switches, row.parks, row.steals, row.migrations].map(|n| n.to_string()));
    cells.push(some(row.carriers_ns.keys().map(u32::to_string).collect(), "carriers"));
    cells.push(some(row.cpus.keys().map(u16::to_string).collect(), "CPUs"));
    cells
}

/// A few names, or how many there are.
fn some(names: Vec<String>, what: &str) -> String {
    match names.len() {
        0 => "-".to_owned(),
        1..=4 => names.join(","),
        more => format!("{more} {what}"),
    }
}
