//! A verdict as text.

use std::fmt::Write as _;

use super::{Check, Counter, Failure, Outcome, Standing, Verdict};

impl Verdict {
    /// As text, one line a check and one a disagreement.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        self.write(&mut text).unwrap_or_default();
        text
    }

    fn write(&self, out: &mut String) -> std::fmt::Result {
        let of_all = format!("{} of {} tasks compared", self.tasks_compared, self.tasks);
        let verdict = match self.outcome {
            Outcome::Pass => "PASS: the trace agrees with the kernel's accounts",
            Outcome::Fail => "FAIL: the trace disagrees with the kernel's accounts",
            Outcome::Lossy => "LOSSY: records are missing, cannot vouch for the trace",
        };
        writeln!(out, "{verdict} ({of_all})")?;
        if self.tasks_invisible > 0 {
            let invisible = self.tasks_invisible;
            writeln!(out, "  {invisible} threads of process 1 left out: BPF does not run in them")?;
        }
        for reason in &self.reasons {
            writeln!(out, "  {reason}")?;
        }
        for counter in &self.counters {
            writeln!(out, "  {}", counter.text())?;
        }
        for check in &self.checks {
            let Check { name, checked, failed, worst, requires, .. } = check;
            let word = match (check.informational, failed) {
                (true, _) => "info",
                (false, 0) => "ok",
                (false, _) => "FAIL",
            };
            writeln!(
                out,
                "  {word:<4} {name:<14} {checked:>7} checked {failed:>6} differ  worst {worst:>10}  {requires}"
            )?;
            for failure in check.failures.iter().filter(|_| !check.informational) {
                let Failure { tid, comm, kernel, events } = failure;
                writeln!(out, "         {tid} {comm}: kernel {kernel}, events {events}")?;
            }
        }
        Ok(())
    }
}

impl Counter {
    fn text(&self) -> String {
        let Self { name, compared, equal, within, hidden, hidden_count, differ, .. } = self;
        match self.standing {
            Standing::Compared => {}
            Standing::NotThere => return format!("{name}: not there"),
            Standing::NotRead => return format!("{name}: the recording has no reading of it"),
            Standing::NotAllTasks => {
                return format!("{name}: not compared, for it counts all tasks");
            }
            Standing::NotRecorded => {
                return format!("{name}: not compared, for -e leaves that out");
            }
        }
        let mut text =
            format!("{name}: {compared} compared, {equal} equal, {within} within bounds");
        // Writing to a string does not fail.
        if *hidden > 0 {
            let more = format!(", {hidden} where the kernel has {hidden_count} more in tasks that");
            text.push_str(&more);
            text.push_str(" it hides from BPF");
        }
        text.push_str(&format!(", {differ} differ"));
        if !self.untraced.is_empty() {
            text.push_str(&format!("; no tracepoint for {}", self.untraced.join(" ")));
        }
        text
    }
}
