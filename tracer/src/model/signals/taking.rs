//! How a pending signal is taken: by delivery, by a wait, or by the death that it causes.

use serde::Serialize;
use tracer_common::record::SignalDeliver;

use super::row::{action, unseen};
use super::waiting::{Queue, Taken};
use super::{Fate, Kept, Mask, SignalRow, Signals, bit};

/// `SIGKILL`
const SIGKILL: u32 = 9;

/// A signal that ends a process.
#[derive(Clone, Copy, Debug)]
pub(super) struct Killer {
    sig: u32,
    sender_tid: Option<u32>,
    generated_ns: Option<u64>,
    taken_by: u32,
    row: Kept,
}

/// What ended a task that a signal ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KilledBy {
    /// Signal number.
    pub signal: u32,
    /// Who sent it; null if not sent by a task.
    pub sender_tid: Option<u32>,
    /// Its name then; null too if the signal is in the totals only.
    pub sender_comm: Option<String>,
    /// When it was generated, ns; null if that was not seen.
    pub generated_ns: Option<u64>,
    /// The thread of the process that took it, for which the others died too.
    pub taken_by: u32,
}

/// A thread that takes a signal.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taker {
    /// Its number.
    pub(super) tid: u32,
    /// Its thread group.
    pub(super) tgid: u32,
    /// When it came onto its CPU, and how long it had waited for that, ns.
    pub(super) last_wait: Option<(u64, u64)>,
    /// The recorded call that a signal ended last, and when, ns.
    pub(super) interrupted: Option<(&'static str, u64)>,
}

impl Taker {
    fn queues(&self) -> [Queue; 2] {
        [Queue::Thread(self.tid), Queue::Process(self.tgid)]
    }

    /// The part of its last wait for a CPU after a time, ns.
    fn run_delay_ns(&self, since_ns: u64) -> u64 {
        self.last_wait.map_or(0, |(on_ns, waited_ns)| {
            on_ns.saturating_sub(since_ns.max(on_ns.saturating_sub(waited_ns)))
        })
    }
}

impl Signals {
    /// One was delivered; gives its row, and whether its generation was seen.
    pub(super) fn deliver(
        &mut self,
        at_ns: u64,
        taker: &Taker,
        signal: &SignalDeliver,
    ) -> (Kept, bool) {
        self.tally(signal.sig).total.delivered += 1;
        let queues = taker.queues();
        let taken = queues.iter().find_map(|&queue| self.waiting.take(at_ns, queue, signal.sig));
        self.taken_of_ns = taken.as_ref().map(|taken| taken.entry.generated_ns);
        if taken.is_none() && signal.sig == SIGKILL {
            // Another signal ends the process, or another thread took it: its exit tells.
            self.dying.insert(signal.tid, at_ns);
            return (Kept(None), true);
        }
        let kept = if let Some(taken) = &taken {
            self.fulfilled(at_ns, taker, taken, Fate::Delivered)
        } else {
            self.tally(signal.sig).ends(Fate::Delivered);
            self.keep(SignalRow { fate: Fate::Delivered, ..unseen(signal) })
        };
        let what = action(signal.sig, signal.handler);
        if let Some(row) = self.row(kept) {
            row.delivered_ns = Some(at_ns);
            row.delivered_tid = Some(signal.tid);
            row.delivered_as = Some(signal.sig);
            row.action = Some(what);
            row.handler = Some(match signal.handler {
                0 => "default".to_owned(),
                1 => "ignore".to_owned(),
                address => format!("{address:#x}"),
            });
        }
        if matches!(what, "core" | "terminate") {
            self.killed(taker, signal.sig, taken.as_ref(), kept);
        }
        (kept, taken.is_some())
    }

    /// A wait took one; tells whether its generation was seen. The record comes at the end of the
    /// call, when the place it left may be taken already.
    pub(super) fn waited(&mut self, begin_ns: u64, at_ns: u64, taker: &Taker, sig: u32) -> bool {
        for queue in taker.queues() {
            let gone = self.unseen.remove(&(queue, sig)).filter(|&(_, until)| until >= begin_ns);
            let (taken, again) = match gone {
                Some((taken, _)) => (Some(taken), true),
                None => (self.waiting.take(at_ns, queue, sig), false),
            };
            let Some(taken) = taken else { continue };
            if again && let Some(count) = self.tally(sig).total.fates.get_mut(&Fate::TakenUnseen) {
                *count = count.saturating_sub(1);
            }
            let kept = self.fulfilled(at_ns, taker, &taken, Fate::Waited);
            if let Some(row) = self.row(kept) {
                row.delivered_ns = Some(at_ns);
                row.delivered_tid = Some(taker.tid);
                row.interrupted = None;
            }
            return true;
        }
        false
    }

    fn fulfilled(&mut self, at_ns: u64, taker: &Taker, taken: &Taken, fate: Fate) -> Kept {
        let Taken { entry, blocked_ns, exact, .. } = *taken;
        let pending_ns = at_ns.saturating_sub(entry.generated_ns);
        let waiting_ns = pending_ns.saturating_sub(blocked_ns);
        let tally = self.tally(taken.sig);
        tally.ends(fate);
        tally.waiting.add(waiting_ns);
        if blocked_ns > 0 {
            tally.blocked.add(blocked_ns);
        }
        if let Some(row) = self.row(entry.row) {
            row.fate = fate;
            row.blocked_ns = Some(blocked_ns);
            row.blocked_exact = exact;
            row.blocked_max_ns = Some(taken.blocked_max_ns());
            row.waiting_ns = Some(waiting_ns);
            let open_ns = at_ns.saturating_sub(waiting_ns);
            row.run_delay_ns = Some(taker.run_delay_ns(open_ns).min(waiting_ns));
            row.interrupted = taker
                .interrupted
                .filter(|&(_, ended_ns)| ended_ns >= entry.generated_ns)
                .map(|(call, _)| call);
        }
        entry.row
    }

    fn killed(&mut self, taker: &Taker, sig: u32, taken: Option<&Taken>, row: Kept) {
        let killer = Killer {
            sig,
            sender_tid: taken.and_then(|taken| taken.entry.sender_tid),
            generated_ns: taken.map(|taken| taken.entry.generated_ns),
            taken_by: taker.tid,
            row,
        };
        let killers = self.killers.entry(taker.tgid).or_default();
        if killers.iter().all(|known| known.sig != sig) {
            killers.push(killer);
        }
    }

    /// A thread exits. If a signal ended its process whose delivery was told as that of
    /// `SIGKILL`, it is the pending one with the number in the exit code.
    pub(super) fn exited(&mut self, at_ns: u64, taker: &Taker, sig: u32) {
        let told_ns = self.dying.remove(&taker.tid);
        let known = self.killers.get(&taker.tgid);
        if sig == 0 || known.is_some_and(|known| known.iter().any(|killer| killer.sig == sig)) {
            return;
        }
        let place = self.waiting.of_process(taker.tgid, |of| of == sig).into_iter().next();
        let at_ns = told_ns.unwrap_or(at_ns);
        let Some(taken) = place.and_then(|(queue, sig)| self.waiting.take(at_ns, queue, sig))
        else {
            return;
        };
        let kept = self.fulfilled(at_ns, taker, &taken, Fate::Delivered);
        if let Some(row) = self.row(kept) {
            row.delivered_ns = Some(at_ns);
            row.delivered_tid = Some(taker.tid);
            row.delivered_as = Some(SIGKILL);
            row.handler = Some("default".to_owned());
            row.action = Some(action(sig, 0));
        }
        self.killed(taker, sig, Some(&taken), kept);
    }

    /// What ended a process by this signal.
    pub fn killed_by(&self, tgid: u32, sig: u32) -> Option<KilledBy> {
        let killer = self.killers.get(&tgid)?.iter().find(|killer| killer.sig == sig)?;
        let row = killer.row.0.and_then(|row| self.rows.get(&row));
        Some(KilledBy {
            signal: sig,
            sender_tid: killer.sender_tid,
            sender_comm: row.and_then(|row| row.sender_comm.clone()),
            generated_ns: killer.generated_ns,
            taken_by: killer.taken_by,
        })
    }

    /// A handler began.
    pub(super) fn handled(&mut self, kept: Kept, depth: u32) {
        if let Some(row) = self.row(kept) {
            row.depth = Some(depth);
        }
    }

    /// The innermost handler of a thread returned.
    pub(super) fn returned(&mut self, at_ns: u64, mask: &mut Mask) {
        let Some(frame) = mask.back() else { return };
        let ns = at_ns.saturating_sub(frame.begin_ns);
        self.tally(frame.sig).handler.add(ns);
        if let Some(row) = self.row(frame.row) {
            row.returned_ns = Some(at_ns);
            row.handler_ns = Some(ns);
        }
    }

    /// A thread's mask is another: what it means for the signals that wait on it.
    pub(super) fn masked(&mut self, at_ns: u64, tid: u32, mask: Option<u64>) {
        self.waiting.mask(at_ns, tid, mask);
    }

    /// The numbers of the signals that wait on a process and that may be blocked otherwise after
    /// these changes of a mask.
    pub(super) fn affected(&self, tgid: u32, changes: u64) -> Vec<u32> {
        let bits = self.waiting.bits(Queue::Process(tgid)) & changes;
        (1..=64).filter(|&sig| bit(bits, sig)).collect()
    }

    /// From now on a signal that waits on a process is blocked, or is not.
    pub(super) fn process_masked(&mut self, at_ns: u64, place: (u32, u32), blocked: (bool, bool)) {
        let (tgid, sig) = place;
        self.waiting.set(at_ns, (Queue::Process(tgid), sig), blocked.0, blocked.1);
    }

    /// Whether nothing is pending that is known of.
    pub(super) fn none_pending(&self) -> bool {
        self.waiting.is_empty()
    }

    /// `SIGCONT` throws stops away, and stops throw it away (`prepare_signal`).
    pub(super) fn prepare(&mut self, at_ns: u64, tgid: u32, sig: u32) {
        match sig {
            18 => self.flush(at_ns, tgid, |of| matches!(of, 19..=22)),
            19..=22 => self.flush(at_ns, tgid, |of| of == 18),
            _ => {}
        }
    }
}
