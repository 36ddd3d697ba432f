//! What is known of one task since the capture began, in the words of the report.

use std::borrow::Cow;

use crate::model::Model;
use crate::model::lives::LifeId;
use crate::model::summary::TaskRow;
use crate::views::{duration, shares_of, units::percent};

use super::rows::About;

/// Most lines of a list.
const LISTED: usize = 8;

/// One task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// Which.
    pub id: LifeId,
    /// Who it is.
    pub title: String,
    /// Headings, and what is under them.
    pub sections: Vec<(&'static str, Vec<String>)>,
}

impl Details {
    /// What is known of a task at this moment, ns; `None` if it is gone.
    pub fn of(model: &Model, id: LifeId, now_ns: u64, about: &About) -> Option<Self> {
        let row = model.row_at(id, now_ns)?;
        let TaskRow { tid, tgid, parent_tid, comm, policy, prio, .. } = &row;
        let observed = duration(row.observed_ns());
        let title = format!(
            "{tid} {comm}  process {tgid}, parent {parent_tid}, {policy}, prio {prio}, \
             observed for {observed}"
        );
        let sections = vec![
            ("States", states(&row)),
            ("Sleeps in", sleeps(&row)),
            ("Woken by", wakers(model, id)),
            ("Waited for a CPU that had", antagonists(model, id, &row)),
            ("Futexes it waited for", futexes(model, id, about)),
            ("Ran on", cpus(&row)),
            ("Counted", counts(&row, about)),
        ];
        Some(Self { id, title, sections })
    }
}

fn states(row: &TaskRow) -> Vec<String> {
    let states = row.states_ns.each();
    let shares = shares_of(states.map(|(_, ns)| ns));
    let said = states.into_iter().zip(shares).filter(|((_, ns), _)| *ns > 0);
    said.map(|((name, ns), share)| format!("{:>5}%  {name} {}", percent(share), duration(ns)))
        .collect()
}

fn sleeps(row: &TaskRow) -> Vec<String> {
    let each = |deep: bool| {
        let causes =
            if deep { &row.time.uninterruptible_causes_ns } else { &row.time.sleep_causes_ns };
        causes.iter().map(move |(name, cause)| (name, cause, deep))
    };
    let mut all: Vec<_> = each(false).chain(each(true)).collect();
    all.sort_by_key(|(name, cause, _)| (std::cmp::Reverse(cause.sum), (*name).clone()));
    listed(all.into_iter().map(|(name, cause, deep)| {
        let kind = if deep { " (uninterruptible)" } else { "" };
        let (sum, max) = (duration(cause.sum), duration(cause.max));
        format!("{name}{kind}  {} times, {sum}, longest {max}", cause.count)
    }))
}

fn wakers(model: &Model, id: LifeId) -> Vec<String> {
    listed(model.wakers_of(id).into_iter().map(|row| {
        let who = match row.tid {
            Some(tid) => named(model, tid),
            None => row.context.into(),
        };
        format!("{who}  {} times, after {} of sleep", row.count, duration(row.sleep_ns))
    }))
}

fn antagonists(model: &Model, id: LifeId, row: &TaskRow) -> Vec<String> {
    let told = &row.time.antagonists;
    // What is more than it was then is not known since it is looked at.
    let before_ns = model.looked_at(id).map_or(0, |watched| watched.untold_ns);
    let before_ns = before_ns.min(told.unknown_ns);
    let tasks = told.tasks.iter().map(|row| {
        let (who, time) = (named(model, row.tid), duration(row.ns));
        match row.preemptions {
            0 => format!("{who}  {time}"),
            times => format!("{who}  {time}, preempted it {times} times"),
        }
    });
    let others = [
        ("further tasks", told.rest_ns),
        ("whatever is not followed", told.other_ns),
        ("nobody: idle, on its way", told.idle_ns),
        ("not known", told.unknown_ns - before_ns),
        ("waited before it was looked at", before_ns),
    ];
    let others = others.into_iter().filter(|(_, ns)| *ns > 0);
    let others = others.map(|(name, ns)| format!("{name}  {}", duration(ns)));
    tasks.chain(others).collect()
}

fn futexes(model: &Model, id: LifeId, about: &About) -> Vec<String> {
    if !about.futexes {
        return vec!["not recorded: -e task,sched,signal,irq,futex".to_owned()];
    }
    let used = model.futexes_of(id).into_iter().filter(|row| row.waits > 0);
    listed(used.map(|row| {
        let waited = duration(row.waited_ns);
        format!("{}  {} waits, {waited}; {} wakes", row.key, row.waits, row.wakes)
    }))
}

fn cpus(row: &TaskRow) -> Vec<String> {
    let mut cpus: Vec<(u16, u64)> = row.cpus.iter().map(|(&cpu, &ns)| (cpu, ns)).collect();
    cpus.sort_by_key(|&(cpu, ns)| (std::cmp::Reverse(ns), cpu));
    listed(cpus.into_iter().map(|(cpu, ns)| format!("CPU {cpu}  {}", duration(ns))))
}

fn counts(row: &TaskRow, about: &About) -> Vec<String> {
    let delay = row.run_delay_ns;
    let mut lines = vec![
        format!(
            "{} voluntary and {} involuntary switches",
            row.switches.voluntary, row.switches.involuntary
        ),
        format!("{} migrations", row.migrations),
        format!(
            "{} run delays, half of them up to {}, 99 of 100 up to {}, longest {}",
            delay.count,
            duration(delay.p50),
            duration(delay.p99),
            duration(delay.max)
        ),
    ];
    lines.push(format!("{} signals taken", row.signals));
    if about.irqs {
        let (irq, softirq) = (duration(row.irq_stolen_ns), duration(row.softirq_stolen_ns));
        lines.push(format!("{irq} taken by hard interrupts while it ran, {softirq} by softirqs"));
    }
    if !row.exact {
        lines.push("records that may be about it are missing: all of this is at least".to_owned());
    }
    lines
}

fn named(model: &Model, tid: u32) -> Cow<'static, str> {
    match model.task(tid) {
        _ if tid == 0 => "the idle task".into(),
        Some(life) => format!("{tid} {}", life.comm).into(),
        None => tid.to_string().into(),
    }
}

/// The first ones, and how many more there are.
fn listed(lines: impl Iterator<Item = String>) -> Vec<String> {
    let mut lines: Vec<String> = lines.collect();
    if lines.len() > LISTED + 1 {
        let more = lines.len() - LISTED;
        lines.truncate(LISTED);
        lines.push(format!("and {more} more"));
    }
    lines
}
