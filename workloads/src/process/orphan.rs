//! Orphans: processes whose parent ends before they do, and who takes them over then.

use alloc::format;
use core::sync::atomic::{AtomicU32, Ordering};
use core::time::Duration;

use rustix::io::Errno;
use rustix::process::setsid;
use zerocopy::FromZeros;

use super::{Exit, How, become_subreaper, fork, open, parent, pid, until_dead, wait_for};
use crate::failure::{Doing as _, Failure, ensure};
use crate::shared::Shared;
use crate::thread::current;
use crate::word::Word;

/// The longest that anybody waits for somebody's end.
const PATIENCE: Duration = Duration::from_secs(20);

/// Exit codes that say who ended.
const PARENT: u8 = 3;
const ORPHAN: u8 = 4;
const MIDDLE: u8 = 6;
/// A task that could not do its part.
const FAILED: u8 = 99;

/// Who takes an orphan over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adopter {
    /// Init, or a subreaper above this process.
    Above,
    /// This process.
    Own,
    /// This process; the orphan is a daemon, whose parent had a session of its own.
    OwnOfDaemon,
}

/// An orphan that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Orphan {
    /// Its pid.
    pub number: u32,
    /// Its first parent.
    pub parent: u32,
    /// Its last.
    pub adopter: u32,
}

/// What the processes tell each other.
#[derive(Debug, FromZeros)]
struct Board {
    ready: Word,
    go: Word,
    number: AtomicU32,
    parent: AtomicU32,
    adopter: AtomicU32,
}

/// Makes a process whose parent ends first, and waits for the end of both.
///
/// # Errors
/// [`Failure::Broken`] if somebody else has it than was to, and the kernel's refusals.
pub fn make_and_wait(adopter: Adopter) -> Result<Orphan, Failure> {
    let boards = Shared::<Board>::new(1).doing("map memory")?;
    let board = &boards[0];
    let own = adopter != Adopter::Above;
    become_subreaper(own).doing("become a subreaper")?;
    let first = fork(|| match adopter {
        Adopter::OwnOfDaemon => code(make_daemon(board)),
        _ => code(leave_orphan(board, PARENT)),
    });
    let first = first.doing("make a process")?;
    board.ready.wait(1);
    let number = board.number.load(Ordering::Relaxed);
    let handle = open(number).doing("open the orphan")?;
    board.go.add(1);
    let gone = first.wait().doing("wait for its parent")?;
    let ended = until_dead(&handle, PATIENCE).doing("wait for the orphan")?;
    ensure(ended, || format!("the orphan {number} did not end"))?;
    if own {
        is(wait_for(number).doing("wait for the orphan")?, ORPHAN)?;
        become_subreaper(false).doing("be no subreaper")?;
    }
    is(gone, PARENT)?;
    let orphan = Orphan {
        number,
        parent: board.parent.load(Ordering::Relaxed),
        adopter: board.adopter.load(Ordering::Relaxed),
    };
    let right = (orphan.adopter == pid()) == own && orphan.adopter != orphan.parent;
    ensure(right, || format!("{orphan:?} is not taken over by {adopter:?}"))?;
    Ok(orphan)
}

/// Makes a process that is still there when the calling one ends, with this code.
fn leave_orphan(board: &Board, code: u8) -> Result<u8, Errno> {
    let parent = pid();
    let orphan = fork(|| self::code(outlive(board, parent)))?;
    board.go.wait(1);
    drop(orphan);
    Ok(code)
}

/// A daemon's way: the process between has a session of its own, and ends at once.
fn make_daemon(board: &Board) -> Result<u8, Errno> {
    let middle = fork(|| code(setsid().and_then(|_session| leave_orphan(board, MIDDLE))))?;
    let ended = middle.wait()?;
    Ok(if ended.how == How::Exited(MIDDLE) { PARENT } else { FAILED })
}

/// Waits until this process is gone, and says who is the parent then.
fn outlive(board: &Board, process: u32) -> Result<u8, Errno> {
    let handle = open(process)?;
    board.parent.store(process, Ordering::Relaxed);
    board.number.store(pid(), Ordering::Relaxed);
    board.ready.add(1);
    if !until_dead(&handle, PATIENCE)? {
        return Ok(FAILED);
    }
    let adopter = parent();
    board.adopter.store(adopter, Ordering::Relaxed);
    if let Some(entry) = current().entry() {
        entry.adopted(adopter);
    }
    Ok(ORPHAN)
}

/// The code a process ends with.
fn code(done: Result<u8, Errno>) -> u8 {
    done.unwrap_or(FAILED)
}

fn is(exit: Exit, code: u8) -> Result<(), Failure> {
    ensure(exit.how == How::Exited(code), || format!("process {} {}", exit.pid, exit.how))
}
