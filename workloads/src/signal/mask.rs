//! Which signals a thread blocks: those stay pending until it wants them.
#![expect(unsafe_code, reason = "the kernel is given addresses of masks")]

use core::marker::PhantomData;

use linux_raw_sys::general as raw;

use super::Set;
use crate::sys;

/// The mask that there was, put back when this is dropped.
#[derive(Debug)]
#[must_use = "dropped, it puts the old mask back"]
pub struct Guard {
    previous: Set,
    /// A mask is its thread's: the guard must not leave it.
    thread: PhantomData<*const ()>,
}

/// Blocks these too.
pub fn block(set: Set) -> Guard {
    Guard { previous: change(raw::SIG_BLOCK, Some(set)), thread: PhantomData }
}

/// Blocks these no more. Those that are pending are taken before this returns.
pub fn unblock(set: Set) -> Guard {
    Guard { previous: change(raw::SIG_UNBLOCK, Some(set)), thread: PhantomData }
}

/// Blocks these and no others, for good; what it blocked until now.
pub fn set(set: Set) -> Set {
    change(raw::SIG_SETMASK, Some(set))
}

/// What the calling thread blocks.
pub fn current() -> Set {
    change(raw::SIG_BLOCK, None)
}

/// What is pending for the calling thread: sent to it or to its process, and blocked by it.
pub fn pending() -> Set {
    let mut pending = Set::EMPTY;
    let arguments = [(&raw mut pending).addr(), size_of::<Set>(), 0, 0, 0, 0];
    // SAFETY: writes a set of the kernel's size.
    let asked = unsafe { sys::call(raw::__NR_rt_sigpending, arguments) };
    debug_assert!(asked.is_ok(), "a set that is there");
    pending
}

impl Guard {
    /// What was blocked before.
    pub fn previous(&self) -> Set {
        self.previous
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        set(self.previous);
    }
}

fn change(how: u32, set: Option<Set>) -> Set {
    let mut old = Set::EMPTY;
    let new = set.as_ref().map_or(0, |set| (&raw const *set).addr());
    let arguments = [how as usize, new, (&raw mut old).addr(), size_of::<Set>(), 0, 0];
    // SAFETY: reads and writes sets of the kernel's size.
    let changed = unsafe { sys::call(raw::__NR_rt_sigprocmask, arguments) };
    debug_assert!(changed.is_ok(), "sets that are there");
    old
}

#[cfg(test)]
mod tests {
    use super::{block, current, pending, unblock};
    use crate::signal::{Set, Signal, send, take};
    use crate::thread;

    #[test]
    fn guards_put_back_what_there_was() {
        let set = Set::of(&[Signal::USR1, Signal::KILL]);
        let outer = block(set);
        assert_eq!(current(), outer.previous().with(Signal::USR1));
        {
            let inner = unblock(set);
            assert!(!current().contains(Signal::USR1));
            assert!(inner.previous().contains(Signal::USR1));
        }
        assert!(current().contains(Signal::USR1));
        let before = outer.previous();
        drop(outer);
        assert_eq!(current(), before);
    }

    #[test]
    fn what_is_blocked_is_pending() {
        let set = Set::of(&[Signal::TERM]);
        let _blocked = block(set);
        send::thread(std::process::id(), thread::tid(), Signal::TERM).unwrap();
        assert!(pending().contains(Signal::TERM));
        take::wait(set, None).unwrap();
        assert!(!pending().contains(Signal::TERM));
    }
}
