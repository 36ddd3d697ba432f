//! Signals from generation to the return of their handler.
//!
//! A standard signal that is pending already is not queued again; its second generation has the
//! result `already_pending` and no delivery of its own. A pending signal leaves its queue by a
//! delivery or a wait, which are recorded, or by a read of a signalfd, which is not: that shows
//! only if another one of its number can be made pending.

use std::collections::BTreeMap;

use tracer_common::record::{Context, SignalGenerate};

use tracer_common::task::TaskKey;

use super::names;

mod hooks;
mod mask;
mod row;
mod taking;
mod waiting;

pub use mask::Mask;
pub use row::{Fate, SignalRow, SignalTotal};
pub use taking::KilledBy;

use row::{Tally, blank};
use taking::Killer;
use waiting::{Entry, Queue, Taken, Waiting};

/// Most signals kept one by one. Further ones are in the totals only, and are counted as such.
pub const ROWS_MAX: usize = 100_000;

/// `SIGCONT`
const SIGCONT: u32 = 18;
/// Signals from here on are queued, and not coalesced.
const SIGRTMIN: u32 = 32;

/// The row of a signal, if it is kept one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kept(Option<usize>);

/// Whom a signal is sent to, as the model knows it then.
#[derive(Clone, Copy, Debug)]
struct Target {
    followed: bool,
    state: Option<&'static str>,
    /// Whether the named task blocks it, or for a process all its threads; and whether that is
    /// known of all.
    blocked: (bool, bool),
}

/// All signals.
#[derive(Clone, Debug, Default)]
pub struct Signals {
    /// By number: those that were told before a restart have left theirs.
    rows: BTreeMap<usize, SignalRow>,
    next: usize,
    omitted: u64,
    tallies: BTreeMap<u32, Tally>,
    waiting: Waiting,
    /// The last standard signal of each place and number that left its queue unseen, and until
    /// when it must have.
    unseen: BTreeMap<(Queue, u32), (Taken, u64)>,
    /// Threads told to die that have not come to their exit yet, and when they were told, ns.
    dying: BTreeMap<u32, u64>,
    /// What ended each process whose last thread is not released.
    killers: BTreeMap<u32, Vec<Killer>>,
    /// No row is kept.
    rowless: bool,
    /// When the signal was generated that the latest delivery took, ns; none if that was not seen.
    taken_of_ns: Option<u64>,
}

impl Signals {
    /// The rows of `signals`, in the order of generation.
    pub fn rows(&self) -> Vec<SignalRow> {
        self.rows.values().cloned().collect()
    }

    /// All accounts begin anew: of the signals so far only those stay that are pending, or whose
    /// handler runs.
    pub fn restart(&mut self) {
        let open = |row: &SignalRow| {
            let handled = row.action == Some("handler") && row.returned_ns.is_none();
            row.fate == Fate::Pending || handled
        };
        self.rows.retain(|_, row| open(row));
        self.omitted = 0;
        self.tallies.clear();
    }

    /// How many are in the totals only.
    pub fn omitted(&self) -> u64 {
        self.omitted
    }

    /// The rows of `signal_totals`.
    pub fn totals(&self) -> Vec<SignalTotal> {
        self.tallies.values().map(Tally::row).collect()
    }

    /// One was sent.
    fn generate(&mut self, at_ns: u64, signal: &SignalGenerate, target: &Target, sender: &str) {
        let sig = signal.sig;
        let result = names::signal_result(signal.result);
        let tally = self.tally(sig);
        tally.total.generated += 1;
        *tally.total.results.entry(result.clone()).or_default() += 1;
        let queue = match signal.group {
            0 => Queue::Thread(signal.target_tid),
            _ => Queue::Process(signal.target_tgid),
        };
        let by_task = signal.context == Context::TASK;
        let mut row = SignalRow {
            result: Some(result),
            sender_tid: by_task.then_some(signal.sender_tid),
            sender_comm: by_task.then(|| sender.to_owned()),
            target_tgid: Some(signal.target_tgid),
            target_state: target.state,
            group: signal.group != 0,
            generated_ns: Some(at_ns),
            sync: names::is_fault(sig)
                && signal.code > 0
                && by_task
                && signal.sender_tid == signal.target_tid,
            ..blank(signal.target_tid, sig, (signal.info_kind, signal.code))
        };
        match signal.result {
            // TRACE_SIGNAL_DELIVERED, TRACE_SIGNAL_LOSE_INFO
            0 | 4 => {
                self.left_unseen(at_ns, queue, sig);
                let kept = self.keep(row);
                let sender_tid = by_task.then_some(signal.sender_tid);
                let entry = Entry::new(kept, at_ns, sender_tid, target.followed);
                let place = (queue, sig, signal.target_tgid);
                self.waiting.push(place, target.blocked, entry);
                return;
            }
            1 => {
                row.fate = Fate::Ignored;
                // It continues its target when it is sent (`prepare_signal`).
                row.action = (sig == SIGCONT).then_some("continue");
            }
            2 => {
                row.fate = Fate::Coalesced;
                if let Some(&Entry { row: Kept(first), generated_ns, .. }) =
                    self.waiting.first(queue, sig)
                {
                    row.coalesced_into_ns = Some(generated_ns);
                    if let Some(first) = first.and_then(|first| self.rows.get_mut(&first)) {
                        first.coalesced += 1;
                    }
                }
            }
            _ => row.fate = Fate::Lost,
        }
        self.tally(sig).ends(row.fate);
        self.keep(row);
    }

    /// A standard signal was made pending: an older one of the same number and place is not there
    /// any more.
    fn left_unseen(&mut self, at_ns: u64, queue: Queue, sig: u32) {
        if sig >= SIGRTMIN {
            return;
        }
        if let Some(taken) = self.waiting.take(at_ns, queue, sig) {
            self.tally(sig).ends(Fate::TakenUnseen);
            if let Some(row) = self.row(taken.entry.row) {
                row.fate = Fate::TakenUnseen;
                row.blocked_exact = false;
            }
            self.unseen.insert((queue, sig), (taken, at_ns));
        }
    }

    /// Signals of one side were sent: those that wait of the other are thrown away.
    fn flush(&mut self, at_ns: u64, tgid: u32, fits: impl Fn(u32) -> bool) {
        for (queue, sig) in self.waiting.of_process(tgid, fits) {
            while let Some(taken) = self.waiting.take(at_ns, queue, sig) {
                self.unfulfilled(&taken, Fate::Flushed);
            }
        }
    }

    /// A thread is gone, or the trace is over: what was pending on it never arrives.
    pub fn forget_thread(&mut self, at_ns: u64, tid: u32, gone: bool) {
        self.dying.remove(&tid);
        self.forget(at_ns, Queue::Thread(tid), gone);
    }

    /// The same of a process.
    pub fn forget_process(&mut self, at_ns: u64, tgid: u32, gone: bool) {
        self.killers.remove(&tgid);
        self.forget(at_ns, Queue::Process(tgid), gone);
    }

    /// A number is given to a new task: what was sent to the old one is not for it.
    pub fn new_number(&mut self, at_ns: u64, key: &TaskKey) {
        self.forget_thread(at_ns, key.tid, true);
        if key.tid == key.tgid {
            self.forget_process(at_ns, key.tgid, true);
        }
    }

    fn forget(&mut self, at_ns: u64, queue: Queue, gone: bool) {
        if self.waiting.is_empty() && self.unseen.is_empty() {
            return;
        }
        for taken in self.waiting.drain(at_ns, queue) {
            self.unfulfilled(&taken, if gone { Fate::Discarded } else { Fate::Pending });
        }
        let gone: Vec<(Queue, u32)> =
            self.unseen.range((queue, 0)..=(queue, u32::MAX)).map(|(&key, _)| key).collect();
        for key in gone {
            self.unseen.remove(&key);
        }
    }

    /// The trace is over.
    pub fn finish(&mut self, end_ns: u64) {
        for taken in self.waiting.drain_all(end_ns) {
            self.unfulfilled(&taken, Fate::Pending);
        }
    }

    /// Records are missing.
    pub fn gap(&mut self) {
        self.waiting.gap();
    }

    /// It was pending and was never taken.
    fn unfulfilled(&mut self, taken: &Taken, fate: Fate) {
        let fate = if taken.entry.followed { fate } else { Fate::Unknown };
        let tally = self.tally(taken.sig);
        tally.ends(fate);
        if taken.blocked_ns > 0 {
            tally.blocked.add(taken.blocked_ns);
        }
        if let Some(row) = self.row(taken.entry.row) {
            row.fate = fate;
            row.blocked_ns = Some(taken.blocked_ns).filter(|_| fate != Fate::Unknown);
            row.blocked_exact = taken.exact;
            row.blocked_max_ns = row.blocked_ns.map(|_| taken.blocked_max_ns());
        }
    }

    fn row(&mut self, Kept(row): Kept) -> Option<&mut SignalRow> {
        row.and_then(|row| self.rows.get_mut(&row))
    }

    /// Keeps signals one by one, or not.
    pub fn keep_rows(&mut self, rows: bool) {
        self.rowless = !rows;
    }

    fn keep(&mut self, row: SignalRow) -> Kept {
        if self.rowless || self.rows.len() == ROWS_MAX {
            self.omitted += 1;
            return Kept(None);
        }
        let number = self.next;
        self.next += 1;
        self.rows.insert(number, row);
        Kept(Some(number))
    }

    fn tally(&mut self, sig: u32) -> &mut Tally {
        self.tallies.entry(sig).or_insert_with(|| Tally {
            total: SignalTotal { signal: sig, name: names::signal(sig), ..SignalTotal::default() },
            ..Tally::default()
        })
    }
}

/// Whether a mask has a signal.
fn bit(mask: u64, sig: u32) -> bool {
    (1..=64).contains(&sig) && mask & (1 << (sig - 1)) != 0
}
