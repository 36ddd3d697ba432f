//! Signals that a thread brings upon itself, and those that end a process.

use alloc::format;
use alloc::vec::Vec;

use crate::failure::{Doing as _, Failure, ensure};
use crate::signal::Signal;
use crate::signal::child;
use crate::signal::fault::{Fault, Then, catch};
use crate::signal::note::Log;
use crate::signal::stack::AltStack;
use crate::thread;
use crate::truth::{self, Fate};

use super::{Stage, killed_by, send_to, sending};

/// Faults, each handled on an alternate stack, by a thread: the overflow fills its own small stack.
pub(super) fn handled(stage: &mut Stage<'_>) -> Result<(), Failure> {
    let log = stage.log;
    let handled = thread::spawn(move || handle_all(log)).doing("make a thread")?.join()?;
    stage.truth.signals.extend(handled);
    Ok(())
}

fn handle_all(log: &Log) -> Result<Vec<truth::Signal>, Failure> {
    let stack = AltStack::new().doing("make an alternate stack")?;
    let left = Fault::ALL.iter().filter(|fault| fault.exists());
    let left = left.map(|fault| handle(log, &stack, *fault, Then::Leave));
    left.chain([handle(log, &stack, Fault::Protected, Then::Repair)]).collect()
}

fn handle(log: &Log, stack: &AltStack, fault: Fault, then: Then) -> Result<truth::Signal, Failure> {
    let signal = fault.signal();
    let mark = log.count();
    let old = catch(signal, then).doing(format_args!("handle {signal}"))?;
    let mut sent = sending(signal, fault.code(), thread::tid(), false);
    let repaired = fault.provoke().doing("map memory to fault on")?;
    old.install(signal).doing("put the old action back")?;
    let [note] = log.after(mark) else {
        return Err(Failure::Broken(format!("{fault:?} was not handled once")));
    };
    super::handled(&mut sent, note)?;
    ensure(repaired == (then == Then::Repair), || format!("{fault:?}: repaired: {repaired}"))?;
    ensure(stack.contains(note.stack()), || format!("{fault:?} was handled on another stack"))?;
    Ok(sent)
}

/// The same faults without a handler, and kills: each ends a child.
pub(super) fn deadly(stage: &mut Stage<'_>) -> Result<(), Failure> {
    // A child is on the first thread's stack, which grows to whatever the limit is.
    for fault in Fault::ALL.into_iter().filter(|fault| fault.exists() && *fault != Fault::Overflow)
    {
        let mut sent = sending(fault.signal(), fault.code(), 0, false);
        let child = child::fork(|| u8::from(fault.provoke().is_ok())).doing("fork")?;
        sent.sender = child.pid();
        end(stage, sent, child)?;
    }
    for (signal, group) in [(Signal::TERM, true), (Signal::KILL, true), (Signal::TERM, false)] {
        let child = child::fork(|| {
            rustix::event::pause();
            0
        });
        let child = child.doing("fork")?;
        let pid = child.pid();
        let sent = send_to(signal, pid, if group { None } else { Some(pid) })?;
        end(stage, sent, child)?;
    }
    Ok(())
}

/// This signal ends the child.
fn end(stage: &mut Stage<'_>, mut sent: truth::Signal, child: child::Child) -> Result<(), Failure> {
    sent.target = child.pid();
    sent.taken_by = Some(child.pid());
    sent.fate = Fate::Killed;
    let end = killed_by(sent.signal);
    stage.truth.signals.push(sent);
    stage.ended(child, end)
}
