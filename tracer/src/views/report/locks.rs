//! Futexes: who waited on what, and for whom.

use std::io::{self, Write};

use crate::model::distribution::Quantiles;
use crate::model::futexes::{ChainRow, DeadlockRow, FutexRow, LinkRow, StuckRow};
use crate::views::duration;
use crate::views::histogram::Scale;
use crate::views::table::{Side, Table};

use super::Page;
use super::cells::some_time;
use super::columns::LOCKS;

/// Futexes of which more is told than their figures: those that were waited for longest.
const IN_WORDS: usize = 5;

/// Chains that are told in full.
const CHAINS: usize = 5;

impl Page<'_> {
    pub(super) fn locks(&self, out: &mut dyn Write) -> io::Result<()> {
        // Wakes that nobody waited for are what libraries do at every start, once a key.
        let idle = |row: &&FutexRow| {
            row.waits == 0 && row.woken == 0 && row.in_progress.is_empty() && row.errors.is_empty()
        };
        let (idle, mut futexes): (Vec<&FutexRow>, Vec<&FutexRow>) =
            self.summary.futexes.iter().partition(idle);
        if futexes.is_empty() && idle.is_empty() && self.summary.stuck.is_empty() {
            return self.nothing(out);
        }
        futexes.sort_by_key(|row| std::cmp::Reverse((row.wait_ns.sum, row.waits + row.wakes)));
        self.sort(&mut futexes, LOCKS);
        let (first, left_out) = self.first(&futexes);
        if !first.is_empty() {
            self.futexes(out, first, left_out)?;
        }
        match idle.iter().map(|row| row.wakes).sum::<u64>() {
            0 => {}
            wakes => {
                writeln!(out, "  and {} keys woken {wakes} times, nobody waiting", idle.len())?;
            }
        }
        if self.options.brief {
            return Ok(());
        }
        first.iter().take(IN_WORDS).try_for_each(|row| self.in_words(out, row))?;
        self.summary.lock_chains.iter().take(CHAINS).try_for_each(|row| self.chain(out, row))?;
        self.stuck(out)?;
        self.summary.deadlocks.iter().try_for_each(|row| self.deadlock(out, row))
    }

    fn futexes(&self, out: &mut dyn Write, rows: &[&FutexRow], left_out: usize) -> io::Result<()> {
        let histograms: Vec<&[u64]> = rows.iter().map(|row| &*row.wait_histogram).collect();
        let scale = Scale::of(&histograms).filter(|_| !self.options.brief);
        let axis = scale.map(Scale::axis).unwrap_or_default();
        let right = |name| (name, Side::Right);
        let mut table = Table::new(&[
            ("KEY", Side::Left),
            right("WAITS"),
            right("WAKES"),
            right("WOKEN"),
            right("WAITED"),
            right("P50"),
            right("P99"),
            right("MAX"),
            right("TO RUN"),
            right("HOLDS"),
            right("HELD"),
            right("QUEUE"),
            right("TASKS"),
            (&axis, Side::Left),
        ]);
        for row in rows {
            let bars = scale.map(|scale| scale.bars(&row.wait_histogram));
            table.row(cells(row, bars.unwrap_or_default()));
        }
        table.write(out, self.options.style, left_out)
    }

    /// What stands out about one futex, a line each.
    fn in_words(&self, out: &mut dyn Write, row: &FutexRow) -> io::Result<()> {
        let mut say = |text: String| writeln!(out, "  {}: {text}", row.key);
        if let Some(what) = self.ends(row) {
            say(what)?;
        }
        if let Some(longest) = row.longest
            && let Some((by, how)) = longest.blocked_by.zip(longest.how)
            && row.held_ns.count > 0
        {
            say(format!(
                "longest wait {}, {} for {} ({how})",
                duration(longest.waited_ns),
                self.task(longest.tid),
                self.task(by),
            ))?;
        }
        if row.convoys.count > 0 {
            say(format!(
                "{} convoys, the longest of {} hand-overs in {}, always somebody waiting",
                row.convoys.count,
                row.convoys.longest,
                duration(row.convoys.longest_ns),
            ))?;
        }
        if row.herds > 0 {
            say(format!("{} herds: many woken, all but one waited again at once", row.herds))?;
        }
        if row.retries > 0 {
            let off = match row.retried_holder_off_ns {
                0 => String::new(),
                off => format!(", {} of it with the owner off its CPU", duration(off)),
            };
            say(format!(
                "{} calls after one that got nothing ({} woken for nothing): ran {} in between{off}",
                row.retries,
                row.rewaits,
                duration(row.retried_ns),
            ))?;
        }
        // Less than a tenth is how scheduling is.
        if row.holder_off_ns > row.held_followed_ns / 10 {
            let (off, of) = (duration(row.holder_off_ns), duration(row.held_followed_ns));
            say(format!("the holder was off its CPU for {off} of the {of} that it held it"))?;
        }
        row.requeues.iter().try_for_each(|to| {
            say(format!("{} waiters moved to {} by {} calls", to.moved, to.to, to.calls))
        })
    }

    /// Calls that failed, that have not ended, and who has it at the end.
    fn ends(&self, row: &FutexRow) -> Option<String> {
        let failed = row.errors.iter().map(|(name, count)| format!("{count} {name}"));
        let mut ends: Vec<String> = failed.collect();
        if !row.in_progress.is_empty() {
            ends.push(format!("{} still waiting", row.in_progress.len()));
        }
        let holder = row.holder.map(|by| format!("held by {} ({})", self.task(by.tid), by.how));
        ends.extend(holder);
        (!ends.is_empty()).then(|| ends.join(", "))
    }

    fn chain(&self, out: &mut dyn Write, chain: &ChainRow) -> io::Result<()> {
        let (together, times) = (duration(chain.together_ns), chain.times);
        write!(out, "  chain, up to {together} long, {times} times:")?;
        if let Some(first) = chain.links.first() {
            write!(out, " {}", self.task(first.tid))?;
        }
        for link in &chain.links {
            let by = link.blocked_by.zip(link.how);
            let by = by.map(|(tid, how)| format!("{} ({how})", self.task(tid)));
            let by = by.as_deref().unwrap_or("?");
            write!(out, " → {} → {by}", link.key.as_deref().unwrap_or("child"))?;
        }
        writeln!(out)
    }

    fn stuck(&self, out: &mut dyn Write) -> io::Result<()> {
        let in_deadlock = |row: &StuckRow| {
            let mut links = self.summary.deadlocks.iter().flat_map(|row| &row.links);
            links.any(|link| *link == row.link)
        };
        let apart = |row: &&StuckRow| !in_deadlock(row);
        let apart: Vec<&StuckRow> = self.summary.stuck.iter().filter(apart).collect();
        let (first, left_out) = self.first(&apart);
        for row in first {
            let end = match row.killed_ns {
                Some(at_ns) => format!("until killed at {}", self.moment(at_ns)),
                None => "to the end".to_owned(),
            };
            writeln!(out, "  waited {end}: {}", self.link(&row.link))?;
        }
        if left_out > 0 {
            writeln!(out, "  … {left_out} more (--json has all)")?;
        }
        Ok(())
    }

    fn deadlock(&self, out: &mut dyn Write, row: &DeadlockRow) -> io::Result<()> {
        let since = row
            .since_ns
            .map_or_else(|| "before the trace".to_owned(), |since_ns| self.moment(since_ns));
        let end = match row.killed_ns {
            Some(at_ns) => format!("until killed at {}", self.moment(at_ns)),
            None => "to the end".to_owned(),
        };
        let count = row.links.len();
        let title = format!("DEADLOCK of {count} tasks, since {since}, {end}:");
        writeln!(out, "  {}", self.options.style.heading(&title))?;
        row.links.iter().try_for_each(|link| writeln!(out, "    {}", self.link(link)))
    }

    fn link(&self, link: &LinkRow) -> String {
        let key = link.key.as_deref().unwrap_or("a child");
        let by = match link.blocked_by.zip(link.how) {
            Some((tid, how)) => format!("{} ({how})", self.task(tid)),
            None => "not known whom".to_owned(),
        };
        let from = link.from_ns.map_or_else(|| "-".to_owned(), |from_ns| self.moment(from_ns));
        format!("{} on {key}, since {from}, for {by}", self.task(link.tid))
    }

    fn task(&self, tid: u32) -> String {
        format!("{} {tid}", self.comm(tid))
    }

    fn moment(&self, at_ns: u64) -> String {
        duration(at_ns.saturating_sub(self.summary.start_ns))
    }
}

fn cells(row: &FutexRow, bars: String) -> Vec<String> {
    let wait = &row.wait_ns;
    let mark = if row.exact { "" } else { " (>=)" };
    let average = |times: &Quantiles| times.sum.checked_div(times.count).map(duration);
    // A few that are known whole say little of the others.
    let whole = row.held_whole > 0 && row.held_whole * 2 >= row.held_ns.count;
    let held = if whole {
        average(&row.held_whole_ns)
    } else {
        average(&row.held_ns).map(|least| format!(">={least}"))
    };
    let dash = || "-".to_owned();
    vec![
        format!("{}{mark}", row.key),
        row.waits.to_string(),
        row.wakes.to_string(),
        row.woken.to_string(),
        some_time(wait.sum),
        some_time(wait.p50),
        some_time(wait.p99),
        some_time(wait.max),
        average(&row.wake_to_run_ns).unwrap_or_else(dash),
        row.held_ns.count.to_string(),
        held.unwrap_or_else(dash),
        row.queue.max.to_string(),
        row.users.len().to_string(),
        bars,
    ]
}
