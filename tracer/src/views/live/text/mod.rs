//! One event as one line of text: time, CPU, the task it is about, what happened, details.

mod call;
mod life;
mod run;
mod signal;
mod usdt;

use std::fmt::{self, Write};

use tracer_common::record::{Exit, TaskSeen};

use super::known::Known;
use super::words;
use crate::event::{Event, Gap, What};
use crate::source::quality::Quality;
use crate::views::Style;

/// Where the event's name begins, counted from the task.
const TASK_WIDTH: usize = 22;
/// Where the details begin, counted from the event's name.
const EVENT_WIDTH: usize = 16;

/// Ends a colour.
const PLAIN: &str = "\x1b[0m";

/// How lines of text are made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Text {
    /// Times are shown since then.
    pub(super) start_ns: u64,
    /// Everything is followed, so that being present at the start says nothing.
    pub(super) all: bool,
    pub(super) style: Style,
}

impl Text {
    /// Appends the event's line, if it has one.
    pub(super) fn line(self, line: &mut String, event: &Event, known: &Known) -> fmt::Result {
        match &event.what {
            What::Gap(gap) => return self.gap(line, event.cpu, gap),
            What::TaskSeen(seen) if self.is_no_news(seen, known) => return Ok(()),
            _ => {}
        }
        let (dim, plain) = if self.style.colour { ("\x1b[2m", PLAIN) } else { ("", "") };
        let ns = event.at_ns.saturating_sub(self.start_ns);
        write!(line, "{dim}{:5}.{:09} ", ns / 1_000_000_000, ns % 1_000_000_000)?;
        match event.cpu {
            Some(cpu) => write!(line, "[{cpu:03}]{plain} ")?,
            // What the task iterator read.
            None => write!(line, "[---]{plain} ")?,
        }
        let begin = line.len();
        match &event.what {
            // It is about to be known.
            What::TaskSeen(seen) => life::own_name(line, &seen.identity)?,
            what => write!(line, "{}", known.name(subject(what)))?,
        }
        pad(line, begin, TASK_WIDTH);
        let begin = line.len();
        line.push_str(words::event(&event.what));
        pad(line, begin, EVENT_WIDTH);
        if self.style.colour {
            line.insert_str(begin, colour(&event.what));
            line.push_str(PLAIN);
        }
        let begin = line.len();
        details(line, event, known)?;
        if self.style.colour && is_bad_end(&event.what) {
            let marked = self.style.alarm(&line[begin..]);
            line.truncate(begin);
            line.push_str(&marked);
        }
        line.truncate(line.trim_end().len());
        line.push('\n');
        Ok(())
    }

    /// Appends what is to be said at the end: nothing if all is well.
    pub(super) fn end(self, line: &mut String, quality: &Quality) -> fmt::Result {
        let lost = &quality.lost;
        if lost.total == 0 {
            return Ok(());
        }
        let mut text = format!("-- {} lost in all", events(lost.total));
        let mut between = ": ";
        for (cause, count) in &lost.by_cause {
            write!(text, "{between}{cause} {count}")?;
            between = ", ";
        }
        text.push_str(" --");
        writeln!(line, "{}", self.style.alarm(&text))
    }

    fn gap(self, line: &mut String, cpu: Option<u16>, gap: &Gap) -> fmt::Result {
        let since = |at_ns: u64| {
            let ns = at_ns.saturating_sub(self.start_ns);
            format!("{}.{:09}", ns / 1_000_000_000, ns % 1_000_000_000)
        };
        let mut text = format!("-- {} lost", events(gap.lost));
        if let Some(cpu) = cpu {
            write!(text, " on CPU {cpu}")?;
        }
        write!(text, " between {} and {} --", since(gap.from_ns), since(gap.to_ns))?;
        writeln!(line, "{}", self.style.alarm(&text))
    }

    /// A task that is not followed, or was shown before.
    fn is_no_news(self, seen: &TaskSeen, known: &Known) -> bool {
        let key = seen.identity.key;
        let is_known = known.get(key.tid).is_some_and(|task| task.key == key && task.followed);
        self.all || seen.followed == 0 || is_known
    }
}

/// The colour of an event's name: lives green, their ends red, running blue, signals magenta, system
/// calls cyan, interrupts yellow.
fn colour(what: &What) -> &'static str {
    match what {
        What::TaskSeen(_)
        | What::Newtask(_)
        | What::Fork(_)
        | What::Exec(_)
        | What::Rename(_)
        | What::Resources(_) => "\x1b[32m",
        What::Exit(_) | What::Dead(_) | What::Free(_) => "\x1b[31m",
        What::Switch(_)
        | What::Stack(_)
        | What::Waking(_)
        | What::WakeupNew(_)
        | What::Migrate(_) => "\x1b[34m",
        What::SignalGenerate(_) | What::SignalDeliver(_) | What::SigReturn(_) => "\x1b[35m",
        What::Irq(_) | What::Softirq(_) | What::Vector(_) => "\x1b[33m",
        What::Futex(_)
        | What::SigMask(_)
        | What::Affinity(_)
        | What::Policy(_)
        | What::Wait(_)
        | What::Usdt(_) => "\x1b[36m",
        What::Gap(_) => "",
    }
}

/// The task an event is about: who did it, or to whom it was done, if another did it.
fn subject(what: &What) -> u32 {
    match what {
        What::TaskSeen(seen) => seen.identity.key.tid,
        What::Newtask(born) => born.creator_tid,
        What::Fork(fork) => fork.parent_tid,
        What::Exec(exec) => exec.identity.key.tid,
        What::Rename(rename) => rename.key.tid,
        What::Exit(exit) => exit.key.tid,
        What::Dead(dead) => dead.key.tid,
        What::Free(free) => free.key.tid,
        What::Switch(switch) => switch.prev_tid,
        What::Waking(waking) | What::WakeupNew(waking) => waking.tid,
        What::Migrate(migrate) => migrate.tid,
        What::SignalGenerate(signal) => signal.target_tid,
        What::SignalDeliver(signal) => signal.tid,
        What::Irq(irq) => irq.tid,
        What::Softirq(softirq) => softirq.tid,
        What::Vector(vector) => vector.tid,
        What::Futex(futex) => futex.tid,
        What::SigMask(mask) => mask.tid,
        What::SigReturn(sigreturn) => sigreturn.tid,
        What::Affinity(affinity) => affinity.tid,
        What::Policy(policy) => policy.tid,
        What::Wait(wait) => wait.tid,
        What::Resources(now) => now.identity.key.tid,
        What::Stack(stack) => stack.tid,
        What::Usdt(usdt) => usdt.tid,
        What::Gap(_) => 0,
    }
}

fn details(line: &mut String, event: &Event, known: &Known) -> fmt::Result {
    match &event.what {
        What::TaskSeen(seen) => life::present(line, seen),
        What::Newtask(born) => life::newtask(line, born),
        What::Fork(fork) => write!(line, "→ {}", known.name(fork.child_tid)),
        What::Exec(exec) => life::exec(line, exec),
        What::Rename(rename) => life::rename(line, rename),
        What::Exit(exit) => life::exit(line, exit),
        What::Dead(dead) => life::dead(line, &dead.accounts),
        What::Switch(switch) => {
            run::switch(line, switch, known, known.ran_ns(event, switch.prev_tid))
        }
        What::Waking(waking) => run::waking(line, waking, "last on", known),
        What::WakeupNew(waking) => run::waking(line, waking, "queued on", known),
        What::Migrate(migrate) => run::migrate(line, migrate, known),
        What::Irq(irq) => run::irq(line, irq),
        What::Softirq(softirq) => run::softirq(line, softirq),
        What::Vector(vector) => run::vector(line, vector),
        What::SignalGenerate(signal) => signal::generate(line, signal, known),
        What::SignalDeliver(signal) => signal::deliver(line, signal),
        What::SigMask(mask) => signal::mask(line, mask),
        What::Futex(futex) => call::futex(line, event, futex),
        What::Affinity(affinity) => call::affinity(line, affinity),
        What::Policy(policy) => call::policy(line, policy),
        What::Wait(wait) => call::wait(line, event, wait),
        What::Resources(now) => life::resources(line, &now.identity, known),
        What::Stack(stack) => run::stack(line, stack),
        What::Usdt(probe) => usdt::usdt(line, probe, known),
        What::Free(_) | What::SigReturn(_) | What::Gap(_) => Ok(()),
    }
}

fn events(count: u64) -> String {
    format!("{count} event{}", if count == 1 { "" } else { "s" })
}

/// Death by a signal is what one looks for.
fn is_bad_end(what: &What) -> bool {
    matches!(what, What::Exit(Exit { code, .. }) if code & 0x7f != 0)
}

/// Fills with spaces what was written since `begin`, and ends it with one in any case.
fn pad(line: &mut String, begin: usize, width: usize) {
    let used = line[begin..].chars().count();
    line.extend(std::iter::repeat_n(' ', width.saturating_sub(used).max(1)));
}

/// A name made fit for a terminal: whoever is traced chose it.
pub(super) fn fit(name: &str) -> String {
    let fit = |c: char| {
        let is_hidden = matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if c.is_control() || is_hidden { '\u{fffd}' } else { c }
    };
    name.chars().map(fit).collect()
}

/// Writes names with `between` between them, or `nothing`.
fn join<T: fmt::Display>(
    line: &mut String,
    items: impl IntoIterator<Item = T>,
    between: &str,
    nothing: &str,
) -> fmt::Result {
    let mut items = items.into_iter();
    match items.next() {
        None => line.push_str(nothing),
        Some(first) => write!(line, "{first}")?,
    }
    items.try_for_each(|item| write!(line, "{between}{item}"))
}
