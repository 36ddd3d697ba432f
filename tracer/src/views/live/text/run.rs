//! Details of switches, wake-ups, migrations and interrupts.

use std::fmt::{self, Write};

use tracer_common::record::{Context, Irq, Migrate, Softirq, Stack, Switch, Vector, Waking};

use super::fit;
use crate::event;
use crate::model::names;
use crate::views::duration;
use crate::views::live::known::Known;
use crate::views::live::words;

pub(super) fn switch(
    line: &mut String,
    switch: &Switch,
    known: &Known,
    ran_ns: Option<u64>,
) -> fmt::Result {
    let next = known.name(switch.next_tid);
    write!(line, "→ {next} (was {}", words::state(switch.prev_state))?;
    if let Some((_, call)) = known.sleeps_in(switch.prev_state) {
        write!(line, " in {call}")?;
    }
    if let Some(ns) = ran_ns {
        write!(line, ", ran {}", duration(ns))?;
    }
    line.push(')');
    Ok(())
}

/// The addresses are not known before the end.
pub(super) fn stack(line: &mut String, stack: &Stack) -> fmt::Result {
    let number = |id: i32| u32::try_from(id).map_or("none".to_owned(), |id| id.to_string());
    write!(line, "kernel stack {}, user stack {}", number(stack.kernel), number(stack.user))
}

pub(super) fn waking(
    line: &mut String,
    waking: &Waking,
    queued: &str,
    known: &Known,
) -> fmt::Result {
    by(line, waking.waker_tid, waking.context, known)?;
    write!(line, ", {queued} CPU {}", waking.cpu)
}

/// Who did it. In an interrupt the running task did not.
pub(super) fn by(line: &mut String, tid: u32, context: u32, known: &Known) -> fmt::Result {
    let name = known.name(tid);
    match context {
        Context::TASK => write!(line, "by {name}"),
        Context::HARDIRQ => write!(line, "by an interrupt of {name}"),
        Context::SOFTIRQ => write!(line, "by a softirq over {name}"),
        _ => write!(line, "by {name} or an interrupt of it"),
    }
}

pub(super) fn migrate(line: &mut String, migrate: &Migrate, known: &Known) -> fmt::Result {
    let by = known.name(migrate.by_tid);
    write!(line, "CPU {} → {}, by {by}", migrate.from_cpu, migrate.to_cpu)
}

pub(super) fn irq(line: &mut String, irq: &Irq) -> fmt::Result {
    let name = fit(&event::text(&irq.name));
    write!(line, "{} {name}, {}, ", irq.irq, words::irq_return(irq.ret))?;
    took(line, irq.header.at_ns, irq.begin_ns, irq.nested_ns, irq.depth)
}

pub(super) fn softirq(line: &mut String, softirq: &Softirq) -> fmt::Result {
    write!(line, "{}, ", names::softirq(softirq.vec))?;
    let Softirq { header, begin_ns, nested_ns, depth, .. } = *softirq;
    took(line, header.at_ns, begin_ns, nested_ns, depth)
}

pub(super) fn vector(line: &mut String, vector: &Vector) -> fmt::Result {
    write!(line, "{}, ", names::vector(vector.vector))?;
    let Vector { header, begin_ns, nested_ns, depth, .. } = *vector;
    took(line, header.at_ns, begin_ns, nested_ns, depth)
}

fn took(line: &mut String, end_ns: u64, begin_ns: u64, nested_ns: u64, depth: u32) -> fmt::Result {
    write!(line, "took {}", duration(end_ns.saturating_sub(begin_ns)))?;
    if nested_ns != 0 {
        write!(line, ", {} of it in interrupts of it", duration(nested_ns))?;
    }
    if depth != 0 {
        write!(line, ", inside {depth} other{}", if depth == 1 { "" } else { "s" })?;
    }
    Ok(())
}
