//! One event as one line of JSON, for programs.
//!
//! The first line is the header, `{"schema":1,"kind":"header",…}` with the fields of
//! [`crate::source::recording::Start`]. The last, if the capture came to its end, is
//! `{"kind":"end","start_ns","end_ns","events","lost":{"total","by_cause":{}},"missed":{},
//! "unfollowed":{},"decode_errors":{}}`.
//!
//! Every other line is an event, in the order of time: `{"at_ns","cpu","event",…}`. `cpu` is null
//! for what the task iterator read. `event` is the same word as in text, and decides the fields
//! that follow. These have the names of the fields of the record in [`tracer_common::record`], as
//! integers (times in ns of `CLOCK_MONOTONIC`), and beside them what they mean:
//!
//! - a task's number `x_tid` has its name in `x_comm` (`tid` in `comm`), null if it is not known;
//! - flags and masks have the list of names in `x_names`, other numbers their name in `x_name`;
//! - `resources` are strings: equal ones are the same object at that time; `"0x0"` is none;
//! - `accounts` that the kernel does not keep are null;
//! - `ran_ns` of a switch is how long the leaving task was on its CPU, null if not known;
//! - a call has `took_ns`, null if it began before the tracing, and `in_progress`, true if it had
//!   not ended when the tracing did: then `ret` means nothing.
//!
//! `present` comes for each followed task when the tracing starts and, if it still lives, again
//! when it stops. A `gap` has `from_ns`, `to_ns` and `lost`: that many events of its CPU are
//! missing there.

mod call;
mod life;
mod object;
mod run;
mod usdt;

use std::io;

use serde::Serialize;
use serde_json::json;

use self::object::Object;
use super::known::Known;
use super::words;
use crate::event::{Event, What};
use crate::source::quality::Quality;
use crate::source::recording::Start;

/// The version of the format.
const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Header {
    schema: u32,
    kind: &'static str,
    #[serde(flatten)]
    start: Start,
}

/// The first line.
pub(super) fn header(start: &Start) -> io::Result<String> {
    // The kernel's counters are for who has both ends.
    let start = Start { counts: None, ..start.clone() };
    let mut line = serde_json::to_string(&Header { schema: SCHEMA, kind: "header", start })?;
    line.push('\n');
    Ok(line)
}

/// Appends the last line.
pub(super) fn end(line: &mut String, quality: &Quality) {
    let mut end = json!({
        "kind": "end",
        "start_ns": quality.start_ns,
        "end_ns": quality.end_ns,
        "events": quality.events,
        "lost": { "total": quality.lost.total, "by_cause": quality.lost.by_cause },
        "missed": quality.missed,
        "unfollowed": quality.unfollowed,
        "decode_errors": quality.decode_errors,
    });
    let stacks = quality.end.as_ref().and_then(|end| end.stacks.as_ref());
    if let (Some(stacks), Some(end)) = (stacks, end.as_object_mut()) {
        end.insert("stacks".to_owned(), json!(stacks));
    }
    line.push_str(&end.to_string());
    line.push('\n');
}

/// A name as it stands between quotes.
pub(super) fn fit(name: &str) -> String {
    let mut fit = String::with_capacity(name.len());
    object::escape(&mut fit, name);
    fit
}

/// Appends the event's line, if it has one.
pub(super) fn line(line: &mut String, event: &Event, known: &Known) {
    if matches!(&event.what, What::TaskSeen(seen) if seen.followed == 0) {
        return;
    }
    let mut object = Object::begin(line, known);
    object.num("at_ns", event.at_ns).maybe("cpu", event.cpu);
    object.text("event", words::event(&event.what));
    fields(&mut object, event, known);
    object.end();
    line.push('\n');
}

fn fields(out: &mut Object<'_>, event: &Event, known: &Known) {
    match &event.what {
        What::TaskSeen(seen) => life::present(out, seen),
        What::Newtask(born) => life::newtask(out, born),
        What::Fork(fork) => {
            out.task("parent_tid", fork.parent_tid, "parent_comm");
            out.task("child_tid", fork.child_tid, "child_comm");
        }
        What::Exec(exec) => life::exec(out, exec),
        What::Rename(rename) => life::rename(out, rename),
        What::Exit(exit) => life::exit(out, exit),
        What::Dead(dead) => {
            life::key(out, &dead.key);
            life::accounts(out, &dead.accounts);
        }
        What::Free(free) => life::key(out, &free.key),
        What::Resources(now) => life::identity(out, &now.identity),
        What::Stack(stack) => run::stack(out, stack),
        What::Usdt(probe) => usdt::usdt(out, probe, known),
        What::Switch(switch) => run::switch(out, switch, known.ran_ns(event, switch.prev_tid)),
        What::Waking(waking) | What::WakeupNew(waking) => run::waking(out, waking),
        What::Migrate(migrate) => run::migrate(out, migrate),
        What::Irq(irq) => run::irq(out, irq),
        What::Softirq(softirq) => run::softirq(out, softirq),
        What::Vector(vector) => run::vector(out, vector),
        What::SignalGenerate(signal) => run::generate(out, signal),
        What::SignalDeliver(signal) => run::deliver(out, signal),
        What::Futex(futex) => call::futex(out, event, futex),
        What::SigMask(mask) => call::sigmask(out, event, mask),
        What::SigReturn(sigreturn) => {
            out.task("tid", sigreturn.tid, "comm");
        }
        What::Affinity(affinity) => call::affinity(out, event, affinity),
        What::Policy(policy) => call::policy(out, event, policy),
        What::Wait(wait) => call::wait(out, event, wait),
        What::Gap(gap) => {
            out.num("from_ns", gap.from_ns).num("to_ns", gap.to_ns).num("lost", gap.lost);
        }
    }
}
