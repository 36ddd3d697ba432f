//! Details of system calls.

use std::fmt::{self, Write};

use tracer_common::record::{Affinity, Futex, FutexCall, Policy, PolicyCall, Wait, WaitCall};

use super::join;
use crate::event::Event;
use crate::model::futexes::operation::Operation;
use crate::views::duration;
use crate::views::live::words;

/// ` = ` and what a call returned: an error by its name.
pub(super) fn result(line: &mut String, ret: i64) -> fmt::Result {
    match ret {
        ..0 => write!(line, " = {}", words::errno(ret.unsigned_abs())),
        _ => write!(line, " = {ret}"),
    }
}

/// Result and duration of a call, or that it goes on when the tracing ends.
fn ended(line: &mut String, event: &Event, begin_ns: u64, ret: i64) -> fmt::Result {
    let going_on = event.cpu.is_none();
    if !going_on {
        result(line, ret)?;
    }
    match (begin_ns, going_on) {
        (0, true) => write!(line, ", since before the tracing and still going on"),
        (0, false) => write!(line, ", since before the tracing"),
        (_, true) => write!(line, ", still going on after {}", took(event, begin_ns)),
        (_, false) => write!(line, ", took {}", took(event, begin_ns)),
    }
}

fn took(event: &Event, begin_ns: u64) -> String {
    duration(event.at_ns.saturating_sub(begin_ns))
}

pub(super) fn futex(line: &mut String, event: &Event, futex: &Futex) -> fmt::Result {
    let operation = Operation::of(futex);
    let private = if operation.private { " private" } else { " shared" };
    let realtime = if operation.realtime { " realtime" } else { "" };
    write!(line, "{}{private}{realtime} {:#x}", operation.name, futex.uaddr)?;
    // Calls that take no second address leave anything in its register.
    if has_second(futex) {
        write!(line, " {:#x}", futex.uaddr2)?;
    }
    if futex.call == FutexCall::FUTEX && matches!(futex.op & 0x7f, 6..=8 | 13) {
        // PI: the word has the owner, and FUTEX_WAITERS and FUTEX_OWNER_DIED above it.
        match futex.word & 0x3fff_ffff {
            0 => line.push_str(" free"),
            owner => write!(line, " owner {owner}")?,
        }
    } else {
        write!(line, " val {}", futex.val)?;
    }
    ended(line, event, futex.begin_ns, futex.ret)
}

/// Requeue and wake-op calls; of `futex_requeue` the record has one address only.
fn has_second(futex: &Futex) -> bool {
    futex.call == FutexCall::FUTEX && matches!(futex.op & 0x7f, 3..=5 | 11 | 12)
}

pub(super) fn affinity(line: &mut String, affinity: &Affinity) -> fmt::Result {
    of(line, affinity.target);
    write!(line, "mask {:#x}, CPUs ", affinity.mask)?;
    join(line, words::numbers(affinity.mask, 0), ",", "none")?;
    result(line, affinity.ret)
}

/// The number is one of the caller's pid namespace, hence without a name.
fn of(line: &mut String, target: u32) {
    if target != 0 {
        line.push_str("of ");
        line.push_str(&target.to_string());
        line.push_str(", ");
    }
}

pub(super) fn policy(line: &mut String, policy: &Policy) -> fmt::Result {
    write!(line, "{} ", words::policy_call(policy.call))?;
    if policy.call == PolicyCall::SETPRIORITY {
        let which = words::priority_which(policy.which);
        write!(line, "{which} {} nice {}", policy.target, policy.prio)?;
        return result(line, policy.ret);
    }
    of(line, policy.target);
    if let Some(name) = words::policy(policy.policy) {
        write!(line, "{name} ")?;
    }
    write!(line, "{} {}", words::prio_kind(policy), policy.prio)?;
    result(line, policy.ret)
}

pub(super) fn wait(line: &mut String, event: &Event, wait: &Wait) -> fmt::Result {
    let options = words::wait_options(wait.options);
    if wait.call == WaitCall::WAITID {
        write!(line, "waitid {} {} {options}", words::id_type(wait.idtype), wait.which)?;
    } else {
        write!(line, "wait4 {} {options}", wait.which)?;
    }
    ended(line, event, wait.begin_ns, wait.ret)?;
    if wait.call == WaitCall::WAITID && wait.child != 0 {
        write!(line, ", child {}", wait.child)?;
    }
    Ok(())
}
