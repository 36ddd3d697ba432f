//! What stands out, a line each: who, how much, and the section that has more of it.

use std::io::{self, Write};

use crate::model::summary::findings::{About, Finding};
use crate::views::duration;

use super::Page;

impl Page<'_> {
    pub(super) fn findings(&self, out: &mut dyn Write) -> io::Result<()> {
        let findings = self.summary.findings();
        if findings.is_empty() {
            return self.nothing(out);
        }
        let style = self.options.style;
        for finding in &findings {
            let alarming = matches!(
                finding.about,
                About::Lost
                    | About::Killed
                    | About::Crashed
                    | About::Deadlock
                    | About::StillWaiting
            );
            let text = words(finding);
            let text = if alarming { style.alarm(&text) } else { text };
            let next = style.dim(&format!("[{}]", finding.section));
            writeln!(out, "  {text}  {next}")?;
        }
        Ok(())
    }
}

/// One sentence without its stop.
fn words(finding: &Finding) -> String {
    let Finding { count, .. } = finding;
    let count = *count;
    let whose = task(finding.comm.as_ref(), finding.tid);
    let what = finding.what.as_deref().unwrap_or("?");
    let sum = time(finding, finding.sum_ns);
    let max = time(finding, finding.max_ns);
    let by = |text: &str| match finding.by_tid {
        Some(_) => format!("{text} {}", task(finding.by_comm.as_ref(), finding.by_tid)),
        None => String::new(),
    };
    let in_all = |many: &str| match count {
        0 | 1 => String::new(),
        _ => format!(" ({sum} in {count} {many})"),
    };
    match finding.about {
        About::Lost => format!("{count} records are lost: figures that this touches are bounds"),
        About::Killed | About::Crashed => {
            let fault = finding.about == About::Crashed;
            let by = by(if fault { ", for a fault of" } else { ", sent by" });
            let more = match count {
                1 => String::new(),
                _ => format!("; {count} processes were killed by signals"),
            };
            format!("{what} killed {whose}{by}{more}")
        }
        About::RunDelay => {
            let whom = by("; had it meanwhile:");
            format!("{whose} waited {max} for a CPU{}{whom}", in_all("waits"))
        }
        About::Sleep => {
            format!("{whose} slept {max} in {what}{}{}", in_all("sleeps"), by(", woken by"))
        }
        About::Uninterruptible => format!(
            "{whose} slept {max} uninterruptibly in {what}{}{}",
            in_all("sleeps"),
            by(", woken by")
        ),
        About::Lock => {
            let by = by(" for");
            format!("the lock {what} was waited for {sum} in {count} waits: {whose} for {max}{by}")
        }
        About::Deadlock => {
            let by = by(" for");
            format!("deadlock of {count} tasks for {sum}: {whose} waits{by}, and so on in a circle")
        }
        About::StillWaiting => {
            let more = if count > 1 { format!("; {count} such waits") } else { String::new() };
            format!("{whose} waited for {what}{} to the end, {sum}{more}", by(" of"))
        }
        About::Blocked => format!("{whose} kept {what}{} blocked for {max}", by(" from")),
        About::Stolen => format!("interrupts took {sum} from {whose} while it ran"),
        About::UthreadStall => format!(
            "user threads of {whose} were ready for {max} while their carrier slept{}",
            in_all("stalls")
        ),
    }
}

fn task(comm: Option<&String>, tid: Option<u32>) -> String {
    match tid {
        Some(tid) => format!("{} {tid}", comm.map_or("?", String::as_str)),
        None => "?".to_owned(),
    }
}

fn time(finding: &Finding, ns: Option<u64>) -> String {
    let bound = if finding.at_least { ">=" } else { "" };
    format!("{bound}{}", duration(ns.unwrap_or_default()))
}
