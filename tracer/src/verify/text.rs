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
        let why = match self.standing {
            Standing::Compared => None,
            Standing::NotThere => Some("not there"),
            Standing::NotRead => Some("the recording has no reading of it"),
            Standing::NotAllTasks => Some("not compared, for it counts all tasks"),
            Standing::NotRecorded => Some("not compared, for such events were left out"),
        };
        if let Some(why) = why {
            return format!("{name}: {why}");
        }
        let mut parts = vec![format!("{compared} compared"), format!("{equal} equal")];
        parts.push(format!("{within} within bounds"));
        if *hidden > 0 {
            let more =
                format!("the kernel has {hidden_count} more in tasks that it hides from BPF");
            parts.push(format!("{hidden} where {more}"));
        }
        parts.push(format!("{differ} differ"));
        if !self.untraced.is_empty() {
            parts.push(format!("no tracepoint for {}", self.untraced.join(" ")));
        }
        format!("{name}: {}", parts.join(", "))
    }
}
