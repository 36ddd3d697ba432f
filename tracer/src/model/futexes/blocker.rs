//! Who a task waits for.

use tracer_common::record::FutexCall;

use super::super::lives::{Life, LifeId, Lives};
use super::Call;
use super::past::{Blocker, How};
use super::usage::Use;

/// `FUTEX_TID_MASK`, and the bits above it that say that somebody waits, or that the owner died.
const TID_MASK: u32 = 0x3fff_ffff;

/// Who has what the caller waits for, as far as the lock named its owner when the call began.
pub(super) fn owner(lives: &Lives, call: &Call<'_>) -> Option<Blocker> {
    let caller = lives.get(call.id?)?;
    let Call { futex, operation, id, .. } = *call;
    let found = |tid: u32, how: How| {
        let other = lives.meant_by(caller, tid).filter(|&other| Some(other) != id)?;
        let life = lives.get(other)?;
        let lived = life.start_ns.is_none_or(|start_ns| start_ns <= futex.begin_ns);
        let near = match how {
            How::PiWord | How::OwnerField if !operation.private => life.lwp.is_some(),
            _ => life.process == caller.process || same_mm(life, caller),
        };
        (lived && near).then_some(Blocker { tid: life.tid, id: other, how })
    };
    if operation.pi {
        return found(futex.word & TID_MASK, How::PiWord);
    }
    if futex.call == FutexCall::WAITV || !operation.takes {
        return None;
    }
    let tid = futex.val & TID_MASK;
    // The kernel keeps the tid of a thread there until it exits, and no flag.
    let exit = (tid == futex.val && !operation.private).then(|| found(tid, How::Exit)).flatten();
    let word = || (tid != futex.val).then(|| found(tid, How::Word)).flatten();
    let field = || (futex.word != 0).then(|| found(futex.word, How::OwnerField)).flatten();
    exit.or_else(word).or_else(field)
}

/// The number of the owner that the lock may name, zero for none: in a pid namespace it says
/// nothing of those that are gone.
pub(super) fn named(lives: &Lives, call: &Call<'_>) -> u32 {
    let inside = call.id.and_then(|id| lives.get(id)?.inner_key());
    if inside.is_some() { 0 } else { call.futex.word }
}

/// The task that woke the caller.
pub(super) fn waker(lives: &Lives, call: &Call<'_>) -> Option<Blocker> {
    let life = lives.get(call.id?)?;
    let woken = life.thread.past.woken.filter(|woken| woken.at_ns >= call.futex.begin_ns)?;
    let tid = woken.by.filter(|_| call.futex.ret == 0)?;
    Some(Blocker { tid, id: lives.current(tid)?, how: How::LastWaker })
}

fn same_mm(one: &Life, other: &Life) -> bool {
    let (one, other) = (one.held.shares().mm, other.held.shares().mm);
    one.is_some() && one == other
}

/// Who has a futex for which this task waits to the end, by how it was used before.
pub(super) fn at_the_end(used: &Use, waiter: LifeId) -> Option<Blocker> {
    used.holder.now().filter(|by| by.id != waiter)
}
