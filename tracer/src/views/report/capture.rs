//! How the trace was captured, and what was surprising in it.

use std::io::{self, Write};

use crate::views::duration;

use super::Page;

impl Page<'_> {
    pub(super) fn capture(&self, out: &mut dyn Write, lines: &[String]) -> io::Result<()> {
        for line in lines {
            writeln!(out, "  {line}")?;
        }
        if let Some(window) = self.summary.window {
            let at = |ns: u64| duration(ns.saturating_sub(self.summary.origin_ns));
            let (from, to) = (at(window.from_ns), at(window.to_ns));
            let events = window.events;
            writeln!(out, "  told below: what happened from {from} to {to}, {events} events")?;
        }
        let inexact = self.summary.tasks.iter().filter(|task| !task.exact).count();
        if inexact > 0 {
            let tasks = if inexact == 1 { "task" } else { "tasks" };
            let text = format!(
                "{inexact} {tasks}, marked (>=), may miss records: shown is what was seen, --json says how far it can be off"
            );
            writeln!(out, "  {}", self.options.style.alarm(&text))?;
        }
        let surprises: Vec<String> = self
            .summary
            .anomalies
            .iter()
            .map(|(anomaly, count)| format!("{} {count}", anomaly.name()))
            .collect();
        if !surprises.is_empty() {
            writeln!(out, "  surprises: {}", surprises.join(", "))?;
        }
        Ok(())
    }
}
