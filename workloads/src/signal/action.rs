//! What a process does when a signal comes.
#![expect(unsafe_code, reason = "the kernel is given addresses of code")]

use core::ffi::c_int;

use linux_raw_sys::general as raw;
use rustix::io::Errno;

use super::{Context, Info, Set, Signal, machine};
use crate::sys;

/// Runs on the thread that takes the signal, between two of its instructions: it may use atomics and
/// system calls, and what no other code of that thread could be in the middle of. The heap is not
/// among it.
pub type Handler = extern "C" fn(c_int, &Info, &mut Context);

/// What to do, for all threads of the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Action {
    handler: usize,
    flags: u64,
    mask: Set,
}

impl Action {
    /// What the kernel does by itself: end the process, stop it, or nothing.
    pub const DEFAULT: Self = Self { handler: 0, flags: 0, mask: Set::EMPTY };
    /// Nothing: the signal is thrown away when it is sent.
    pub const IGNORE: Self = Self { handler: 1, flags: 0, mask: Set::EMPTY };

    /// Calls `handler`, on the interrupted stack, while that same signal is blocked.
    pub fn handler(handler: Handler) -> Self {
        Self { handler: handler as usize, flags: u64::from(raw::SA_SIGINFO), mask: Set::EMPTY }
    }

    /// On the thread's alternate stack, if it has one (`SA_ONSTACK`).
    #[must_use]
    pub fn on_stack(self) -> Self {
        self.with(raw::SA_ONSTACK)
    }

    /// System calls that it interrupts go on after it, where they can (`SA_RESTART`).
    #[must_use]
    pub fn restart(self) -> Self {
        self.with(raw::SA_RESTART)
    }

    /// The same signal may interrupt its handler (`SA_NODEFER`).
    #[must_use]
    pub fn no_defer(self) -> Self {
        self.with(raw::SA_NODEFER)
    }

    /// For one signal only: the default is put back before the handler runs (`SA_RESETHAND`).
    #[must_use]
    pub fn once(self) -> Self {
        self.with(raw::SA_RESETHAND)
    }

    /// These are blocked while it runs, too.
    #[must_use]
    pub fn blocking(mut self, mask: Set) -> Self {
        self.mask = mask;
        self
    }

    fn with(mut self, flag: u32) -> Self {
        self.flags |= u64::from(flag);
        self
    }

    /// Does this from now on when the signal comes; what was done until now.
    ///
    /// # Errors
    /// `EINVAL` for `SIGKILL` and `SIGSTOP`, which are the kernel's alone.
    pub fn install(self, signal: Signal) -> Result<Self, Errno> {
        let restorer = if self.handler > 1 { machine::RESTORER } else { None };
        // Where the program has no restorer the kernel's own is used, from the vDSO.
        let flag = if restorer.is_some() { raw::SA_RESTORER } else { 0 };
        let new = KernelAction {
            handler: self.handler,
            flags: self.flags | u64::from(flag),
            restorer: restorer.map_or(0, |restorer| restorer as usize),
            mask: self.mask,
        };
        let mut old = KernelAction::default();
        let arguments =
            [signal.word(), (&raw const new).addr(), (&raw mut old).addr(), size_of::<Set>(), 0, 0];
        // SAFETY: both structures are the kernel's in layout; the handler is a function of the type
        // that the kernel calls with `SA_SIGINFO`, and safe code, whenever it is called.
        unsafe { sys::call(raw::__NR_rt_sigaction, arguments) }?;
        let flags = old.flags & !u64::from(raw::SA_RESTORER);
        Ok(Self { handler: old.handler, flags, mask: old.mask })
    }
}

/// `struct sigaction` as both machines' kernels have it (`include/linux/signal_types.h`, v6.18).
#[derive(Debug, Default)]
#[repr(C)]
struct KernelAction {
    handler: usize,
    flags: u64,
    restorer: usize,
    mask: Set,
}

const _: () = assert!(size_of::<KernelAction>() == size_of::<raw::kernel_sigaction>());

#[cfg(test)]
mod tests {
    use core::sync::atomic::{AtomicU32, Ordering};
    use std::ffi::c_int;

    use rustix::io::Errno;
    use rustix::thread::futex;

    use super::Action;
    use crate::signal::{Context, Info, Set, Signal, send};
    use crate::thread;
    use crate::word::Word;

    static SEEN: AtomicU32 = AtomicU32::new(0);

    extern "C" fn see(_number: c_int, info: &Info, context: &mut Context) {
        assert!(!context.mask().contains(Signal::USR2));
        SEEN.store(info.signal(), Ordering::Relaxed);
    }

    #[test]
    fn a_handler_runs_and_the_old_action_comes_back() {
        let pid = std::process::id();
        let action = Action::handler(see).restart().blocking(Set::of(&[Signal::USR1]));
        let old = action.install(Signal::USR2).unwrap();
        send::thread(pid, thread::tid(), Signal::USR2).unwrap();
        assert_eq!(SEEN.load(Ordering::Relaxed), Signal::USR2.number());
        assert_eq!(old.install(Signal::USR2), Ok(action));
    }

    #[test]
    fn the_kernel_keeps_two_to_itself() {
        assert_eq!(Action::IGNORE.install(Signal::KILL), Err(Errno::INVAL));
        assert_eq!(Action::IGNORE.install(Signal::STOP), Err(Errno::INVAL));
    }

    static CHANGED: AtomicU32 = AtomicU32::new(0);

    extern "C" fn change(_number: c_int, _info: &Info, _context: &mut Context) {
        CHANGED.fetch_add(1, Ordering::Relaxed);
    }

    const ROUNDS: u32 = 20;

    /// Whether a thread of this process sleeps.
    fn sleeps(tid: u32) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/self/task/{tid}/stat")).unwrap();
        stat.rsplit_once(") ").unwrap().1.starts_with('S')
    }

    /// How many of [`ROUNDS`] waits a handler ends with `EINTR`. It changes the word that is waited
    /// for, so that a wait that goes on finds so.
    fn interrupted(action: Action) -> u32 {
        let signal = Signal::real_time(8).unwrap();
        let old = action.install(signal).unwrap();
        let (pid, waiter) = (std::process::id(), thread::tid());
        let turn = &Word::new();
        let ended = std::thread::scope(|scope| {
            scope.spawn(move || {
                for round in 1..=ROUNDS {
                    turn.wait(round);
                    while !sleeps(waiter) {
                        std::thread::yield_now();
                    }
                    send::thread(pid, waiter, signal).unwrap();
                }
            });
            let ended = (0..ROUNDS).filter(|_| {
                let before = CHANGED.load(Ordering::Relaxed);
                turn.add(1);
                let ended = futex::wait(&CHANGED, futex::Flags::empty(), before, None);
                ended == Err(Errno::INTR)
            });
            u32::try_from(ended.count()).unwrap()
        });
        old.install(signal).unwrap();
        ended
    }

    #[test]
    fn calls_go_on_if_they_are_to() {
        assert_eq!(interrupted(Action::handler(change)), ROUNDS);
        assert_eq!(interrupted(Action::handler(change).restart()), 0);
    }
}
