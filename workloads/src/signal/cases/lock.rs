//! A handler that takes the lock of the code it interrupted: the classic mistake, and its cure.

use alloc::format;
use core::ffi::c_int;

use crate::failure::{Doing as _, Failure, ensure};
use crate::signal::child;
use crate::signal::{Action, Context, Info, Set, Signal, info, mask, note, send};
use crate::sync::Mutex;
use crate::thread;
use crate::truth::{self, Fate};

use super::{EXITED, Stage, handled, killed_by, send_to, sending};

/// What the handler and the interrupted code share.
static LOCK: Mutex<u32> = Mutex::new(0);

extern "C" fn take_lock(_number: c_int, info: &Info, _context: &mut Context) {
    note::write(info);
    // Its holder is the code below on the stack, which goes on when this returns.
    *LOCK.lock() += 1;
}

/// Without a mask and with one.
pub(super) fn lock(stage: &mut Stage<'_>) -> Result<(), Failure> {
    deadlock(stage)?;
    avoided(stage)
}

/// The child never comes out of its handler: this process is the watchdog.
fn deadlock(stage: &mut Stage<'_>) -> Result<(), Failure> {
    let mark = stage.log.count();
    let signal = sending(Signal::USR1, info::BY_TGKILL, 0, false);
    let child = child::fork(|| interrupt_myself(None)).doing("fork")?;
    let pid = child.pid();
    stage.log.wait(mark + 1);
    // Nobody can ever release the lock, so there is no time that would be too short; this long it
    // can be looked at.
    let ended = child.ends_within(stage.patience).doing("watch a child")?;
    ensure(!ended, || format!("child {pid} came out of a deadlock"))?;
    let mut kill = send_to(Signal::KILL, pid, None)?;
    (kill.fate, kill.taken_by) = (Fate::Killed, Some(pid));
    stage.truth.count("deadlocks", 1);
    interrupted(stage, mark, signal, pid, None)?;
    stage.truth.signals.push(kill);
    stage.ended(child, killed_by(Signal::KILL.number()))
}

/// The child lets the signal wait while it holds the lock.
fn avoided(stage: &mut Stage<'_>) -> Result<(), Failure> {
    let mark = stage.log.count();
    let signal = sending(Signal::USR1, info::BY_TGKILL, 0, false);
    let set = Set::of(&[Signal::USR1]);
    let child = child::fork(|| interrupt_myself(Some(set))).doing("fork")?;
    let pid = child.pid();
    stage.ended(child, EXITED)?;
    // How long the lock was held after the signal was sent, nobody took the time.
    interrupted(stage, mark, signal, pid, Some(0))
}

/// Sends itself the signal while it holds the lock. Returns 0 if both came out of it.
fn interrupt_myself(blocked: Option<Set>) -> u8 {
    let installed = Action::handler(take_lock).install(Signal::USR1);
    let guard = blocked.map(mask::block);
    let mut held = LOCK.lock();
    let sent = send::thread(thread::tid(), thread::tid(), Signal::USR1);
    // With a mask the handler has not run yet.
    let early = *held != 0;
    *held += 1;
    drop(held);
    drop(guard);
    u8::from(installed.is_err() || sent.is_err() || early || *LOCK.lock() != 2)
}

/// The child's handler took the signal, once.
fn interrupted(
    stage: &mut Stage<'_>,
    mark: u32,
    mut sent: truth::Signal,
    child: u32,
    blocked_ns: Option<u64>,
) -> Result<(), Failure> {
    let [note] = stage.log.after(mark) else {
        return Err(Failure::Broken(format!("{sent:?} was not taken once")));
    };
    (sent.sender, sent.target, sent.blocked_ns) = (child, child, blocked_ns);
    handled(&mut sent, note)?;
    stage.truth.signals.push(sent);
    Ok(())
}
