//! From events to signals: what the model knows of the tasks that they are about.

use tracer_common::record::{Exit, Newtask, SigMask, SigReturn, SignalDeliver, SignalGenerate};

use super::taking::Taker;
use super::{Mask, Target, bit};
use crate::model::Model;
use crate::model::anomaly::Anomaly;
use crate::model::lives::Life;
use crate::model::state::{Sleep, State};

/// A call that a signal ended returns one of these: `EINTR`, and the four by which the kernel
/// tells itself to restart it.
const INTERRUPTED: [i64; 5] = [-4, -512, -513, -514, -516];

/// Between the waking of a signal's target and the record of its generation there is less, ns.
const SENDING_NS: u64 = 20_000;

impl Model {
    /// When the signal was generated that the latest delivery took, ns; none if that was not seen.
    pub fn delivered_of_ns(&self) -> Option<u64> {
        self.signals.taken_of_ns
    }

    pub(in crate::model) fn signal_generate(&mut self, at_ns: u64, signal: &SignalGenerate) {
        let (sig, tgid) = (signal.sig, signal.target_tgid);
        self.signals.prepare(at_ns, tgid, sig);
        let mut target =
            Target { followed: self.all, state: None, blocked: (bit(signal.blocked, sig), true) };
        if let Some(life) = self.newest(signal.target_tid) {
            if let Some(lwp) = &mut life.lwp {
                lwp.mask.seen(signal.blocked);
            }
            target.followed |= life.followed;
            target.state = state_name(at_ns, signal.sender_tid, life);
        }
        if signal.group != 0 {
            target.blocked = self
                .process_blocks(tgid, sig, Some((signal.target_tid, signal.blocked)))
                .unwrap_or(target.blocked);
        }
        let sender = self.lives.current(signal.sender_tid).and_then(|id| self.lives.get(id));
        let sender = sender.map_or("", |sender| sender.comm.as_str());
        self.signals.generate(at_ns, signal, &target, sender);
    }

    pub(in crate::model) fn signal_deliver(&mut self, at_ns: u64, signal: &SignalDeliver) {
        self.mask_changes(at_ns, signal.tid, |life| {
            if let Some(lwp) = &mut life.lwp {
                lwp.signals += 1;
                lwp.mask.taken(signal.sig, signal.blocked);
            }
        });
        let taker = self.taker(signal.tid);
        let (kept, seen) = self.signals.deliver(at_ns, &taker, signal);
        if !seen {
            self.anomalies.count(Anomaly::SignalNotGenerated);
        }
        if signal.handler > 1 {
            let mut depth = 0;
            self.mask_changes(at_ns, signal.tid, |life| {
                if let Some(lwp) = &mut life.lwp {
                    let flags = (signal.sa_flags, signal.sa_mask);
                    depth = lwp.mask.handle(at_ns, signal.sig, flags, kept);
                }
            });
            self.signals.handled(kept, depth);
        }
    }

    pub(in crate::model) fn sigmask(&mut self, at_ns: u64, mask: &SigMask) {
        if mask.how >= SigMask::BORROWED {
            self.mask_borrowed(at_ns, mask);
        } else if mask.ret == 0 {
            self.mask_changes(at_ns, mask.tid, |life| {
                if let Some(lwp) = &mut life.lwp {
                    lwp.mask.set(mask.blocked);
                    lwp.mask_changes += 1;
                }
            });
        }
    }

    /// A call had a mask of its own, from its begin on.
    fn mask_borrowed(&mut self, at_ns: u64, mask: &SigMask) {
        let Some(life) = self.newest(mask.tid) else { return };
        let Some(lwp) = &mut life.lwp else { return };
        let before = lwp.mask.borrow(mask.blocked);
        let begin_ns = if mask.begin_ns == 0 { at_ns } else { mask.begin_ns };
        self.mask_changed(begin_ns, mask.tid, before, Some(mask.blocked));
        let taken = mask.how == SigMask::TIMEDWAIT && mask.ret > 0;
        if taken && let Ok(sig) = u32::try_from(mask.ret) {
            let taker = self.taker(mask.tid);
            if !self.signals.waited(begin_ns, at_ns, &taker, sig) {
                self.anomalies.count(Anomaly::SignalNotGenerated);
            }
        }
        let interrupted = INTERRUPTED.contains(&mask.ret);
        // The mask of a wait for a signal is off when that ends, whatever ended it.
        let lasts = interrupted && mask.how != SigMask::TIMEDWAIT;
        self.mask_changes(at_ns, mask.tid, |life| {
            if let Some(lwp) = &mut life.lwp {
                lwp.mask.give_back(before, lasts);
            }
        });
        self.call_ended(at_ns, mask.tid, call_name(mask.how), mask.ret);
    }

    pub(in crate::model) fn sigreturn(&mut self, at_ns: u64, sigreturn: &SigReturn) {
        let Some(id) = self.lives.current(sigreturn.tid) else { return };
        let Some(lwp) = self.lives.get_mut(id).and_then(|life| life.lwp.as_mut()) else { return };
        lwp.handler_returns += 1;
        let before = lwp.mask.blocked();
        self.signals.returned(at_ns, &mut lwp.mask);
        let after = lwp.mask.blocked();
        self.mask_changed(at_ns, sigreturn.tid, before, after);
    }

    /// A call of a task ended: whether a signal did that.
    pub(in crate::model) fn call_ended(
        &mut self,
        at_ns: u64,
        tid: u32,
        name: &'static str,
        ret: i64,
    ) {
        if INTERRUPTED.contains(&ret)
            && let Some(lwp) = self.newest(tid).and_then(|life| life.lwp.as_mut())
        {
            lwp.interrupted = Some((name, at_ns));
        }
    }

    /// A task is born: its number is new, and its mask that of its creator.
    pub(in crate::model) fn signals_at_birth(&mut self, at_ns: u64, newtask: &Newtask) -> Mask {
        self.signals.new_number(at_ns, &newtask.identity.key);
        let creator = self.task(newtask.creator_tid).and_then(|creator| creator.lwp.as_ref());
        creator.map(|creator| creator.mask.inherited()).unwrap_or_default()
    }

    /// A task exits: perhaps by a signal, and it takes no more of those sent to its process.
    pub(in crate::model) fn signals_at_exit(&mut self, at_ns: u64, exit: &Exit) {
        let taker = self.taker(exit.key.tid);
        let sig = exit.code & 0x7f;
        self.signals.exited(at_ns, &taker, sig);
        // Asked now, for its number can be another's when it is released.
        let killed_by = self.signals.killed_by(exit.key.tgid, sig);
        if let Some(lwp) = self.newest(exit.key.tid).and_then(|life| life.lwp.as_mut()) {
            lwp.killed_by = killed_by;
        }
        self.reconsider(at_ns, exit.key.tgid, u64::MAX);
    }

    fn taker(&mut self, tid: u32) -> Taker {
        let mut taker = Taker { tid, tgid: tid, last_wait: None, interrupted: None };
        if let Some(life) = self.newest(tid) {
            taker.tgid = life.tgid;
            taker.last_wait = life.thread.timeline.last_wait();
            taker.interrupted = life.lwp.as_mut().and_then(|lwp| lwp.interrupted.take());
        }
        taker
    }

    fn mask_changes(&mut self, at_ns: u64, tid: u32, change: impl FnOnce(&mut Life)) {
        let Some(life) = self.newest(tid) else { return };
        let mask = |life: &Life| life.lwp.as_ref().and_then(|lwp| lwp.mask.blocked());
        let before = mask(life);
        change(life);
        let after = mask(life);
        self.mask_changed(at_ns, tid, before, after);
    }

    /// What the change of a thread's mask means for pending signals.
    fn mask_changed(&mut self, at_ns: u64, tid: u32, before: Option<u64>, after: Option<u64>) {
        if self.signals.none_pending() {
            return;
        }
        self.signals.masked(at_ns, tid, after);
        let Some(tgid) = self.task(tid).map(|life| life.tgid) else { return };
        let changes = before.zip(after).map_or(u64::MAX, |(before, after)| before ^ after);
        self.reconsider(at_ns, tgid, changes);
    }

    /// What may have changed for signals that wait on a process.
    fn reconsider(&mut self, at_ns: u64, tgid: u32, changes: u64) {
        if self.signals.none_pending() || changes == 0 {
            return;
        }
        for sig in self.signals.affected(tgid, changes) {
            if let Some(blocked) = self.process_blocks(tgid, sig, None) {
                self.signals.process_masked(at_ns, (tgid, sig), blocked);
            }
        }
    }

    /// Whether every thread of a process blocks a signal, and whether that is known of all. One
    /// thread's mask can be given. A thread of which nothing is known counts as blocking what all
    /// others block. `None` if nothing is known of any.
    fn process_blocks(
        &self,
        tgid: u32,
        sig: u32,
        told: Option<(u32, u64)>,
    ) -> Option<(bool, bool)> {
        let id = self.processes.current(tgid)?;
        if let Some((_, mask)) = told
            && self.processes.get(id)?.threads == 1
        {
            return Some((bit(mask, sig), true));
        }
        let (mut any, mut exact) = (false, true);
        let threads = self.lives.iter().filter(|life| life.process == id && life.ending.is_none());
        for life in threads {
            let given = told.filter(|&(tid, _)| tid == life.tid).map(|(_, mask)| mask);
            let mask = given.or_else(|| life.lwp.as_ref()?.mask.blocked());
            match mask.map(|mask| bit(mask, sig)) {
                Some(false) => return Some((false, true)),
                Some(true) => any = true,
                None => exact = false,
            }
        }
        any.then_some((true, exact))
    }
}

fn call_name(how: u32) -> &'static str {
    match how {
        SigMask::TIMEDWAIT => "rt_sigtimedwait",
        SigMask::SUSPEND => "rt_sigsuspend",
        SigMask::PPOLL => "ppoll",
        _ => "epoll_pwait",
    }
}

/// What a task was doing when a signal was sent to it. The record of that comes after the waking
/// that is a part of the sending.
fn state_name(at_ns: u64, sender: u32, life: &Life) -> Option<&'static str> {
    let woken =
        life.thread.waking.filter(|&(by, when, _)| by == sender && at_ns < when + SENDING_NS);
    let now = life.thread.timeline.now().0;
    Some(match woken.map_or(now, |(_, _, before)| before) {
        State::Running(_) => "running",
        State::Runnable(_) => "runnable",
        State::Sleeping(Sleep::Interruptible) => "sleeping",
        State::Sleeping(Sleep::Stopped) => "stopped",
        State::Sleeping(Sleep::Traced) => "traced",
        State::Sleeping(_) => "uninterruptible",
        State::Zombie => "zombie",
        State::Unknown => return None,
    })
}
