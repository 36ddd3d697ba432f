//! Signals to a process and to a thread, ignored ones, those that stop, and handlers in handlers.

use alloc::format;
use alloc::vec::Vec;
use core::ffi::c_int;
use core::sync::atomic::{AtomicU32, Ordering};

use crate::failure::{Doing as _, Failure, ensure};
use crate::signal::child;
use crate::signal::{Action, Context, Info, Set, Signal, info, mask, note, send};
use crate::thread;
use crate::truth::Fate;
use crate::word::Word;
use rustix::io::{Errno, read, write};
use rustix::pipe::pipe;

use super::{EXITED, Stage, handled, killed_by, send_to, sending};

/// Threads that could take a signal, besides the first.
const THREADS: u32 = 3;

/// To a process: first all of its threads would take it, then the last one alone.
pub(super) fn to_process(stage: &mut Stage<'_>) -> Result<(), Failure> {
    crowd(stage, true, |_| None)?;
    let last = crowd(stage, false, |_| None)?;
    taken_by(stage, last)
}

/// To one thread of many, though all would take it.
pub(super) fn to_thread(stage: &mut Stage<'_>) -> Result<(), Failure> {
    let last = crowd(stage, true, Some)?;
    taken_by(stage, last)
}

/// The last signal was taken by this thread.
fn taken_by(stage: &Stage<'_>, expected: u32) -> Result<(), Failure> {
    let taker = stage.truth.signals.last().and_then(|signal| signal.taken_by);
    ensure(taker == Some(expected), || format!("{taker:?} took what was for {expected}"))
}

/// Makes threads that all want a signal, or of which only the last does, and sends one to that thread
/// that `target` makes of the last one, or to the process; returns the last one.
fn crowd(stage: &mut Stage<'_>, all: bool, target: fn(u32) -> Option<u32>) -> Result<u32, Failure> {
    let wanted = Set::of(&[Signal::USR1]);
    let mark = stage.log.count();
    let [there, go] = &[const { Word::new() }; 2];
    // Not with `SA_RESTART`: the kernel would make the futex call that it interrupts once more, and
    // nobody here could count it.
    let action = Action::handler(note::handler);
    let old = action.install(Signal::USR1).doing("install a handler")?;
    // Threads are born with the mask of their creator.
    let blocked = (!all).then(|| mask::block(wanted));
    let sent = thread::scope(|scope| {
        let crowd = (0..THREADS).map(|number| {
            scope.spawn(move || {
                let open = (number + 1 == THREADS).then(|| mask::unblock(wanted));
                there.add(1);
                go.wait(1);
                drop(open);
            })
        });
        let crowd: Result<Vec<_>, Errno> = crowd.collect();
        let sent = crowd.doing("make threads").and_then(|crowd| {
            there.wait(THREADS);
            let last = crowd.last().map_or(0, thread::ScopedJoinHandle::tid);
            let sent = send_to(Signal::USR1, thread::tid(), target(last))?;
            stage.log.wait(mark + 1);
            Ok((sent, last))
        });
        go.add(1);
        sent
    });
    drop(blocked);
    old.install(Signal::USR1).doing("put the old action back")?;
    let (mut signal, last) = sent?;
    let [note] = stage.log.after(mark) else {
        return Err(Failure::Broken(format!("{signal:?} was not taken once")));
    };
    handled(&mut signal, note)?;
    stage.truth.signals.push(signal);
    Ok(last)
}

/// Thrown away when sent: by wish, and by default.
pub(super) fn ignored(stage: &mut Stage<'_>) -> Result<(), Failure> {
    let pid = thread::tid();
    let old = Action::IGNORE.install(Signal::USR1).doing("ignore a signal")?;
    for (signal, tid) in [(Signal::USR1, Some(pid)), (Signal::USR1, None), (Signal::WINCH, None)] {
        let mut sent = send_to(signal, pid, tid)?;
        ensure(!mask::pending().contains(signal), || format!("{signal} is pending"))?;
        sent.fate = Fate::Ignored;
        stage.truth.signals.push(sent);
    }
    old.install(Signal::USR1).doing("put the old action back").map(|_ignored| ())
}

/// Stops a child, and lets it go on.
pub(super) fn stop(stage: &mut Stage<'_>) -> Result<(), Failure> {
    // Not a futex: the kernel would make the call once more after the stop, and nobody could count it.
    let (reader, writer) = pipe().doing("make a pipe")?;
    let child = child::fork(|| u8::from(read(&reader, &mut [0]) != Ok(1)));
    let mut child = child.doing("fork")?;
    let pid = child.pid();
    for (signal, code) in
        [(Signal::STOP, info::CHILD_STOPPED), (Signal::CONT, info::CHILD_CONTINUED)]
    {
        let mut sent = send_to(signal, pid, None)?;
        if signal == Signal::STOP {
            let by = child.wait_stopped().doing("wait for a child to stop")?;
            ensure(by == signal.number(), || format!("signal {by} stopped the child"))?;
        } else {
            child.wait_continued().doing("wait for a child to go on")?;
        }
        sent.fate = Fate::Stopped;
        stage.truth.signals.push(sent);
        stage.told(pid, code);
    }
    write(&writer, &[0]).doing("let a child go")?;
    stage.ended(child, EXITED)
}

/// Handlers of [`again`] that have begun.
static BEGUN: AtomicU32 = AtomicU32::new(0);
/// Those that had begun when the first one had sent the signal once more.
static INSIDE: AtomicU32 = AtomicU32::new(0);

/// Sends the signal once more, if it is the first.
extern "C" fn again(_number: c_int, info: &Info, _context: &mut Context) {
    note::write(info);
    if BEGUN.fetch_add(1, Ordering::Relaxed) == 0 {
        let sent = send::thread(thread::tid(), thread::tid(), Signal::USR2);
        debug_assert!(sent.is_ok(), "to itself");
        INSIDE.store(BEGUN.load(Ordering::Relaxed), Ordering::Relaxed);
    }
}

/// A handler that its own signal interrupts, one after which it has to wait, and one that serves once.
pub(super) fn nested(stage: &mut Stage<'_>) -> Result<(), Failure> {
    let signal = Signal::USR2;
    for (action, inside) in [(Action::handler(again).no_defer(), 2), (Action::handler(again), 1)] {
        BEGUN.store(0, Ordering::Relaxed);
        let mark = stage.log.count();
        let old = action.install(signal).doing("install a handler")?;
        let sent = send_to(signal, thread::tid(), Some(thread::tid()))?;
        old.install(signal).doing("put the old action back")?;
        let found = INSIDE.load(Ordering::Relaxed);
        ensure(found == inside, || format!("{found} handlers instead of {inside} had begun"))?;
        let [first, second] = stage.log.after(mark) else {
            return Err(Failure::Broken(format!("{signal} was not taken twice")));
        };
        for note in [first, second] {
            let mut sent = sent.clone();
            handled(&mut sent, note)?;
            stage.truth.signals.push(sent);
        }
        if inside == 1
            && let Some(signal) = stage.truth.signals.last_mut()
        {
            // Its own handler's mask held it back, for a time that nobody took.
            signal.blocked_ns = Some(0);
        }
    }
    once(stage)
}

fn once(stage: &mut Stage<'_>) -> Result<(), Failure> {
    let signal = Signal::USR2;
    let mark = stage.log.count();
    let mut sent = sending(signal, info::BY_TGKILL, 0, false);
    let child = child::fork(|| {
        let installed = Action::handler(note::handler).once().install(signal);
        let twice = [1, 2].map(|_| send::thread(thread::tid(), thread::tid(), signal));
        u8::from(installed.is_ok() && twice == [Ok(()); 2])
    });
    let child = child.doing("fork")?;
    (sent.sender, sent.target) = (child.pid(), child.pid());
    stage.ended(child, killed_by(signal.number()))?;
    let mut deadly = sent.clone();
    (deadly.fate, deadly.taken_by) = (Fate::Killed, Some(deadly.target));
    let [note] = stage.log.after(mark) else {
        return Err(Failure::Broken(format!("{signal} was not taken once")));
    };
    handled(&mut sent, note)?;
    stage.truth.signals.extend([sent, deadly]);
    Ok(())
}
