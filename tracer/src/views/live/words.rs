//! The kernel's names for numbers that only this view shows; the others are in
//! [`crate::model::names`].

use std::borrow::Cow;
use std::fmt;

use tracer_common::record::{Context, Policy, PolicyCall, SigMask, Switch};

use crate::event::What;
use crate::model::names;

/// What the event is called in both formats.
pub(super) fn event(what: &What) -> &'static str {
    match what {
        What::TaskSeen(_) => "present",
        What::Newtask(_) => "newtask",
        What::Fork(_) => "fork",
        What::Exec(_) => "exec",
        What::Rename(_) => "rename",
        What::Exit(_) => "exit",
        What::Dead(_) => "dead",
        What::Free(_) => "free",
        What::Switch(_) => "switch",
        What::Waking(_) => "waking",
        What::WakeupNew(_) => "wakeup_new",
        What::Migrate(_) => "migrate",
        What::SignalGenerate(_) => "signal_generate",
        What::SignalDeliver(_) => "signal_deliver",
        What::Irq(_) => "irq",
        What::Softirq(_) => "softirq",
        What::Vector(_) => "vector",
        What::Futex(_) => "futex",
        What::SigMask(_) => "sigmask",
        What::SigReturn(_) => "sigreturn",
        What::Affinity(_) => "affinity",
        What::Policy(_) => "policy",
        What::Wait(_) => "wait",
        What::Resources(_) => "resources",
        What::Stack(_) => "stack",
        What::Usdt(_) => "usdt",
        What::Gap(_) => "gap",
    }
}

/// The letter of `TASK_*` bits as `ps` and the kernel's own `sched_switch` have it; `R+` is a task
/// that was preempted, whatever it was about to do.
/// See `__task_state_index` in `include/linux/sched.h` (v6.18).
pub(super) fn state(bits: u32) -> &'static str {
    if bits & Switch::PREEMPTED != 0 {
        return "R+";
    }
    let has = |bit| bits & bit != 0;
    match bits {
        // TASK_UNINTERRUPTIBLE | TASK_NOLOAD
        _ if bits & 0x7f == 0x02 && has(0x400) => "I",
        _ if has(0x40) => "P",
        _ if has(0x20) => "Z",
        // TASK_DEAD: the last switch.
        _ if has(0x10 | 0x80) => "X",
        _ if has(0x08) => "t",
        _ if has(0x04) => "T",
        // TASK_RTLOCK_WAIT and TASK_FROZEN, too.
        _ if has(0x02 | 0x1000 | 0x8000) => "D",
        _ if has(0x01) => "S",
        // Runnable, and TASK_NEW, TASK_WAKING.
        _ => "R",
    }
}

/// Names of bits, joined by `|`; `0` for none, and what has no name as one number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bits {
    bits: u64,
    names: &'static [(u64, &'static str)],
}

impl Bits {
    /// The names of those that are set.
    pub(super) fn names(self) -> impl Iterator<Item = &'static str> {
        let is_set = move |&&(bit, _): &&(u64, &str)| self.bits & bit != 0;
        self.names.iter().filter(is_set).map(|&(_, name)| name)
    }
}

impl fmt::Display for Bits {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.bits == 0 {
            return out.write_str("0");
        }
        let mut bar = "";
        for name in self.names() {
            write!(out, "{bar}{name}")?;
            bar = "|";
        }
        let rest = self.names.iter().fold(self.bits, |rest, (bit, _)| rest & !bit);
        if rest == 0 { Ok(()) } else { write!(out, "{bar}{rest:#x}") }
    }
}

/// `SA_*`.
pub(super) fn sa_flags(bits: u64) -> Bits {
    Bits { bits, names: &names::SA_FLAGS }
}

/// The options of `wait4` and `waitid` (`include/uapi/linux/wait.h`).
pub(super) fn wait_options(bits: u32) -> Bits {
    const NAMES: &[(u64, &str)] = &[
        (0x1, "WNOHANG"),
        (0x2, "WSTOPPED"),
        (0x4, "WEXITED"),
        (0x8, "WCONTINUED"),
        (0x100_0000, "WNOWAIT"),
        (0x2000_0000, "__WNOTHREAD"),
        (0x4000_0000, "__WALL"),
        (0x8000_0000, "__WCLONE"),
    ];
    Bits { bits: bits.into(), names: NAMES }
}

/// The numbers of the bits that are set, counted from `first`.
pub(super) fn numbers(mask: u64, first: u32) -> impl Iterator<Item = u32> {
    (0..u64::BITS).filter(move |bit| mask >> bit & 1 != 0).map(move |bit| bit + first)
}

/// Whether a signal is in a mask.
pub(super) fn is_in(mask: u64, sig: u32) -> bool {
    numbers(mask, 1).any(|number| number == sig)
}

/// Whom `waitid` waits for.
pub(super) fn id_type(idtype: u32) -> &'static str {
    const NAMES: [&str; 4] = ["P_ALL", "P_PID", "P_PGID", "P_PIDFD"];
    named(&NAMES, idtype)
}

/// What `rt_sigprocmask` does.
pub(super) fn mask_how(how: u32) -> &'static str {
    const NAMES: [&str; 3] = ["SIG_BLOCK", "SIG_UNBLOCK", "SIG_SETMASK"];
    match how {
        SigMask::TIMEDWAIT => "rt_sigtimedwait",
        SigMask::SUSPEND => "rt_sigsuspend",
        SigMask::PPOLL => "ppoll",
        SigMask::EPOLL_PWAIT => "epoll_pwait",
        how => named(&NAMES, how),
    }
}

/// What a hardware interrupt's handler returned (`include/linux/irqreturn.h`).
pub(super) fn irq_return(ret: u32) -> &'static str {
    const NAMES: [&str; 4] =
        ["not its own", "handled", "wakes its thread", "handled, wakes thread"];
    named(&NAMES, ret)
}

/// Whose priority `setpriority` sets.
pub(super) fn priority_which(which: u32) -> &'static str {
    const NAMES: [&str; 3] = ["PRIO_PROCESS", "PRIO_PGRP", "PRIO_USER"];
    named(&NAMES, which)
}

fn named(names: &[&'static str], number: u32) -> &'static str {
    names.get(number as usize).copied().unwrap_or("unknown")
}

/// A system call that sets policy or priority.
pub(super) fn policy_call(call: u32) -> &'static str {
    match call {
        PolicyCall::SETSCHEDULER => "sched_setscheduler",
        PolicyCall::SETPARAM => "sched_setparam",
        PolicyCall::SETATTR => "sched_setattr",
        PolicyCall::SETPRIORITY => "setpriority",
        _ => "unknown",
    }
}

/// A policy as `sched_setscheduler` takes it, its flag left out; `None` where the call names none.
pub(super) fn policy(policy: i32) -> Option<String> {
    /// `SCHED_RESET_ON_FORK`
    const RESET: u32 = 0x4000_0000;
    u32::try_from(policy).ok().map(|policy| names::policy(policy & !RESET))
}

/// What `prio` of a call that sets it means: `sched_setattr` takes a nice value for the policies
/// that have no real-time priority.
pub(super) fn prio_kind(call: &Policy) -> &'static str {
    let is_nice = match call.call {
        PolicyCall::SETPRIORITY => true,
        PolicyCall::SETATTR => !matches!(call.policy, 1 | 2),
        _ => false,
    };
    if is_nice { "nice" } else { "priority" }
}

/// Where a record was made.
pub(super) fn context(context: u32) -> &'static str {
    match context {
        Context::TASK => "task",
        Context::HARDIRQ => "hardirq",
        Context::SOFTIRQ => "softirq",
        _ => "unknown",
    }
}

/// An error number. Here are those of calls other than futex.
pub(super) fn errno(number: u64) -> Cow<'static, str> {
    match number {
        10 => "ECHILD".into(),
        13 => "EACCES".into(),
        7 => "E2BIG".into(),
        9 => "EBADF".into(),
        _ => names::errno(number).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_have_their_letters() {
        let cases = [
            (0, "R"),
            (1, "S"),
            (2, "D"),
            (4, "T"),
            (8, "t"),
            (0x10, "X"),
            (0x20, "Z"),
            (0x40, "P"),
            (0x80, "X"),
            (0xa0, "Z"),
            (0x102, "D"),
            (0x402, "I"),
            (0x2001, "S"),
            (0x800, "R"),
            (1 | Switch::PREEMPTED, "R+"),
            (Switch::PREEMPTED, "R+"),
            (0x8000, "D"),
        ];
        for (bits, letter) in cases {
            assert_eq!(state(bits), letter, "{bits:#x}");
        }
    }

    #[test]
    fn bits_without_a_name_are_shown_as_a_number() {
        assert_eq!(wait_options(0).to_string(), "0");
        assert_eq!(wait_options(0x4000_0001).to_string(), "WNOHANG|__WALL");
        assert_eq!(wait_options(0x14).to_string(), "WEXITED|0x10");
        assert_eq!(numbers(1 << 63 | 1, 1).collect::<Vec<_>>(), [1, 64]);
    }
}
